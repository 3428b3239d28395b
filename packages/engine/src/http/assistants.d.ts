import { Hono } from 'hono';
import type { EngineContext } from '../engine-context.ts';
/** `/assistants` */
export declare function assistantRoutes(context: EngineContext): Hono;
//# sourceMappingURL=assistants.d.ts.map
