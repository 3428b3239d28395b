import { createReducer, streamHeaders } from '@use-assistant/protocol';
import type { AssistantMessage } from '@use-assistant/protocol';
import { tool } from 'ai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startChat } from '../test-support/chat.ts';
import type { Chat, ChatOptions } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';
import { createAssistantHandler } from './create-assistant-handler.ts';

const chats: Chat[] = [];
afterEach(async () => {
  await Promise.all(chats.splice(0).map((chat) => chat.close()));
});

function start(options: ChatOptions): Chat {
  const chat = startChat(options);
  chats.push(chat);
  return chat;
}

interface History {
  thread: { id: string; title: string | null; createdAt: number };
  messages: AssistantMessage[];
  run: { id: string; status: string; error: { code: string; message: string } | null } | null;
}

async function history(chat: Chat, threadId: string): Promise<History> {
  const response = await chat.send('GET', `/threads/${threadId}`);
  expect(response.status).toBe(200);
  return response.json();
}

/** A model that computes, makes two files, and speaks of one of them. */
const analyst: ChatOptions = {
  turns: [
    { parts: [{ call: 'code_interpreter', input: { code: 'plot()' } }] },
    {
      parts: [
        { text: ['Here is the [clean', ' data](sandbox:/mnt', '/data/clean data.csv', ') and the chart.'] },
      ],
    },
  ],
  python: (_code, write, files) => {
    write('plotting\n');
    write('done\n');
    files.set('clean data.csv', new TextEncoder().encode('a,b\n1,2\n'));
    files.set('trend.svg', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"></svg>'));
  },
};

describe('a run', () => {
  it('makes a thread, streams the answer, and is the same in the history', async () => {
    const chat = start({ turns: [{ parts: [{ text: ['Hel', 'lo!'] }] }] });
    const { message, text } = await readStream(await chat.say('Hi there'));
    expect(text).toBe('Hello!');
    const { threadId, userMessageId, runStatus, usage } = message.metadata!;
    expect(runStatus).toBe('completed');
    expect(usage?.total_tokens).toBe(15);
    const told = await history(chat, threadId!);
    expect(told.thread.title).toBe('Hi there');
    expect(told.run).toMatchObject({ id: message.id, status: 'completed', error: null });
    expect(told.messages[0]).toMatchObject({
      id: 'page-Hi there',
      role: 'user',
      parts: [{ text: 'Hi there' }],
    });
    expect(told.messages.slice(1)).toEqual([message]);
    expect(userMessageId).toMatch(/^msg_/);
  });

  it('goes on in its thread', async () => {
    const chat = start({ turns: ['One.', 'Two.'] });
    const first = await readStream(await chat.say('a'));
    const threadId = first.message.metadata!.threadId!;
    const second = await readStream(await chat.say('b', threadId));
    expect(second.message.metadata!.threadId).toBe(threadId);
    const { messages } = await history(chat, threadId);
    expect(messages.map(({ id }) => id)).toEqual(['page-a', first.message.id, 'page-b', second.message.id]);
  });

  it('shows code, its output and its files, with links that work', async () => {
    const chat = start(analyst);
    const { message, text } = await readStream(await chat.say('plot'));
    expect(message.parts.map(({ type }) => type)).toEqual([
      'tool-code_interpreter',
      'data-file',
      'file',
      'text',
      'data-file',
    ]);
    expect(message.parts[0]).toMatchObject({
      input: { code: 'plot()' },
      output: { outputs: [{ type: 'logs', logs: 'plotting\ndone\n' }, { type: 'image' }] },
    });
    const url = /\[clean data\]\(([^)]+)\)/.exec(text)?.[1];
    expect(url).toMatch(/^\/api\/assistant\/files\/file-\w+~[\w-]{24}$/);
    const csv = await chat.send('GET', url!.slice('/api/assistant'.length));
    expect(await csv.text()).toBe('a,b\n1,2\n');
    expect(Object.fromEntries(csv.headers)).toMatchObject({
      'content-type': 'text/csv',
      'content-disposition': 'attachment; filename="clean data.csv"',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-store',
    });
    const { messages } = await history(chat, message.metadata!.threadId!);
    expect(messages[1]).toEqual(message);
    const byName = await chat.send('GET', `/threads/${message.metadata!.threadId}/files/clean%20data.csv`);
    expect(await byName.text()).toBe('a,b\n1,2\n');
  });

  it('that fails tells a code, keeps the reason to itself, and leaves the thread usable', async () => {
    const seen: unknown[] = [];
    const turns = [{ error: new Error('canary-model') }, 'Better.'];
    const chat = start({ turns, onError: (error) => void seen.push(error) });
    const response = await chat.say('Hi');
    const [forText, forRead] = [response.clone(), response];
    expect(await forText.text()).not.toContain('canary');
    const { chunks, message } = await readStream(forRead);
    expect(chunks.at(-1)).toMatchObject({ type: 'error', code: 'run_failed' });
    expect(String(seen[0])).toMatch(/AssistantError: The model/);
    const threadId = message.metadata!.threadId!;
    const told = await history(chat, threadId);
    expect(JSON.stringify(told)).not.toContain('canary');
    expect(told.run).toMatchObject({ status: 'failed', error: { code: 'run_failed' } });
    expect(told.messages[1]).toEqual(message);
    expect((await readStream(await chat.say('again', threadId))).text).toBe('Better.');
  });

  it('in a busy thread is refused with 409', async () => {
    const chat = start({
      turns: [{ parts: [{ text: 'x' }, { hang: true }] }],
      onError: (error) => String(error),
    });
    const first = await chat.say('a');
    const reader = first.body!.getReader();
    const { value } = await reader.read();
    const threadId = /"threadId":"(thread_\w+)"/.exec(new TextDecoder().decode(value))![1]!;
    const second = await chat.say('b', threadId);
    expect(second.status).toBe(409);
    const message = 'The assistant is still busy in this thread.';
    expect(await second.json()).toEqual({ error: { code: 'thread_busy', message } });
    const anew = await chat.send('POST', '', { body: { threadId, trigger: 'regenerate-message' } });
    expect(anew.status).toBe(409);
    await chat.send('POST', `/threads/${threadId}/cancel`);
    await reader.cancel();
    const { messages } = await history(chat, threadId);
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
  });

  it('takes useChat’s request, with the thread that its messages name', async () => {
    const chat = start({ turns: ['One.', 'Two.'] });
    const user = (text: string) => ({ id: text, role: 'user', parts: [{ type: 'text', text }] });
    const body = { id: 'chat1', messages: [user('a')], trigger: 'submit-message' };
    const first = await readStream(await chat.send('POST', '', { body }));
    const messages = [user('a'), first.message, user('b')];
    const second = await readStream(await chat.send('POST', '', { body: { ...body, messages } }));
    expect(second.message.metadata!.threadId).toBe(first.message.metadata!.threadId);
    expect(second.text).toBe('Two.');
  });

  it('takes useChat’s wish for its first answer anew, which names no thread', async () => {
    const chat = start({ turns: ['One.', 'Else.', 'Two.'] });
    const user = { id: 'a', role: 'user', parts: [{ type: 'text', text: 'a' }] };
    const body = { id: 'chat1', messages: [user], trigger: 'submit-message' };
    const first = await readStream(await chat.send('POST', '', { body }));
    await readStream(await chat.say('elsewhere'));
    const again = { ...body, trigger: 'regenerate-message', messageId: first.message.id };
    const second = await readStream(await chat.send('POST', '', { body: again }));
    expect(second.message.metadata!.threadId).toBe(first.message.metadata!.threadId);
    const { messages } = await history(chat, first.message.metadata!.threadId!);
    expect(messages.map(({ id }) => id)).toEqual(['a', second.message.id]);
    const foreign = await chat.send('POST', '', { body: again, user: 'bob' });
    expect(foreign.status).toBe(404);
  });

  it('takes the removed hook’s request', async () => {
    const chat = start({ turns: ['One.'] });
    const response = await chat.send('POST', '', { body: { threadId: null, message: 'a' } });
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toMatch(/^5:{"threadId":"thread_.*\n4:[^]*\n0:"One\."\n/);
  });

  it('is not begun by a message that is only added', async () => {
    const chat = start({ turns: ['One.'] });
    const add = (text: string, threadId: string | null) =>
      chat.say(text, threadId, { trigger: 'append-message' });
    const { message, chunks } = await readStream(await add('a', null));
    expect(chunks.map(({ type }) => type)).toEqual(['start', 'finish']);
    const threadId = message.metadata!.threadId!;
    const second = await add('b', threadId);
    expect([second.status, await second.text()]).toEqual([204, '']);
    const told = await history(chat, threadId);
    expect(told.messages.map(({ id }) => id)).toEqual(['page-a', 'page-b']);
    expect(told).toMatchObject({ run: null, thread: { title: 'a' } });
    expect((await readStream(await chat.say('c', threadId))).text).toBe('One.');
    expect((await chat.send('POST', '', { body: { threadId, trigger: 'append-message' } })).status).toBe(400);
  });

  it('answers a message anew in the place of the old answer', async () => {
    const chat = start({ turns: ['One.', 'Two.', 'Three.'] });
    const first = await readStream(await chat.say('a'));
    const threadId = first.message.metadata!.threadId!;
    const body = { threadId, trigger: 'regenerate-message', messageId: first.message.id };
    const second = await readStream(await chat.send('POST', '', { body }));
    expect((await history(chat, threadId)).messages.map(({ id }) => id)).toEqual([
      'page-a',
      second.message.id,
    ]);
    const third = await readStream(await chat.say('b', threadId, { messageId: 'page-a' }));
    expect((await history(chat, threadId)).messages.map(({ id }) => id)).toEqual([
      'page-b',
      third.message.id,
    ]);
  });
});

describe('tools', () => {
  const inputSchema = z.object({ room: z.string() });
  const temperature = tool({
    description: 'Room temperature.',
    inputSchema,
    execute: async ({ room }) => ({ room, degrees: 20 }),
  });

  it('are answered by the route, and look the same in the history', async () => {
    const chat = start({
      turns: [
        {
          parts: [
            { call: 'temperature', input: { room: 'kitchen' } },
            { call: 'temperature', input: { room: 'hall' } },
          ],
        },
        'Warm.',
      ],
      tools: { temperature },
    });
    const { message, text } = await readStream(await chat.say('How warm is it?'));
    expect(text).toBe('Warm.');
    expect(message.parts.slice(0, 2)).toMatchObject([
      { type: 'tool-temperature', state: 'output-available', output: { room: 'kitchen', degrees: 20 } },
      { type: 'tool-temperature', state: 'output-available', output: { room: 'hall', degrees: 20 } },
    ]);
    expect((await history(chat, message.metadata!.threadId!)).messages[1]).toEqual(message);
    const { data } = await chat.openai.beta.assistants.list();
    expect(data[0]!.tools).toContainEqual(expect.objectContaining({ type: 'function' }));
  });

  it('of the browser leave the run waiting until it answers, those of the route beside them too', async () => {
    const chat = start({
      turns: [
        {
          parts: [
            { call: 'confirm', input: { room: 'hall' }, id: 'call_b' },
            { call: 'temperature', input: { room: 'hall' }, id: 'call_r' },
          ],
        },
        { parts: [{ call: 'temperature', input: { room: 'attic' }, id: 'call_x' }] },
        'Thanks.',
      ],
      tools: { temperature, confirm: tool({ inputSchema }) },
    });
    const first = await readStream(await chat.say('Hi'));
    const threadId = first.message.metadata!.threadId!;
    expect(first.chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'tool-calls' });
    const waiting = first.message.parts.find((part) => part.type === 'tool-confirm');
    expect(waiting).toMatchObject({ state: 'input-available', input: { room: 'hall' } });
    expect(waiting).not.toHaveProperty('providerExecuted');
    const call = (waiting as { toolCallId: string }).toolCallId;

    const incomplete = { runId: first.message.id, outputs: [] };
    expect((await chat.send('POST', `/threads/${threadId}/tool-outputs`, { body: incomplete })).status).toBe(
      400,
    );

    const body = { runId: first.message.id, outputs: [{ toolCallId: call, output: { ok: true } }] };
    const rest = await readStream(await chat.send('POST', `/threads/${threadId}/tool-outputs`, { body }), {
      isContinuation: true,
    });
    expect(rest.chunks[0]).toMatchObject({ type: 'start', messageId: first.message.id });
    const reducer = createReducer(first.message);
    for (const chunk of rest.chunks) reducer.apply(chunk);
    const told = await history(chat, threadId);
    expect(reducer.message()).toEqual(told.messages[1]);
    expect(told.messages[1]!.parts.at(-1)).toMatchObject({ text: 'Thanks.' });
  });

  it('tell nothing of what they throw', async () => {
    const failing = tool({
      inputSchema,
      execute: async (): Promise<string> => {
        throw new Error('canary-tool');
      },
    });
    const chat = start({
      turns: [{ parts: [{ call: 'failing', input: { room: 'x' } }] }, 'Sorry.'],
      tools: { failing },
    });
    const response = await chat.say('Hi');
    const copy = response.clone();
    const { message } = await readStream(response);
    expect(await copy.text()).not.toContain('canary');
    expect(message.parts[0]).toMatchObject({ state: 'output-error', errorText: 'The tool failed.' });
  });
});

describe('resuming', () => {
  it('follows a run that goes on, also through tools that another request answers', async () => {
    const gate = Promise.withResolvers<void>();
    const inputSchema = z.object({});
    const slow = tool({
      inputSchema,
      execute: async () => {
        await gate.promise;
        return 'ok';
      },
    });
    const chat = start({ turns: [{ parts: [{ call: 'slow', input: {} }] }, 'Done.'], tools: { slow } });
    const first = await chat.say('Hi');
    const reader = first.body!.getReader();
    const { value } = await reader.read();
    const threadId = /"threadId":"(thread_\w+)"/.exec(new TextDecoder().decode(value))![1]!;
    await reader.cancel();
    const resumed = await chat.send('GET', `/threads/${threadId}/stream`);
    gate.resolve();
    const { text, message } = await readStream(resumed);
    expect(text).toBe('Done.');
    expect((await history(chat, threadId)).messages[1]).toEqual(message);
  });
});

describe('a client that leaves', () => {
  async function leave(chat: Chat): Promise<{ threadId: string; runId: string }> {
    const response = await chat.say('Hi');
    const reader = response.body!.getReader();
    let seen = '';
    while (!seen.includes('text-delta')) seen += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    const [, threadId, runId] = /"threadId":"(thread_\w+)","runId":"(run_\w+)"/.exec(seen)!;
    return { threadId: threadId!, runId: runId! };
  }

  it('ends the run within 100 ms when that is the policy', async () => {
    const chat = start({ turns: [{ parts: [{ text: 'x' }, { hang: true }] }], onDisconnect: 'cancel' });
    const { threadId, runId } = await leave(chat);
    await vi.waitFor(
      async () => {
        const run = await chat.openai.beta.threads.runs.retrieve(runId, { thread_id: threadId });
        expect(run.status).toBe('cancelled');
      },
      { timeout: 100, interval: 5 },
    );
  });

  it('leaves the run going by default, and can come back to it', async () => {
    const gate = Promise.withResolvers<void>();
    const chat = start({ turns: [{ parts: [{ text: 'on' }, { wait: gate.promise }, { text: 'wards' }] }] });
    const { threadId } = await leave(chat);
    const resumed = readStream(await chat.send('GET', `/threads/${threadId}/stream`));
    gate.resolve();
    expect((await resumed).text).toBe('onwards');
  });
});

describe('cancel', () => {
  it('ends the run in the engine; its stream ends with abort, and the thread is free', async () => {
    const chat = start({ turns: [{ parts: [{ text: 'x' }, { hang: true }] }, 'Free.'] });
    const response = await chat.say('Hi');
    const [forReading, forWatching] = response.body!.tee();
    const { value } = await forWatching.getReader().read();
    const threadId = /"threadId":"(thread_\w+)"/.exec(new TextDecoder().decode(value))![1]!;
    const answer = await (await chat.send('POST', `/threads/${threadId}/cancel`)).json();
    expect(answer).toMatchObject({ run: { status: 'cancelled' } });
    const { chunks, message } = await readStream(new Response(forReading, { headers: streamHeaders }));
    expect(chunks.at(-1)).toMatchObject({ type: 'abort' });
    expect((await history(chat, threadId)).messages[1]).toEqual(message);
    expect(await (await chat.send('POST', `/threads/${threadId}/cancel`)).json()).toEqual({ run: null });
    expect((await readStream(await chat.say('again', threadId))).text).toBe('Free.');
  });
});

describe('cancel while a tool works', () => {
  it('tells the tool to stop, and ends the stream with abort', async () => {
    const stopped = Promise.withResolvers<void>();
    const endless = tool({
      inputSchema: z.object({}),
      execute: (_input, { abortSignal }) => {
        abortSignal?.addEventListener('abort', () => stopped.resolve());
        return new Promise<string>(() => {});
      },
    });
    const chat = start({ turns: [{ parts: [{ call: 'endless', input: {} }] }], tools: { endless } });
    const [forReading, forWatching] = (await chat.say('Hi')).body!.tee();
    const watcher = forWatching.getReader();
    let seen = '';
    while (!seen.includes('requires_action')) seen += new TextDecoder().decode((await watcher.read()).value);
    await chat.send('POST', `/threads/${/"threadId":"(thread_\w+)"/.exec(seen)![1]!}/cancel`);
    await stopped.promise;
    const { chunks } = await readStream(new Response(forReading, { headers: streamHeaders }));
    expect(chunks.at(-1)).toMatchObject({ type: 'abort' });
  });
});

describe('a process that ends', () => {
  it('leaves calls to whoever resumes the run, once nobody else can be at work', async () => {
    const inputSchema = z.object({});
    let isGone = true;
    const work = tool({
      inputSchema,
      execute: async (): Promise<string> => (isGone ? new Promise(() => {}) : 'done'),
    });
    const turns = [{ parts: [{ call: 'work', input: {} }] }, 'Done.'];
    const chat = start({ turns, tools: { work }, toolTimeout: 3_600_000 });
    const reader = (await chat.say('Hi')).body!.getReader();
    let seen = '';
    while (!seen.includes('requires_action')) seen += new TextDecoder().decode((await reader.read()).value);
    const threadId = /"threadId":"(thread_\w+)"/.exec(seen)![1]!;
    isGone = false;
    const restarted = createAssistantHandler({
      openai: chat.openai,
      assistant: 'unused',
      tools: { work },
      toolTimeout: 100,
      authorize: () => 'alice',
      secret: 'a secret for tests',
    });
    const address = `http://chat.test/api/assistant/threads/${threadId}/stream`;
    expect((await readStream(await restarted.GET(new Request(address)))).text).toBe('Done.');
    await reader.cancel();
  });
});

describe('threads', () => {
  it('can be renamed and deleted', async () => {
    const chat = start({ turns: ['One.'] });
    const { message } = await readStream(await chat.say('a'));
    const path = `/threads/${message.metadata!.threadId}`;
    const renamed = await chat.send('PATCH', path, { body: { title: ' Better ' } });
    expect(await renamed.json()).toMatchObject({ thread: { title: 'Better' } });
    expect((await chat.send('DELETE', path)).status).toBe(204);
    expect((await chat.send('GET', path)).status).toBe(404);
  });
});

describe('the assistant', () => {
  it('is made once by two first requests, and changed when it is written differently', async () => {
    const chat = start({ turns: ['One.', 'Two.'] });
    await Promise.all([chat.say('a').then(readStream), chat.say('b').then(readStream)]);
    expect((await chat.openai.beta.assistants.list()).data).toHaveLength(1);
    const [assistant] = (await chat.openai.beta.assistants.list()).data;
    await chat.openai.beta.assistants.update(assistant!.id, { instructions: 'Old.' });
    const second = createAssistantHandler({
      openai: () => chat.openai,
      assistant: { name: 'Test', instructions: 'New.' },
      secret: 'x',
    });
    const body = JSON.stringify({ threadId: null, message: 'c' });
    await second.POST(
      new Request('http://chat.test/api/assistant', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      }),
    );
    const all = (await chat.openai.beta.assistants.list()).data;
    expect(all).toMatchObject([{ id: assistant!.id, model: 'default', instructions: 'New.', tools: [] }]);
  });
});
