import type { BlobStore } from './port.ts';
/** Keeps bytes as files of one folder. They appear whole or not at all: written aside, then renamed. */
export declare function blobFolder(directory: string): BlobStore;
/** Keeps bytes in memory, for tests and throw-away engines. */
export declare function blobMemory(): BlobStore;
//# sourceMappingURL=blobs.d.ts.map
