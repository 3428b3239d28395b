import { act, renderHook, waitFor } from '@testing-library/react';
import { StrictMode } from 'react';
import { expect, test, vi } from 'vitest';
import { useThreads } from './use-threads.ts';

const page = (...ids: string[]) => ({ threads: ids.map((id) => ({ id, title: id })), next: null });

test('The list is there after mounting, follows new threads, and shows at once what is done to it.', async () => {
  const ids = ['thread_1'];
  const threads = {
    list: vi.fn(async () => page(...ids)),
    rename: vi.fn(() => Promise.reject(new Error('No.'))),
    delete: vi.fn(async () => {}),
  };
  const { result, rerender } = renderHook(
    ({ threadId }: { threadId: string | undefined }) => useThreads({ threads, threadId }),
    { initialProps: { threadId: undefined as string | undefined }, wrapper: StrictMode },
  );
  const titles = () => result.current.threads.map(({ title }) => title);
  await waitFor(() => expect(titles()).toEqual(['thread_1']));
  const { load, rename } = result.current;

  ids.unshift('thread_2');
  rerender({ threadId: 'thread_2' });
  await waitFor(() => expect(titles()).toEqual(['thread_2', 'thread_1']));
  const count = threads.list.mock.calls.length;
  rerender({ threadId: 'thread_1' });
  expect(threads.list.mock.calls.length).toBe(count);

  let renaming = Promise.resolve();
  act(() => void (renaming = result.current.rename('thread_1', 'Mine')));
  expect(titles()).toEqual(['thread_2', 'Mine']);
  await act(() => renaming);
  expect(titles()).toEqual(['thread_2', 'thread_1']);
  expect(result.current.error).toBeDefined();
  expect(result.current).toMatchObject({ load, rename });
});
