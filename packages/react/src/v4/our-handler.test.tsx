import { act, renderHook, waitFor } from '@testing-library/react';
import { StrictMode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import type { ScriptedTurn } from '@use-assistant/test-kit';
import { startChatServer } from '../../../server/src/test-support/start-chat-server.ts';
import type { ChatServer } from '../../../server/src/test-support/start-chat-server.ts';
import { useAssistant } from './index.ts';
import type { UseAssistantOptions } from './index.ts';

// Handler, engine and a model with a script, in a process of their own behind a port.
vi.setConfig({ testTimeout: 60_000 });

let server: ChatServer | undefined;
afterEach(() => server?.close());

async function setUp(turns: ScriptedTurn[], options: Partial<UseAssistantOptions> = {}) {
  const { url } = (server = await startChatServer(turns));
  const requests: string[] = [];
  const watched: typeof fetch = (input, init) => {
    requests.push(String(input).slice(url.length));
    return fetch(input, init);
  };
  const { result } = renderHook(() => useAssistant({ api: url, fetch: watched, ...options }), {
    wrapper: StrictMode,
  });
  return {
    result,
    requests,
    url,
    ask: (content: string) => act(() => result.current.append({ role: 'user', content })),
    texts: () => result.current.messages.map(({ role, content }) => `${role}: ${content}`),
    thread: async () => (await fetch(`${url}/threads/${result.current.threadId}`)).json(),
  };
}

test('A thread begins and goes on, and its messages have the ids that the server has.', async () => {
  const { result, ask, texts, thread } = await setUp([
    { parts: [{ text: ['Hel', 'lo.'] }] },
    { parts: [{ text: 'Again.' }] },
  ]);
  await ask('Hi');
  const { threadId } = result.current;
  expect(threadId).toMatch(/^thread_/);
  await ask('And?');
  expect(result.current).toMatchObject({ threadId, status: 'awaiting_message', error: undefined });
  expect(texts()).toEqual(['user: Hi', 'assistant: Hello.', 'user: And?', 'assistant: Again.']);
  const users = (messages: { id: string; role: string }[]) =>
    messages.flatMap(({ id, role }) => (role === 'user' ? [id] : []));
  expect(users(result.current.messages)).toEqual(users((await thread()).messages));
});

test('Tool calls and files come as data messages, and the file can be fetched where the text says.', async () => {
  const { result, ask, url } = await setUp([
    { parts: [{ call: 'temperature', input: { room: 'hall' } }] },
    { parts: [{ call: 'code_interpreter', input: { code: 'save()' } }] },
    { parts: [{ text: ['See [this](sandbox:/mnt/data/', 'clean.csv) ', 'now.'] }] },
  ]);
  await ask('Clean it');
  expect(result.current.error).toBeUndefined();
  const { messages } = result.current;
  const data = messages.flatMap(({ role, data: value }) =>
    role === 'data' ? [value as Record<string, unknown>] : [],
  );
  expect(data).toMatchObject([
    { type: 'tool-input-available', toolName: 'temperature', input: { room: 'hall' } },
    { type: 'tool-output-available', output: { degrees: 20 } },
    { type: 'tool-input-available', toolName: 'code_interpreter', input: { code: 'save()' } },
    { type: 'tool-output-available' },
    { type: 'data-file', data: { name: 'clean.csv', mediaType: 'text/csv' } },
  ]);
  const answer = messages.findLast(({ role }) => role === 'assistant')!;
  const [, path] = /^See \[this\]\((\S+)\) now\.$/.exec(answer.content)!;
  expect(await (await fetch(new URL(path!, url))).text()).toBe('a,b\n');
});

test('A run that fails is an error in public words, and the next message clears it.', async () => {
  const onError = vi.fn();
  const { result, ask } = await setUp(
    [{ parts: [{ text: 'Wel' }, { streamError: 'canary-4711' }] }, { parts: [{ text: 'Fine.' }] }],
    { onError },
  );
  await ask('Hi');
  expect(result.current.error?.message).toBe('The assistant could not finish its answer.');
  expect(onError).toHaveBeenCalledExactlyOnceWith(result.current.error);
  await ask('Again');
  expect(result.current).toMatchObject({ status: 'awaiting_message', error: undefined });
});

test('A refusal of the handler is an error with its sentence, not with its JSON.', async () => {
  const { result, ask } = await setUp([], { threadId: 'thread_of_somebody_else' });
  await ask('Hi');
  expect(result.current.error?.message).toMatch(/^[A-Z][^{}]+\.$/);
});

test('Stop ends the run on the server, keeps what was written, and the next message finds the thread free.', async () => {
  const { result, requests, ask, texts, thread } = await setUp([
    { parts: [{ text: 'One' }, { hang: true }] },
    { parts: [{ text: 'Two' }] },
  ]);
  let isOver = false;
  act(() => void result.current.append({ role: 'user', content: 'Hi' }).then(() => (isOver = true)));
  await waitFor(() => expect(texts()).toEqual(['user: Hi', 'assistant: One']), { timeout: 10_000 });
  act(() => result.current.stop());
  expect(result.current).toMatchObject({ status: 'awaiting_message', error: undefined });
  await ask('And?');
  expect(isOver).toBe(true);
  const { threadId } = result.current;
  expect(requests).toEqual(['', `/threads/${threadId}/cancel`, '']);
  expect(result.current.error).toBeUndefined();
  expect(texts()).toEqual(['user: Hi', 'assistant: One', 'user: And?', 'assistant: Two']);
  expect((await thread()).run.status).toBe('completed');
});

test('Stop before the first word ends the run on the server too.', async () => {
  const { result, ask, url, texts } = await setUp([
    { parts: [{ hang: true }] },
    { parts: [{ text: 'Two' }] },
  ]);
  act(() => void result.current.append({ role: 'user', content: 'Hi' }));
  act(() => result.current.stop());
  await ask('And?');
  expect(result.current.error).toBeUndefined();
  const { threads } = await (await fetch(`${url}/threads`)).json();
  const statuses = await Promise.all(
    threads.map(
      async ({ id }: { id: string }) => (await (await fetch(`${url}/threads/${id}`)).json()).run.status,
    ),
  );
  expect(statuses.toSorted()).toEqual(['cancelled', 'completed']);
  expect(texts()).toEqual(['user: Hi', 'user: And?', 'assistant: Two']);
});
