import { AssistantError } from '@use-assistant/protocol';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { createAssistantsTranslator } from './from-assistants.ts';
import type {
  AssistantsEvent,
  AssistantsTranslator,
  AssistantsTranslatorOptions,
} from './from-assistants.ts';
import type { LookUpFiles } from './output-files.ts';
import type { ResponseWriter } from './response-writer.ts';
import type { NeedsApproval } from './tool-approvals.ts';

/**
 * Forwards an Assistants v2 stream to the browser: an `AssistantStream`, a raw stream of the SDK, or any async iterable of
 * `{ event, data }`. Resolves with the run as the stream left it.
 */
export type ForwardStream = (stream: AsyncIterable<AssistantsEvent>) => Promise<Run | undefined>;

/** What forwarding needs. */
export interface ForwarderOptions extends AssistantsTranslatorOptions {
  writer: ResponseWriter;
  lookUpFiles?: LookUpFiles | undefined;
  needsApproval?: NeedsApproval | undefined;
  /** Ends forwarding; the source is let go at once. */
  signal: AbortSignal;
  /** Whether this event and all before it are kept from the reader, who has them or does not want them. */
  isHidden?: ((event: AssistantsEvent) => boolean) | undefined;
}

/** How long a run may take to become known after its reader has left. */
const patience = 10_000;

/** Forwards the streams of one response. */
export interface Forwarder {
  forward: ForwardStream;
  /** The run as the last event told it. */
  readonly run: Run | undefined;
  /** Resolves when the first event has named the run. */
  readonly runKnown: Promise<Run>;
}

const noIds: readonly string[] = [];

interface Place {
  runId: string;
  translator: AssistantsTranslator;
  /** How many events of the run have been counted. */
  count: number;
}

/** Makes the forwarder of one response. Streams of the same run go on counting, as the run's own log does. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const { writer, lookUpFiles, signal } = options;
  const places = new Map<string, Place>();
  const { promise: runKnown, resolve: tellRun } = Promise.withResolvers<Run>();
  let run: Run | undefined;

  function placeOf(runId: string): Place {
    let place = places.get(runId);
    if (!place) {
      place = { runId, translator: createAssistantsTranslator(options), count: 0 };
      places.set(runId, place);
    }
    return place;
  }

  async function callsToAllow(waiting: Run): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for (const call of waiting.required_action?.submit_tool_outputs.tool_calls ?? []) {
      if (await options.needsApproval?.(call)) ids.add(call.id);
    }
    return ids;
  }

  async function pump(stream: AsyncIterable<AssistantsEvent>): Promise<void> {
    let place = run && placeOf(run.id);
    for await (const event of stream) {
      if (signal.aborted && run) return;
      // Deltas come by the thousand and say nothing of the run.
      if (!isDelta(event)) {
        if (event.event === 'error') throw toStreamError(event.data);
        if (!isRunEvent(event)) continue;
        const told = runOf(event);
        if (told) {
          run = told;
          tellRun(told);
        }
        const runId = runIdOf(event) ?? run?.id;
        if (runId !== undefined && place?.runId !== runId) place = placeOf(runId);
      }
      if (!place) continue;
      const index = place.count;
      place.count += 1;
      if (writer.body.isClosed) continue;
      const ids = lookUpFiles ? place.translator.fileIds(event) : noIds;
      const files = ids.length > 0 ? await lookUpFiles!(ids, signal) : undefined;
      const asks = event.event === 'thread.run.requires_action' ? await callsToAllow(run!) : undefined;
      const chunks = place.translator.translate(event, files, asks);
      if (options.isHidden?.(event)) continue;
      writer.writeEvent(event, chunks, place.runId, index);
      const room = writer.body.ready();
      if (room) await room;
    }
  }

  return {
    get run() {
      return run;
    },
    runKnown,
    async forward(stream) {
      let isOver = false;
      const { promise: left, resolve: leave } = Promise.withResolvers<void>();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const stop = (): void => {
        clearTimeout(timer);
        letGo(stream);
        leave();
      };
      // A run that nobody knows by id cannot be cancelled: its first event is waited for, also when all have left.
      const onAbort = (): void => {
        if (run) return stop();
        timer = setTimeout(stop, patience);
        void runKnown.then(stop);
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      try {
        await Promise.race([
          pump(stream).then(() => {
            isOver = true;
          }),
          left,
        ]);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      }
      if (isOver && !signal.aborted && !isAtRest(run)) {
        throw new AssistantError('stream_interrupted', 'The stream of the run ended before the run did.');
      }
      return run;
    },
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

function isDelta({ event }: AssistantsEvent): boolean {
  return event === 'thread.message.delta' || event === 'thread.run.step.delta';
}

function isRunEvent(event: AssistantsEvent): boolean {
  return event.event.startsWith('thread.run.') || event.event.startsWith('thread.message.');
}

function runOf(event: AssistantsEvent): Run | undefined {
  const isRun = event.event.startsWith('thread.run.') && !event.event.startsWith('thread.run.step.');
  return isRun ? (event.data as Run) : undefined;
}

function runIdOf(event: AssistantsEvent): string | undefined {
  const data = event.data as { id?: string; object?: string; run_id?: string | null };
  return data.object === 'thread.run' ? data.id : (data.run_id ?? undefined);
}

/** Lets a source go without waiting for it: the SDK's streams by their controller, others by their iterator. */
function letGo(stream: AsyncIterable<AssistantsEvent>): void {
  const { controller } = stream as { controller?: AbortController };
  if (controller instanceof AbortController) controller.abort();
}

function toStreamError(data: unknown): AssistantError {
  const details = (data as ({ error?: { message?: string } } & { message?: string }) | undefined) ?? {};
  return new AssistantError(
    'run_failed',
    details.error?.message ?? details.message ?? 'The stream reported an error.',
    {
      cause: data,
    },
  );
}
