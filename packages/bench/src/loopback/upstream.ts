import { setTimeout as wait } from 'node:timers/promises';

/** An event of an Assistants stream, as the `openai` SDK yields it. */
export interface UpstreamEvent {
  event: string;
  data: {
    id: string;
    object: string;
    delta?: { content: [{ index: 0; type: 'text'; text: { value: string } }] };
    [field: string]: unknown;
  };
}

/** How a model writes. */
export interface UpstreamPace {
  deltas: number;
  /** How many deltas come in one turn of the event loop. */
  burst: number;
  /** After these the model rests for ever: the stream stays open. */
  restAfter?: number;
}

/** Counts what was taken. */
export interface Taken {
  deltas: number;
}

/** The events of an assistant that writes `deltas` words. */
export async function* upstream(
  { deltas, burst, restAfter = Number.POSITIVE_INFINITY }: UpstreamPace,
  taken: Taken,
  signal: AbortSignal,
): AsyncGenerator<UpstreamEvent> {
  const run = {
    id: 'run_1',
    object: 'thread.run',
    thread_id: 'thread_1',
    assistant_id: 'asst_1',
    created_at: 1,
  };
  const message = {
    id: 'msg_1',
    object: 'thread.message',
    thread_id: 'thread_1',
    run_id: 'run_1',
    created_at: 1,
  };
  const fields = { role: 'assistant', assistant_id: 'asst_1', attachments: [], metadata: {} };
  yield { event: 'thread.run.created', data: { ...run, status: 'queued' } };
  yield { event: 'thread.run.in_progress', data: { ...run, status: 'in_progress' } };
  yield {
    event: 'thread.message.created',
    data: { ...message, ...fields, status: 'in_progress', content: [] },
  };
  let value = '';
  for (let index = 0; index < deltas; index += 1) {
    if (index === restAfter) await wait(3_600_000, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return;
    const word = `word${index} `;
    value += word;
    taken.deltas += 1;
    const object = 'thread.message.delta';
    const content: [{ index: 0; type: 'text'; text: { value: string } }] = [
      { index: 0, type: 'text', text: { value: word } },
    ];
    yield { event: object, data: { id: 'msg_1', object, delta: { content } } };
    if (index % burst === burst - 1) await new Promise((done) => setImmediate(done));
  }
  const content = [{ type: 'text', text: { value, annotations: [] } }];
  yield { event: 'thread.message.completed', data: { ...message, ...fields, status: 'completed', content } };
  yield { event: 'thread.run.completed', data: { ...run, status: 'completed', usage: null } };
}
