import { AssistantError } from '@use-assistant/protocol';
import { expect, test, vi } from 'vitest';
import { ThreadList } from './thread-list.ts';
import type { Threads } from './threads.ts';
import type { ThreadPage } from './wire.ts';

/** Requests in the hands of the test. */
function setUp() {
  const asked: {
    name: string;
    args: unknown[];
    resolve: (value: never) => void;
    reject: (error: unknown) => void;
  }[] = [];
  const ask =
    (name: string) =>
    (...args: unknown[]) =>
      new Promise<never>((resolve, reject) => asked.push({ name, args, resolve, reject }));
  const list = new ThreadList(
    { list: ask('list'), rename: ask('rename'), delete: ask('delete') } as Threads,
    {
      limit: 2,
    },
  );
  const titles = () => list.getSnapshot().threads.map(({ title }) => title);
  const answer = (index: number, value: unknown) => asked[index]!.resolve(value as never);
  return { list, asked, titles, answer };
}

const page = (next: string | null, ...titles: string[]): ThreadPage => ({
  threads: titles.map((title) => ({ id: `t-${title}`, title })),
  next,
});

async function loaded(...titles: string[]) {
  const setup = setUp();
  const loading = setup.list.load();
  setup.answer(0, page(null, ...titles));
  await loading;
  return setup;
}

const refused = new AssistantError('server_error', 'No.', { status: 500 });

test('Threads come page by page.', async () => {
  const { list, asked, titles, answer } = setUp();
  const loading = list.load();
  expect(list.getSnapshot()).toMatchObject({ isLoading: true, threads: [] });
  answer(0, page('t-B', 'A', 'B'));
  await loading;
  expect(list.getSnapshot()).toMatchObject({ isLoading: false, hasMore: true });
  const more = list.loadMore();
  expect(asked[1]!.args).toMatchObject([{ limit: 2, after: 't-B' }]);
  answer(1, page(null, 'C'));
  await more;
  expect(titles()).toEqual(['A', 'B', 'C']);
  await list.loadMore();
  expect([asked.length, list.getSnapshot().hasMore]).toEqual([2, false]);
});

test('A new title is shown at once, and taken back when the server refuses it.', async () => {
  const { list, asked, titles } = await loaded('A', 'B');
  const renaming = list.rename('t-A', 'Alpha');
  expect(titles()).toEqual(['Alpha', 'B']);
  asked[1]!.reject(refused);
  await renaming;
  expect(titles()).toEqual(['A', 'B']);
  expect(list.getSnapshot().error).toBe(refused);
});

test('A deleted thread is gone at once, and back where it stood when the server refuses.', async () => {
  const { list, asked, titles } = await loaded('A', 'B', 'C');
  const deleting = list.delete('t-B');
  expect(titles()).toEqual(['A', 'C']);
  asked[1]!.reject(refused);
  await deleting;
  expect(titles()).toEqual(['A', 'B', 'C']);
});

test('Of several changes on their way, only the refused one is taken back.', async () => {
  const { list, asked, titles, answer } = await loaded('A', 'B', 'C');
  const all = [list.rename('t-A', 'Alpha'), list.delete('t-B'), list.rename('t-A', 'Aleph')];
  expect(titles()).toEqual(['Aleph', 'C']);
  asked[3]!.reject(refused);
  answer(1, {});
  answer(2, undefined);
  await Promise.all(all);
  expect(titles()).toEqual(['Alpha', 'C']);
});

test('What is loaded while a change is on its way does not undo it.', async () => {
  const { list, titles, answer } = await loaded('A', 'B');
  void list.delete('t-A');
  const loading = list.load();
  answer(2, page(null, 'A', 'B', 'C'));
  await loading;
  expect(titles()).toEqual(['B', 'C']);
});

test('Of two loads the later counts, and the last reader who leaves ends what is on its way.', async () => {
  const { list, asked, titles, answer } = setUp();
  const leave = list.subscribe(vi.fn());
  const first = list.load();
  const second = list.load();
  expect((asked[0]!.args[0] as { signal: AbortSignal }).signal.aborted).toBe(true);
  answer(1, page(null, 'new'));
  answer(0, page(null, 'old'));
  await Promise.all([first, second]);
  expect(titles()).toEqual(['new']);
  void list.load();
  leave();
  expect((asked[2]!.args[0] as { signal: AbortSignal }).signal.aborted).toBe(true);
});

test('An error says so and keeps what is there; the next success clears it.', async () => {
  const { list, asked, titles, answer } = await loaded('A');
  const failing = list.load();
  asked[1]!.reject(refused);
  await failing;
  expect([titles(), list.getSnapshot().error, list.getSnapshot().isLoading]).toEqual([['A'], refused, false]);
  const loading = list.load();
  answer(2, page(null, 'B'));
  await loading;
  expect(list.getSnapshot().error).toBeUndefined();
});
