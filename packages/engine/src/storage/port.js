/** The storage cannot be opened; the message says why, in one sentence. */
export class StorageError extends Error {
  name = 'StorageError';
}
//# sourceMappingURL=port.js.map
