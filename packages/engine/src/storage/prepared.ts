import type { Compilable, CompiledQuery } from 'kysely';
import type { Database } from './records.ts';

/** Stands in a query for what each call brings. */
class Given {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A query that is ready but for its values; answers its rows. */
export type Prepared<Values, Row> = (database: Database, values: Values) => Promise<Row[]>;

/**
 * Makes a query whose SQL Kysely builds and compiles once for each dialect, and not with every call: for the few queries
 * that every run asks many times. `build` must be the same for all values: it is given what stands for them.
 */
export function prepare<Values extends object, Row>(
  build: (database: Database, given: Values) => Compilable<Row>,
): Prepared<Values, Row> {
  const given = new Proxy({}, { get: (_, name) => new Given(name as string) }) as Values;
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  return async (database, values) => {
    const executor = database.getExecutor();
    const dialect = executor.adapter.constructor;
    let query = compiled.get(dialect);
    if (!query) compiled.set(dialect, (query = build(database, given).compile()));
    const parameters = query.parameters.map((parameter) =>
      parameter instanceof Given ? (values as Record<string, unknown>)[parameter.name] : parameter,
    );
    return (await executor.executeQuery<Row>({ ...query, parameters })).rows;
  };
}
