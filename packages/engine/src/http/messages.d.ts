import { Hono } from 'hono';
import type { EngineContext } from '../engine-context.ts';
import { type Database } from '../storage/records.ts';
import { type Message, type Thread } from '../wire.ts';
import { type MessageBody } from './bodies.ts';
/** Adds messages to a thread, and their files to what the thread's Python finds. */
export declare function addMessages(
  database: Database,
  thread: Thread,
  bodies: MessageBody[],
): Promise<Message[]>;
/** `/threads/{thread}/messages` */
export declare function messageRoutes(context: EngineContext): Hono;
//# sourceMappingURL=messages.d.ts.map
