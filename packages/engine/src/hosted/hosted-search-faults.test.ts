import { StatementSync } from 'node:sqlite';
import { afterEach, expect, test, vi } from 'vitest';
import { startHostedSearch } from '../test-support/start-hosted-search.ts';

/** Calls of the database since this was set; the one of this number fails. */
let fault: { at: number; calls: number } | undefined;

afterEach(() => {
  fault = undefined;
});

test('whichever call of the database fails, nothing hangs, and the next run finds what it looks for', async () => {
  for (const method of ['run', 'all'] as const) {
    const original = StatementSync.prototype[method] as (...parameters: unknown[]) => unknown;
    vi.spyOn(StatementSync.prototype, method).mockImplementation(function (
      this: StatementSync,
      ...parameters
    ) {
      if (fault && this.sourceSQL !== 'rollback' && fault.calls++ === fault.at) {
        throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
      }
      return original.apply(this, parameters) as never;
    });
  }
  const { threads, thread, searcher, fileId, server } = await startHostedSearch(() => [
    { search: 'Norway' },
    { text: 'Five days.', quotes: [{ name: 'guide.txt', after: 'days' }] },
  ]);
  /** A run with a store of its own, during which a call fails, and another one; answers how many calls there were. */
  const play = async (at: number): Promise<number> => {
    const assistant_id = await searcher([fileId]);
    const [threadId, other] = [await thread(), await thread()];
    fault = { at, calls: 0 };
    const stream = threads.runs.stream(threadId, { assistant_id });
    await stream.done().catch(() => {});
    const { calls } = fault;
    fault = undefined;
    const run = await threads.runs.createAndPoll(other, { assistant_id }, { pollIntervalMs: 1 });
    expect(run, `call ${at}`).toMatchObject({ status: 'completed', last_error: null });
    const { data } = await threads.messages.list(other, { run_id: run.id });
    expect(data[0]!.content, `call ${at}`).toMatchObject([
      {
        text: { value: 'Five days【1:0†guide.txt】.', annotations: [{ file_citation: { file_id: fileId } }] },
      },
    ]);
    return calls;
  };
  const calls = await play(Number.POSITIVE_INFINITY);
  expect(calls).toBeGreaterThan(40);
  for (let at = 0; at < calls; at++) await play(at);
  expect(server.shelf.uploads.length).toBeGreaterThan(0);
}, 60_000);
