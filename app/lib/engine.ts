import { createEngine, resolveModel, sqlite, type Engine, type ResolvedModels } from '@use-assistant/engine';
import { dataFolder } from './data-folder.ts';

// `next dev` loads a changed module again, and pages and routes are bundled apart; the engine is one all the same.
const shared = globalThis as { demoEngine?: Engine; demoModels?: ResolvedModels };

/** The models that the environment of this process names. */
export function demoModels(): ResolvedModels {
  return (shared.demoModels ??= resolveModel(process.env));
}

/** The engine of the demo, embedded: no port, no second process. */
export function demoEngine(): Engine {
  return (shared.demoEngine ??= createEngine({ storage: sqlite(dataFolder()), model: demoModels().resolve }));
}
