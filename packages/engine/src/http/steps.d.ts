import { Hono } from 'hono';
import type { EngineContext } from '../engine-context.ts';
/** `/threads/{thread}/runs/{run}/steps` */
export declare function stepRoutes(context: EngineContext): Hono;
//# sourceMappingURL=steps.d.ts.map
