import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { toStreamError } from './forwarding.ts';
import type { Forwarding, ForwarderOptions } from './forwarding.ts';
import { createAssistantsTranslator } from './from-assistants.ts';
import type { AssistantsEvent, AssistantsTranslator } from './from-assistants.ts';

interface Place {
  runId: string;
  translator: AssistantsTranslator;
  /** How many events of the run have been counted. */
  count: number;
}

/** Takes Assistants events. Streams of the same run go on counting, as the run's own log does. */
export function createAssistantsForwarding(
  options: ForwarderOptions,
  tell: () => void,
): Forwarding<AssistantsEvent> & { readonly run: Run | undefined } {
  const { writer, lookUpFiles, signal, isHidden } = options;
  const places = new Map<string, Place>();
  let place: Place | undefined;
  let run: Run | undefined;

  function placeOf(runId: string): Place {
    let found = places.get(runId);
    if (!found) {
      found = { runId, translator: createAssistantsTranslator(options), count: 0 };
      places.set(runId, found);
    }
    return found;
  }

  async function translateLater(
    event: AssistantsEvent,
    { runId, translator }: Place,
    index: number,
    ids: readonly string[],
  ): Promise<void> {
    const files = ids.length > 0 ? await lookUpFiles!(ids, signal) : undefined;
    const asks = event.event === 'thread.run.requires_action' ? await callsToAllow(run!) : undefined;
    const chunks = translator.translate(event, files, asks);
    if (!isHidden?.(event)) writer.writeEvent(chunks, event, runId, index);
  }

  async function callsToAllow(waiting: Run): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for (const call of waiting.required_action?.submit_tool_outputs.tool_calls ?? []) {
      if (await options.needsApproval?.(call)) ids.add(call.id);
    }
    return ids;
  }

  return {
    get run() {
      return run;
    },
    take(event) {
      const isPiece = event.event === 'thread.message.delta' || event.event === 'thread.run.step.delta';
      // Deltas come by the thousand and say nothing of the run.
      if (!isPiece) {
        if (event.event === 'error') throw toStreamError(event.data);
        if (!isRunEvent(event)) return undefined;
        const told = runOf(event);
        if (told) {
          run = told;
          tell();
        }
        const runId = runIdOf(event) ?? run?.id;
        if (runId !== undefined && place?.runId !== runId) place = placeOf(runId);
      }
      if (!place) return undefined;
      const index = place.count;
      place.count += 1;
      if (writer.body.isClosed) return undefined;
      const ids = lookUpFiles ? place.translator.fileIds(event) : noIds;
      const asks = event.event === 'thread.run.requires_action' && options.needsApproval !== undefined;
      if (ids.length > 0 || asks) return translateLater(event, place, index, ids);
      const chunks = place.translator.translate(event);
      if (!isHidden?.(event)) writer.writeEvent(chunks, event, place.runId, index);
      return undefined;
    },
  };
}

const noIds: readonly string[] = [];

function isRunEvent({ event }: AssistantsEvent): boolean {
  return event.startsWith('thread.run.') || event.startsWith('thread.message.');
}

function runOf(event: AssistantsEvent): Run | undefined {
  const isRun = event.event.startsWith('thread.run.') && !event.event.startsWith('thread.run.step.');
  return isRun ? (event.data as Run) : undefined;
}

function runIdOf(event: AssistantsEvent): string | undefined {
  const data = event.data as { id?: string; object?: string; run_id?: string | null };
  return data.object === 'thread.run' ? data.id : (data.run_id ?? undefined);
}
