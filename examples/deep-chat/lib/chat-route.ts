import { findAssistant, runEvents, toFunctionTools, toProblem, type FunctionTools } from 'example-assistants';
import type OpenAI from 'openai';
import type { AssistantCreateParams } from 'openai/resources/beta/assistants';
import { answersOf, type Answer } from './answers.ts';
import { beginRun } from './begin-run.ts';
import { readRequest } from './read-request.ts';
import { readVisitor } from './visitor.ts';

/** What the route talks to. */
export interface ChatRouteOptions {
  openai: () => OpenAI;
  assistant: Omit<AssistantCreateParams, 'tools'> & { name: string };
  tools: FunctionTools;
}

const longestAnswer = 110_000;

/** A route for Deep Chat: JSON and multipart in, Deep Chat's stream or one JSON answer out. Runs wherever `fetch` does. */
export function createChatRoute({ openai: connect, assistant, tools }: ChatRouteOptions) {
  async function ownAssistant(openai: OpenAI): Promise<string> {
    const all = [
      { type: 'code_interpreter' as const },
      { type: 'file_search' as const },
      ...(await toFunctionTools(tools)),
    ];
    return findAssistant(openai, { ...assistant, tools: all });
  }

  return async function POST(request: Request): Promise<Response> {
    const visitor = await readVisitor(request);
    const headers = new Headers({
      'cache-control': 'no-store',
      ...(visitor.setCookie && { 'set-cookie': visitor.setCookie }),
    });
    try {
      const message = await readRequest(request);
      const openai = connect();
      const context = { assistantId: await ownAssistant(openai), visitor: visitor.hash };
      const signal = either(request.signal, AbortSignal.timeout(longestAnswer));
      const start = (signal: AbortSignal) => beginRun(openai, message, { ...context, signal });
      const answers = answersOf(runEvents({ openai, start, tools, signal }), openai);
      const wantsStream = request.headers.get('accept')?.includes('text/event-stream') ?? false;
      return wantsStream
        ? await stream(answers, headers)
        : Response.json(await collect(answers), { headers });
    } catch (error) {
      const { status, message } = toProblem(error);
      return Response.json({ error: message }, { status, headers });
    }
  };
}

/** `AbortSignal.any`, which edge runtimes lack. */
function either(...signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  }
  return controller.signal;
}

/** Everything of an answer in one, for clients that do not stream. */
async function collect(answers: AsyncIterable<Answer>): Promise<Answer> {
  let all: Answer | undefined;
  for await (const { thread_id, text = '', files = [] } of answers) {
    all ??= { thread_id, text: '', files: [] };
    all.text += text;
    all.files!.push(...files);
  }
  if (!all) throw new Error('The run ended well and said nothing.');
  return {
    thread_id: all.thread_id,
    text: all.text!.trim(),
    ...(all.files!.length > 0 && { files: all.files! }),
  };
}

/** Deep Chat's own stream: an event for each piece. What fails before the first piece still has a status of its own. */
async function stream(answers: AsyncGenerator<Answer>, headers: Headers): Promise<Response> {
  const encoder = new TextEncoder();
  const encode = (event: object): Uint8Array<ArrayBuffer> =>
    encoder.encode(`data: ${JSON.stringify(event)}\n\n`);
  let next: IteratorResult<Answer> | undefined = await answers.next();
  headers.set('content-type', 'text/event-stream; charset=utf-8');
  headers.set('x-accel-buffering', 'no');
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = next ?? (await answers.next());
        next = undefined;
        if (done) controller.close();
        else controller.enqueue(encode(value));
      } catch (error) {
        controller.enqueue(encode({ error: toProblem(error).message }));
        controller.close();
      }
    },
    async cancel() {
      await answers.return(undefined);
    },
  });
  return new Response(body, { headers });
}
