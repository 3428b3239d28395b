import { Hono } from 'hono';
import type { EngineContext } from '../engine-context.ts';
/** `/files` */
export declare function fileRoutes(context: EngineContext): Hono;
//# sourceMappingURL=files.d.ts.map
