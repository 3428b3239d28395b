import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Events that a stream of a run ends with, as they were when rows were given `is_stop`. */
const stopEvents = ['requires_action', 'completed', 'incomplete', 'failed', 'cancelled', 'expired'].map(
  (status) => `thread.run.${status}`,
);

/** A row used to hold one event, its name and its data; it holds several since, as the bytes that are sent. */
export const eventFramesMigration: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .createTable('event_frames')
      .addColumn('run', 'integer', (column) => column.notNull())
      .addColumn('sequence', 'integer', (column) => column.notNull())
      .addColumn('last', 'integer', (column) => column.notNull())
      .addColumn('is_stop', 'integer', (column) => column.notNull())
      .addColumn('frames', 'blob', (column) => column.notNull())
      .addPrimaryKeyConstraint('event_frames_by_run', ['run', 'sequence'])
      .execute();
    const stops = stopEvents.map((event) => sql.lit(event));
    await sql`
      insert into event_frames (run, sequence, last, is_stop, frames)
      select run, sequence, sequence, event in (${sql.join(stops)}),
        cast('id: ' || sequence || char(10) || 'event: ' || event || char(10) || 'data: ' || data || char(10, 10) as blob)
      from events order by run, sequence
    `.execute(database);
    await database.schema.dropTable('events').execute();
    await database.schema.alterTable('event_frames').renameTo('events').execute();
  },
};
