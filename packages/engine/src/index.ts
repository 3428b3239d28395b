export { createEngine, type Engine, type EngineModel, type EngineOptions } from './create-engine.ts';
export { hosted, type HostedOptions, type HostedTools } from './hosted/hosted.ts';
export { type EngineLog, type LogLevel } from './log.ts';
export { resolveModel, type ResolvedModels } from './models/resolve-model.ts';
export { type EngineEmbeddingModel } from './search/embed.ts';
export {
  StorageError,
  type BlobStore,
  type OpenOptions,
  type OpenStorage,
  type Storage,
} from './storage/port.ts';
export { sqlite } from './storage/sqlite.ts';
