import { sql, type Generated, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The tables of vector stores. What can be counted is counted when it is asked for, and stored nowhere. */
export interface SearchSchema {
  vector_stores: SearchObjectRow & { expires_at: number | null };
  /** A file of a store; `id` is both ids, since a file may lie in many stores. */
  vector_store_files: SearchObjectRow & {
    vector_store_id: string;
    file_id: string;
    batch_id: string | null;
    status: string;
    usage_bytes: number;
    /** The engine that indexes the file, while one does. */
    owner: string | null;
    /** The model whose embeddings its chunks carry. */
    embedding_model: string | null;
  };
  file_batches: SearchObjectRow & { vector_store_id: string };
  /** A piece of a file: `file` is the `sequence` of its row in `vector_store_files`, `start` its place in the text. */
  chunks: {
    sequence: Generated<number>;
    file: number;
    start: number;
    text: string;
    embedding: Uint8Array | null;
  };
  /** Files whose chunks are of no use any more: they go bit by bit, for a large store has very many. */
  dropped_files: { file: number };
}

interface SearchObjectRow {
  sequence: Generated<number>;
  id: string;
  created_at: number;
  body: string;
}

function objectTable(database: Kysely<unknown>, name: string) {
  return database.schema
    .createTable(name)
    .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull());
}

/** Vector stores and their index. A File that goes, by whatever way, takes its rows in every store along. */
export const vectorStores: Migration = {
  async up(database: Kysely<unknown>) {
    await objectTable(database, 'vector_stores').addColumn('expires_at', 'integer').execute();
    await objectTable(database, 'vector_store_files')
      .addColumn('vector_store_id', 'text', (column) =>
        column.notNull().references('vector_stores.id').onDelete('cascade'),
      )
      .addColumn('file_id', 'text', (column) => column.notNull().references('files.id').onDelete('cascade'))
      .addColumn('batch_id', 'text')
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('usage_bytes', 'integer', (column) => column.notNull())
      .addColumn('owner', 'text')
      .addColumn('embedding_model', 'text')
      .execute();
    await objectTable(database, 'file_batches')
      .addColumn('vector_store_id', 'text', (column) =>
        column.notNull().references('vector_stores.id').onDelete('cascade'),
      )
      .execute();
    await database.schema
      .createTable('chunks')
      .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('file', 'integer', (column) => column.notNull())
      .addColumn('start', 'integer', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('embedding', 'blob')
      .execute();
    await database.schema
      .createTable('dropped_files')
      .addColumn('file', 'integer', (column) => column.primaryKey())
      .execute();
    for (const [index, table, columns] of [
      ['vector_store_files_by_store', 'vector_store_files', ['vector_store_id', 'sequence']],
      ['vector_store_files_by_file', 'vector_store_files', ['file_id']],
      ['vector_store_files_by_batch', 'vector_store_files', ['batch_id']],
      ['file_batches_by_store', 'file_batches', ['vector_store_id']],
      ['chunks_by_file', 'chunks', ['file', 'start']],
    ] as const) {
      await database.schema
        .createIndex(index)
        .on(table)
        .columns([...columns])
        .execute();
    }
    await database.schema
      .createIndex('vector_store_files_to_index')
      .on('vector_store_files')
      .column('sequence')
      .where(sql.ref('status'), '=', sql.lit('in_progress'))
      .execute();
    // Keeps no text of its own; a row's number is that of its chunk. `store` makes searching one store cheap.
    await sql`create virtual table chunk_index using fts5(
      store, text, content='', contentless_delete=1, tokenize='porter unicode61 remove_diacritics 2'
    )`.execute(database);
    await sql`create trigger file_drops_chunks after delete on vector_store_files begin
      insert into dropped_files (file) values (old.sequence);
    end`.execute(database);
    await sql`create trigger chunk_leaves_index after delete on chunks begin
      delete from chunk_index where rowid = old.sequence;
    end`.execute(database);
  },
};
