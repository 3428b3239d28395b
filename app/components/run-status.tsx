import type { AssistantMessage, RunStatus } from '@use-assistant/react';

const statusNames: Record<RunStatus, string> = {
  queued: 'Queued',
  in_progress: 'In progress',
  requires_action: 'Waiting for a tool',
  cancelling: 'Stopping',
  cancelled: 'Stopped',
  failed: 'Failed',
  completed: 'Completed',
  incomplete: 'Incomplete',
  expired: 'Expired',
};

interface RunStatusLineProps {
  runStatus: RunStatus | undefined;
  /** The answer as far as it has come. */
  answer: AssistantMessage | undefined;
}

/** Where the run stands, and what it is doing. */
export function RunStatusLine({ runStatus, answer }: RunStatusLineProps) {
  const doing = runStatus === 'in_progress' ? activityOf(answer) : undefined;
  return (
    <div data-testid="run-status" className="flex items-center gap-3 text-[13px] text-soft">
      <span className="travel-line" aria-hidden="true" />
      <span>{runStatus ? statusNames[runStatus] : 'Sending'}</span>
      {doing && <span className="text-faint">{doing}</span>}
    </div>
  );
}

/** The same as a sentence for those who cannot see it; empty when nothing is under way. */
export function runStatusSentence(
  runStatus: RunStatus | undefined,
  answer: AssistantMessage | undefined,
): string {
  const doing = runStatus === 'in_progress' ? activityOf(answer) : undefined;
  return `${runStatus ? statusNames[runStatus] : 'Sending'}${doing ? `, ${doing}` : ''}.`;
}

function activityOf(answer: AssistantMessage | undefined): string | undefined {
  const part = answer?.parts.at(-1);
  if (!part) return undefined;
  if (part.type === 'text') return 'writing the answer';
  if (part.type === 'tool-code_interpreter') {
    const { state } = part as { state: string; preliminary?: boolean };
    if (state === 'input-streaming') return 'writing Python';
    return state === 'input-available' || (part as { preliminary?: boolean }).preliminary
      ? 'running Python'
      : 'reading the output';
  }
  if (part.type === 'data-file' || part.type === 'file') return 'attaching files';
  return part.type.startsWith('tool-') ? 'calling a tool' : undefined;
}
