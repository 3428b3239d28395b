import { answerCalls } from 'example-assistants';
import type OpenAI from 'openai';
import type { Run } from 'openai/resources/beta/threads/runs';
import { functions } from './assistant.ts';
import { Problem } from './problem.ts';

/** A question, and where it is asked. */
export interface Question {
  openai: OpenAI;
  threadId: string;
  assistantId: string;
  question: string;
  /** Ends the run, with its reason. */
  signal: AbortSignal;
}

/** Asks, answers function calls, and yields the text of the answer as it is written. Throws a `Problem` when there is none. */
export async function* answer({
  openai,
  threadId,
  assistantId,
  question,
  signal,
}: Question): AsyncGenerator<string> {
  const { messages, runs } = openai.beta.threads;
  // By this we know our run again when its first event has not come through.
  const request = crypto.randomUUID();
  let run: Run | undefined;
  let isOver = false;
  try {
    await messages.create(threadId, { role: 'user', content: question }, { signal });
    let events = await runs.create(
      threadId,
      { assistant_id: assistantId, metadata: { request }, stream: true },
      { signal },
    );
    while (!isOver) {
      for await (const { event, data } of events) {
        if (event === 'thread.message.delta') {
          for (const part of data.delta.content ?? []) {
            if (part.type === 'text') yield part.text?.value ?? '';
            if (part.type === 'refusal') yield part.refusal ?? '';
          }
        } else if (event === 'thread.message.completed') {
          yield '\n';
        } else if (event.startsWith('thread.run.') && !event.startsWith('thread.run.step.')) {
          run = data as Run;
        }
      }
      if (run?.status === 'requires_action') {
        const tool_outputs = await answerCalls(run, functions, signal);
        const params = { thread_id: threadId, tool_outputs, stream: true as const };
        events = await runs.submitToolOutputs(run.id, params, { signal });
      } else {
        isOver = true;
      }
    }
    signal.throwIfAborted();
    refuse(run);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    // Time is over, or nobody listens any more: the run must not go on and keep the thread.
    if (!isOver || signal.aborted) await cancel(openai, threadId, request).catch(() => undefined);
  }
}

/** Each ending but a good one has its own words. */
function refuse(run: Run | undefined): void {
  switch (run?.status) {
    case 'completed':
      return;
    case 'failed':
      if (run.last_error?.code === 'rate_limit_exceeded')
        throw new Problem(429, 'The model is busy. Ask again in a minute.');
      throw new Problem(502, 'The model failed to answer. Ask again.');
    case 'expired':
      throw new Problem(504, 'The answer was not ready in ten minutes, so the run expired. Ask again.');
    case 'cancelling':
    case 'cancelled':
      throw new Problem(409, 'The run was cancelled before the answer was ready.');
    case 'incomplete':
      throw new Problem(
        502,
        `The answer is cut off: ${run.incomplete_details?.reason ?? 'a limit was reached'}. Ask for less.`,
      );
    default:
      throw new Problem(502, `The run stopped while it was ${run?.status ?? 'not yet begun'}.`);
  }
}

/** Cancels the run of a request, if it has begun: the thread may be busy with somebody else's. */
async function cancel(openai: OpenAI, threadId: string, request: string): Promise<void> {
  const { runs } = openai.beta.threads;
  const [last] = (await runs.list(threadId, { limit: 1 })).data;
  if (last?.metadata?.['request'] === request) await runs.cancel(last.id, { thread_id: threadId });
}
