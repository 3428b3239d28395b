import { isRunEvent, runEvents } from 'example-assistants';
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
  await messages.create(threadId, { role: 'user', content: question }, { signal });
  const start = () => runs.create(threadId, { assistant_id: assistantId, stream: true });
  let run: Run | undefined;
  for await (const event of runEvents({ openai, start, tools: functions, signal })) {
    if (isRunEvent(event)) run = event.data;
    if (event.event === 'thread.message.completed') yield '\n';
    if (event.event !== 'thread.message.delta') continue;
    for (const part of event.data.delta.content ?? []) {
      if (part.type === 'text') yield part.text?.value ?? '';
      if (part.type === 'refusal') yield part.refusal ?? '';
    }
  }
  refuse(run);
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
      throw new Problem(502, `The run stopped while it was ${run?.status ?? 'about to begin'}.`);
  }
}
