import { tool } from 'ai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { AssistantResponse } from './assistant-response.ts';
import type { AssistantsEvent } from './from-assistants.ts';
import { startChat } from './test-support/chat.ts';
import type { Chat, ChatOptions } from './test-support/chat.ts';
import {
  head,
  messageEvent,
  runEvent,
  streamOf,
  textBlock,
  textDelta,
  textRun,
  usage,
} from './test-support/events.ts';
import { readStream } from './test-support/read-stream.ts';

describe('AssistantResponse with a callback', () => {
  it('streams a run as one message that ends with its usage', async () => {
    const response = AssistantResponse(
      { threadId: 'thread_1', messageId: 'msg_user' },
      async ({ forwardStream }) => {
        const run = await forwardStream(streamOf(textRun('Hel', 'lo')));
        expect(run?.status).toBe('completed');
      },
    );
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toContain('no-transform');
    const { message, frames } = await readStream(response);
    expect(message).toMatchObject({
      id: 'run_1',
      metadata: {
        threadId: 'thread_1',
        runId: 'run_1',
        userMessageId: 'msg_user',
        runStatus: 'completed',
        usage,
      },
      parts: [{ type: 'text', text: 'Hello', state: 'done' }],
    });
    expect(frames[0]!.id).toBe('run_1:0.0');
  });

  it('ends with an error when a stream ends before its run', async () => {
    const response = AssistantResponse({ threadId: 'thread_1' }, async ({ forwardStream }) => {
      await forwardStream(streamOf(textRun('Hello').slice(0, -2)));
    });
    const { chunks } = await readStream(response);
    expect(chunks.at(-1)).toMatchObject({ type: 'error', code: 'stream_interrupted' });
  });

  it('tells the browser nothing of an error that the callback throws', async () => {
    const seen: unknown[] = [];
    const response = AssistantResponse(
      { threadId: 'thread_1', onError: (error) => void seen.push(error) },
      () => {
        throw new Error('canary-4711');
      },
    );
    const text = await response.clone().text();
    expect(text).not.toContain('canary-4711');
    expect((await readStream(response)).chunks.at(-1)).toMatchObject({ type: 'error', code: 'server_error' });
    expect(seen).toHaveLength(1);
  });

  it('lets onError say more', async () => {
    const response = AssistantResponse(
      { threadId: 'thread_1', onError: (error) => (error as Error).message },
      async ({ forwardStream }) => {
        const last_error = { code: 'server_error', message: 'The model is not there.' };
        await forwardStream(streamOf([runEvent('created'), runEvent('failed', { last_error })]));
      },
    );
    const { chunks } = await readStream(response);
    expect(chunks.at(-1)).toMatchObject({ code: 'run_failed', errorText: 'The model is not there.' });
  });
});

describe('beside the run', () => {
  it('goes what the callback sends, before the end, whenever it is sent', async () => {
    const response = AssistantResponse({ threadId: 'thread_1' }, async (context) => {
      context.sendStatus('queued');
      await context.forwardStream(streamOf(textRun('Hello')));
      context.sendMessage({
        id: 'extra',
        role: 'assistant',
        content: [{ type: 'text', text: { value: 'More.' } }],
      });
      context.sendDataMessage({ id: 'd1', data: { a: 1 } });
      context.data.append(7);
      context.data.appendMessageAnnotation('note');
      void context.data.appendFile('a.csv', 'a,b\n');
    });
    const { message, chunks } = await readStream(response);
    expect(message.parts.map(({ type }) => type)).toEqual([
      'text',
      'text',
      'data-message',
      'data-value',
      'data-annotation',
      'data-file',
    ]);
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', messageMetadata: { runStatus: 'completed' } });
  });

  it('may go everything, when no run is forwarded', async () => {
    const response = AssistantResponse({ threadId: 'thread_1' }, ({ sendMessage }) =>
      sendMessage('Only this.'),
    );
    const { message, text } = await readStream(response);
    expect(text).toBe('Only this.');
    expect(message.metadata).toEqual({ threadId: 'thread_1' });
  });

  it('takes headers of the route', async () => {
    const response = AssistantResponse({ headers: { 'x-mine': '1' } }, () => {});
    expect(response.headers.get('x-mine')).toBe('1');
    await response.body!.cancel();
  });
});

describe('a reader', () => {
  function endless(): { stream: AsyncIterable<AssistantsEvent>; taken: () => number } {
    let taken = 0;
    async function* stream(): AsyncGenerator<AssistantsEvent> {
      yield* [...head, messageEvent('created')];
      for (;;) {
        taken += 1;
        yield textDelta('x');
        if (taken % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    return { stream: stream(), taken: () => taken };
  }
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  it.each(['v1', 'v4'] as const)(
    'who stalls costs a bounded number of deltas, and none once he has left (%s)',
    async (protocol) => {
      const source = endless();
      const response = AssistantResponse(
        { protocol },
        async ({ forwardStream }) => void (await forwardStream(source.stream)),
      );
      await turns(2000);
      expect(source.taken()).toBeLessThanOrEqual(4096);
      expect(source.taken()).toBeGreaterThan(100);
      await response.body!.cancel();
      const left = source.taken();
      await turns(200);
      expect(source.taken() - left).toBe(0);
    },
  );

  it('who is slow misses progress of tools, not their outputs', async () => {
    const count = 5000;
    const response = AssistantResponse(
      { threadId: 'thread_1' },
      async ({ forwardStream, sendToolOutput }) => {
        const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
        const required_action = { submit_tool_outputs: { tool_calls: [call] } };
        await forwardStream(streamOf([...head, runEvent('requires_action', { required_action })]));
        for (let step = 0; step < count; step += 1) sendToolOutput('call_1', { step }, { preliminary: true });
        sendToolOutput('call_1', 'done');
      },
    );
    const { chunks } = await readStream(response);
    const outputs = chunks.filter(({ type }) => type === 'tool-output-available');
    expect(outputs.length).toBeLessThan(1000);
    expect(outputs.at(-1)).toMatchObject({ output: 'done' });
  });

  it('who leaves lets a source go at once that is only an iterable, and waits', async () => {
    const [created] = head;
    const { promise: isLetGo, resolve } = Promise.withResolvers<void>();
    let count = 0;
    const source: AsyncIterator<AssistantsEvent> = {
      next: () => (count++ === 0 ? Promise.resolve({ value: created! }) : new Promise(() => {})),
      return: async () => {
        resolve();
        return { done: true, value: undefined };
      },
    };
    const response = AssistantResponse({}, async ({ forwardStream }) => {
      await forwardStream({ [Symbol.asyncIterator]: () => source });
    });
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(await isLetGo).toBeUndefined();
  });

  it('who leaves aborts the signal of the callback', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let given: AbortSignal | undefined;
    const response = AssistantResponse({}, async ({ signal }) => {
      given = signal;
      await promise;
    });
    await response.body!.cancel();
    expect(given?.aborted).toBe(true);
    resolve();
  });

  it('who is to be waited for does not', async () => {
    const { promise, resolve } = Promise.withResolvers<AbortSignal>();
    const response = AssistantResponse({ onDisconnect: 'continue' }, async ({ forwardStream, signal }) => {
      await turns(3);
      const run = await forwardStream(streamOf(textRun('Hello')));
      if (run?.status === 'completed') resolve(signal);
    });
    await response.body!.cancel();
    expect((await promise).aborted).toBe(false);
  });
});

describe('AssistantResponse in one call', () => {
  const chats: Chat[] = [];
  afterEach(async () => {
    await Promise.all(chats.splice(0).map((chat) => chat.close()));
  });
  async function prepare(options: ChatOptions) {
    const chat = startChat(options);
    chats.push(chat);
    const { openai } = chat;
    const assistant = await openai.beta.assistants.create({
      model: 'scripted',
      tools: [
        { type: 'code_interpreter' },
        { type: 'function', function: { name: 'double', parameters: { type: 'object', properties: {} } } },
      ],
    });
    return { chat, openai, assistantId: assistant.id };
  }

  it('runs the thread, answers its tools and attaches its files', async () => {
    const { openai, assistantId } = await prepare({
      turns: [
        { parts: [{ call: 'double', input: { value: 21 } }] },
        { parts: [{ call: 'code_interpreter', input: { code: 'save()' } }] },
        'It is 42.',
      ],
      python: (_code, _write, files) => void files.set('result.csv', new TextEncoder().encode('42\n')),
    });
    const double = tool({
      inputSchema: z.object({ value: z.number() }),
      execute: async ({ value }) => value * 2,
    });
    const { message, text } = await readStream(
      AssistantResponse({ openai, assistantId, message: 'Double 21', tools: { double } }),
    );
    expect(text).toBe('It is 42.');
    expect(message.parts).toMatchObject([
      { type: 'tool-double', output: 42 },
      { type: 'tool-code_interpreter' },
      { type: 'text' },
      { type: 'data-file', data: { name: 'result.csv', url: `data:text/csv;base64,${btoa('42\n')}` } },
    ]);
    expect(message.metadata?.userMessageId).toMatch(/^msg_/);
  });

  it('names files as the route wishes, and can attach those that the engine has', async () => {
    const { openai, assistantId } = await prepare({ turns: ['Here.'] });
    const file = await openai.files.create({ file: new File(['a,b\n'], 'a.csv'), purpose: 'assistants' });
    const response = AssistantResponse(
      { openai, fileUrl: ({ fileId }) => `/download/${fileId}` },
      async ({ forwardStream, data }) => {
        const thread = await openai.beta.threads.create({ messages: [{ role: 'user', content: 'Hi' }] });
        await forwardStream(openai.beta.threads.runs.stream(thread.id, { assistant_id: assistantId }));
        await data.appendFile('named.csv', { fileId: file.id });
        await data.appendFile('made.txt', 'hello');
      },
    );
    const { message } = await readStream(response);
    expect(message.parts).toMatchObject([
      { type: 'text', text: 'Here.' },
      { type: 'data-file', data: { name: 'named.csv', mediaType: 'text/csv', url: `/download/${file.id}` } },
      {
        type: 'data-file',
        data: { name: 'made.txt', size: 5, url: expect.stringMatching(/^\/download\/file-/) },
      },
    ]);
  });

  it('lets the route choose the id too by which the browser knows a file, also one that is cited', async () => {
    const { openai } = await prepare({ turns: [] });
    const file = await openai.files.create({ file: new File(['Rules.'], 'rules.md'), purpose: 'assistants' });
    const marker = '【4:0†rules.md】';
    const annotation = {
      type: 'file_citation',
      text: marker,
      start_index: 5,
      end_index: 5 + marker.length,
      file_citation: { file_id: file.id },
    };
    const response = AssistantResponse(
      { openai, fileUrl: ({ fileId }) => ({ id: `${fileId}~mine`, url: `/download/${fileId}~mine` }) },
      async ({ forwardStream, data }) => {
        await forwardStream(
          streamOf([
            ...head,
            messageEvent('created'),
            messageEvent('completed', [textBlock(`Read ${marker}`, [annotation])]),
            runEvent('completed', { usage }),
          ]),
        );
        await data.appendFile('rules.md', { fileId: file.id });
      },
    );
    const { message } = await readStream(response);
    expect(message.parts).toMatchObject([
      { type: 'text', citations: [{ source: { id: `${file.id}~mine`, filename: 'rules.md' } }] },
      { type: 'data-file', id: `${file.id}~mine`, data: { url: `/download/${file.id}~mine` } },
    ]);
  });

  it('shows an image once when the route attaches what the run has shown, under the name that the route gives', async () => {
    const { openai } = await prepare({ turns: [] });
    const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex');
    const file = await openai.files.create({ file: new File([png], 'a.png'), purpose: 'assistants' });
    const image = { type: 'image_file', image_file: { file_id: file.id } };
    const response = AssistantResponse({ openai }, async ({ forwardStream, data }) => {
      await forwardStream(
        streamOf([
          ...head,
          messageEvent('created'),
          messageEvent('completed', [image]),
          runEvent('completed', { usage }),
        ]),
      );
      await data.appendFile('sine.png', { fileId: file.id });
    });
    const { message } = await readStream(response);
    expect(message.parts.map(({ type }) => type)).toEqual(['data-file', 'file']);
    expect(message.parts[0]).toMatchObject({ data: { name: 'sine.png', mediaType: 'image/png' } });
  });

  it('cancels a run that nobody could know yet when its reader left', async () => {
    const { openai, assistantId } = await prepare({ turns: [{ parts: [{ hang: true }] }] });
    const thread = await openai.beta.threads.create();
    const request = new AbortController();
    const response = AssistantResponse({
      openai,
      assistantId,
      threadId: thread.id,
      message: 'Hi',
      signal: request.signal,
    });
    const end = response.text();
    await vi.waitFor(async () => {
      expect((await openai.beta.threads.messages.list(thread.id)).data).toHaveLength(1);
    });
    request.abort();
    await end;
    await vi.waitFor(async () => {
      const { data } = await openai.beta.threads.runs.list(thread.id);
      expect(data.map(({ status }) => status).filter((status) => status !== 'cancelled')).toEqual([]);
    });
  });
});
