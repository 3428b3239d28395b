import type { AssistantsEvent } from '../from-assistants.ts';

const created = 1_700_000_000;

/** A run as a server tells it, with what a test wants to be different. */
export function runObject(changes: object = {}): object {
  return {
    id: 'run_1',
    object: 'thread.run',
    created_at: created,
    thread_id: 'thread_1',
    assistant_id: 'asst_1',
    status: 'in_progress',
    required_action: null,
    last_error: null,
    incomplete_details: null,
    usage: null,
    metadata: {},
    ...changes,
  };
}

/** A `thread.run.…` event. */
export function runEvent(name: string, changes: object = {}): AssistantsEvent {
  const status = name === 'created' ? 'queued' : name;
  return { event: `thread.run.${name}`, data: runObject({ status, ...changes }) };
}

/** The first three events of every run. */
export const head: AssistantsEvent[] = [runEvent('created'), runEvent('queued'), runEvent('in_progress')];

/** A `thread.run.step.…` event with whole details. */
export function stepEvent(name: string, id: string, details: object, changes: object = {}): AssistantsEvent {
  const status = name === 'created' ? 'in_progress' : name;
  return {
    event: `thread.run.step.${name}`,
    data: {
      id,
      object: 'thread.run.step',
      created_at: created,
      thread_id: 'thread_1',
      assistant_id: 'asst_1',
      run_id: 'run_1',
      type: 'tool_calls',
      status,
      step_details: details,
      last_error: null,
      ...changes,
    },
  };
}

/** A `thread.run.step.delta` event for one tool call. */
export function callDelta(id: string, call: object): AssistantsEvent {
  return {
    event: 'thread.run.step.delta',
    data: {
      id,
      object: 'thread.run.step.delta',
      delta: { step_details: { type: 'tool_calls', tool_calls: [call] } },
    },
  };
}

/** A `thread.message.…` event. */
export function messageEvent(name: string, content: object[] = [], changes: object = {}): AssistantsEvent {
  return {
    event: `thread.message.${name}`,
    data: {
      id: 'msg_1',
      object: 'thread.message',
      created_at: created,
      thread_id: 'thread_1',
      run_id: 'run_1',
      assistant_id: 'asst_1',
      role: 'assistant',
      status: name === 'created' ? 'in_progress' : name,
      attachments: [],
      metadata: {},
      content,
      ...changes,
    },
  };
}

/** A `thread.message.delta` event with these blocks. */
export function messageDelta(...content: object[]): AssistantsEvent {
  return {
    event: 'thread.message.delta',
    data: { id: 'msg_1', object: 'thread.message.delta', delta: { content } },
  };
}

/** A `thread.message.delta` event with one piece of text. */
export function textDelta(value: string, index = 0): AssistantsEvent {
  return messageDelta({ index, type: 'text', text: { value } });
}

/** A text block as a finished message holds it. */
export function textBlock(value: string, annotations: object[] = []): object {
  return { type: 'text', text: { value, annotations } };
}

/** The events of one message with this text, in pieces. */
export function textMessage(...pieces: string[]): AssistantsEvent[] {
  return [
    messageEvent('created'),
    messageEvent('in_progress'),
    ...pieces.map((piece) => textDelta(piece)),
    messageEvent('completed', [textBlock(pieces.join(''))]),
  ];
}

/** Usage as a finished run reports it. */
export const usage = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 };

/** A whole run that only writes a text. */
export function textRun(...pieces: string[]): AssistantsEvent[] {
  return [...head, ...textMessage(...pieces), runEvent('completed', { usage })];
}

/** A stream of these events, as the SDK gives one. */
export async function* streamOf(events: Iterable<AssistantsEvent>): AsyncGenerator<AssistantsEvent> {
  yield* events;
}
