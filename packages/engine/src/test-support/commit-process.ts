import { delta, openLog, storeRun } from './run-log.ts';

/**
 * Writes to many runs at once, all of them together in one transaction, again and again until it is killed. Its arguments
 * are the data folder and the number of runs.
 */
// However slow the machine is, no transaction is cut short: all of what waits is one.
performance.now = () => 0;
const { log, database } = await openLog(process.argv[2]);
const runs = [];
for (let index = 0; index < Number(process.argv[3]); index++) runs.push((await storeRun(database)).id);
for (let round = 0; ; round++) {
  await Promise.all(
    runs.map((id) =>
      log.commit(id, async (transaction, emit) => {
        await transaction
          .updateTable('runs')
          .set({ private: `${round}` })
          .where('id', '=', id)
          .execute();
        emit('thread.message.delta', delta(`${round}`));
      }),
    ),
  );
  if (round === 0) process.send!('begun');
}
