import { type Database } from '../storage/records.ts';
import type { Annotation } from '../wire.ts';
/**
 * The links of a text to files that Python made in the thread, such as `sandbox:/mnt/data/trend.svg`: each becomes an
 * annotation with the newest file of that name. Costs nothing for a text without such a link.
 */
export declare function linkFiles(database: Database, threadId: string, text: string): Promise<Annotation[]>;
//# sourceMappingURL=file-links.d.ts.map
