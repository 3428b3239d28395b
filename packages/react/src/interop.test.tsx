import { useChat } from '@ai-sdk/react';
import { AssistantRuntimeProvider, ThreadPrimitive, MessagePrimitive } from '@assistant-ui/react';
import { useAISDKRuntime } from '@assistant-ui/react-ai-sdk';
import { act, render, renderHook, screen, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import {
  createFakeRoute,
  toTextEnd,
  toTextRun,
  toTextStart,
} from '../../client/src/test-support/fake-route.ts';
import { AssistantChatTransport, useAssistant } from './index.ts';

test('Plain useChat gets threads by the transport: the first message makes one, the next goes into it.', async () => {
  const route = createFakeRoute();
  const onThreadIdChange = vi.fn();
  const transport = new AssistantChatTransport({ fetch: route.fetch, onThreadIdChange });
  const { result } = renderHook(() => useChat({ transport }));
  act(() => void result.current.sendMessage({ text: 'Hello' }));
  const first = await route.next('POST ');
  expect(first.body).toMatchObject({
    threadId: null,
    message: { role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
    trigger: 'submit-message',
  });
  const stream = first.stream();
  await act(async () => stream.send(...toTextRun('Good day')));
  await act(async () => stream.end());
  await waitFor(() => expect(result.current.status).toBe('ready'));
  expect(result.current.messages[1]).toMatchObject({
    role: 'assistant',
    parts: [{ type: 'text', text: 'Good day' }],
    metadata: { threadId: 'thread_1' },
  });
  expect([transport.threadId, onThreadIdChange.mock.calls]).toEqual(['thread_1', [['thread_1']]]);

  act(() => void result.current.sendMessage({ text: 'Again' }));
  const second = await route.next('POST ');
  expect(second.body).toMatchObject({ threadId: 'thread_1', message: { parts: [{ text: 'Again' }] } });
  expect(second.body).not.toHaveProperty('messages');
  await act(async () => void result.current.stop());
  expect(second.isAborted).toBe(true);
});

test('Plain useChat takes up a thread’s run by the transport, and learns when there is none.', async () => {
  const route = createFakeRoute();
  const transport = new AssistantChatTransport({ fetch: route.fetch, threadId: 'thread_1' });
  const { result } = renderHook(() => useChat({ transport }));
  act(() => void result.current.resumeStream());
  const stream = (await route.next('GET /threads/thread_1/stream')).stream();
  await act(async () => stream.send(...toTextRun('Taken up')));
  await act(async () => stream.end());
  await waitFor(() => expect(result.current.messages.at(-1)?.parts).toMatchObject([{ text: 'Taken up' }]));
  const again = result.current.resumeStream();
  (await route.next('GET /threads/thread_1/stream')).respond(new Response(null, { status: 204 }));
  await act(() => again);
  expect(result.current.status).toBe('ready');
});

test('A refusal of the route reaches useChat as an error with the server’s sentence.', async () => {
  const route = createFakeRoute();
  const { result } = renderHook(() =>
    useChat({ transport: new AssistantChatTransport({ fetch: route.fetch }) }),
  );
  act(() => void result.current.sendMessage({ text: 'Hello' }));
  (await route.next('POST ')).json({ error: { code: 'thread_busy', message: 'A run is active.' } }, 409);
  await waitFor(() => expect(result.current.error?.message).toBe('A run is active.'));
});

test('The hook drives assistant-ui: its runtime shows what the hook has, and its thread knows that it runs.', async () => {
  // jsdom has none of these.
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  Element.prototype.scrollTo ??= () => {};
  const route = createFakeRoute();
  let send: (text: string) => void = () => {};
  function Provider({ children }: { children: ReactNode }) {
    const assistant = useAssistant({ fetch: route.fetch });
    send = (text) => void assistant.sendMessage({ text });
    const runtime = useAISDKRuntime(assistant);
    return <AssistantRuntimeProvider runtime={runtime}>{children}</AssistantRuntimeProvider>;
  }
  const Message = () => (
    <div data-testid="message">
      <MessagePrimitive.Parts />
    </div>
  );
  render(
    <Provider>
      <ThreadPrimitive.Root>
        <ThreadPrimitive.Messages components={{ Message }} />
        <ThreadPrimitive.If running>
          <p>running</p>
        </ThreadPrimitive.If>
      </ThreadPrimitive.Root>
    </Provider>,
  );
  act(() => send('Hello'));
  const stream = (await route.next('POST ')).stream();
  await act(async () => stream.send(...toTextStart('Good day')));
  await waitFor(() =>
    // The dot is assistant-ui's own, while a text is written.
    expect(screen.getAllByTestId('message').map(({ textContent }) => textContent)).toEqual([
      'Hello',
      'Good day ●',
    ]),
  );
  expect(screen.queryByText('running')).not.toBeNull();
  await act(async () => stream.send(...toTextEnd()));
  await waitFor(() => expect(screen.queryByText('running')).toBeNull());
});
