import { APIError, type OpenAI } from 'openai';
import type { AssistantStreamEvent, RunStreamEvent } from 'openai/resources/beta/assistants';
import type { Run } from 'openai/resources/beta/threads/runs';
import type { Stream } from 'openai/streaming';
import { answerCalls } from './answer-calls.ts';
import type { FunctionTools } from './function-tools.ts';
import { Problem } from './problem.ts';

/** A run that is about to begin. */
export interface RunEventsOptions {
  openai: OpenAI;
  /**
   * Begins the run, with `stream: true`. Its own signal aborts five seconds after the reader's: a run that has begun must
   * be known, or nobody could cancel it.
   */
  start: (signal: AbortSignal) => Promise<Stream<AssistantStreamEvent>>;
  tools: FunctionTools;
  signal: AbortSignal;
}

/** How long the engine is waited for when the reader has left, in milliseconds. */
const patience = 5_000;

const over = new Set<Run['status']>(['completed', 'failed', 'cancelled', 'expired', 'incomplete']);

/** Whether an event tells of the run itself; its data is the run. */
export function isRunEvent(event: AssistantStreamEvent): event is RunStreamEvent {
  return event.event.startsWith('thread.run.') && !event.event.startsWith('thread.run.step.');
}

/**
 * The events of a run from its beginning to its end, function calls answered on the way. The last event of the run says how
 * it ended. When the signal aborts, its reason is thrown; the run is cancelled then, and when the reader stops reading.
 */
export async function* runEvents({
  openai,
  start,
  tools,
  signal,
}: RunEventsOptions): AsyncGenerator<AssistantStreamEvent, void> {
  const { runs } = openai.beta.threads;
  let run: Run | undefined;
  const starting = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const giveUpLater = (): void => {
    timer = setTimeout(() => starting.abort(signal.reason), patience);
  };
  try {
    signal.throwIfAborted();
    signal.addEventListener('abort', giveUpLater, { once: true });
    let events = await start(starting.signal);
    for (;;) {
      const leave = (): void => events.controller.abort();
      try {
        for await (const event of events) {
          if (isRunEvent(event)) {
            run = event.data;
            signal.throwIfAborted();
            signal.addEventListener('abort', leave);
          }
          yield event;
        }
      } finally {
        signal.removeEventListener('abort', leave);
      }
      signal.throwIfAborted();
      if (run?.status !== 'requires_action') return;
      const tool_outputs = await answerCalls(run, tools, signal);
      const params = { thread_id: run.thread_id, tool_outputs, stream: true as const };
      events = await runs.submitToolOutputs(run.id, params, { signal });
    }
  } catch (error) {
    // What breaks because the signal aborted tells less than its reason.
    signal.throwIfAborted();
    if (!run || error instanceof APIError) throw error;
    throw new Problem(502, 'The engine was lost in the middle of the answer. Is it still running?');
  } finally {
    signal.removeEventListener('abort', giveUpLater);
    clearTimeout(timer);
    if (run && !over.has(run.status)) {
      const options = { timeout: patience, maxRetries: 0 };
      await runs.cancel(run.id, { thread_id: run.thread_id }, options).catch(() => undefined);
    }
  }
}
