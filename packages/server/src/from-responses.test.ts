import { startResponsesServer } from '@use-assistant/test-kit';
import type { HostedItem, ResponsesServer } from '@use-assistant/test-kit';
import { safeValidateUIMessages, uiMessageChunkSchema } from 'ai';
import OpenAI from 'openai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AssistantResponse } from './assistant-response.ts';
import type { AssistantResponseContext, AssistantResponseOptions } from './assistant-response.ts';
import type { ResponseStreamEvent } from './from-responses.ts';
import { readStream } from './test-support/read-stream.ts';

type Callback = (context: AssistantResponseContext) => Promise<void>;

let server: ResponsesServer | undefined;
afterEach(() => server?.close());

async function openAI(...turns: HostedItem[][]): Promise<OpenAI> {
  server = await startResponsesServer({ answer: (_request, turn) => turns[turn]! });
  return new OpenAI({ apiKey: 'none', baseURL: server.url, maxRetries: 0 });
}

async function read(callback: Callback, options: AssistantResponseOptions = {}) {
  const read = await readStream(AssistantResponse(options, callback));
  const schema = uiMessageChunkSchema();
  for (const chunk of read.chunks) expect(await schema.validate!(chunk)).toMatchObject({ success: true });
  expect(await safeValidateUIMessages({ messages: [read.message] })).toMatchObject({ success: true });
  return read;
}

const hi = [{ role: 'user' as const, content: 'Hi' }];
const base = { id: 'resp_1', object: 'response', created_at: 7, output: [], conversation: { id: 'conv_1' } };
const created = { type: 'response.created', response: { ...base, status: 'in_progress' } };
const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
const ended = (status: string, more: object = {}) => ({
  type: `response.${status}`,
  response: { ...base, status, usage, ...more },
});
const added = (item: object) => ({ type: 'response.output_item.added', output_index: 0, item });
const done = (item: object) => ({ type: 'response.output_item.done', output_index: 0, item });
const text = (delta: string, content_index = 0) => ({
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  content_index,
  delta,
});
const message = (...content: object[]) => ({ type: 'message', id: 'msg_1', role: 'assistant', content });

async function* streamOf(events: object[]): AsyncGenerator<ResponseStreamEvent> {
  yield* events as ResponseStreamEvent[];
}

/** Reads what a response says between its beginning and its end. */
function readEvents(...events: object[]) {
  return read(async ({ forwardStream }) => {
    await forwardStream(streamOf([created, ...events, ended('completed')]));
  });
}

describe('a stream of the Responses API', () => {
  it('becomes one message with its metadata and usage, and is returned as the response', async () => {
    const { message: shown, chunks } = await read(
      async ({ forwardStream }) => {
        const response = await forwardStream(
          streamOf([created, text('Hel'), text('lo'), ended('completed')]),
        );
        expect(response).toMatchObject({ id: 'resp_1', status: 'completed' });
      },
      { messageId: 'msg_user' },
    );
    expect(shown).toMatchObject({
      id: 'resp_1',
      metadata: {
        threadId: 'conv_1',
        runId: 'resp_1',
        userMessageId: 'msg_user',
        createdAt: 7000,
        runStatus: 'completed',
        usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
      },
      parts: [{ type: 'text', text: 'Hello', state: 'done' }],
    });
    expect(chunks.filter(({ type }) => type === 'data-status')).toMatchObject([
      { data: { status: 'in_progress', runId: 'resp_1' } },
      { data: { status: 'completed' } },
    ]);
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
  });

  it('tells code, its outputs and the files that it leaves, and its links lead to them', async () => {
    const openai = await openAI([
      { reasoning: 'Let me see.' },
      { code: 'print(1)', logs: '1\n', files: { 'a.csv': 'x,y\n', 'b.txt': 'b' } },
      { text: 'See [this](sandbox:/mnt/data/a.csv).', cites: ['a.csv'] },
    ]);
    const container = await openai.containers.create({ name: 'c' });
    const files: unknown[] = [];
    const { message: shown } = await read(
      async ({ forwardStream }) => {
        const stream = await openai.responses.create({
          model: 'm',
          input: hi,
          stream: true,
          include: ['code_interpreter_call.outputs'],
          tools: [{ type: 'code_interpreter', container: container.id }],
        });
        await forwardStream(stream);
      },
      {
        openai,
        fileUrl: (file) => {
          files.push(file);
          return `/files/${file.name}`;
        },
      },
    );
    expect(shown.parts).toMatchObject([
      { type: 'reasoning', text: 'Let me see.', state: 'done' },
      {
        type: 'tool-code_interpreter',
        state: 'output-available',
        providerExecuted: true,
        input: { code: 'print(1)' },
        output: { outputs: [{ type: 'logs', logs: '1\n' }] },
      },
      { type: 'text', text: 'See [this](/files/a.csv).' },
      { type: 'data-file', data: { name: 'a.csv', mediaType: 'text/csv', size: 4, url: '/files/a.csv' } },
      { type: 'data-file', data: { name: 'b.txt', mediaType: 'text/plain', url: '/files/b.txt' } },
    ]);
    expect(files).toMatchObject([{ containerId: container.id }, { containerId: container.id }]);
  });

  it('carries a chain of responses with function calls as one message', async () => {
    const openai = await openAI([{ call: 'room', arguments: { room: 'hall' } }], [{ text: '20 degrees.' }]);
    const { message: shown } = await read(async ({ forwardStream, sendToolOutput }) => {
      const first = await openai.responses.create({ model: 'm', input: hi, stream: true });
      const response = await forwardStream(first);
      const call = response!.output.find((item) => item.type === 'function_call')!;
      sendToolOutput(call.call_id, { degrees: 20 });
      const answer = { type: 'function_call_output', call_id: call.call_id, output: '20' } as const;
      const input = [call, answer];
      await forwardStream(await openai.responses.create({ model: 'm', input, stream: true }));
    });
    expect(shown.parts).toMatchObject([
      { type: 'tool-room', input: { room: 'hall' }, output: { degrees: 20 }, state: 'output-available' },
      { type: 'text', text: '20 degrees.' },
    ]);
  });

  it('leaves a function to the browser when it is its', async () => {
    const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{"a":1}' };
    const { message: shown, chunks } = await read(
      async ({ forwardStream }) => {
        await forwardStream(
          streamOf([
            created,
            added({ ...call, arguments: '' }),
            { type: 'response.function_call_arguments.delta', item_id: 'fc_1', delta: '{"a":1}' },
            { type: 'response.function_call_arguments.done', item_id: 'fc_1', arguments: '{"a":1}' },
            done(call),
            ended('completed', { output: [call] }),
          ]),
        );
      },
      { isClientTool: () => true },
    );
    expect(shown.parts[0]).toMatchObject({ toolCallId: 'call_1', state: 'input-available', input: { a: 1 } });
    expect(shown.parts[0]).not.toHaveProperty('providerExecuted');
    expect(chunks.at(-1)).toMatchObject({ finishReason: 'tool-calls' });
  });

  it('tells refusals, several texts, and citations with their ranges', async () => {
    const { message: shown, chunks } = await readEvents(
      text('See [1].'),
      { type: 'response.refusal.delta', item_id: 'msg_1', content_index: 1, delta: 'No.' },
      done(
        message(
          {
            type: 'output_text',
            text: 'See [1].',
            annotations: [
              { type: 'url_citation', url: 'https://a.test/', title: 'A', start_index: 4, end_index: 7 },
              { type: 'file_citation', file_id: 'file_1', filename: 'a.pdf', index: 0 },
            ],
          },
          { type: 'refusal', refusal: 'No. Never.' },
        ),
      ),
    );
    expect(shown.parts).toMatchObject([
      { type: 'text', text: 'See [1].' },
      { type: 'text', text: 'No. Never.', providerMetadata: { assistant: { refusal: true } } },
    ]);
    expect(chunks.find((chunk) => chunk.type === 'text-end')).toMatchObject({
      citations: [
        { source: { sourceType: 'url', url: 'https://a.test/', title: 'A' }, startIndex: 4, endIndex: 7 },
        { source: { sourceType: 'document', filename: 'a.pdf' } },
      ],
    });
  });

  it('tells searches, images being made, and tools that nobody has heard of', async () => {
    const image = { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'aGk=' };
    const { message: shown, chunks } = await readEvents(
      done({
        type: 'file_search_call',
        id: 'fs_1',
        status: 'completed',
        queries: ['q'],
        results: [{ file_id: 'file_1', filename: 'a.pdf', score: 0.5, text: 'What it says.' }],
      }),
      done({
        type: 'web_search_call',
        id: 'ws_1',
        status: 'completed',
        action: { type: 'search', query: 'q' },
      }),
      added({ ...image, status: 'in_progress', result: null }),
      { type: 'response.image_generation_call.partial_image', item_id: 'ig_1', partial_image_b64: 'aA==' },
      done({ ...image, revised_prompt: 'A cat' }),
      done({
        type: 'mcp_call',
        id: 'mcp_1',
        name: 'lookup',
        arguments: '{"a":1}',
        output: null,
        status: 'failed',
      }),
      done({ type: 'future_call', id: 'x_1', status: 'completed', action: { b: 2 } }),
      { type: 'response.future.event', item_id: 'x_1' },
    );
    expect(shown.parts).toMatchObject([
      {
        type: 'tool-file_search',
        input: { queries: ['q'] },
        output: { results: [{ filename: 'a.pdf', score: 0.5, text: 'What it says.' }] },
      },
      { type: 'tool-web_search', input: { type: 'search', query: 'q' }, output: { status: 'completed' } },
      { type: 'tool-image_generation', output: { status: 'completed' } },
      { type: 'file', url: 'data:image/png;base64,aGk=', mediaType: 'image/png' },
      { type: 'tool-lookup', input: { a: 1 }, state: 'output-error' },
      { type: 'tool-future', input: { b: 2 }, state: 'output-available' },
    ]);
    expect(chunks).toContainEqual(
      expect.objectContaining({ preliminary: true, output: { image: 'data:image/png;base64,aA==' } }),
    );
  });

  it('tells what only the end says, and what was left open', async () => {
    const { message: shown } = await read(async ({ forwardStream }) => {
      await forwardStream(
        streamOf([
          created,
          added({ type: 'code_interpreter_call', id: 'ci_1', container_id: 'c', code: '', outputs: null }),
          { type: 'response.code_interpreter_call_code.delta', item_id: 'ci_1', delta: 'print(' },
          ended('completed', {
            output: [
              { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }] },
              message({ type: 'output_text', text: 'Whole.', annotations: [] }),
            ],
          }),
        ]),
      );
    });
    expect(shown.parts).toMatchObject([
      { type: 'tool-code_interpreter', state: 'output-error' },
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Whole.' },
    ]);
  });

  it.each([
    ['failed', 'run_failed', { error: { code: 'server_error', message: 'canary-4711' } }],
    ['incomplete', 'run_incomplete', { incomplete_details: { reason: 'max_output_tokens' } }],
  ])('that %s ends with an error, after what was written', async (status, code, more) => {
    const { chunks, message: shown } = await read(async ({ forwardStream }) => {
      const response = await forwardStream(streamOf([created, text('Some'), ended(status, more)]));
      expect(response).toMatchObject({ status });
    });
    expect(chunks.at(-1)).toMatchObject({ type: 'error', code });
    expect(JSON.stringify(chunks)).not.toContain('canary');
    expect(shown).toMatchObject({
      metadata: { runStatus: status },
      parts: [{ text: 'Some', state: 'done' }],
    });
  });

  it('that reports an error, or is cut, ends with one', async () => {
    const broken = await read(async ({ forwardStream }) => {
      await forwardStream(streamOf([created, { type: 'error', code: null, message: 'canary-4711' }]));
    });
    expect(broken.chunks.at(-1)).toMatchObject({ type: 'error', code: 'run_failed' });
    expect(JSON.stringify(broken.chunks)).not.toContain('canary');
    const cut = await read(async ({ forwardStream }) => {
      await forwardStream(streamOf([created, text('Some')]));
    });
    expect(cut.chunks.at(-1)).toMatchObject({ type: 'error', code: 'stream_interrupted' });
  });

  it('is let go when the client leaves', async () => {
    const openai = await openAI([{ text: 'Some' }, { hang: true }]);
    const response = AssistantResponse({ openai }, async ({ forwardStream }) => {
      await forwardStream(await openai.responses.create({ model: 'm', input: hi, stream: true }));
    });
    const reader = response.body!.getReader();
    let seen = '';
    while (!/text-delta|DONE/.test(seen)) seen += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    await vi.waitFor(() => expect(server!.abandoned).toBe(1), { interval: 5 });
  });

  it('goes over the v4 wire', async () => {
    const response = AssistantResponse(
      { threadId: 'conv_1', messageId: 'm', protocol: 'v4' },
      async ({ forwardStream }) => {
        await forwardStream(streamOf([created, text('Hel'), text('lo'), ended('completed')]));
      },
    );
    expect(await response.text()).toBe(
      [
        '5:{"threadId":"conv_1","messageId":"m"}',
        '4:{"id":"msg_1","role":"assistant","content":[{"type":"text","text":{"value":""}}]}',
        '0:"Hel"',
        '0:"lo"\n',
      ].join('\n'),
    );
  });
});
