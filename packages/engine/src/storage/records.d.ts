import type { Kysely } from 'kysely';
import type {
  Assistant,
  FileObject,
  Message,
  ReasoningEffort,
  Run,
  RunStatus,
  RunStep,
  Thread,
  Usage,
} from '../wire.ts';
import type { ObjectTable, Schema } from './schema.ts';
/** The database, or a transaction on it. */
export type Database = Kysely<Schema>;
/** What the engine knows of a run beyond the wire. */
export interface RunPrivate {
  reasoningEffort: ReasoningEffort | null;
  /** As they were asked for; the wire shows 1 where nothing was, and a model must not be told that. */
  temperature: number | null;
  topP: number | null;
  /** Model turns taken. */
  turns: number;
  usage: Usage;
}
/** Options a provider gave with a part of its answer, to be given back to it with that part. */
export type ProviderMetadata = Record<string, Record<string, unknown>>;
/** What the model must see again of a step, beyond the wire. */
export interface StepPrivate {
  /** Which model turn of the run made the step. */
  turn: number;
  /** Reasoning that came before the step's content in that turn. */
  reasoning: {
    text: string;
    metadata?: ProviderMetadata | undefined;
  }[];
  /** Of the text of a message step. */
  metadata?: ProviderMetadata | undefined;
  /** Of the calls of a tool step, by our call id. */
  calls: Record<string, StepCallPrivate>;
  usage: Usage | null;
  /** Text that the model wrote after its calls; becomes a message once they are answered. */
  trailingText?: string | undefined;
}
export interface StepCallPrivate {
  /** The id that the provider gave the call. */
  providerId: string;
  metadata?: ProviderMetadata | undefined;
  /** What the model was told, when the step's own fields do not say it: the JSON of a code result. */
  result?: string | undefined;
}
interface Objects {
  assistants: Assistant;
  threads: Thread;
  messages: Message;
  runs: Run;
  steps: RunStep;
  files: FileObject;
}
/** One object by its id. */
export declare function findObject<T extends ObjectTable>(
  database: Database,
  table: T,
  id: string,
): Promise<Objects[T] | undefined>;
/** Writes the new state of an object that is stored already. */
export declare function saveObject<T extends 'assistants' | 'threads' | 'messages'>(
  database: Database,
  table: T,
  object: Objects[T],
): Promise<void>;
export declare function insertAssistant(
  database: Database,
  assistant: Assistant,
  reasoningEffort: ReasoningEffort | null,
): Promise<void>;
export declare function insertThread(database: Database, thread: Thread): Promise<void>;
export declare function insertMessage(database: Database, message: Message): Promise<void>;
export declare function insertRun(
  database: Database,
  run: Run,
  details: RunPrivate,
  owner: string,
): Promise<void>;
export interface StoredRun {
  run: Run;
  details: RunPrivate;
  owner: string | null;
}
export declare function findRun(database: Database, id: string): Promise<StoredRun | undefined>;
export declare function saveRun(
  database: Database,
  run: Run,
  more?: {
    details?: RunPrivate;
    owner?: string | null;
  },
): Promise<void>;
/** The run that holds the lock of the thread, if one does. */
export declare function findActiveRun(database: Database, threadId: string): Promise<Run | undefined>;
/** Active runs of which `filter` is true. */
export declare function listActiveRuns(
  database: Database,
  filter?: {
    expiredAt?: number;
  },
): Promise<
  {
    id: string;
    status: RunStatus;
    owner: string | null;
    expires_at: number;
  }[]
>;
export interface StoredStep {
  step: RunStep;
  details: StepPrivate;
}
export declare function insertStep(database: Database, step: RunStep, details: StepPrivate): Promise<void>;
export declare function saveStep(database: Database, step: RunStep, details?: StepPrivate): Promise<void>;
/** The newest step of a run, which is the only one that can be open. */
export declare function findLastStep(database: Database, runId: string): Promise<StoredStep | undefined>;
export interface FileOrigin {
  threadId: string;
  runId: string;
  sandboxName: string;
}
export declare function insertFile(database: Database, file: FileObject, origin?: FileOrigin): Promise<void>;
/** A file that Python made. */
export interface MadeFile {
  id: string;
  name: string;
}
/** The newest file of each name that Python made in the thread, oldest first. */
export declare function listMadeFiles(
  database: Database,
  where:
    | {
        threadId: string;
      }
    | {
        undeliveredOf: string;
      },
): Promise<MadeFile[]>;
export {};
//# sourceMappingURL=records.d.ts.map
