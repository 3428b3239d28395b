import { findObject } from '../storage/records.js';
/**
 * The files that Python must find in a run: those of the assistant and the thread, and what Python made in the thread
 * before. Oldest first, so that of two with one name the newer one counts.
 */
export async function listInputFiles(database, run) {
  const owners = await Promise.all([
    findObject(database, 'assistants', run.assistant_id),
    findObject(database, 'threads', run.thread_id),
  ]);
  const ids = owners.flatMap((owner) => owner?.tool_resources?.code_interpreter?.file_ids ?? []);
  const rows = await database
    .selectFrom('files')
    .select(['id', 'body', 'sandbox_name'])
    .where((where) =>
      where.or([where('thread_id', '=', run.thread_id), ...(ids.length > 0 ? [where('id', 'in', ids)] : [])]),
    )
    .orderBy('sequence')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.sandbox_name ?? JSON.parse(row.body).filename,
    isUpload: row.sandbox_name === null,
  }));
}
//# sourceMappingURL=run-files.js.map
