import { sql, type CreateTableBuilder, type Kysely } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';
import { containersMigration } from './containers.ts';
import { eventFramesMigration } from './event-frames-migration.ts';
import { mirrorsMigration } from './mirrors.ts';
import { vectorStores } from './search-schema.ts';
import { threadMetadataMigration } from './thread-metadata.ts';

/** Statuses in which a run holds the lock of its thread. */
export const activeStatuses = ['queued', 'in_progress', 'requires_action', 'cancelling'] as const;

function objectTable(database: Kysely<unknown>, name: string): CreateTableBuilder<string, string> {
  return database.schema
    .createTable(name)
    .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull()) as CreateTableBuilder<string, string>;
}

const objectsAndEvents: Migration = {
  async up(database: Kysely<unknown>) {
    await objectTable(database, 'assistants').addColumn('reasoning_effort', 'text').execute();
    await objectTable(database, 'threads').execute();
    await objectTable(database, 'messages')
      .addColumn('thread_id', 'text', (column) => column.notNull())
      .addColumn('run_id', 'text')
      .execute();
    await objectTable(database, 'runs')
      .addColumn('thread_id', 'text', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'integer', (column) => column.notNull())
      .addColumn('owner', 'text')
      .addColumn('after_message', 'integer', (column) => column.notNull())
      .addColumn('private', 'text', (column) => column.notNull())
      .execute();
    await objectTable(database, 'steps')
      .addColumn('thread_id', 'text', (column) => column.notNull())
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('private', 'text', (column) => column.notNull())
      .execute();
    await objectTable(database, 'files')
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('thread_id', 'text')
      .addColumn('run_id', 'text')
      .addColumn('sandbox_name', 'text')
      .addColumn('message_id', 'text')
      .execute();
    await database.schema
      .createTable('events')
      .addColumn('run', 'integer', (column) => column.notNull())
      .addColumn('sequence', 'integer', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('data', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('events_by_run', ['run', 'sequence'])
      .execute();
    await database.schema
      .createTable('owners')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('host', 'text', (column) => column.notNull())
      .addColumn('pid', 'integer', (column) => column.notNull())
      .addColumn('seen_at', 'integer', (column) => column.notNull())
      .execute();

    for (const [table, column] of [
      ['messages', 'thread_id'],
      ['runs', 'thread_id'],
      ['steps', 'run_id'],
      ['steps', 'thread_id'],
      ['files', 'thread_id'],
      ['files', 'run_id'],
    ] as const) {
      await database.schema
        .createIndex(`${table}_by_${column.replace('_id', '')}`)
        .on(table)
        .columns([column, 'sequence'])
        .execute();
    }
    // The lock of a thread, held by the database itself: whoever asks, from any process, there is one active run.
    await database.schema
      .createIndex('one_active_run')
      .unique()
      .on('runs')
      .column('thread_id')
      .where(
        sql.ref('status'),
        'in',
        activeStatuses.map((status) => sql.lit(status)),
      )
      .execute();
    await database.schema
      .createIndex('active_runs_by_expiry')
      .on('runs')
      .column('expires_at')
      .where(
        sql.ref('status'),
        'in',
        activeStatuses.map((status) => sql.lit(status)),
      )
      .execute();
  },
};

const uploadsAndExpiry: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema.alterTable('files').addColumn('expires_at', 'integer').execute();
    await objectTable(database, 'uploads')
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'integer', (column) => column.notNull())
      .addColumn('private', 'text', (column) => column.notNull())
      .execute();
    await objectTable(database, 'upload_parts')
      .addColumn('upload_id', 'text', (column) =>
        column.notNull().references('uploads.id').onDelete('cascade'),
      )
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .execute();
    await database.schema
      .createTable('assistant_files')
      .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('assistant_id', 'text', (column) =>
        column.notNull().references('assistants.id').onDelete('cascade'),
      )
      .addColumn('file_id', 'text', (column) => column.notNull().references('files.id').onDelete('cascade'))
      .addColumn('created_at', 'integer', (column) => column.notNull())
      .addUniqueConstraint('assistant_files_once', ['assistant_id', 'file_id'])
      .execute();
    for (const [index, table, column] of [
      ['files_by_expiry', 'files', 'expires_at'],
      ['uploads_by_expiry', 'uploads', 'expires_at'],
      ['upload_parts_by_upload', 'upload_parts', 'upload_id'],
      ['assistant_files_by_file', 'assistant_files', 'file_id'],
    ] as const) {
      await database.schema.createIndex(index).on(table).column(column).execute();
    }
  },
};

/** The schema's history. A migration that has been published is never changed. */
export const migrationProvider: MigrationProvider = {
  getMigrations: () =>
    Promise.resolve({
      '2026-11-22-objects-and-events': objectsAndEvents,
      '2026-11-22-uploads-and-expiry': uploadsAndExpiry,
      '2026-11-22-vector-stores': vectorStores,
      '2026-11-23-containers': containersMigration,
      '2026-11-24-thread-metadata': threadMetadataMigration,
      '2026-11-25-event-frames': eventFramesMigration,
      '2026-11-25-store-mirrors': mirrorsMigration,
    }),
};
