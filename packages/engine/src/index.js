export { createEngine } from './create-engine.js';
export {} from './log.js';
export { resolveModel } from './models/resolve-model.js';
export { StorageError } from './storage/port.js';
export { sqlite } from './storage/sqlite.js';
//# sourceMappingURL=index.js.map