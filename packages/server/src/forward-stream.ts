import { AssistantError } from '@use-assistant/protocol';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { createAssistantsForwarding } from './forward-assistants.ts';
import { createResponsesForwarding } from './forward-responses.ts';
import type { ForwarderOptions } from './forwarding.ts';
import type { AssistantsEvent } from './from-assistants.ts';
import { isResponseOver } from './from-responses.ts';
import type { OpenAIResponse, ResponseStreamEvent } from './from-responses.ts';

/** Forwards a stream to the browser. Which of the two kinds it is, its first event tells. */
export interface ForwardStream {
  /**
   * An Assistants v2 stream: an `AssistantStream`, a raw stream of the SDK, or any async iterable of `{ event, data }`.
   * Resolves with the run as the stream left it.
   */
  (stream: AsyncIterable<AssistantsEvent>): Promise<Run | undefined>;
  /**
   * A stream of the Responses API: what `responses.create({ stream: true })` and `responses.stream()` give, or any async
   * iterable of its events. Resolves with the response as the stream left it.
   */
  (stream: AsyncIterable<ResponseStreamEvent>): Promise<OpenAIResponse | undefined>;
}

/** How long a run may take to become known after its reader has left. */
const patience = 10_000;

/** Forwards the streams of one response. */
export interface Forwarder {
  forward: ForwardStream;
  /** The run as the last event told it. */
  readonly run: Run | undefined;
  /** The response of the Responses API as the last event told it. */
  readonly response: OpenAIResponse | undefined;
  /** Resolves when the first event has named the run, or the response. */
  readonly known: Promise<void>;
}

/** Makes the forwarder of one response. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { writer, signal } = options;
  const { promise: known, resolve: tell } = Promise.withResolvers<void>();
  const assistants = createAssistantsForwarding(options, tell);
  const responses = createResponsesForwarding(options, tell);
  let isKnown = false;
  void known.then(() => {
    isKnown = true;
  });

  async function pump(stream: AsyncIterable<AssistantsEvent | ResponseStreamEvent>): Promise<boolean> {
    let isResponses: boolean | undefined;
    for await (const event of stream) {
      isResponses ??= 'type' in event && !('event' in event);
      const pending = isResponses
        ? responses.take(event as ResponseStreamEvent)
        : assistants.take(event as AssistantsEvent);
      if (pending) await pending;
      const room = writer.body.ready();
      if (room) await room;
      // Whoever has left wants nothing more: the next event is not even asked for.
      if (signal.aborted && isKnown) break;
    }
    return isResponses ?? false;
  }

  async function forward(
    stream: AsyncIterable<AssistantsEvent | ResponseStreamEvent>,
  ): Promise<Run | OpenAIResponse | undefined> {
    const iterator = stream[Symbol.asyncIterator]();
    let isOver = false;
    let isResponses = false;
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = (): void => {
      clearTimeout(timer);
      letGo(stream, iterator);
      leave();
    };
    // A run that nobody knows by id cannot be cancelled: its first event is waited for, also when all have left.
    const onAbort = (): void => {
      if (isKnown) return stop();
      timer = setTimeout(stop, patience);
      void known.then(stop);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      const pumped = pump({ [Symbol.asyncIterator]: () => iterator }).then((kind) => {
        isOver = true;
        isResponses = kind;
      });
      await Promise.race([pumped, left]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
    const isRest = isResponses
      ? responses.response !== undefined && isResponseOver(responses.response)
      : isAtRest(assistants.run);
    if (isOver && !signal.aborted && !isRest) {
      throw new AssistantError('stream_interrupted', 'The stream of the run ended before the run did.');
    }
    return isResponses || !assistants.run ? responses.response : assistants.run;
  }

  return {
    get run() {
      return assistants.run;
    },
    get response() {
      return responses.response;
    },
    known,
    forward: forward as ForwardStream,
  };
}

/** Whether the run is over or waits for tool outputs: where a stream may rightly end. */
export function isAtRest(run: Run | undefined): boolean {
  return run !== undefined && (run.status === 'requires_action' || !isActive(run));
}

/** Whether a run still holds its thread. */
export function isActive(run: Pick<Run, 'status'>): boolean {
  return ['queued', 'in_progress', 'requires_action', 'cancelling'].includes(run.status);
}

/** Lets a source go without waiting for it: the SDK's streams by their controller, others by their iterator. */
function letGo(stream: AsyncIterable<unknown>, iterator: AsyncIterator<unknown>): void {
  const { controller } = stream as { controller?: AbortController };
  if (controller instanceof AbortController) controller.abort();
  else void (async () => iterator.return?.())().catch(() => undefined);
}
