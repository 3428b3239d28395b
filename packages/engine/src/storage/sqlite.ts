import { closeSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { Kysely, sql, type SqliteDatabase, type SqliteStatement } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration';
import { blobFolder, blobMemory, sweepBlobFolder } from './blobs.ts';
import { joinLine } from './line.ts';
import { migrationProvider } from './migrations.ts';
import { StorageError, type OpenOptions, type OpenStorage, type Storage } from './port.ts';
import { QueuedSqliteDialect } from './queued-dialect.ts';
import type { Schema } from './schema.ts';
import { addVectors } from './vectors.ts';

/**
 * Keeps everything in one folder: a SQLite database, and the bytes of files beside it. `':memory:'` keeps it all in
 * memory until the engine closes. What is made, folders included, only its user may read; a folder that is there is left
 * as it is.
 */
export function sqlite(directory: string): Storage {
  return { open: (options) => openSqlite(directory, options) };
}

async function openSqlite(directory: string, options: OpenOptions = {}): Promise<OpenStorage> {
  const inMemory = directory === ':memory:';
  const folder = inMemory ? directory : resolve(directory);
  const file = inMemory ? ':memory:' : join(folder, 'engine.db');
  let connection: DatabaseSync;
  try {
    if (!inMemory) {
      makeFolder(folder);
      makeFile(file);
    }
    connection = new DatabaseSync(file, {
      timeout: 5000,
      allowExtension: options.vectors === true,
    });
    // WAL with NORMAL keeps every commit when the process is killed; a power cut may lose the last ones.
    await useWal(connection);
    connection.exec('pragma synchronous = normal; pragma foreign_keys = on;');
    // Thousands of runs write to as many pages. Of these each commit takes a copy, and the disk is waited for only when
    // the copies are put in their places: after 32 MB of them, not after every second commit.
    connection.exec('pragma wal_autocheckpoint = 8192; pragma cache_size = -32768;');
    if (options.vectors) await addVectors(connection);
  } catch (error) {
    throw toStorageError(error, folder);
  }
  const { line, leave } = inMemory ? { line: undefined, leave() {} } : joinLine(realpathSync(file));
  const database = new Kysely<Schema>({ dialect: new QueuedSqliteDialect(adapt(connection), line) });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= database.destroy().finally(leave));
  const error = await migrate(database);
  if (error) {
    await close();
    throw toStorageError(error, folder);
  }
  if (!inMemory) await sweepBlobFolder(join(folder, 'files'));
  return {
    database,
    blobs: inMemory ? blobMemory() : blobFolder(join(folder, 'files')),
    close,
  };
}

/** Not by `recursive`, which never comes back where a folder is there but takes none, such as /proc. */
function makeFolder(path: string): void {
  const known = statSync(path, { throwIfNoEntry: false });
  if (known?.isDirectory()) return;
  if (known) throw Object.assign(new Error(`${path} is not a folder.`), { code: 'ENOTDIR' });
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another engine may have been quicker.
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
}

/**
 * SQLite would let everybody read it; the files beside it get the mode of this one. One that is there is not opened: to
 * close it would let go of the locks that another engine of this process holds on it.
 */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600));
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
}

/** Of several that change a new database to WAL at once some are told that it is busy, without the wait of `timeout`. */
async function useWal(connection: DatabaseSync): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      connection.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      const isBusy = ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;
      if (!isBusy || attempt === 50) throw error;
      await wait(20);
    }
  }
}

/**
 * Makes the tables that are missing; answers the error that stands in the way. Engines that start together on a new folder
 * all find none: one makes them, and the others, whose transaction fails as a whole, look again and find them.
 */
async function migrate(database: Kysely<Schema>): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const { error } = await new Migrator({ db: database, provider: migrationProvider }).migrateToLatest();
    if (!error || attempt === 5) return error;
    if (await isNewer(database)) return new NewerError(undefined, { cause: error });
    await wait(attempt * 20);
  }
}

/** The database has had migrations that only a later version knows. */
class NewerError extends Error {}

async function isNewer(database: Kysely<Schema>): Promise<boolean> {
  const known = await migrationProvider.getMigrations();
  const names = database.selectFrom(sql<{ name: string }>`${sql.table(DEFAULT_MIGRATION_TABLE)}`.as('done'));
  const done = await names
    .select('done.name')
    .execute()
    .catch(() => []);
  return done.some(({ name }) => !Object.hasOwn(known, name));
}

/** Gives `node:sqlite` the few methods that Kysely's dialect expects, and keeps statements once prepared. */
function adapt(connection: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => connection.close(),
    prepare(query) {
      const known = statements.get(query);
      if (known) return known;
      // A transaction that reads first and writes later fails when another process wrote in between; one that takes
      // the write lock at its beginning waits instead.
      const statement = wrap(connection.prepare(query === 'begin' ? 'begin immediate' : query));
      const guarded = query === 'rollback' ? unlessRolledBack(connection, statement) : statement;
      if (statements.size >= 256) statements.delete(statements.keys().next().value!);
      statements.set(query, guarded);
      return guarded;
    },
  };
}

/** SQLite itself ends a transaction on a full disk; a second end would only hide why. */
function unlessRolledBack(connection: DatabaseSync, rollback: SqliteStatement): SqliteStatement {
  return {
    ...rollback,
    run: (parameters) =>
      connection.isTransaction ? rollback.run(parameters) : { changes: 0, lastInsertRowid: 0 },
  };
}

/** Whether the error says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT' || (typeof errcode === 'number' && (errcode & 0xff) === 13);
}

function wrap(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

function toStorageError(cause: unknown, folder: string): StorageError {
  if (cause instanceof NewerError) {
    return new StorageError(
      `The data folder ${folder} was written by a newer version of the engine. Install that version or a later one, or ` +
        'give this one another folder.',
      { cause },
    );
  }
  const { code, errcode, message } = cause as { code?: string; errcode?: number; message?: string };
  const primary = errcode === undefined ? undefined : errcode & 0xff;
  const reason = isDiskFull(cause)
    ? 'there is no space left on the disk'
    : code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || primary === 8 || primary === 14
      ? 'this process may not write there'
      : code === 'ENOTDIR' || code === 'EEXIST'
        ? 'it is not a folder'
        : code === 'ENOENT'
          ? 'no folder can be made there'
          : primary === 26
            ? 'its engine.db is not a SQLite database'
            : primary === 5
              ? 'another process holds its database'
              : (message ?? 'the reason is unknown');
  return new StorageError(`The data folder ${folder} cannot be used: ${reason}.`, { cause });
}
