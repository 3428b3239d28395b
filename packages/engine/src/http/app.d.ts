import { Hono } from 'hono';
import type { EngineContext } from '../engine-context.ts';
/** The engine's routes, under `/v1`. */
export declare function createApp(context: EngineContext, apiKey: string | undefined): Hono;
//# sourceMappingURL=app.d.ts.map
