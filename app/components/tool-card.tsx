import { CircleAlert, CircleCheck, CircleSlash, Wrench } from 'lucide-react';
import { useId, useState } from 'react';
import type { Decide, FunctionToolPart } from '../lib/message-parts.ts';
import { FoldButton } from './fold-button.tsx';

interface ToolCardProps {
  part: FunctionToolPart;
  active: boolean;
  onDecide: Decide;
}

/** One call of a function tool: its name, what it was asked, and what it answered. */
export function ToolCard({ part, active, onDecide }: ToolCardProps) {
  const [open, setOpen] = useState(false);
  const detailsId = useId();
  const failed = part.state === 'output-error';
  const done = part.state === 'output-available';
  const asks = part.state === 'approval-requested' ? part.approval : undefined;
  const denied = part.state === 'output-denied' || part.approval?.approved === false;
  const label = asks
    ? 'Asks first'
    : denied
      ? 'Not allowed'
      : failed
        ? 'Failed'
        : done
          ? 'Done'
          : active
            ? 'Calling'
            : 'Stopped';
  return (
    <section
      aria-label={`Tool ${part.toolName}`}
      className="overflow-hidden rounded-2xl border border-line bg-sunken"
    >
      <div className="relative flex items-center gap-2.5 px-4 py-2.5 text-[13px]">
        <Wrench size={14} aria-hidden="true" className="flex-none text-faint" />
        <span className="flex-none font-medium">{spoken(part.toolName)}</span>
        <span className="min-w-0 truncate text-soft">{inBrief(part.input)}</span>
        <span className="flex-1" />
        <span className={`flex flex-none items-center gap-1.5 ${failed ? 'text-danger' : 'text-accent'}`}>
          {failed ? (
            <CircleAlert size={14} aria-hidden="true" />
          ) : done ? (
            <CircleCheck size={14} aria-hidden="true" />
          ) : active ? (
            <span className="travel-line" aria-hidden="true" />
          ) : (
            <CircleSlash size={14} aria-hidden="true" />
          )}
          <span className="max-sm:sr-only">{label}</span>
        </span>
        <FoldButton open={open} what="the details" controls={detailsId} onToggle={() => setOpen(!open)} />
      </div>
      {asks && (
        <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-3 text-sm">
          <p className="min-w-0 flex-1">May the assistant do this?</p>
          <button
            type="button"
            onClick={() => onDecide({ id: asks.id, approved: false })}
            className="h-9 rounded-full border border-line bg-surface px-4 font-medium hover:bg-sunken"
          >
            Deny
          </button>
          <button
            type="button"
            onClick={() => onDecide({ id: asks.id, approved: true })}
            className="h-9 rounded-full bg-accent px-4 font-medium text-on-accent"
          >
            Allow
          </button>
        </div>
      )}
      <dl id={detailsId} hidden={!open} className="border-t border-line px-4 py-3 text-[13px]">
        <Detail name="Asked" value={part.input} />
        {failed ? (
          <Detail name="Error" value={part.errorText} />
        ) : (
          <Detail name="Answered" value={part.output} />
        )}
      </dl>
    </section>
  );
}

function Detail({ name, value }: { name: string; value: unknown }) {
  if (value === undefined) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <div className="flex gap-3 py-1">
      <dt className="w-16 flex-none text-faint">{name}</dt>
      <dd className="min-w-0 flex-1 font-mono whitespace-pre-wrap wrap-anywhere">{text}</dd>
    </div>
  );
}

/** `getRoomTemperature` and `get_room_temperature` as `Get room temperature`. */
function spoken(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function inBrief(input: unknown): string {
  if (typeof input !== 'object' || input === null) return '';
  return Object.values(input)
    .filter((value) => ['string', 'number', 'boolean'].includes(typeof value))
    .join(', ');
}
