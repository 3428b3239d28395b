import { createEngine, sqlite, type Engine } from '@use-assistant/engine';

// `next dev` loads a changed module again; the engine is one all the same.
const shared = globalThis as { exampleEngine?: Engine };

/** The engine, in the same process. */
export function engine(): Engine {
  return (shared.exampleEngine ??= createEngine({ storage: sqlite('.data') }));
}
