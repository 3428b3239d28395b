import { useAssistant } from '@ai-sdk/react-v4';
import { act, renderHook, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { ScriptedTurn } from '@use-assistant/test-kit';
import { startChatServer } from './test-support/start-chat-server.ts';
import type { ChatServer } from './test-support/start-chat-server.ts';

// Each test starts a process of its own.
vi.setConfig({ testTimeout: 60_000 });

let server: ChatServer | undefined;
afterEach(() => server?.close());

/** The hook of @ai-sdk/react@1.2.12 on a page whose route is our handler. */
async function renderPage(turns: ScriptedTurn[]) {
  const { url } = (server = await startChatServer(turns));
  const requests: unknown[] = [];
  const keep: typeof fetch = (input, init) => {
    requests.push(JSON.parse(String(init?.body)));
    return fetch(input, init);
  };
  return { url, requests, ...renderHook(() => useAssistant({ api: url, fetch: keep })) };
}

it('the removed hook shows the texts of a thread that goes on', async () => {
  const { result, requests, url } = await renderPage([
    { parts: [{ text: ['Hel', 'lo.'] }] },
    { parts: [{ text: ['Again.'] }] },
  ]);
  await act(() => result.current.append({ role: 'user', content: 'Hi' }));
  expect(result.current).toMatchObject({ status: 'awaiting_message', error: undefined });
  expect(result.current.threadId).toMatch(/^thread_/);
  await act(() => result.current.append({ role: 'user', content: 'And?' }));
  expect(requests[1]).toMatchObject({ threadId: result.current.threadId, message: 'And?' });
  const { messages } = result.current;
  expect(messages.map(({ role, content }) => [role, content])).toEqual([
    ['user', 'Hi'],
    ['assistant', 'Hello.'],
    ['user', 'And?'],
    ['assistant', 'Again.'],
  ]);
  const history = await (await fetch(`${url}/threads/${result.current.threadId}`)).json();
  expect(messages[0]!.id).toBe(history.messages[0].id);
});

it('the removed hook gets tools and files as data, and its text stays whole', async () => {
  const { result } = await renderPage([
    { parts: [{ call: 'temperature', input: { room: 'hall' } }] },
    { parts: [{ call: 'code_interpreter', input: { code: 'plot()' } }] },
    { parts: [{ text: ['See [this](sandbox:/mnt/data/', 'clean.csv) ', 'now.'] }] },
  ]);
  await act(() => result.current.append({ role: 'user', content: 'Clean it' }));
  const { messages, error } = result.current;
  expect(error).toBeUndefined();
  const texts = messages.filter(({ role }) => role === 'assistant').map(({ content }) => content);
  expect(texts.join('')).toMatch(/^See \[this\]\(\/api\/assistant\/files\/\S+\) now\.$/);
  const types = messages.flatMap(({ role, data }) =>
    role === 'data' ? [(data as { type: string }).type] : [],
  );
  expect(types).toEqual([
    'tool-input-available',
    'tool-output-available',
    'tool-input-available',
    'tool-output-available',
    'data-file',
  ]);
});

it('the removed hook shows the error of a run that failed, and nothing of its cause', async () => {
  const { result } = await renderPage([{ parts: [{ streamError: 'canary-4711' }] }]);
  await act(() => result.current.append({ role: 'user', content: 'Hi' }));
  await waitFor(() => expect(result.current.status).toBe('awaiting_message'));
  expect(result.current.error?.message).toBe('The assistant could not finish its answer.');
});
