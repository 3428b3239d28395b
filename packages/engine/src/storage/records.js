import { activeStatuses } from './migrations.js';
/** One object by its id. */
export async function findObject(database, table, id) {
  const row = await database.selectFrom(table).select('body').where('id', '=', id).executeTakeFirst();
  return row && JSON.parse(row.body);
}
/** Writes the new state of an object that is stored already. */
export async function saveObject(database, table, object) {
  await database
    .updateTable(table)
    .set({ body: JSON.stringify(object) })
    .where('id', '=', object.id)
    .execute();
}
export async function insertAssistant(database, assistant, reasoningEffort) {
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
export async function insertThread(database, thread) {
  await database
    .insertInto('threads')
    .values({ id: thread.id, created_at: thread.created_at, body: JSON.stringify(thread) })
    .execute();
}
export async function insertMessage(database, message) {
  await database
    .insertInto('messages')
    .values({
      id: message.id,
      created_at: message.created_at,
      thread_id: message.thread_id,
      run_id: message.run_id,
      body: JSON.stringify(message),
    })
    .execute();
}
export async function insertRun(database, run, details, owner) {
  const last = await database
    .selectFrom('messages')
    .select('sequence')
    .where('thread_id', '=', run.thread_id)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  await database
    .insertInto('runs')
    .values({
      id: run.id,
      created_at: run.created_at,
      thread_id: run.thread_id,
      status: run.status,
      expires_at: run.expires_at ?? 0,
      owner,
      after_message: last?.sequence ?? 0,
      body: JSON.stringify(run),
      private: JSON.stringify(details),
    })
    .execute();
}
export async function findRun(database, id) {
  const row = await database
    .selectFrom('runs')
    .select(['body', 'private', 'owner'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row && { run: JSON.parse(row.body), details: JSON.parse(row.private), owner: row.owner };
}
export async function saveRun(database, run, more = {}) {
  await database
    .updateTable('runs')
    .set({
      status: run.status,
      body: JSON.stringify(run),
      ...(more.details && { private: JSON.stringify(more.details) }),
      ...(more.owner !== undefined && { owner: more.owner }),
    })
    .where('id', '=', run.id)
    .execute();
}
/** The run that holds the lock of the thread, if one does. */
export async function findActiveRun(database, threadId) {
  const row = await database
    .selectFrom('runs')
    .select('body')
    .where('thread_id', '=', threadId)
    .where('status', 'in', activeStatuses)
    .executeTakeFirst();
  return row && JSON.parse(row.body);
}
/** Active runs of which `filter` is true. */
export async function listActiveRuns(database, filter = {}) {
  let query = database
    .selectFrom('runs')
    .select(['id', 'status', 'owner', 'expires_at'])
    .where('status', 'in', activeStatuses);
  if (filter.expiredAt !== undefined) query = query.where('expires_at', '<=', filter.expiredAt);
  return await query.orderBy('expires_at').execute();
}
export async function insertStep(database, step, details) {
  await database
    .insertInto('steps')
    .values({
      id: step.id,
      created_at: step.created_at,
      thread_id: step.thread_id,
      run_id: step.run_id,
      body: JSON.stringify(step),
      private: JSON.stringify(details),
    })
    .execute();
}
export async function saveStep(database, step, details) {
  await database
    .updateTable('steps')
    .set({ body: JSON.stringify(step), ...(details && { private: JSON.stringify(details) }) })
    .where('id', '=', step.id)
    .execute();
}
/** The newest step of a run, which is the only one that can be open. */
export async function findLastStep(database, runId) {
  const row = await database
    .selectFrom('steps')
    .select(['body', 'private'])
    .where('run_id', '=', runId)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { step: JSON.parse(row.body), details: JSON.parse(row.private) };
}
export async function insertFile(database, file, origin) {
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
      body: JSON.stringify(file),
    })
    .execute();
}
/** The newest file of each name that Python made in the thread, oldest first. */
export async function listMadeFiles(database, where) {
  let query = database.selectFrom('files').select(['id', 'sandbox_name']);
  if ('threadId' in where) query = query.where('thread_id', '=', where.threadId);
  else query = query.where('run_id', '=', where.undeliveredOf).where('message_id', 'is', null);
  const newest = new Map();
  for (const { id, sandbox_name } of await query.orderBy('sequence').execute()) {
    if (sandbox_name === null) continue;
    newest.delete(sandbox_name);
    newest.set(sandbox_name, id);
  }
  return Array.from(newest, ([name, id]) => ({ id, name }));
}
//# sourceMappingURL=records.js.map
