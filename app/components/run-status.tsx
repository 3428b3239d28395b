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

const sendingNames = { message: 'Sending', files: 'Uploading' };

interface RunStatusLineProps {
  /** The statuses that the run has gone through, the present one last; none before the server has answered. */
  statuses: readonly RunStatus[];
  /** What is being sent to the server, before there is a run. */
  sending: 'message' | 'files';
  /** The answer as far as it has come. */
  answer: AssistantMessage | undefined;
}

/** Where the run stands, how it came there, and what it is doing. */
export function RunStatusLine({ statuses, sending, answer }: RunStatusLineProps) {
  const doing = statuses.at(-1) === 'in_progress' ? activityOf(answer) : undefined;
  const words = statuses.length > 0 ? statuses.map((status) => statusNames[status]) : [sendingNames[sending]];
  return (
    <div
      data-testid="run-status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px] text-faint"
    >
      <span className="travel-line" aria-hidden="true" />
      {words.map((word, index) => (
        <span key={word} className={index === words.length - 1 ? 'text-ink' : undefined}>
          {word}
        </span>
      ))}
      {doing && <span>{doing}</span>}
    </div>
  );
}

/** The same as a sentence, for those who hear the page. */
export function runStatusSentence({ statuses, sending, answer }: RunStatusLineProps): string {
  const status = statuses.at(-1);
  if (!status) return `${sendingNames[sending]}.`;
  const doing = status === 'in_progress' ? activityOf(answer) : undefined;
  return `${statusNames[status]}${doing ? `, ${doing}` : ''}.`;
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
