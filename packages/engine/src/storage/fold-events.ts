import { constants, zstdCompressSync } from 'node:zlib';
import type { EventBatch } from './event-frames.ts';
import { insertEvents } from './events.ts';
import type { Database } from './records.ts';

/** Bytes of events that are put into one row, about. A reader that goes on from within them unpacks them all. */
const foldBytes = 256 * 1024;

/** At once: a tenth of a millisecond for a whole row, less than another thread would cost. */
const pack = (bytes: Uint8Array) =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });

/**
 * Puts the events of a run that is over together, in few rows and packed: what its deltas repeat word by word is most of
 * what they are. Reads as before. Does nothing to a run that has been deleted. No engine may still write to the run: it
 * would not notice any more that others have.
 */
export async function foldEvents(database: Database, run: number): Promise<void> {
  const rows = await database
    .selectFrom('events')
    .select(['sequence', 'last', 'is_stop', 'frames'])
    .where('run', '=', run)
    .orderBy('sequence')
    .execute();
  const batches: EventBatch[] = [];
  let parts: Uint8Array[] = [];
  let size = 0;
  let first = 0;
  for (const [index, { sequence, last, is_stop, frames }] of rows.entries()) {
    if (parts.length === 0) first = sequence;
    parts.push(frames);
    size += frames.byteLength;
    if (is_stop === 0 && size < foldBytes && index < rows.length - 1) continue;
    batches.push({ first, last, isStop: is_stop === 1, frames: pack(Buffer.concat(parts)) });
    parts = [];
    size = 0;
  }
  if (batches.length >= rows.length) return;
  await database.transaction().execute(async (transaction) => {
    const { numDeletedRows } = await transaction
      .deleteFrom('events')
      .where('run', '=', run)
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) return;
    await insertEvents(
      transaction,
      batches.map((batch) => ({ run, batch })),
    );
  });
}
