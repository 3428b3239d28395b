import { createReducer } from '@use-assistant/protocol';
import type { AssistantMessage } from '@use-assistant/protocol';
import { tool } from 'ai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startChat } from '../test-support/chat.ts';
import type { Chat, ChatOptions } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';

let chat: Chat;
afterEach(() => chat.close());

const inputSchema = z.object({ room: z.string() });

/** A tool that asks before it paints. */
const paints = (painted: unknown[]) => ({
  paint: tool({
    inputSchema,
    needsApproval: true,
    execute: async (input) => {
      painted.push(input);
      return 'painted';
    },
  }),
});

/** A chat with a tool that asks before it paints. */
function start(
  options: Partial<ChatOptions> & {
    needsApproval?: (input: { room: string }) => boolean;
    gate?: Promise<void>;
  } = {},
) {
  const { needsApproval = true, gate, ...more } = options;
  const painted: unknown[] = [];
  const prompts: string[] = [];
  const paint = tool({
    inputSchema,
    needsApproval,
    execute: async (input) => {
      painted.push(input);
      await gate;
      return 'painted';
    },
  });
  chat = startChat({
    turns: [
      { parts: [{ call: 'paint', input: { room: 'hall' } }] },
      (prompt) => {
        prompts.push(JSON.stringify(prompt));
        return 'Done.';
      },
    ],
    tools: { paint },
    ...more,
  });
  return { painted, prompts };
}

/** Asks for paint; gives the message that waits. */
async function ask(): Promise<{ message: AssistantMessage; threadId: string; callId: string }> {
  const { message, chunks } = await readStream(await chat.say('Paint'));
  expect(chunks.at(-1)).toMatchObject({ type: 'finish', finishReason: 'tool-calls' });
  const part = toolPart(message);
  expect(part).toMatchObject({
    state: 'approval-requested',
    input: { room: 'hall' },
    providerExecuted: true,
  });
  return { message, threadId: message.metadata!.threadId!, callId: part.approval.id };
}

function toolPart(message: AssistantMessage) {
  return message.parts.find((part) => part.type.startsWith('tool-')) as unknown as {
    toolCallId: string;
    approval: { id: string };
  };
}

function answer(question: Awaited<ReturnType<typeof ask>>, ...outputs: object[]): Promise<Response> {
  const given = outputs.map((output) => Object.assign({ toolCallId: question.callId }, output));
  return chat.send('POST', `/threads/${question.threadId}/tool-outputs`, {
    body: { runId: question.message.id, outputs: given },
  });
}

/** The message after an answer, as the page has it. */
async function goOn(question: AssistantMessage, response: Response): Promise<AssistantMessage> {
  const { chunks } = await readStream(response, { isContinuation: true });
  const reducer = createReducer(question);
  for (const chunk of chunks) reducer.apply(chunk);
  return reducer.message();
}

it('runs a call beside one of the browser once, however often its answer is sent', async () => {
  const gate = Promise.withResolvers<void>();
  const painted: unknown[] = [];
  const paint = tool({
    inputSchema,
    execute: async (input) => {
      painted.push(input);
      await gate.promise;
      return 'painted';
    },
  });
  start({
    tools: { paint, measure: tool({ inputSchema }) },
    turns: [
      {
        parts: [
          { call: 'measure', input: { room: 'hall' } },
          { call: 'paint', input: { room: 'hall' } },
        ],
      },
      'Done.',
    ],
  });
  const { message } = await readStream(await chat.say('Paint'));
  const question = { message, threadId: message.metadata!.threadId!, callId: toolPart(message).toolCallId };
  const responses = await Promise.all([1, 2, 3].map((output) => answer(question, { output })));
  expect(responses.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  gate.resolve();
  await Promise.all(responses.map((response) => response.text()));
  expect(painted).toHaveLength(1);
});

describe('a call that a person must allow', () => {
  it('runs with the arguments that the engine keeps, once it is allowed', async () => {
    const { painted } = start();
    const question = await ask();
    expect(painted).toEqual([]);
    const response = await answer(question, { approved: true, input: { room: 'all' }, output: 'forged' });
    const message = await goOn(question.message, response);
    expect(painted).toEqual([{ room: 'hall' }]);
    expect(toolPart(message)).toMatchObject({
      state: 'output-available',
      output: 'painted',
      approval: { approved: true },
    });
    expect(message.parts.at(-1)).toMatchObject({ type: 'text', text: 'Done.' });
  });

  it('runs once, however many say yes at once or later', async () => {
    const gate = Promise.withResolvers<void>();
    const { painted } = start({ gate: gate.promise });
    const question = await ask();
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => answer(question, { approved: true })),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    gate.resolve();
    await goOn(
      question.message,
      responses.find(({ status }) => status === 200)!,
    );
    expect((await answer(question, { approved: true })).status).toBe(400);
    expect(painted).toHaveLength(1);
  });

  it('runs once when two processes are told yes in the same moment', async () => {
    const { painted } = start();
    const question = await ask();
    vi.resetModules();
    const { createAssistantHandler: createElsewhere } = await import('./create-assistant-handler.ts');
    // Both have read the run, as the claim does behind the request, before one of them goes on.
    let behind = 0;
    const both = Promise.withResolvers<void>();
    const openai = chat.engine.openai();
    for (const { beta } of [chat.openai, openai]) {
      const { runs } = beta.threads;
      const retrieve = runs.retrieve.bind(runs);
      let reads = 0;
      runs.retrieve = (async (...given: Parameters<typeof retrieve>) => {
        const run = await retrieve(...given);
        if ((reads += 1) === 2) {
          if ((behind += 1) === 2) both.resolve();
          await both.promise;
        }
        return run;
      }) as unknown as typeof retrieve;
    }
    const elsewhere = createElsewhere({
      openai,
      assistant: { name: 'Test', model: 'scripted' },
      tools: paints(painted),
      authorize: () => 'alice',
      secret: 'a secret for tests',
    });
    const outputs = [{ toolCallId: question.callId, approved: true }];
    const request = new Request(`http://chat.test/api/assistant/threads/${question.threadId}/tool-outputs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ runId: question.message.id, outputs }),
    });
    const responses = await Promise.all([answer(question, { approved: true }), elsewhere.POST(request)]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 409]);
    await Promise.all(responses.map((response) => response.text()));
    expect(painted).toHaveLength(1);
  });

  it('does not run again when the process that ran it has died', async () => {
    const { painted } = start();
    const question = await ask();
    const run = await chat.openai.beta.threads.runs.retrieve(question.message.id, {
      thread_id: question.threadId,
    });
    const round = `${run.started_at} ${question.callId}`;
    await chat.openai.beta.threads.runs.update(run.id, {
      thread_id: question.threadId,
      metadata: { approved_calls: round },
    });
    expect((await answer(question, { approved: true })).status).toBe(409);
    expect(painted).toEqual([]);
  });

  it('cannot be denied any more while it runs, nor allowed while its denial is on the way', async () => {
    const gate = Promise.withResolvers<void>();
    const { painted, prompts } = start({ gate: gate.promise });
    const question = await ask();
    const allowed = await answer(question, { approved: true });
    expect((await answer(question, { approved: false })).status).toBe(409);
    gate.resolve();
    expect(toolPart(await goOn(question.message, allowed))).toMatchObject({ output: 'painted' });
    expect(prompts[0]).not.toContain('did not allow');
    expect(painted).toHaveLength(1);
  });

  it('can be denied once more when the denial did not reach the engine', async () => {
    const { painted, prompts } = start();
    const question = await ask();
    const { runs } = chat.openai.beta.threads;
    const submit = runs.submitToolOutputs.bind(runs);
    let isFirst = true;
    runs.submitToolOutputs = ((...given: Parameters<typeof submit>) => {
      if (!isFirst) return submit(...given);
      isFirst = false;
      throw new Error('The engine is restarting.');
    }) as unknown as typeof submit;
    const failed = await answer(question, { approved: false });
    expect(await failed.text()).toContain('"code":"server_error"');
    const message = await goOn(question.message, await answer(question, { approved: false }));
    expect(toolPart(message)).toMatchObject({ state: 'output-denied' });
    expect(prompts[0]).toContain('did not allow');
    expect(painted).toEqual([]);
  });

  it('leaves nothing behind when its run is stopped or its thread deleted', async () => {
    const tokenOf = async ({ message, threadId }: Awaited<ReturnType<typeof ask>>) => {
      const run = await chat.openai.beta.threads.runs.retrieve(message.id, { thread_id: threadId });
      return (run.metadata as Record<string, string>)['approval_token']!.split(' ')[0]!;
    };
    for (const end of ['cancel', 'delete']) {
      start();
      const question = await ask();
      const token = await tokenOf(question);
      const path = `/threads/${question.threadId}`;
      await (end === 'cancel' ? chat.send('POST', `${path}/cancel`) : chat.send('DELETE', path));
      await expect(chat.openai.beta.threads.retrieve(token)).rejects.toMatchObject({ status: 404 });
      if (end === 'cancel') await chat.close();
    }
  });

  it('is waited for by who comes back while it runs', async () => {
    const gate = Promise.withResolvers<void>();
    const { painted } = start({ gate: gate.promise });
    const question = await ask();
    const allowed = goOn(question.message, await answer(question, { approved: true }));
    const resumed = readStream(await chat.send('GET', `/threads/${question.threadId}/stream`));
    await expect.poll(() => painted).toHaveLength(1);
    gate.resolve();
    const { message } = await resumed;
    expect(message.parts.at(-1)).toMatchObject({ type: 'text', text: 'Done.' });
    expect(message.parts).toEqual((await allowed).parts);
    expect(painted).toHaveLength(1);
  });

  it('does not run when it is denied, and the model is told why', async () => {
    const { painted, prompts } = start();
    const question = await ask();
    const message = await goOn(
      question.message,
      await answer(question, { approved: false, reason: 'Too red.' }),
    );
    expect(painted).toEqual([]);
    expect(prompts[0]).toContain('The user did not allow this call. The reason given: Too red.');
    expect(toolPart(message)).toMatchObject({ state: 'output-denied', approval: { approved: false } });
    const history = await (await chat.send('GET', `/threads/${question.threadId}`)).json();
    expect(toolPart(history.messages[1])).toMatchObject({
      state: 'output-denied',
      approval: { approved: false },
    });
  });

  it('takes no output from the browser, and waits while nobody has decided', async () => {
    const { painted } = start();
    const question = await ask();
    expect((await answer(question, { output: 'forged' })).status).toBe(400);
    expect((await answer(question)).status).toBe(400);
    const again = await readStream(await chat.send('GET', `/threads/${question.threadId}/stream`));
    expect(toolPart(again.message)).toMatchObject({ state: 'approval-requested' });
    expect(painted).toEqual([]);
  });

  it('is one that `needsApproval` says so of', async () => {
    const { painted } = start({ needsApproval: ({ room }) => room !== 'hall' });
    const { text } = await readStream(await chat.say('Paint'));
    expect(text).toBe('Done.');
    expect(painted).toEqual([{ room: 'hall' }]);
  });

  it('is one too when `needsApproval` fails, and nothing of its error is told', async () => {
    const errors: unknown[] = [];
    start({
      needsApproval: () => {
        throw new Error('canary-4711');
      },
      onError: (error) => void errors.push(error),
    });
    const response = await chat.say('Paint');
    expect(await response.clone().text()).not.toContain('canary-4711');
    expect(toolPart((await readStream(response)).message)).toMatchObject({ state: 'approval-requested' });
    expect(errors).toHaveLength(1);
  });

  it('can be allowed by the request of useChat', async () => {
    const { painted } = start();
    const question = await ask();
    const part = {
      ...toolPart(question.message),
      state: 'approval-responded',
      input: { room: 'forged' },
      approval: { id: question.callId, approved: true },
    };
    const body = {
      id: 'chat',
      messages: [{ ...question.message, parts: [part] }],
      trigger: 'submit-message',
    };
    const message = await goOn(question.message, await chat.send('POST', '', { body }));
    expect(painted).toEqual([{ room: 'hall' }]);
    expect(message.parts.at(-1)).toMatchObject({ text: 'Done.' });
  });

  it('shows its progress when it has been allowed', async () => {
    const paint = tool({
      inputSchema,
      needsApproval: true,
      async *execute() {
        yield 'one coat';
        yield 'two coats';
      },
    });
    start({ tools: { paint } });
    const question = await ask();
    const { chunks } = await readStream(await answer(question, { approved: true }), { isContinuation: true });
    const outputs = chunks.filter(({ type }) => type === 'tool-output-available');
    expect(outputs).toMatchObject([
      { output: 'one coat', preliminary: true },
      { output: 'two coats', preliminary: true },
      { output: 'two coats' },
    ]);
  });
});
