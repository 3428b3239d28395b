import { act, cleanup, fireEvent, render, renderHook, screen } from '@testing-library/react';
import { StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import {
  createFakeRoute,
  toTextEnd,
  toTextRun,
  toTextStart,
} from '../../client/src/test-support/fake-route.ts';
import type { FakeStream } from '../../client/src/test-support/fake-route.ts';
import { AssistantClient, useAssistant } from './index.ts';
import type { UseAssistantHelpers, UseAssistantOptions } from './index.ts';

afterEach(cleanup);

/** Renders the hook in StrictMode; `current` is what it gave last. */
function setUp(options: UseAssistantOptions = {}) {
  const route = createFakeRoute();
  const hook = renderHook((props: UseAssistantOptions) => useAssistant({ fetch: route.fetch, ...props }), {
    wrapper: StrictMode,
    initialProps: options,
  });
  return {
    route,
    ...hook,
    get current() {
      return hook.result.current;
    },
  };
}

/** Waits until the hook gives what is wished. */
async function until(setup: ReturnType<typeof setUp>, isWished: (helpers: UseAssistantHelpers) => boolean) {
  await vi.waitFor(async () => {
    await act(async () => {});
    if (!isWished(setup.current)) throw new Error('not yet');
  });
}

function Chat(options: UseAssistantOptions) {
  const assistant = useAssistant(options);
  return (
    <form
      {...assistant.dropProps}
      {...assistant.pasteProps}
      onSubmit={assistant.handleSubmit}
      data-testid="form"
    >
      <p role="status">{assistant.status}</p>
      {assistant.messages.map(({ id, role, content }) => (
        <p key={id}>
          {role}: {content}
        </p>
      ))}
      <ul>
        {assistant.files.map(({ id, name, status }) => (
          <li key={id}>
            {name} {status}
          </li>
        ))}
      </ul>
      <input aria-label="Message" value={assistant.input} onChange={assistant.handleInputChange} />
      <input aria-label="Files" type="file" multiple onChange={assistant.handleFileUpload} />
    </form>
  );
}

test('A typed message is sent and its answer is shown.', async () => {
  const route = createFakeRoute();
  render(<Chat fetch={route.fetch} />, { wrapper: StrictMode });
  const input = screen.getByLabelText('Message');
  fireEvent.change(input, { target: { value: 'Hello' } });
  fireEvent.submit(input);
  expect(input).toHaveProperty('value', '');
  const call = await route.next('POST ');
  await act(async () => call.stream().send(...toTextRun('Good day')));
  await screen.findByText('assistant: Good day');
  expect(screen.getByText('user: Hello')).toBeTruthy();
  expect(screen.getByRole('status').textContent).toBe('ready');
});

test('Picked, dropped and pasted files are uploaded; pasted text goes its usual way.', async () => {
  const route = createFakeRoute();
  render(<Chat fetch={route.fetch} />, { wrapper: StrictMode });
  const form = screen.getByTestId('form');
  const file = (name: string) => new File(['a'], name, { type: 'text/csv' });
  fireEvent.change(screen.getByLabelText('Files'), { target: { files: [file('picked.csv')] } });
  expect(fireEvent.dragOver(form, { dataTransfer: { types: ['Files'] } })).toBe(false);
  expect(fireEvent.dragOver(form, { dataTransfer: { types: ['text/plain'] } })).toBe(true);
  fireEvent.drop(form, { dataTransfer: { files: [file('dropped.csv')] } });
  expect(fireEvent.paste(form, { clipboardData: { files: [file('pasted.csv')] } })).toBe(false);
  expect(fireEvent.paste(form, { clipboardData: { files: [] } })).toBe(true);
  const names = (await screen.findAllByRole('listitem')).map(({ textContent }) => textContent);
  expect(names).toEqual(['picked.csv uploading', 'dropped.csv uploading', 'pasted.csv uploading']);
  const call = await route.next('POST /files');
  expect((call.body as FormData).get('file')).toHaveProperty('name', 'picked.csv');
  const stored = { id: 'file-1', name: 'picked.csv', mediaType: 'text/csv', size: 1, url: '/files/1' };
  await act(async () => call.json(stored, 201));
  await screen.findByText('picked.csv done');
});

test('Of what is dropped or pasted, a folder is taken during the event, and its files are uploaded.', async () => {
  const { container } = render(<Chat fetch={createFakeRoute().fetch} />);
  const form = container.firstElementChild!;
  const kinds = ['drop', 'paste'] as const;
  for (const kind of kinds) {
    let isDuring = true;
    const file = new File(['a'], `${kind}.csv`);
    const found = [{ name: file.name, file: (take: (file: File) => void) => take(file) }];
    const entry = {
      name: 'data',
      isDirectory: true,
      createReader: () => ({ readEntries: (take: (some: unknown[]) => void) => take(found.splice(0)) }),
    };
    const item = (during: object) => ({ getAsFile: () => null, ...during });
    const transfer = {
      files: [new File([], 'data'), new File(['b'], 'beside.csv')],
      items: [
        item({}),
        item({ webkitGetAsEntry: () => (isDuring ? entry : null) }),
        item({
          webkitGetAsEntry: () => null,
          getAsFile: () => (isDuring ? new File(['b'], 'beside.csv') : null),
        }),
      ],
    };
    const isTaken = !fireEvent[kind](form, {
      [kind === 'drop' ? 'dataTransfer' : 'clipboardData']: transfer,
    });
    isDuring = false;
    expect(isTaken).toBe(true);
    await screen.findByText((text) => text.startsWith(`${kind}.csv`));
  }
  expect(screen.queryByText('data uploading')).toBeNull();
  expect(screen.getAllByText(/^beside.csv/)).toHaveLength(2);
});

test('Functions keep their identity from the first render on, and through every change.', async () => {
  const setup = setUp();
  const functions = (helpers: UseAssistantHelpers) =>
    Object.entries(helpers).filter(
      ([name, value]) => typeof value === 'function' || /Props$|^threads$/.test(name),
    );
  const before = functions(setup.current);
  expect(before.length).toBeGreaterThan(20);
  act(() => setup.current.setInput('x'));
  setup.rerender({ headers: { a: 'b' } });
  const changed = functions(setup.current).filter(
    ([name, value]) => !before.some((other) => other[0] === name && other[1] === value),
  );
  expect(changed.map(([name]) => name)).toEqual([]);
});

test('The snapshot that says ready shows the last word.', async () => {
  const setup = setUp();
  const seen: string[] = [];
  act(() => void setup.current.sendMessage({ text: 'Hello' }));
  const stream = (await setup.route.next('POST ')).stream();
  await act(async () =>
    stream.send(...toTextStart('One'), { type: 'text-delta', id: 'run_1:0', delta: ' two' }, ...toTextEnd()),
  );
  await until(setup, ({ status, messages }) => {
    if (messages[1]) seen.push(`${status}: ${messages[1].content}`);
    return status === 'ready';
  });
  expect(seen.at(-1)).toBe('ready: One two');
});

test('StrictMode loads the history once.', async () => {
  const setup = setUp({ threadId: 'thread_1' });
  const call = await setup.route.next('GET /threads/thread_1');
  expect(setup.current.isLoadingHistory).toBe(true);
  await act(async () =>
    call.json({
      thread: { id: 'thread_1' },
      messages: [{ id: 'a', role: 'user', parts: [{ type: 'text', text: 'Old' }] }],
      run: null,
    }),
  );
  await until(setup, ({ messages }) => messages.length === 1);
  expect(setup.route.calls).toHaveLength(1);
});

test('The app hears of the thread that the server has made, and handing it back changes nothing.', async () => {
  const onThreadIdChange = vi.fn();
  const setup = setUp({ onThreadIdChange });
  act(() => void setup.current.sendMessage({ text: 'Hello' }));
  const stream = (await setup.route.next('POST ')).stream();
  await act(async () => stream.send(...toTextStart('One')));
  await until(setup, ({ status }) => status === 'streaming');
  expect(onThreadIdChange.mock.calls).toEqual([['thread_1']]);
  setup.rerender({ onThreadIdChange, threadId: 'thread_1' });
  await act(async () => stream.send(...toTextEnd()));
  await until(setup, ({ status }) => status === 'ready');
  expect(setup.current.messages).toHaveLength(2);
  expect(setup.route.calls).toHaveLength(1);
});

test('When the option names another thread, the hook goes there.', async () => {
  const setup = setUp({ threadId: 'thread_1' });
  await setup.route.next('GET /threads/thread_1');
  setup.rerender({ threadId: 'thread_2' });
  expect(setup.current.threadId).toBe('thread_2');
  await setup.route.next('GET /threads/thread_2');
});

test('A thread that was opened by hand stays open while the option stays as it was.', async () => {
  const setup = setUp({ threadId: 'thread_1' });
  act(() => setup.current.setThreadId('thread_2'));
  setup.rerender({ threadId: 'thread_1' });
  expect(setup.current.threadId).toBe('thread_2');
});

test('Callbacks and headers of the last render are the ones that are used.', async () => {
  const [first, second] = [vi.fn(), vi.fn()];
  const setup = setUp({ onFinish: first, headers: { 'x-token': 'old' } });
  setup.rerender({ onFinish: second, headers: { 'x-token': 'new' } });
  act(() => void setup.current.sendMessage({ text: 'Hello' }));
  const call = await setup.route.next('POST ');
  expect(call.headers.get('x-token')).toBe('new');
  await act(async () => call.stream().send(...toTextRun('One')));
  await until(setup, ({ status }) => status === 'ready');
  expect(first).not.toHaveBeenCalled();
  expect(second).toHaveBeenCalledTimes(1);
});

test('Unmounting aborts the answer and cancels nothing on the server.', async () => {
  const setup = setUp();
  act(() => void setup.current.sendMessage({ text: 'Hello' }));
  const call = await setup.route.next('POST ');
  await act(async () => call.stream().send(...toTextStart('One')));
  setup.unmount();
  await act(async () => {});
  expect(call.isAborted).toBe(true);
  expect(setup.route.calls).toHaveLength(1);
});

test('A client that was made elsewhere lives on when the component leaves.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch });
  const { result, unmount } = renderHook(() => useAssistant({ client }), { wrapper: StrictMode });
  act(() => void result.current.sendMessage({ text: 'Hello' }));
  const call = await route.next('POST ');
  unmount();
  call.stream().send(...toTextRun('One'));
  await vi.waitFor(() => expect(client.getSnapshot().messages).toHaveLength(2));
  expect(call.isAborted).toBe(false);
});

test('A client that was made elsewhere opens the thread that the option names.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch });
  const { result } = renderHook(() => useAssistant({ client, threadId: 'thread_1' }), {
    wrapper: StrictMode,
  });
  await route.next('GET /threads/thread_1');
  expect(result.current.threadId).toBe('thread_1');
});

test('A server renders the chat, and the browser takes it over without a warning.', async () => {
  const warn = vi.spyOn(console, 'error');
  const route = createFakeRoute();
  const messages = [{ id: 'a', role: 'user', content: 'Hello' }];
  const chat = (
    <StrictMode>
      <Chat fetch={route.fetch} messages={messages} />
    </StrictMode>
  );
  const html = renderToString(chat);
  expect(html).toContain('Hello');
  expect(route.calls).toHaveLength(0);
  const container = document.createElement('div');
  container.innerHTML = html;
  document.body.append(container);
  const root = await act(async () => hydrateRoot(container, chat));
  onTestFinished(() => {
    act(() => root.unmount());
    container.remove();
  });
  expect(container.textContent).toContain('Hello');
  expect(warn).not.toHaveBeenCalled();
});

test('A thousand mounts leave no listener, no timer, no request and no reader behind.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch });
  let listeners = 0;
  const { subscribe } = client;
  Object.assign(client, {
    subscribe(listener: () => void) {
      listeners += 1;
      const leave = subscribe(listener);
      return () => {
        listeners -= 1;
        leave();
      };
    },
  });
  for (let count = 0; count < 1_000; count += 1) {
    const { unmount } = renderHook(() => useAssistant({ client }), { wrapper: StrictMode });
    expect(listeners).toBe(1);
    unmount();
  }
  expect(listeners).toBe(0);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  // Its streams go on after an abort, so that only their reader can let them go.
  const deaf = createFakeRoute({ ignoresSignal: true });
  const streams: FakeStream[] = [];
  for (let count = 0; count < 1_000; count += 1) {
    const { unmount, result } = renderHook(() => useAssistant({ fetch: deaf.fetch }), {
      wrapper: StrictMode,
    });
    act(() => void result.current.sendMessage({ text: 'Hello' }));
    const call = await deaf.next('POST ');
    // Every other one leaves in the middle of the answer.
    if (count % 2 === 0) {
      const stream = call.stream();
      streams.push(stream);
      await act(async () => stream.send(...toTextStart('One')));
    }
    unmount();
  }
  expect(deaf.calls.filter(({ isAborted }) => !isAborted)).toEqual([]);
  await vi.waitFor(() => expect(streams.filter(({ isCancelled }) => !isCancelled)).toEqual([]));
  expect(vi.getTimerCount()).toBe(0);
}, 120_000);
