import { Problem, toProblem } from 'example-assistants';
import { Hono } from 'hono';
import { getRuntimeKey } from 'hono/adapter';
import { streamText } from 'hono/streaming';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import OpenAI from 'openai';
import { answer } from './answer.ts';
import { financeHelper } from './assistant.ts';
import { createThread, ownThread, ownerOf } from './threads.ts';

/** What the worker is told by its configuration. */
export interface Bindings {
  /** Where the engine answers, with `/v1`. */
  ENGINE_URL: string;
  ENGINE_API_KEY?: string;
  /** How long a message may take, in seconds. Default 60. */
  RUN_SECONDS?: string;
}

const longestMessage = 256_000;

const app = new Hono<{ Bindings: Bindings }>();

app.post('/threads', async (c) => {
  const owner = await ownerOf(c.req.header('authorization'));
  return c.text(await createThread(connect(c.env), owner), 201);
});

app.post('/threads/:threadId/messages', async (c) => {
  const owner = await ownerOf(c.req.header('authorization'));
  const question = (await c.req.text()).trim();
  if (question === '') throw new Problem(400, 'The message is empty. Send it as plain text.');
  if (question.length > longestMessage)
    throw new Problem(413, `A message has at most ${longestMessage} characters.`);
  const openai = connect(c.env);
  const threadId = await ownThread(openai, c.req.param('threadId'), owner);
  const assistantId = await financeHelper(openai);
  const limit = AbortSignal.timeout(Number(c.env.RUN_SECONDS ?? 60) * 1000);
  const signal = AbortSignal.any([c.req.raw.signal, limit]);
  // Still there when the caller has left: the run must be cancelled then.
  const over = Promise.withResolvers<void>();
  if (getRuntimeKey() === 'workerd') c.executionCtx.waitUntil(over.promise);
  const texts = answer({ openai, threadId, assistantId, question, signal, onEnd: over.resolve });

  if (c.req.query('stream') !== '1') return c.text((await Array.fromAsync(texts)).join(''));
  // The status is sent with the first text: what goes wrong before it still has a status of its own.
  const first = await texts.next();
  // Compression would hold the words back, and then nobody would learn either that the caller has hung up.
  c.header('content-encoding', 'identity');
  return streamText(c, async (stream) => {
    stream.onAbort(() => void texts.return(undefined));
    if (first.done) return;
    await stream.write(first.value);
    try {
      for await (const text of texts) await stream.write(text);
    } catch (error) {
      await stream.write(`\n[${toProblem(error).message}]`);
    }
  });
});

app.notFound((c) => c.text('POST /threads, or POST /threads/{id}/messages with plain text.\n', 404));

app.onError((error, c) => {
  const problem = toProblem(error);
  return c.text(`${problem.message}\n`, problem.status as ContentfulStatusCode);
});

function connect({ ENGINE_URL, ENGINE_API_KEY }: Bindings): OpenAI {
  // Of an answer only the beginning is waited for; what follows has the limit of the message.
  return new OpenAI({
    baseURL: ENGINE_URL,
    apiKey: ENGINE_API_KEY || 'none',
    timeout: 10_000,
    maxRetries: 1,
  });
}

export default app;
