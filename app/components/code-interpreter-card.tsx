import { CircleAlert, CircleCheck, CircleSlash, SquareTerminal } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import type { CodeInterpreterPart } from '../lib/message-parts.ts';
import { isOwnFile } from '../lib/safe-url.ts';
import { FoldButton } from './fold-button.tsx';
import { OutputImage } from './output-image.tsx';
import { PythonCode } from './python-code.tsx';

/** Longer code folds itself away once it has run. */
const foldedFrom = 40;

interface CodeInterpreterCardProps {
  part: CodeInterpreterPart;
  /** Whether the run that this call belongs to is still going on. */
  active: boolean;
  /** Whether the run was stopped while this call was its last. */
  stopped: boolean;
  /** URLs of images that the message shows by itself, as files. */
  shownElsewhere: ReadonlySet<string>;
}

type Stage = 'writing' | 'running' | 'done' | 'raised' | 'failed' | 'stopped';

const stageNames: Record<Stage, string> = {
  writing: 'Writing Python',
  running: 'Running',
  done: 'Done',
  raised: 'Python raised an error',
  failed: 'Could not run',
  stopped: 'Stopped',
};

/** One call of the code interpreter: the Python as it is written, whether it runs, and what it printed. */
export function CodeInterpreterCard({ part, active, stopped, shownElsewhere }: CodeInterpreterCardProps) {
  const codeId = useId();
  const [chosen, setChosen] = useState<boolean>();
  const code = typeof part.input === 'string' ? part.input : (part.input?.code ?? '');
  const outputs = part.output?.outputs ?? [];
  const logs = outputs.flatMap((output) => (output.type === 'logs' ? [output.logs] : [])).join('');
  const stage = stopped && !active ? 'stopped' : stageOf(part, logs, active);
  const busy = stage === 'writing' || stage === 'running';
  const lines = code === '' ? 0 : code.trimEnd().split('\n').length;
  const open = chosen ?? (busy || lines < foldedFrom);

  return (
    <section
      aria-label="Code interpreter"
      data-stage={stage}
      className="overflow-hidden rounded-2xl border border-line bg-sunken"
    >
      <div className="relative flex items-center gap-2.5 px-4 py-2.5 text-[13px]">
        <SquareTerminal size={15} aria-hidden="true" className="flex-none text-faint" />
        <span className="font-medium">Code interpreter</span>
        <StageMark stage={stage} />
        <span className="flex-1" />
        <span className="text-faint tabular-nums max-sm:sr-only">
          {lines === 0 ? '' : `${lines} ${lines === 1 ? 'line' : 'lines'}`}
        </span>
        <FoldButton open={open} what="the code" controls={codeId} onToggle={() => setChosen(!open)} />
      </div>
      <div id={codeId} hidden={!open}>
        {code !== '' && (
          <Cell label="In">
            <PythonCode code={code} writing={stage === 'writing'} />
          </Cell>
        )}
      </div>
      {logs !== '' && (
        <Cell label="Out">
          <pre
            tabIndex={0}
            aria-label="Printed output"
            className={`max-h-72 overflow-auto font-mono text-[13px] leading-[1.65] whitespace-pre-wrap wrap-anywhere ${
              stage === 'raised' ? 'text-danger' : ''
            }`}
          >
            {logs.trimEnd()}
          </pre>
        </Cell>
      )}
      {part.state === 'output-error' && (
        <Cell label="Out">
          <p className="text-sm text-danger">{part.errorText}</p>
        </Cell>
      )}
      {outputs.map((output) =>
        output.type === 'image' && isOwnFile(output.url) && !shownElsewhere.has(output.url) ? (
          <Cell key={output.fileId} label="Out">
            <OutputImage url={output.url} name="Image made by Python" />
          </Cell>
        ) : null,
      )}
    </section>
  );
}

function Cell({ label, children }: { label: 'In' | 'Out'; children: ReactNode }) {
  return (
    <div className="flex gap-3 border-t border-line px-4 py-3">
      <span
        aria-hidden="true"
        className="w-7 flex-none font-mono text-[11px] leading-[1.95] text-faint select-none"
      >
        {label}
      </span>
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}

function StageMark({ stage }: { stage: Stage }) {
  if (stage === 'writing' || stage === 'running') {
    return <span className="text-accent">{stageNames[stage]}</span>;
  }
  const Icon = stage === 'done' ? CircleCheck : stage === 'stopped' ? CircleSlash : CircleAlert;
  const colour = stage === 'done' ? 'text-accent' : stage === 'stopped' ? 'text-soft' : 'text-danger';
  return (
    <span className={`flex min-w-0 items-center gap-1.5 ${colour}`}>
      <Icon size={14} aria-hidden="true" className="flex-none" />
      <span className="truncate">{stageNames[stage]}</span>
    </span>
  );
}

function stageOf(part: CodeInterpreterPart, logs: string, active: boolean): Stage {
  if (part.state === 'output-error') return 'failed';
  if (part.state === 'output-available' && !part.preliminary) {
    return /^Traceback \(most recent call last\):/m.test(logs) ? 'raised' : 'done';
  }
  if (!active) return 'stopped';
  return part.state === 'input-streaming' ? 'writing' : 'running';
}
