import { afterEach, describe, expect, it } from 'vitest';
import type { ScriptedTurnSource } from '@use-assistant/test-kit';
import type { AssistantsEvent } from '../../from-assistants.ts';
import {
  callDelta,
  head,
  messageDelta,
  messageEvent,
  runEvent,
  stepEvent,
  textBlock,
  textRun,
} from '../events.ts';
import { singing } from '../hooks.ts';
import { respondIn, startRuntimeChat } from '../runtime-chat.ts';
import type { RuntimeChat } from '../runtime-chat.ts';
import type { Play } from '../runtime-entry.ts';
import type { Runtime } from '../runtimes.ts';
import { canary } from '../scripts.ts';

/** A model that lets `useEverything` use everything, and what its Python makes. */
export const conversation: { turns: ScriptedTurnSource[]; python: RuntimePython } = {
  turns: [
    { parts: [{ call: 'paint', input: { room: 'hall' } }] },
    { parts: [{ call: 'look', input: { room: 'hall' } }] },
    { parts: [{ call: 'code_interpreter', input: { code: 'save()' } }] },
    'See [it](sandbox:/mnt/data/clean.csv).',
    'Again.',
  ],
  python: (_code, _write, files) => void files.set('clean.csv', new TextEncoder().encode('a\n')),
};
type RuntimePython = NonNullable<Parameters<typeof startRuntimeChat>[1]['python']>;

/** Everything that the route of a chat says while it is used in every way. */
export async function useEverything(chat: Pick<RuntimeChat, 'send'>): Promise<string> {
  const wires: string[] = [];
  const send = async (...request: Parameters<RuntimeChat['send']>): Promise<string> => {
    const response = await chat.send(...request);
    wires.push(JSON.stringify([...response.headers]), await response.text());
    return wires.at(-1)!;
  };
  const form = new FormData();
  form.set('file', new File(['a,b\n'], 'a.csv'));
  const uploaded = /"url":"([^"]+)"/.exec(await send('POST', '/files', { form }))?.[1] ?? '/files/none';
  const parts = [
    { type: 'text', text: 'Paint' },
    { type: 'file', url: uploaded, mediaType: 'text/csv', filename: 'a.csv' },
  ];
  const asked = await send('POST', '', {
    json: { threadId: null, message: { id: 'page', role: 'user', parts } },
  });
  const threadId = /"threadId":"(thread_\w+)"/.exec(asked)?.[1] ?? 'thread_none';
  const runId = /"runId":"(run_\w+)"/.exec(asked)?.[1] ?? 'run_none';
  const toolCallId = /"approvalId":"([^"]+)"/.exec(asked)?.[1] ?? 'call_none';
  const thread = `/threads/${threadId}`;
  await send('GET', `${thread}/stream`);
  const json = { runId, outputs: [{ toolCallId, approved: true }] };
  const answer = await send('POST', `${thread}/tool-outputs`, { json });
  await send('GET', `${thread}/stream`, { headers: { 'last-event-id': `${runId}:0.0` } });
  await send('POST', '', { json: { threadId, message: 'Again, by v4' } });
  await send('GET', thread);
  await send('GET', '/threads');
  await send('PATCH', thread, { json: { title: 'Walls' } });
  const made = /"url":"\/api\/assistant(\/files\/[^"]+)"/.exec(answer)?.[1] ?? '/files/none';
  await send('GET', made);
  await send('GET', `${thread}/files/clean.csv`);
  await send('DELETE', uploaded.replace('/api/assistant', ''));
  await send('POST', `${thread}/cancel`);
  await send('DELETE', thread);
  return wires.join('\n');
}

const annotated = textBlock('sandbox:/mnt/data/a.csv', [
  {
    type: 'file_path',
    text: 'sandbox:/mnt/data/a.csv',
    start_index: 0,
    end_index: 23,
    file_path: { file_id: 'file_1' },
  },
]);
const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
const required_action = { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: [call] } };
const fileEvents: AssistantsEvent[] = [
  ...head,
  messageEvent('created'),
  messageDelta({ index: 0, ...annotated }),
  messageEvent('completed', [annotated]),
  runEvent('completed'),
];
const callEvents: AssistantsEvent[] = [
  ...head,
  stepEvent('created', 'step_1', { type: 'tool_calls', tool_calls: [] }),
  callDelta('step_1', call),
  runEvent('requires_action', { required_action }),
];

const last_error = { code: 'server_error', message: canary };
const forward = (...steps: AssistantsEvent[]): Play['script'] => [{ forward: steps }];

/** Where `AssistantResponse` can meet an error. */
const places: Record<string, Play> = {
  'the callback': { script: [{ sing: 'error' }] },
  'the callback, with a bare string': { script: [{ sing: 'string' }] },
  'the stream': { script: [{ forward: [...textRun('Hello').slice(0, 5), { sing: 'error' }] }] },
  'an error event': { script: forward(...head, { event: 'error', data: { message: canary } }) },
  'a run that failed': { script: forward(...head, runEvent('failed', { last_error })) },
  'a step that failed': {
    script: forward(
      ...head,
      stepEvent('failed', 's', { type: 'tool_calls', tool_calls: [call] }, { last_error }),
    ),
  },
  fileUrl: { isClientBroken: true, singing: 'fileUrl', script: forward(...fileEvents) },
  'the look-up of a file': { isClientBroken: true, script: forward(...fileEvents) },
  isClientTool: { singing: 'isClientTool', script: forward(...callEvents) },
  needsApproval: { singing: 'needsApproval', script: forward(...callEvents) },
  'a file that is attached': { isClientBroken: true, script: [{ attach: ['a.csv', { fileId: 'file_1' }] }] },
  onError: { singing: 'onError', script: [{ sing: 'error' }] },
};

/** Errors with something to tell, thrown wherever somebody else’s code runs. */
export function errors(runtime: Runtime): void {
  let chat: RuntimeChat | undefined;
  afterEach(() => chat?.close());

  it('is what this would find, were it told', async () => {
    chat = await startRuntimeChat(runtime, { ...conversation, hooks: 'tools' });
    expect(await useEverything(chat)).toContain('0:"Again."');
  });

  it.each(Object.keys(singing))('is not on the wire when it is thrown by %s', async (hooks) => {
    chat = await startRuntimeChat(runtime, { ...conversation, hooks, toolTimeout: 200 });
    expect(await useEverything(chat)).not.toContain(canary);
  });

  it('takes no answer away that has begun: waitUntil', async () => {
    chat = await startRuntimeChat(runtime, { turns: ['Fine.'], hooks: 'waitUntil' });
    expect(await (await chat.say('Hi')).text()).toContain('"finishReason":"stop"');
  });

  it.each([
    ['at once', { error: new Error(canary) }],
    ['in the middle', { parts: [{ text: 'Some' }, { streamError: new Error(canary) }] }],
  ])('is not on the wire when it is thrown by the model, %s', async (_, turn) => {
    chat = await startRuntimeChat(runtime, { turns: [turn], hooks: 'tools' });
    expect(await useEverything(chat)).not.toContain(canary);
  });

  describe.each(['v1', 'v4'] as const)('is not on the %s wire of AssistantResponse', (protocol) => {
    it.each(Object.entries(places))('when it is thrown by %s', async (_, place) => {
      const settings = { threadId: 't', messageId: 'm', protocol };
      const response = await respondIn(runtime, { ...place, settings });
      expect(await response.text()).not.toContain(canary);
    });
  });
}
