// The engine of a measurement in a process of its own, over HTTP like the command.
import { createEngine, sqlite } from '@use-assistant/engine';
import { serveEngine } from '@use-assistant/engine/command';
import { pacedModel, type Pace } from './paced-model.ts';

const go = Promise.withResolvers<void>();
const model = pacedModel(JSON.parse(process.argv[2]!) as Pace, go.promise);
const engine = createEngine({
  model,
  storage: sqlite(process.argv[3]!),
  log: () => {},
});
const { url } = await serveEngine(engine, { host: '127.0.0.1', port: 0 });
process.on('message', (message) => {
  if (message === 'go') return go.resolve();
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  process.send!({ cpuMilliseconds: (user + system) / 1000, memory: process.memoryUsage().rss });
});
process.on('disconnect', () => process.exit());
process.send!({ url });
