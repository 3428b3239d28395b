import { Hono } from 'hono';
import type { EngineContext } from '../engine-context.ts';
import { type Database } from '../storage/records.ts';
import { type Thread } from '../wire.ts';
import { type ThreadBody } from './bodies.ts';
/** Stores a new thread with its first messages. */
export declare function createThread(database: Database, body: ThreadBody): Promise<Thread>;
/** `/threads` and `/threads/{id}` */
export declare function threadRoutes(context: EngineContext): Hono;
//# sourceMappingURL=threads.d.ts.map
