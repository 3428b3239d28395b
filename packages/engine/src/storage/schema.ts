import type { Generated } from 'kysely';
import type { ContainerRow } from './containers.ts';
import type { MirrorSchema } from './mirrors.ts';
import type { SearchSchema } from './search-schema.ts';
import type { ThreadMetadataRow } from './thread-metadata.ts';

/**
 * The tables. Every object is kept as the JSON that the wire shows (`body`); beside it stand the columns that queries
 * filter and order by. `sequence` counts rows in the order of their making: the tiebreak that `created_at`, in seconds,
 * cannot give.
 */
export interface Schema extends SearchSchema, MirrorSchema {
  /** `reasoning_effort` is a setting that the wire object does not show. */
  assistants: ObjectRow & { reasoning_effort: string | null };
  threads: ObjectRow;
  thread_metadata: ThreadMetadataRow;
  messages: ObjectRow & { thread_id: string; run_id: string | null };
  runs: ObjectRow & {
    thread_id: string;
    status: string;
    expires_at: number;
    /** The engine that executes the run, while one does. */
    owner: string | null;
    /** The last message of the thread when the run was made: where the run stands among the messages. */
    after_message: number;
    /** What the wire does not show; see `RunPrivate`. */
    private: string;
  };
  steps: ObjectRow & { thread_id: string; run_id: string; private: string };
  files: ObjectRow & {
    purpose: string;
    /** For a file that Python made: the thread, the run, and the path under `/mnt/data`. */
    thread_id: string | null;
    run_id: string | null;
    sandbox_name: string | null;
    /** The message that shows the file; null until the next one is written. */
    message_id: string | null;
    /** When the file goes by itself; null for one that stays. */
    expires_at: number | null;
  };
  /** `private` is what the wire does not show; see `UploadPrivate`. */
  uploads: ObjectRow & { status: string; expires_at: number; private: string };
  /** The bytes lie in the blob store, under the part's id. */
  upload_parts: ObjectRow & { upload_id: string; bytes: number };
  /** The files of an assistant as the v1 dialect lists them. */
  assistant_files: {
    sequence: Generated<number>;
    assistant_id: string;
    file_id: string;
    created_at: number;
  };
  /**
   * A row holds the events that one commit brought a run: those from `sequence` to `last`, as they are sent. With
   * `is_stop` a stream may end after them. `run` is the run's own `sequence`: short keys make appending to many runs at
   * once three times as cheap.
   */
  events: { run: number; sequence: number; last: number; is_stop: number; frames: Uint8Array };
  /** Containers at OpenAI. */
  containers: ContainerRow;
  owners: { id: string; host: string; pid: number; seen_at: number };
}

interface ObjectRow {
  sequence: Generated<number>;
  id: string;
  created_at: number;
  body: string;
}

/** The tables that hold one wire object a row. */
export type ObjectTable =
  | 'assistants'
  | 'threads'
  | 'messages'
  | 'runs'
  | 'steps'
  | 'files'
  | 'vector_stores'
  | 'vector_store_files';
