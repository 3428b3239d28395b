import { type Database } from '../storage/records.ts';
import type { Run } from '../wire.ts';
/** A file under `/mnt/data`. */
export interface RunFile {
  id: string;
  name: string;
  /** Uploaded, not made by Python. */
  isUpload: boolean;
}
/**
 * The files that Python must find in a run: those of the assistant and the thread, and what Python made in the thread
 * before. Oldest first, so that of two with one name the newer one counts.
 */
export declare function listInputFiles(database: Database, run: Run): Promise<RunFile[]>;
//# sourceMappingURL=run-files.d.ts.map
