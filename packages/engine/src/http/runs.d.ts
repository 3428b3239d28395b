import { Hono } from 'hono';
import type { EngineContext } from '../engine-context.ts';
/** `/threads/runs` and `/threads/{thread}/runs` */
export declare function runRoutes(context: EngineContext): Hono;
//# sourceMappingURL=runs.d.ts.map
