import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { FileKeeper } from './files/file-keeper.ts';
import type { HostedContainers } from './hosted/hosted-containers.ts';
import type { StoreMirrors } from './hosted/store-mirrors.ts';
import type { EngineLog } from './log.ts';
import type { EventLog } from './runs/event-log.ts';
import type { RunKeeper } from './runs/run-keeper.ts';
import type { RunQueue } from './runs/run-queue.ts';
import type { Embedder } from './search/embed.ts';
import type { Indexer } from './search/indexer.ts';
import type { BlobStore } from './storage/port.ts';
import type { Database } from './storage/records.ts';
import type { CodeSessions } from './tools/code-interpreter.ts';

/** What every part of an open engine works with. */
export interface EngineContext {
  database: Database;
  blobs: BlobStore;
  events: EventLog;
  runs: RunQueue;
  keeper: RunKeeper;
  files: FileKeeper;
  code: CodeSessions;
  /** OpenAI's own code interpreter, when it was chosen. */
  hosted: HostedContainers | undefined;
  /** Copies of vector stores at OpenAI, when its own file search was chosen. */
  mirrors: StoreMirrors | undefined;
  /** Reads the files of vector stores. */
  indexer: Indexer;
  /** Finds by meaning as well as by words, where there is a model for it. */
  embedder: Embedder | undefined;
  /** The model for the id that an assistant or a run names. */
  model(modelId: string): Promise<LanguageModelV4>;
  log: EngineLog;
}
