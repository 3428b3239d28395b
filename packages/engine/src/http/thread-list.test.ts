import { scriptedModel } from '@use-assistant/test-kit';
import { expect, test, vi } from 'vitest';
import { startEngine, until } from '../test-support/start-engine.ts';

interface Page {
  data: { id: string; last_active_at: number; metadata: Record<string, string> }[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
  next: string | null;
}

function start() {
  const started = startEngine({ model: scriptedModel([() => 'Hello']) });
  const make = async (metadata: Record<string, string>) => (await started.threads.create({ metadata })).id;
  const list = (query: object): Promise<Page> => started.openai.get('/threads', { query });
  const ids = async (query: object) => (await list(query)).data.map(({ id }) => id);
  return { ...started, make, list, ids };
}

test('threads are listed by their metadata only, and by nothing else they are no route', async () => {
  const { engine, make, list, ids } = start();
  const mine = await make({ owner: 'a', topic: 'x' });
  await make({ owner: 'b', topic: 'x' });
  await make({});
  expect(await list({ metadata: { owner: 'a' } })).toMatchObject({
    object: 'list',
    data: [{ id: mine, object: 'thread', metadata: { owner: 'a', topic: 'x' } }],
    first_id: mine,
    last_id: mine,
    has_more: false,
    next: null,
  });
  expect(await ids({ metadata: { owner: 'a', topic: 'y' } })).toEqual([]);
  expect(await ids({ metadata: { owner: ['a', 'c'], topic: 'x' } })).toEqual([mine]);
  for (const query of ['', '?limit=2', '?metadata=owner', '?metadata[]=a']) {
    const response = await engine.fetch(`http://engine.local/v1/threads${query}`);
    expect([query, response.status, await response.json()]).toEqual([
      query,
      404,
      expect.objectContaining({ error: expect.objectContaining({ code: 'unknown_url' }) }),
    ]);
  }
});

test('the thread that was last spoken in comes first', async () => {
  const { make, ids, threads, assistant } = start();
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const made: string[] = [];
    for (let index = 0; index < 3; index++) {
      vi.setSystemTime(Date.UTC(2030, 0, index + 1));
      made.push(await make({ owner: 'a' }));
    }
    const [oldest, middle, newest] = made as [string, string, string];
    const list = () => ids({ metadata: { owner: 'a' } });
    expect(await list()).toEqual([newest, middle, oldest]);
    vi.setSystemTime(Date.UTC(2030, 1, 1));
    await threads.messages.create(oldest, { role: 'user', content: 'Hi' });
    expect(await list()).toEqual([oldest, newest, middle]);
    vi.setSystemTime(Date.UTC(2030, 2, 1));
    const { id } = await threads.runs.create(middle, { assistant_id: await assistant() });
    await until(async () => (await threads.runs.retrieve(id, { thread_id: middle })).status === 'completed');
    expect(await list()).toEqual([middle, oldest, newest]);
    vi.setSystemTime(Date.UTC(2030, 3, 1));
    await threads.update(newest, { metadata: { owner: 'a', title: 'Renamed' } });
    expect(await list()).toEqual([middle, oldest, newest]);
    expect(await ids({ metadata: { title: 'Renamed' } })).toEqual([newest]);
    await threads.delete(oldest);
    await threads.update(middle, { metadata: {} });
    expect(await list()).toEqual([newest]);
  } finally {
    vi.useRealTimers();
  }
});

test('pages walk over everything once, in both directions, also when all was made in one moment', async () => {
  const { make, list, ids } = start();
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const made: string[] = [];
    for (let index = 0; index < 9; index++) made.push(await make({ owner: 'a' }));
    for (const limit of [1, 2, 4, 9, 10]) {
      for (const order of ['asc', 'desc'] as const) {
        const walked: string[] = [];
        let after: string | null | undefined;
        do {
          const page = await list({ metadata: { owner: 'a' }, limit, order, ...(after && { after }) });
          walked.push(...page.data.map(({ id }) => id));
          after = page.next;
        } while (after !== null);
        expect(walked).toEqual(order === 'asc' ? made : made.toReversed());
      }
    }
    const some = { metadata: { owner: 'a' }, limit: 3, order: 'asc' };
    expect(await ids({ ...some, before: made[6] })).toEqual(made.slice(3, 6));
    expect(await ids({ ...some, after: made[2], before: made[5] })).toEqual(made.slice(3, 5));
  } finally {
    vi.useRealTimers();
  }
});

test('the next page begins where the page ended, also when its last thread has moved up meanwhile', async () => {
  const { make, list, ids, threads } = start();
  const made: string[] = [];
  for (let index = 0; index < 4; index++) made.push(await make({ owner: 'a' }));
  const first = await list({ metadata: { owner: 'a' }, limit: 2 });
  expect(first.data.map(({ id }) => id)).toEqual([made[3], made[2]]);
  await threads.messages.create(made[2]!, { role: 'user', content: 'Hi' });
  const query = { metadata: { owner: 'a' }, limit: 2 };
  expect(await ids({ ...query, after: first.next })).toEqual([made[1], made[0]]);
  expect(await ids(query)).toEqual([made[2], made[3]]);
});

test('a cursor that is none of this list is refused', async () => {
  const { make, list } = start();
  const [mine, theirs] = [await make({ owner: 'a' }), await make({ owner: 'b' })];
  for (const after of [theirs, `${theirs}:1`, `${mine}:x`, 'thread_x', 'x:1', ':']) {
    await expect(list({ metadata: { owner: 'a' }, after })).rejects.toMatchObject({
      status: 400,
      param: 'after',
    });
  }
});
