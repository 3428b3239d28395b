import type {
  AssistantChunk,
  AssistantErrorChunk,
  AssistantMetadata,
  RunStatus,
} from '@use-assistant/protocol';
import { isRunStatusData } from '@use-assistant/protocol';
import { toToolParts } from './messages.ts';
import type { ChatMessage, RunState } from './state.ts';
import type { RunSummary } from './wire.ts';

const active = /^(?:queued|in_progress|requires_action|cancelling)$/;

/** Whether the run still goes on, or waits to. */
export function isActiveRun(run: { status: RunStatus } | null | undefined): boolean {
  return active.test(run?.status ?? '');
}

/** The run with its tool calls; the same object when they have not changed. */
export function withSteps(run: RunState | undefined, message: ChatMessage): RunState | undefined {
  if (!run) return run;
  const steps = toToolParts(message);
  const isSame = steps.length === run.steps.length && steps.every((step, index) => step === run.steps[index]);
  return isSame ? run : { ...run, steps };
}

/** The run that has been cancelled: once the server has taken that, nothing but its end can follow. */
export function fromCancel(run: RunState, { status, ...summary }: RunSummary): RunState {
  const ended = status === 'cancelling' ? 'cancelled' : status;
  return { ...run, ...fromRunSummary({ ...summary, status: ended }), steps: run.steps };
}

/** The run that a history reports. */
export function fromRunSummary(
  summary: RunSummary | null | undefined,
  message?: ChatMessage,
): RunState | undefined {
  if (!summary) return undefined;
  const { id, status, usage, lastError } = summary;
  return {
    id,
    status,
    steps: toToolParts(message),
    ...(usage && { usage }),
    ...(lastError && { lastError }),
  };
}

/** The run after a chunk; the same object when the chunk says nothing about it. */
export function reduceRun(run: RunState | undefined, chunk: AssistantChunk): RunState | undefined {
  switch (chunk.type) {
    case 'data-status':
      return isRunStatusData(chunk.data) ? patch(run, chunk.data.runId, { status: chunk.data.status }) : run;
    case 'start':
    case 'message-metadata':
      return fromMetadata(run, chunk.messageMetadata);
    case 'finish':
      return settle(fromMetadata(run, chunk.messageMetadata), 'completed');
    case 'abort':
      return settle(run, 'cancelled');
    case 'error': {
      const { code = 'server_error', errorText: message } = chunk as AssistantErrorChunk;
      // Our codes for how a run ends are its status after `run_`.
      const status = code.startsWith('run_') && (code.slice(4) as RunStatus);
      return run && status ? { ...run, status, lastError: { code, message } } : run;
    }
    default:
      return run;
  }
}

function fromMetadata(
  run: RunState | undefined,
  metadata: AssistantMetadata | undefined,
): RunState | undefined {
  const { runId = run?.id, runStatus, usage } = metadata ?? {};
  if (!runId) return run;
  return patch(run, runId, { ...(runStatus && { status: runStatus }), ...(usage && { usage }) });
}

/** The end of a stream that has not said how its run ended. */
function settle(run: RunState | undefined, status: RunStatus): RunState | undefined {
  return run && isActiveRun(run) && run.status !== 'requires_action' ? { ...run, status } : run;
}

function patch(run: RunState | undefined, id: string, changes: Partial<RunState>): RunState {
  const known: RunState = run?.id === id ? run : { id, status: 'queued', steps: [] };
  return { ...known, ...changes };
}
