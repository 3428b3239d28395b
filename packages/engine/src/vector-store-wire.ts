import type { Metadata } from './wire.ts';

/** Vector stores of Assistants API v2, as they cross the wire. */

export interface FileCounts {
  in_progress: number;
  completed: number;
  failed: number;
  cancelled: number;
  total: number;
}

export interface ExpiresAfter {
  anchor: 'last_active_at';
  days: number;
}

export interface VectorStore {
  id: string;
  object: 'vector_store';
  created_at: number;
  name: string;
  usage_bytes: number;
  file_counts: FileCounts;
  status: 'expired' | 'in_progress' | 'completed';
  /** Only for a store that expires. */
  expires_after?: ExpiresAfter;
  expires_at: number | null;
  last_active_at: number | null;
  metadata: Metadata;
}

export type FileStatus = 'in_progress' | 'completed' | 'cancelled' | 'failed';

/** What a caller gave a file of a store to be filtered by. */
export type Attributes = Record<string, string | number | boolean>;

export interface StaticChunking {
  type: 'static';
  static: { max_chunk_size_tokens: number; chunk_overlap_tokens: number };
}

export interface VectorStoreFile {
  /** The id of the File. */
  id: string;
  object: 'vector_store.file';
  usage_bytes: number;
  created_at: number;
  vector_store_id: string;
  status: FileStatus;
  last_error: { code: 'server_error' | 'unsupported_file' | 'invalid_file'; message: string } | null;
  chunking_strategy: StaticChunking;
  attributes: Attributes;
}

export interface FileBatch {
  id: string;
  object: 'vector_store.files_batch';
  created_at: number;
  vector_store_id: string;
  status: 'in_progress' | 'completed' | 'cancelled' | 'failed';
  file_counts: FileCounts;
}

/** A condition on the attributes of files. */
export type AttributeFilter =
  | {
      type: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'nin';
      key: string;
      value: string | number | boolean | (string | number)[];
    }
  | { type: 'and' | 'or'; filters: AttributeFilter[] };

export interface SearchResultsPage {
  object: 'vector_store.search_results.page';
  search_query: string[];
  data: {
    file_id: string;
    filename: string;
    score: number;
    attributes: Attributes;
    content: { type: 'text'; text: string }[];
  }[];
  has_more: boolean;
  next_page: string | null;
}
