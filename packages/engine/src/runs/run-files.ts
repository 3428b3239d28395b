import { findObject, type Database } from '../storage/records.ts';
import type { FileObject, Run, RunStep } from '../wire.ts';

/** A file under `/mnt/data`. */
export interface RunFile {
  id: string;
  name: string;
  /** Uploaded, not made by Python. */
  isUpload: boolean;
}

/**
 * The files that Python must find in a run: those of the assistant and the thread, and what Python made in the thread
 * before. Oldest first, so that of two with one name the newer one counts.
 */
export async function listInputFiles(database: Database, run: Run): Promise<RunFile[]> {
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
    name: row.sandbox_name ?? (JSON.parse(row.body) as FileObject).filename,
    isUpload: row.sandbox_name === null,
  }));
}

/** The files that the run's steps show as images: a name alone makes none. */
export async function listStepImages(database: Database, runId: string): Promise<Set<string>> {
  const rows = await database.selectFrom('steps').select('body').where('run_id', '=', runId).execute();
  const calls = rows.flatMap(({ body }) => {
    const { step_details: details } = JSON.parse(body) as RunStep;
    return details.type === 'tool_calls' ? details.tool_calls : [];
  });
  const outputs = calls.flatMap((call) =>
    call.type === 'code_interpreter' ? call.code_interpreter.outputs : [],
  );
  return new Set(outputs.flatMap((output) => (output.type === 'image' ? output.image.file_id : [])));
}
