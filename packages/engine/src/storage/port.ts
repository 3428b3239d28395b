import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** A piece of the bytes, both ends included; both are within them. */
export interface ByteRange {
  first: number;
  last: number;
}

/** Where bytes of files lie, named by file id. */
export interface BlobStore {
  /** Writes the bytes; on return they are there for good. Answers how many there were. */
  put(id: string, bytes: Uint8Array | ReadableStream<Uint8Array>): Promise<number>;
  /** All bytes; rejects when there are none by this id. */
  read(id: string): Promise<Uint8Array>;
  /** The bytes as a stream, or a range of them; rejects when there are none by this id. */
  stream(id: string, range?: ByteRange): Promise<ReadableStream<Uint8Array>>;
  /** Forgets the bytes; fine when there are none. */
  remove(id: string): Promise<void>;
}

/** A storage that has been opened: the database with all its tables, and the bytes. */
export interface OpenStorage {
  database: Kysely<Schema>;
  blobs: BlobStore;
  close(): Promise<void>;
}

/** What will be asked of a storage. */
export interface OpenOptions {
  /** Embeddings will be compared: the database must know `vec_distance_cosine`. @default false */
  vectors?: boolean | undefined;
}

/** A place for everything that must outlive the process. `sqlite(directory)` makes one. */
export interface Storage {
  /** Opens it, making what is missing. Rejects with a `StorageError` whose message is one clear sentence. */
  open(options?: OpenOptions): Promise<OpenStorage>;
}

/** The storage cannot be opened; the message says why, in one sentence. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}
