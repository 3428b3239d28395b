import type { Migration } from 'kysely/migration';
import type { Kysely } from 'kysely';
import type { Database } from './records.ts';

/** A container at OpenAI that a thread's Python runs in, and what is known to lie in it. */
export interface StoredContainer {
  id: string;
  files: ContainerFile[];
}

export interface ContainerFile {
  /** Our own file id. */
  id: string;
  /** OpenAI's id of it within the container. */
  containerFileId: string;
  path: string;
  /** Differs when the content may. */
  version: string;
}

/** `files` is the JSON of a list of `ContainerFile`. */
export interface ContainerRow {
  thread_id: string;
  container_id: string;
  files: string;
}

export const containersMigration: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .createTable('containers')
      .addColumn('thread_id', 'text', (column) => column.primaryKey())
      .addColumn('container_id', 'text', (column) => column.notNull())
      .addColumn('files', 'text', (column) => column.notNull())
      .execute();
  },
};

export async function findContainer(
  database: Database,
  threadId: string,
): Promise<StoredContainer | undefined> {
  const row = await database
    .selectFrom('containers')
    .selectAll()
    .where('thread_id', '=', threadId)
    .executeTakeFirst();
  return row && { id: row.container_id, files: JSON.parse(row.files) as ContainerFile[] };
}

export async function saveContainer(
  database: Database,
  threadId: string,
  container: StoredContainer,
): Promise<void> {
  const row = { container_id: container.id, files: JSON.stringify(container.files) };
  await database
    .insertInto('containers')
    .values({ thread_id: threadId, ...row })
    .onConflict((conflict) => conflict.column('thread_id').doUpdateSet(row))
    .execute();
}

export async function deleteContainer(database: Database, threadId: string): Promise<void> {
  await database.deleteFrom('containers').where('thread_id', '=', threadId).execute();
}
