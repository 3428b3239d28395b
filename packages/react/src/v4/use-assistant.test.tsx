import { act, render, renderHook, waitFor } from '@testing-library/react';
import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, expectTypeOf, onTestFinished, test, vi } from 'vitest';
import { controlledStream } from '@use-assistant/test-kit/controlled-stream';
import { useAssistant } from './index.ts';
import type { Message, UseAssistantOptions } from './index.ts';

const control = (thread = 'thread_1', message = 'msg_user') =>
  `5:${JSON.stringify({ threadId: thread, messageId: message })}\n`;
const begin = (id = 'msg_1', value = '') =>
  `4:${JSON.stringify({ id, role: 'assistant', content: [{ type: 'text', text: { value } }] })}\n`;

/** A hook whose requests each get a stream in the hands of the test; the signal is not heard, as by some a fetch. */
function setUp(options: Partial<UseAssistantOptions> = {}) {
  const calls: { stream: ReturnType<typeof open>; init: RequestInit; write(text: string): Promise<void> }[] =
    [];
  const open = () => controlledStream<Uint8Array<ArrayBuffer>>();
  const fetch = (async (_url: string, init: RequestInit) => {
    const stream = open();
    const write = (text: string) =>
      act(async () => {
        if (!stream.isCancelled) stream.push(new TextEncoder().encode(text));
        await new Promise((resolve) => setTimeout(resolve, 0));
      });
    calls.push({ stream, init, write });
    return new Response(stream.stream);
  }) as typeof globalThis.fetch;
  let renders = 0;
  const hook = renderHook(
    (props: Partial<UseAssistantOptions>) => {
      renders += 1;
      return useAssistant({ api: '/api', fetch, ...options, ...props });
    },
    { initialProps: {}, wrapper: StrictMode },
  );
  const ask = async (content: string) => {
    act(() => void hook.result.current.append({ role: 'user', content }));
    await act(async () => {});
    return calls.at(-1)!;
  };
  const texts = () => hook.result.current.messages.map(({ role, content }) => `${role}: ${content}`);
  return { ...hook, ask, calls, texts, renders: () => renders };
}

test('The next message clears the error, and onError hears of errors in the stream.', async () => {
  const onError = vi.fn();
  const { result, ask } = setUp({ onError });
  const first = await ask('One');
  await first.write(`${control()}3:"Broken"\n`);
  expect(result.current.error?.message).toBe('Broken');
  expect(onError).toHaveBeenCalledExactlyOnceWith(result.current.error);
  await act(async () => first.stream.close());
  await ask('Two');
  expect(result.current).toMatchObject({ status: 'in_progress', error: undefined });
});

test('A refusal without words is an error with words.', async () => {
  const { result } = setUp({ fetch: async () => new Response(null, { status: 503 }) });
  await act(() => result.current.append({ role: 'user', content: 'Hi' }));
  expect(result.current.error?.message).toContain('503');
});

test('Text goes into the answer, whatever stands last: data keeps its data, the user keeps their words.', async () => {
  const { result, ask, texts } = setUp();
  const call = await ask('Hi');
  await call.write(`${control()}0:"early"\n${begin('msg_1', 'A')}6:{"role":"data","data":{"a":1}}\n0:"B"\n`);
  await waitFor(() => expect(texts()).toEqual(['user: Hi', 'assistant: early', 'assistant: AB', 'data: ']));
  expect(result.current.messages[3]!.data).toEqual({ a: 1 });
});

test('A message of the assistant may be empty, or have several texts.', async () => {
  const { ask, texts } = setUp();
  const text = (value: string) => ({ type: 'text', text: { value } });
  const line = (id: string, content: unknown[]) =>
    `4:${JSON.stringify({ id, role: 'assistant', content })}\n`;
  const call = await ask('Hi');
  await call.write(control() + line('a', []) + line('b', [text('x'), text('y')]));
  await waitFor(() => expect(texts()).toEqual(['user: Hi', 'assistant: ', 'assistant: xy']));
});

test('A list that is emptied before the server has named the message harms nothing.', async () => {
  const { result, ask } = setUp();
  const call = await ask('Hi');
  act(() => result.current.setMessages([]));
  await call.write(control());
  await waitFor(() => expect(result.current.threadId).toBe('thread_1'));
  expect(result.current.messages).toEqual([]);
});

test('After a change of the thread, nothing of the old answer comes, and its error is gone.', async () => {
  const { result, ask, calls } = setUp();
  const call = await ask('Hi');
  await call.write(`${control()}${begin()}0:"One"\n3:"Broken"\n`);
  act(() => result.current.setThreadId('thread_2'));
  await call.write(`0:"two"\n${control('thread_1', 'late')}`);
  expect(result.current).toMatchObject({
    messages: [],
    threadId: 'thread_2',
    status: 'awaiting_message',
    error: undefined,
  });
  expect([call.init.signal!.aborted, call.stream.isCancelled]).toEqual([true, true]);
  await ask('Next');
  expect(JSON.parse(String(calls[1]!.init.body))).toEqual({ threadId: 'thread_2', message: 'Next' });
});

test('The server’s id makes a new message object, and the old one stays as it was.', async () => {
  const { result, ask } = setUp();
  const call = await ask('Hi');
  const [before] = result.current.messages;
  const { id } = before!;
  await call.write(control());
  await waitFor(() => expect(result.current.messages[0]!.id).toBe('msg_user'));
  expect(before!.id).toBe(id);
});

test('Of two answers at once the newer goes on, and each keeps its own words.', async () => {
  const { result, ask, texts } = setUp();
  const first = await ask('One');
  await first.write(`${control('thread_1', 'm1')}${begin('a1')}0:"1"\n`);
  const second = await ask('Two');
  await second.write(`${control('thread_1', 'm2')}${begin('a2')}0:"2"\n`);
  await first.write('0:"late"\n');
  await waitFor(() => expect(texts()).toEqual(['user: One', 'assistant: 1', 'user: Two', 'assistant: 2']));
  expect(result.current.status).toBe('in_progress');
  act(() => result.current.stop());
  expect(result.current.status).toBe('awaiting_message');
  expect(second.stream.isCancelled).toBe(true);
});

test('Stop ends an answer also with a fetch that ignores its signal, and keeps what was written.', async () => {
  const { result, ask, texts, calls } = setUp();
  const call = await ask('Hi');
  await call.write(`${control()}${begin()}0:"One"\n`);
  act(() => result.current.stop());
  await call.write('0:"two"\n');
  expect(texts()).toEqual(['user: Hi', 'assistant: One']);
  expect(result.current).toMatchObject({ status: 'awaiting_message', error: undefined });
  // This route does not say that it has a way to cancel.
  expect(calls).toHaveLength(1);
});

test('Stop asks a route that can cancel, with the settings of all requests; the next message waits for its answer.', async () => {
  const requests: [string, RequestInit][] = [];
  const cancel = Promise.withResolvers<Response>();
  const { result } = setUp({
    api: '/api/chat/?tenant=1',
    headers: { 'x-app': 'yes' },
    credentials: 'include',
    fetch: async (url, init) => {
      requests.push([String(url), init!]);
      if (requests.length === 2) return cancel.promise;
      const body = controlledStream<Uint8Array<ArrayBuffer>>();
      body.push(new TextEncoder().encode(begin()));
      return new Response(body.stream, { headers: { 'x-assistant-thread': 'thread/1' } });
    },
  });
  act(() => void result.current.append({ role: 'user', content: 'Hi' }));
  await waitFor(() => expect(result.current.messages).toHaveLength(2));
  act(() => result.current.stop());
  act(() => void result.current.append({ role: 'user', content: 'And?' }));
  await act(async () => {});
  expect(requests.map(([url]) => url)).toEqual([
    '/api/chat/?tenant=1',
    '/api/chat/threads/thread%2F1/cancel?tenant=1',
  ]);
  expect(requests[1]![1]).toMatchObject({ method: 'POST', credentials: 'include' });
  expect(new Headers(requests[1]![1].headers).get('x-app')).toBe('yes');
  await act(async () => cancel.reject(new TypeError('fetch failed')));
  expect(requests).toHaveLength(3);
  expect(result.current).toMatchObject({ status: 'in_progress', error: undefined });
});

test('Stop before the route has answered is done at once here, and there as soon as the run has a name.', async () => {
  const requests: string[] = [];
  const post = Promise.withResolvers<Response>();
  const body = controlledStream<Uint8Array<ArrayBuffer>>();
  let signal: AbortSignal | null | undefined;
  const { result } = setUp({
    fetch: (url, init) => {
      requests.push(String(url));
      if (requests.length > 1) return Promise.resolve(Response.json({ run: null }));
      ({ signal } = init!);
      return post.promise;
    },
  });
  let isOver = false;
  act(() => void result.current.append({ role: 'user', content: 'Hi' }).then(() => (isOver = true)));
  await act(async () => {});
  act(() => result.current.stop());
  await act(async () => {});
  expect([isOver, result.current.status, signal!.aborted]).toEqual([true, 'awaiting_message', false]);
  post.resolve(new Response(body.stream, { headers: { 'x-assistant-thread': 'thread_1' } }));
  body.push(new TextEncoder().encode(control()));
  await act(async () => {});
  // The thread is there, its run may not be.
  expect(requests).toHaveLength(1);
  body.push(new TextEncoder().encode(`${begin()}0:"One"\n`));
  await waitFor(() => expect(requests).toHaveLength(2));
  expect(requests[1]).toMatch(/\/threads\/thread_1\/cancel$/);
  expect([signal!.aborted, body.isCancelled]).toEqual([true, true]);
  expect(result.current.messages.map(({ content }) => content)).toEqual(['Hi']);
});

test('Stop before any answer lets a route go that has no way to cancel, as soon as it says so, or is refused.', async () => {
  const answers = [
    () => new Response(controlledStream<Uint8Array<ArrayBuffer>>().stream),
    () => new Response('No', { status: 500 }),
  ];
  for (const answer of answers) {
    const requests: AbortSignal[] = [];
    const post = Promise.withResolvers<Response>();
    const { result } = setUp({
      fetch: (_url, init) => {
        requests.push(init!.signal!);
        return post.promise;
      },
    });
    act(() => void result.current.append({ role: 'user', content: 'Hi' }));
    await act(async () => {});
    act(() => result.current.stop());
    post.resolve(answer());
    await waitFor(() => expect(requests[0]!.aborted).toBe(true));
    expect(requests).toHaveLength(1);
    expect(result.current).toMatchObject({ status: 'awaiting_message', error: undefined });
  }
});

test('Stop gives a route up that never answers.', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let signal: AbortSignal | null | undefined;
  const { result } = setUp({
    fetch: (_url, init) => {
      ({ signal } = init!);
      return new Promise(() => {});
    },
  });
  act(() => void result.current.append({ role: 'user', content: 'Hi' }));
  act(() => result.current.stop());
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(signal!.aborted).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('Unmounting ends the request.', async () => {
  const { ask, unmount } = setUp();
  const call = await ask('Hi');
  unmount();
  expect(call.init.signal!.aborted).toBe(true);
  await waitFor(() => expect(call.stream.isCancelled).toBe(true));
});

test('Headers may be a Headers object.', async () => {
  const { ask } = setUp({ headers: new Headers({ 'x-app': 'yes' }) });
  const { init } = await ask('Hi');
  const headers = new Headers(init.headers);
  expect([headers.get('x-app'), headers.get('content-type')]).toEqual(['yes', 'application/json']);
});

test('The thread of the options is there at once, can be left, and is followed when it changes.', async () => {
  const { result, ask, rerender } = setUp({ threadId: 'thread_0' });
  expect(result.current.threadId).toBe('thread_0');
  act(() => result.current.setThreadId(undefined));
  expect(JSON.parse(String((await ask('Hi')).init.body))).toMatchObject({ threadId: null });
  rerender({ threadId: 'thread_7' });
  expect(result.current).toMatchObject({ threadId: 'thread_7', messages: [] });
});

test('Five hundred pieces of text are a few renders, and every function is the same in all of them.', async () => {
  const { result, ask, renders, texts } = setUp();
  const call = await ask('Count');
  const { append, stop, setThreadId, handleInputChange, submitMessage } = result.current;
  const before = renders();
  await call.write(control() + begin() + '0:"x"\n'.repeat(500));
  await waitFor(() => expect(texts()[1]).toBe(`assistant: ${'x'.repeat(500)}`));
  // StrictMode renders twice.
  expect(renders() - before).toBeLessThanOrEqual(8);
  expect(result.current).toMatchObject({ append, stop, setThreadId, handleInputChange, submitMessage });
});

test('A line is shown when it is whole, not when the network’s next piece ends with a line.', async () => {
  const { ask, texts } = setUp();
  const call = await ask('Hi');
  await call.write(`${control()}${begin()}0:"One"\n0:"tw`);
  await waitFor(() => expect(texts()[1]).toBe('assistant: One'));
  await call.write('o"\n');
  await waitFor(() => expect(texts()[1]).toBe('assistant: Onetwo'));
});

test('A bad line ends the answer with an error, keeps the good lines before it, and lets the body go.', async () => {
  const { result, ask, texts } = setUp();
  const call = await ask('Hi');
  await call.write(`${control()}${begin()}0:"One"\n9:{}\n0:"two"\n`);
  await waitFor(() => expect(result.current.status).toBe('awaiting_message'));
  expect(texts()).toEqual(['user: Hi', 'assistant: One']);
  expect(result.current.error?.message).toBe('Failed to parse stream string. Invalid code 9.');
  expect(call.stream.isCancelled).toBe(true);
});

test('submitMessage settles when the answer is over, and asks the form not to reload the page.', async () => {
  const { result, calls } = setUp();
  const preventDefault = vi.fn();
  act(() => result.current.setInput('Hi'));
  let isOver = false;
  act(() => {
    void result.current.submitMessage({ preventDefault } as never).then(() => (isOver = true));
  });
  await act(async () => {});
  expect([preventDefault.mock.calls.length, result.current.input, isOver]).toEqual([1, '', false]);
  await act(async () => calls[0]!.stream.close());
  await waitFor(() => expect(isOver).toBe(true));
});

test('A server can render it, and a page of the time compiles.', () => {
  function Page() {
    const { status, messages, input, submitMessage, handleInputChange, error, stop } = useAssistant({
      api: '/api/assistant',
    });
    return (
      <form onSubmit={submitMessage}>
        {error && <p>{error.toString()}</p>}
        {messages.map((message: Message) => (
          <p key={message.id}>
            {message.role !== 'data' && message.content}
            {message.role === 'data' && JSON.stringify(message.data, null, 2)}
          </p>
        ))}
        <input disabled={status !== 'awaiting_message'} value={input} onChange={handleInputChange} />
        <button type="button" onClick={stop}>
          Stop
        </button>
      </form>
    );
  }
  expect(renderToString(<Page />)).toContain('<form>');
  expect(render(<Page />).container.querySelector('input')!.disabled).toBe(false);
  expectTypeOf(useAssistant).parameter(0).toHaveProperty('api').toEqualTypeOf<string>();
});
