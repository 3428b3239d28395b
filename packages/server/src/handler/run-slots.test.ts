import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { expect, it } from 'vitest';
import type { Call } from './context.ts';
import { createRunSlots } from './run-slots.ts';

const active = { status: 'in_progress' } as Run;
const client = {
  beta: { threads: { runs: { list: async () => ({ data: [active] }) } } },
} as unknown as Call['client'];

it('remembers so many callers who left their runs, and all whose runs are followed here', async () => {
  const slots = createRunSlots(1, { maxCallers: 3 });
  const take = (owner: string) => slots.take({ client, owners: [owner] });
  const leave = async (owner: string): Promise<void> => {
    const slot = await take(owner);
    slot.threadId = `thread_${owner}`;
    slot.leave(active);
  };
  await take('here');
  for (const owner of ['a', 'b', 'c', 'd']) await leave(owner);
  await expect(take('here')).rejects.toMatchObject({ code: 'rate_limited' });
  await expect(take('d')).rejects.toMatchObject({ code: 'rate_limited' });
  expect(await take('a')).toBeDefined();
});
