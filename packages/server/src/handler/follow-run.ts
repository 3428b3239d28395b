import type { Stream } from 'openai/core/streaming';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { isActive } from '../forward-stream.ts';
import type { AssistantsEvent } from '../from-assistants.ts';
import { statusOf } from '../public-errors.ts';
import type { AssistantsClient } from '../run-thread.ts';

/**
 * The events of a run from its first, followed until the run is over. The engine ends the stream of a run that waits for
 * its caller; `wait` then says whether to go on (true when outputs were given, false when nobody here will give them).
 * Undefined when the server keeps no events of runs.
 */
export async function followRun(
  client: AssistantsClient,
  run: Run,
  options: { signal: AbortSignal; wait: (run: Run) => Promise<boolean> },
): Promise<AsyncIterable<AssistantsEvent> | undefined> {
  const { signal, wait } = options;
  const path = `/threads/${encodeURIComponent(run.thread_id)}/runs/${encodeURIComponent(run.id)}/stream`;

  async function open(): Promise<AsyncIterable<AssistantsEvent> | undefined> {
    try {
      const options = {
        stream: true,
        signal,
        headers: { accept: 'text/event-stream', 'openai-beta': 'assistants=v2' },
      };
      return await client.get<Stream<AssistantsEvent>>(path, options);
    } catch (error) {
      if (statusOf(error) === 404 || statusOf(error) === 405) return undefined;
      throw error;
    }
  }

  async function* follow(first: AsyncIterable<AssistantsEvent>): AsyncGenerator<AssistantsEvent> {
    let seen = 0;
    let stream: AsyncIterable<AssistantsEvent> | undefined = first;
    while (stream) {
      let index = 0;
      let last: Run | undefined;
      for await (const event of stream) {
        if (isRun(event)) last = event.data as Run;
        index += 1;
        if (index <= seen) continue;
        seen = index;
        yield event;
      }
      if (signal.aborted || !last || !isActive(last)) return;
      if (last.status === 'requires_action' && !(await wait(last))) return;
      stream = await open();
    }
  }

  const first = await open();
  return first && follow(first);
}

function isRun(event: AssistantsEvent): boolean {
  return event.event.startsWith('thread.run.') && !event.event.startsWith('thread.run.step.');
}
