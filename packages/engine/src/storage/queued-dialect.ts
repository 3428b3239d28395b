import {
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
} from 'kysely';

/**
 * Kysely's SQLite with a queue before its one connection. Kysely's own lock wakes all who wait for it at every release, and
 * whoever comes first has it: with a thousand runs that costs the square of their number, and the unlucky wait long.
 */
export class QueuedSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    super({ database });
    this.#database = database;
  }

  override createAdapter(): SqliteAdapter {
    return new QueuedAdapter();
  }

  override createDriver(): Driver {
    return new QueuedDriver({ database: this.#database });
  }
}

class QueuedAdapter extends SqliteAdapter {
  /** It has one; that is how Kysely is told to keep its lock away, since the driver has the queue. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class QueuedDriver extends SqliteDriver {
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  override async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    // Handed on, it stays taken: nobody can come in between.
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}
