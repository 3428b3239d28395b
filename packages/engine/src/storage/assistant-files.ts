import { nowSeconds } from '../wire.ts';
import type { Database } from './records.ts';

/** A file that an assistant was given in the v1 dialect. */
export interface AssistantFile {
  id: string;
  createdAt: number;
}

/** The assistant's files as the v1 dialect knows them, oldest first. */
export async function listAssistantFiles(database: Database, assistantId: string): Promise<AssistantFile[]> {
  const rows = await database
    .selectFrom('assistant_files')
    .select(['file_id', 'created_at'])
    .where('assistant_id', '=', assistantId)
    .orderBy('sequence')
    .execute();
  return rows.map((row) => ({ id: row.file_id, createdAt: row.created_at }));
}

/** Makes these the assistant's files; those that were among them before keep their place and time. */
export async function setAssistantFiles(
  database: Database,
  assistantId: string,
  fileIds: string[],
): Promise<void> {
  let gone = database.deleteFrom('assistant_files').where('assistant_id', '=', assistantId);
  if (fileIds.length > 0) gone = gone.where('file_id', 'not in', fileIds);
  await gone.execute();
  const created_at = nowSeconds();
  for (const file_id of fileIds) {
    await database
      .insertInto('assistant_files')
      .values({ assistant_id: assistantId, file_id, created_at })
      .onConflict((conflict) => conflict.columns(['assistant_id', 'file_id']).doNothing())
      .execute();
  }
}
