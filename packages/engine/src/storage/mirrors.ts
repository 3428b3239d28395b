import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { FileObject } from '../wire.ts';
import { nowSeconds } from '../wire.ts';
import type { StaticChunking } from '../vector-store-wire.ts';
import type { Database } from './records.ts';

/** Copies at OpenAI of vector stores and files. One whose own id is null is of no use any more, and is to be deleted there. */
export interface MirrorSchema {
  /** `id` is that of the copy; `store_id` is ours. */
  store_mirrors: { id: string; store_id: string | null };
  sent_files: { id: string; file_id: string | null };
  /** What lies in a mirror: `row` is the `sequence` in `vector_store_files`; a file that is taken in anew has another. */
  mirrored_files: { row: number; mirror_id: string; sent_id: string; attributes: string };
}

export const mirrorsMigration: Migration = {
  async up(database: Kysely<unknown>) {
    for (const [table, column] of [
      ['store_mirrors', 'store_id'],
      ['sent_files', 'file_id'],
    ] as const) {
      await database.schema
        .createTable(table)
        .addColumn('id', 'text', (of) => of.primaryKey())
        .addColumn(column, 'text', (of) => of.unique())
        .execute();
    }
    await database.schema
      .createTable('mirrored_files')
      .addColumn('row', 'integer', (of) => of.primaryKey())
      .addColumn('mirror_id', 'text', (of) => of.notNull())
      .addColumn('sent_id', 'text', (of) => of.notNull())
      .addColumn('attributes', 'text', (of) => of.notNull())
      .execute();
    for (const column of ['mirror_id', 'sent_id'] as const) {
      await database.schema
        .createIndex(`mirrored_files_by_${column}`)
        .on('mirrored_files')
        .column(column)
        .execute();
    }
  },
};

/** A file that can be searched, and that a mirror does not have yet. */
export interface MissingFile {
  row: number;
  fileId: string;
  filename: string;
  bytes: number;
  chunking: StaticChunking;
  /** As JSON, letter by letter as it is stored. */
  attributes: string;
  /** OpenAI's id of the file, when it was sent before. */
  sentId: string | null;
}

/** In what a mirror differs from its store. */
export interface MirrorDifference {
  missing: MissingFile[];
  /** Files that the store has no more. */
  stale: { row: number; sentId: string }[];
  /** Files whose attributes are others now. */
  changed: { row: number; sentId: string; attributes: string }[];
}

/** Statuses of files that stay at OpenAI: one that is taken in anew will be needed again. */
const wanted = ['in_progress', 'completed'];

export async function findMirror(database: Database, storeId: string): Promise<string | undefined> {
  const row = await database
    .selectFrom('store_mirrors')
    .select('id')
    .where('store_id', '=', storeId)
    .executeTakeFirst();
  return row?.id;
}

/** Notes a mirror that was made. When another engine was quicker, its mirror counts, and this one is to be deleted. */
export async function insertMirror(database: Database, storeId: string, id: string): Promise<string> {
  return database.transaction().execute(async (transaction) => {
    const known = await findMirror(transaction, storeId);
    await transaction
      .insertInto('store_mirrors')
      .values({ id, store_id: known === undefined ? storeId : null })
      .execute();
    return known ?? id;
  });
}

/** Notes a file that was sent, in the same way. */
export async function insertSentFile(database: Database, fileId: string, id: string): Promise<string> {
  return database.transaction().execute(async (transaction) => {
    const known = await transaction
      .selectFrom('sent_files')
      .select('id')
      .where('file_id', '=', fileId)
      .executeTakeFirst();
    await transaction
      .insertInto('sent_files')
      .values({ id, file_id: known ? null : fileId })
      .execute();
    return known?.id ?? id;
  });
}

/** The mirror is not to be used again. */
export async function dropMirror(database: Database, id: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('mirrored_files').where('mirror_id', '=', id).execute();
    await transaction.updateTable('store_mirrors').set({ store_id: null }).where('id', '=', id).execute();
  });
}

/** The file that was sent is not to be used again. */
export async function dropSentFile(database: Database, id: string): Promise<void> {
  await database.updateTable('sent_files').set({ file_id: null }).where('id', '=', id).execute();
}

export async function insertMirroredFiles(
  database: Database,
  mirrorId: string,
  files: { row: number; sentId: string; attributes: string }[],
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    for (const { row, sentId, attributes } of files) {
      await transaction
        .insertInto('mirrored_files')
        .values({ row, mirror_id: mirrorId, sent_id: sentId, attributes })
        .onConflict((conflict) =>
          conflict.column('row').doUpdateSet({ mirror_id: mirrorId, sent_id: sentId, attributes }),
        )
        .execute();
    }
  });
}

export async function deleteMirroredFile(database: Database, row: number): Promise<void> {
  await database.deleteFrom('mirrored_files').where('row', '=', row).execute();
}

export async function countMirroredFiles(database: Database, mirrorId: string): Promise<number> {
  const { files } = await database
    .selectFrom('mirrored_files')
    .select(({ fn }) => fn.countAll<number>().as('files'))
    .where('mirror_id', '=', mirrorId)
    .executeTakeFirstOrThrow();
  return Number(files);
}

/** Whether the store has files that can be searched, and so anything to be mirrored. */
export async function hasFiles(database: Database, storeId: string): Promise<boolean> {
  const row = await database
    .selectFrom('vector_store_files')
    .select('sequence')
    .where('vector_store_id', '=', storeId)
    .where('status', '=', 'completed')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

const attributesNow = sql<string>`json_extract(own.body, '$.attributes')`;

export async function compareMirror(
  database: Database,
  storeId: string,
  mirrorId: string,
): Promise<MirrorDifference> {
  const missing = await database
    .selectFrom('vector_store_files as own')
    .innerJoin('files', 'files.id', 'own.file_id')
    .leftJoin('mirrored_files as there', 'there.row', 'own.sequence')
    .leftJoin('sent_files as sent', 'sent.file_id', 'own.file_id')
    .select(['own.sequence', 'own.body', 'files.id', 'files.body as file', 'sent.id as sentId'])
    .select(attributesNow.as('attributes'))
    .where('own.vector_store_id', '=', storeId)
    .where('own.status', '=', 'completed')
    .where('there.row', 'is', null)
    .orderBy('own.sequence')
    .execute();
  const known = await database
    .selectFrom('mirrored_files as there')
    .leftJoin('vector_store_files as own', (join) =>
      join.onRef('own.sequence', '=', 'there.row').on('own.status', 'in', wanted),
    )
    .select(['there.row', 'there.sent_id as sentId', 'own.sequence'])
    .select(attributesNow.as('attributes'))
    .where('there.mirror_id', '=', mirrorId)
    .where(({ or, eb }) =>
      or([eb('own.sequence', 'is', null), eb(attributesNow, '<>', eb.ref('there.attributes'))]),
    )
    .execute();
  return {
    missing: missing.map(({ sequence, id, body, file, attributes, sentId }) => {
      const { filename, bytes } = JSON.parse(file) as FileObject;
      const { chunking_strategy: chunking } = JSON.parse(body) as { chunking_strategy: StaticChunking };
      return { row: sequence, fileId: id, filename, bytes, chunking, attributes, sentId };
    }),
    stale: known.filter(({ sequence }) => sequence === null),
    changed: known.filter(({ sequence }) => sequence !== null),
  };
}

/** Our own ids and names of files, by OpenAI's ids. */
export async function findSentFiles(
  database: Database,
  sentIds: string[],
): Promise<Map<string, { fileId: string; filename: string }>> {
  if (sentIds.length === 0) return new Map();
  const rows = await database
    .selectFrom('sent_files')
    .innerJoin('files', 'files.id', 'sent_files.file_id')
    .select(['sent_files.id', 'files.id as fileId', 'files.body'])
    .where('sent_files.id', 'in', sentIds)
    .execute();
  return new Map(
    rows.map(({ id, fileId, body }) => [id, { fileId, filename: (JSON.parse(body) as FileObject).filename }]),
  );
}

/** Drops the mirrors of stores that are gone or expired, and the files that lie in no store any more. */
export async function dropUnused(database: Database): Promise<void> {
  const now = nowSeconds();
  const living = database
    .selectFrom('vector_stores')
    .select('vector_stores.id')
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]));
  const unused = await database
    .selectFrom('store_mirrors')
    .select('id')
    .where('store_id', 'is not', null)
    .where('store_id', 'not in', living)
    .execute();
  for (const { id } of unused) await dropMirror(database, id);
  await database
    .updateTable('sent_files')
    .set({ file_id: null })
    .where('file_id', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('vector_store_files as own')
            .select('own.sequence')
            .whereRef('own.file_id', '=', 'sent_files.file_id')
            .where('own.status', 'in', wanted)
            .where('own.vector_store_id', 'in', living),
        ),
      ),
    )
    .execute();
}

/** What is to be deleted at OpenAI. */
export async function listUnused(database: Database): Promise<{ mirrors: string[]; files: string[] }> {
  const mirrors = await database
    .selectFrom('store_mirrors')
    .select('id')
    .where('store_id', 'is', null)
    .execute();
  const files = await database.selectFrom('sent_files').select('id').where('file_id', 'is', null).execute();
  return { mirrors: mirrors.map(({ id }) => id), files: files.map(({ id }) => id) };
}

/** Forgets what has been deleted at OpenAI. */
export async function forgetUnused(
  database: Database,
  table: 'store_mirrors' | 'sent_files',
  id: string,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const column = table === 'store_mirrors' ? 'mirror_id' : 'sent_id';
    await transaction.deleteFrom('mirrored_files').where(column, '=', id).execute();
    await transaction.deleteFrom(table).where('id', '=', id).execute();
  });
}
