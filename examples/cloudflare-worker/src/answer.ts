import { isRunEvent, problemOf, runEvents } from 'example-assistants';
import type OpenAI from 'openai';
import type { Run } from 'openai/resources/beta/threads/runs';
import { functions } from './assistant.ts';

/** A question, and where it is asked. */
export interface Question {
  openai: OpenAI;
  threadId: string;
  assistantId: string;
  question: string;
  /** Ends the run, with its reason. */
  signal: AbortSignal;
  /** Called when the run is over, or cancelled. */
  onEnd: () => void;
}

/** Asks, answers function calls, and yields the text of the answer as it is written. Throws a `Problem` when there is none. */
export async function* answer({
  openai,
  threadId,
  assistantId,
  question,
  signal,
  onEnd,
}: Question): AsyncGenerator<string> {
  const { messages, runs } = openai.beta.threads;
  const start = async (signal: AbortSignal) => {
    await messages.create(threadId, { role: 'user', content: question }, { signal });
    return runs.create(threadId, { assistant_id: assistantId, stream: true }, { signal });
  };
  let run: Run | undefined;
  try {
    for await (const event of runEvents({ openai, start, tools: functions, signal })) {
      if (isRunEvent(event)) run = event.data;
      if (event.event === 'thread.message.completed') yield '\n';
      if (event.event !== 'thread.message.delta') continue;
      for (const part of event.data.delta.content ?? []) {
        if (part.type === 'text') yield part.text?.value ?? '';
        if (part.type === 'refusal') yield part.refusal ?? '';
      }
    }
  } finally {
    onEnd();
  }
  const problem = problemOf(run);
  if (problem) throw problem;
}
