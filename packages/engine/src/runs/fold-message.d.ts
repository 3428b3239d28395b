import type { Database } from '../storage/records.ts';
import type { Message } from '../wire.ts';
/** The message with the content that its deltas in the run's log add up to. */
export declare function foldMessage(database: Database, runId: string, message: Message): Promise<Message>;
//# sourceMappingURL=fold-message.d.ts.map
