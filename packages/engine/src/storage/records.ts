import { sql, type Kysely } from 'kysely';
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
import type { VectorStoreFile } from '../vector-store-wire.ts';
import { activeStatuses } from './migrations.ts';
import { prepare } from './prepared.ts';
import { findRow, insertRow, updateRow } from './rows.ts';
import type { ObjectTable, Schema } from './schema.ts';
import { indexThread, touchThread } from './thread-metadata.ts';
import type { StoredVectorStore } from './vector-stores.ts';

/** The database, or a transaction on it. */
export type Database = Kysely<Schema>;

/** What the engine knows of a run beyond the wire. */
export interface RunPrivate {
  reasoningEffort: ReasoningEffort | null;
  /** As they were asked for; the wire shows 1 where nothing was, and a model must not be told that. */
  temperature: number | null;
  topP: number | null;
  /** The caller asked for the passages that searches find. */
  includesContent?: boolean | undefined;
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
  reasoning: { text: string; metadata?: ProviderMetadata | undefined }[];
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
  /** The provider ran the call. */
  hosted?: true;
  /** What the model was told, when the step's own fields do not say it: the JSON of a code result. */
  result?: string | undefined;
  /** What a search looked for. */
  query?: string | undefined;
  /** The number of a search in its thread. */
  search?: number | undefined;
}

interface Objects {
  assistants: Assistant;
  threads: Thread;
  messages: Message;
  runs: Run;
  steps: RunStep;
  files: FileObject;
  vector_stores: StoredVectorStore;
  vector_store_files: VectorStoreFile;
}

/** One object by its id. */
export async function findObject<T extends ObjectTable>(
  database: Database,
  table: T,
  id: string,
): Promise<Objects[T] | undefined> {
  const row = await findRow(database, table as 'runs', id, ['body']);
  return row && (JSON.parse(row.body) as Objects[T]);
}

/** Writes the new state of an object that is stored already. */
export async function saveObject<T extends 'assistants' | 'threads' | 'messages'>(
  database: Database,
  table: T,
  object: Objects[T],
): Promise<void> {
  await updateRow(database, table as 'threads', object.id, { body: JSON.stringify(object) });
}

export async function insertAssistant(
  database: Database,
  assistant: Assistant,
  reasoningEffort: ReasoningEffort | null,
): Promise<void> {
  await database
    .insertInto('assistants')
    .values({
      id: assistant.id,
      created_at: assistant.created_at,
      reasoning_effort: reasoningEffort,
      body: JSON.stringify(assistant),
    })
    .execute();
}

export async function insertThread(database: Database, thread: Thread): Promise<void> {
  const { id, created_at } = thread;
  await insertRow(database, 'threads', { id, created_at, body: JSON.stringify(thread) });
  await indexThread(database, thread);
}

export async function insertMessage(database: Database, message: Message): Promise<void> {
  const { id, created_at, thread_id, run_id } = message;
  await insertRow(database, 'messages', { id, created_at, thread_id, run_id, body: JSON.stringify(message) });
  await touchThread(database, thread_id);
}

/** Writes how a message ended that a run was writing. The metadata that its readers gave it meanwhile stays. */
export async function saveWrittenMessage(database: Database, message: Message): Promise<Message> {
  const stored = await findObject(database, 'messages', message.id);
  const saved = { ...message, metadata: stored?.metadata ?? message.metadata };
  await saveObject(database, 'messages', saved);
  return saved;
}

export async function insertRun(
  database: Database,
  run: Run,
  details: RunPrivate,
  owner: string,
): Promise<void> {
  const [last] = await lastMessage(database, { thread: run.thread_id });
  await insertRow(database, 'runs', {
    id: run.id,
    created_at: run.created_at,
    thread_id: run.thread_id,
    status: run.status,
    expires_at: run.expires_at ?? 0,
    owner,
    after_message: last?.sequence ?? 0,
    body: JSON.stringify(run),
    private: JSON.stringify(details),
  });
}

const lastMessage = prepare((database, given: { thread: string }) =>
  database
    .selectFrom('messages')
    .select('sequence')
    .where('thread_id', '=', given.thread)
    .orderBy('sequence', 'desc')
    .limit(1),
);

export interface StoredRun {
  run: Run;
  details: RunPrivate;
  owner: string | null;
}

export async function findRun(database: Database, id: string): Promise<StoredRun | undefined> {
  const row = await findRow(database, 'runs', id, ['body', 'private', 'owner']);
  return row && { run: JSON.parse(row.body), details: JSON.parse(row.private), owner: row.owner };
}

export async function saveRun(
  database: Database,
  run: Run,
  more: { details?: RunPrivate; owner?: string | null } = {},
): Promise<void> {
  await updateRow(database, 'runs', run.id, {
    status: run.status,
    body: JSON.stringify(run),
    ...(more.details && { private: JSON.stringify(more.details) }),
    ...(more.owner !== undefined && { owner: more.owner }),
  });
}

/** Deletes what was stored of a run after the run itself had been deleted. */
export async function deleteRemains(database: Database, run: { id: string; number: number }): Promise<void> {
  await database.deleteFrom('events').where('run', '=', run.number).execute();
  // Its thread is gone as well; messages of runs come with steps.
  const thread = database.selectFrom('steps').select('thread_id').where('run_id', '=', run.id);
  await database.deleteFrom('messages').where('thread_id', 'in', thread).execute();
  await database.deleteFrom('steps').where('run_id', '=', run.id).execute();
}

/** The run that holds the lock of the thread, if one does. */
export async function findActiveRun(database: Database, threadId: string): Promise<Run | undefined> {
  const [row] = await activeRun(database, { thread: threadId });
  return row && (JSON.parse(row.body) as Run);
}

/** Written out, for only then does SQLite see that its index of active runs covers them. */
const isActive = sql<boolean>`status in (${sql.join(activeStatuses.map((status) => sql.lit(status)))})`;

const activeRun = prepare((database, given: { thread: string }) =>
  database.selectFrom('runs').select('body').where('thread_id', '=', given.thread).where(isActive),
);

/** Active runs of which `filter` is true. */
export async function listActiveRuns(
  database: Database,
  filter: { expiredAt?: number } = {},
): Promise<{ id: string; status: RunStatus; owner: string | null; expires_at: number }[]> {
  let query = database.selectFrom('runs').select(['id', 'status', 'owner', 'expires_at']).where(isActive);
  if (filter.expiredAt !== undefined) query = query.where('expires_at', '<=', filter.expiredAt);
  return (await query.orderBy('expires_at').execute()) as Awaited<ReturnType<typeof listActiveRuns>>;
}

export interface StoredStep {
  step: RunStep;
  details: StepPrivate;
}

export async function insertStep(database: Database, step: RunStep, details: StepPrivate): Promise<void> {
  await insertRow(database, 'steps', {
    id: step.id,
    created_at: step.created_at,
    thread_id: step.thread_id,
    run_id: step.run_id,
    body: JSON.stringify(step),
    private: JSON.stringify(details),
  });
}

export async function saveStep(database: Database, step: RunStep, details?: StepPrivate): Promise<void> {
  await updateRow(database, 'steps', step.id, {
    body: JSON.stringify(step),
    ...(details && { private: JSON.stringify(details) }),
  });
}

/** The newest step of a run, which is the only one that can be open. */
export async function findLastStep(database: Database, runId: string): Promise<StoredStep | undefined> {
  const [row] = await lastStep(database, { run: runId });
  return row && { step: JSON.parse(row.body), details: JSON.parse(row.private) };
}

const lastStep = prepare((database, given: { run: string }) =>
  database
    .selectFrom('steps')
    .select(['body', 'private'])
    .where('run_id', '=', given.run)
    .orderBy('sequence', 'desc')
    .limit(1),
);

export interface FileOrigin {
  threadId: string;
  runId: string;
  sandboxName: string;
}

export async function insertFile(database: Database, file: FileObject, origin?: FileOrigin): Promise<void> {
  await database
    .insertInto('files')
    .values({
      id: file.id,
      created_at: file.created_at,
      purpose: file.purpose,
      thread_id: origin?.threadId ?? null,
      run_id: origin?.runId ?? null,
      sandbox_name: origin?.sandboxName ?? null,
      message_id: null,
      expires_at: file.expires_at ?? null,
      body: JSON.stringify(file),
    })
    .execute();
}

/** A file that Python made. */
export interface MadeFile {
  id: string;
  name: string;
}

/** The newest file of each name that Python made in the thread, oldest first. */
export async function listMadeFiles(
  database: Database,
  where: { threadId: string } | { undeliveredOf: string },
): Promise<MadeFile[]> {
  let query = database.selectFrom('files').select(['id', 'sandbox_name']);
  if ('threadId' in where) query = query.where('thread_id', '=', where.threadId);
  else query = query.where('run_id', '=', where.undeliveredOf).where('message_id', 'is', null);
  const newest = new Map<string, string>();
  for (const { id, sandbox_name } of await query.orderBy('sequence').execute()) {
    if (sandbox_name === null) continue;
    newest.delete(sandbox_name);
    newest.set(sandbox_name, id);
  }
  return Array.from(newest, ([name, id]) => ({ id, name }));
}
