import { useChat } from '@ai-sdk/react';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ScriptedTurn } from '@use-assistant/test-kit';
import {
  DefaultChatTransport,
  lastAssistantMessageIsCompleteWithApprovalResponses,
  lastAssistantMessageIsCompleteWithToolCalls,
} from 'ai';
import type { UIMessage } from 'ai';
import { afterEach, expect, it, vi } from 'vitest';
import { startChatServer } from './test-support/start-chat-server.ts';
import type { ChatServer } from './test-support/start-chat-server.ts';

// Each test starts a process of its own.
vi.setConfig({ testTimeout: 60_000 });

let server: ChatServer | undefined;
afterEach(() => server?.close());

/** The hook of @ai-sdk/react@4 on a page whose route is our handler. */
async function renderPage(turns: ScriptedTurn[]) {
  const { url } = (server = await startChatServer(turns));
  const { result } = renderHook(() =>
    useChat({
      transport: new DefaultChatTransport({ api: url }),
      sendAutomaticallyWhen: (state) =>
        lastAssistantMessageIsCompleteWithApprovalResponses(state) ||
        lastAssistantMessageIsCompleteWithToolCalls(state),
    }),
  );
  const idle = (): Promise<void> =>
    waitFor(() => expect(result.current.status).toBe('ready'), { timeout: 10_000 });
  return {
    url,
    result,
    idle,
    async say(text: string) {
      await act(() => result.current.sendMessage({ text }));
      await idle();
    },
  };
}

function toolPart(message: UIMessage | undefined) {
  return message?.parts.find((part) => part.type.startsWith('tool-')) as unknown as {
    toolCallId: string;
    approval: { id: string };
  };
}

it('useChat talks with a thread, its tools, its files', async () => {
  const page = await renderPage([
    { parts: [{ call: 'temperature', input: { room: 'hall' } }] },
    { parts: [{ call: 'code_interpreter', input: { code: 'plot()' } }] },
    { parts: [{ text: ['See [this](sandbox:/mnt/data/', 'clean.csv).'] }] },
    { parts: [{ text: 'Again.' }] },
  ]);
  await page.say('Hi');
  await page.say('And?');
  const { messages, error } = page.result.current;
  expect(error).toBeUndefined();
  expect(messages[1]!.parts).toMatchObject([
    { type: 'tool-temperature', output: { degrees: 20 } },
    { type: 'tool-code_interpreter', output: { outputs: [{ type: 'logs', logs: 'ok\n' }] } },
    { type: 'text', text: expect.stringMatching(/^See \[this\]\(\/api\/assistant\/files\/\S+\)\.$/) },
    { type: 'data-file', data: { name: 'clean.csv' } },
  ]);
  expect(messages[3]!.parts).toMatchObject([{ type: 'text', text: 'Again.' }]);
  const { threadId } = messages[1]!.metadata as { threadId: string };
  const history = await (await fetch(`${page.url}/threads/${threadId}`)).json();
  expect(history.messages.map(({ id }: UIMessage) => id)).toEqual(messages.map(({ id }) => id));
});

it('useChat asks its user, and the tool runs with the arguments of the engine', async () => {
  const page = await renderPage([
    { parts: [{ call: 'paint', input: { room: 'hall' } }] },
    { parts: [{ text: 'Painted.' }] },
    { parts: [{ call: 'paint', input: { room: 'attic' } }] },
    { parts: [{ text: 'Not painted.' }] },
  ]);
  await page.say('Paint');
  const question = toolPart(page.result.current.messages[1]);
  expect(question).toMatchObject({ state: 'approval-requested' });
  await act(
    async () =>
      void (await page.result.current.addToolApprovalResponse({ id: question.approval.id, approved: true })),
  );
  await waitFor(() => expect(page.result.current.messages[1]!.parts).toHaveLength(2), { timeout: 10_000 });
  await page.idle();
  expect(page.result.current.messages[1]!.parts).toMatchObject([
    { state: 'output-available', output: { room: 'hall', times: 1 } },
    { type: 'text', text: 'Painted.' },
  ]);
  await page.say('Paint the attic');
  const second = toolPart(page.result.current.messages[3]);
  await act(
    async () =>
      void (await page.result.current.addToolApprovalResponse({ id: second.approval.id, approved: false })),
  );
  await waitFor(() => expect(page.result.current.messages[3]!.parts).toHaveLength(2), { timeout: 10_000 });
  await page.idle();
  expect(page.result.current.messages[3]!.parts).toMatchObject([
    { state: 'output-denied' },
    { type: 'text', text: 'Not painted.' },
  ]);
});

it('useChat answers the tools that are left to it', async () => {
  const page = await renderPage([
    { parts: [{ call: 'look', input: { room: 'hall' } }] },
    { parts: [{ text: 'I see.' }] },
  ]);
  await page.say('Look');
  const call = toolPart(page.result.current.messages[1]);
  expect(call).toMatchObject({ state: 'input-available', input: { room: 'hall' } });
  await act(
    async () =>
      void (await page.result.current.addToolOutput({
        tool: 'look',
        toolCallId: call.toolCallId,
        output: 'dark',
      })),
  );
  await waitFor(() => expect(page.result.current.messages[1]!.parts).toHaveLength(2), { timeout: 10_000 });
  expect(page.result.current.messages[1]!.parts).toMatchObject([
    { state: 'output-available', output: 'dark' },
    { type: 'text', text: 'I see.' },
  ]);
});
