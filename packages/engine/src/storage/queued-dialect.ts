import {
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
} from 'kysely';
import { newLine, type Line } from './line.ts';

/**
 * Kysely's SQLite with a queue before its one connection, or before the several that share a file. Kysely's own lock wakes all who wait for it at every release, and
 * whoever comes first has it: with a thousand runs that costs the square of their number, and the unlucky wait long.
 */
export class QueuedSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;
  readonly #line: Line;

  constructor(database: SqliteDatabase, line: Line = newLine()) {
    super({ database });
    this.#database = database;
    this.#line = line;
  }

  override createAdapter(): SqliteAdapter {
    return new QueuedAdapter();
  }

  override createDriver(): Driver {
    return new QueuedDriver(this.#database, this.#line);
  }
}

class QueuedAdapter extends SqliteAdapter {
  /** It has one; that is how Kysely is told to keep its lock away, since the driver has the queue. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class QueuedDriver extends SqliteDriver {
  readonly #line: Line;

  constructor(database: SqliteDatabase, line: Line) {
    super({ database });
    this.#line = line;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#line.isTaken) await new Promise<void>((resolve) => this.#line.waiting.push(resolve));
    this.#line.isTaken = true;
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    // Handed on, it stays taken: nobody can come in between.
    const next = this.#line.waiting.shift();
    if (next) next();
    else this.#line.isTaken = false;
  }
}
