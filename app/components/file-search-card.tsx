import { FileSearch } from 'lucide-react';
import { useId, useState } from 'react';
import { passagesOf, type Passage } from '../lib/found-passages.ts';
import type { FunctionToolPart } from '../lib/message-parts.ts';
import { FoldButton } from './fold-button.tsx';

/** One search of the attached documents: whether it goes on, in which documents it found something, and folded away what. */
export function FileSearchCard({ part, active }: { part: FunctionToolPart; active: boolean }) {
  const [open, setOpen] = useState(false);
  const passagesId = useId();
  const found = passagesOf(part.output);
  const passages = found.filter(({ text }) => text !== '');
  const names = [...new Set(found.map(({ filename }) => filename))];
  const done = part.state === 'output-available';
  const failed = part.state === 'output-error';
  const outcome = names.length === 0 ? 'nothing found' : names.join(', ');
  return (
    <section
      aria-label="File search"
      className="overflow-hidden rounded-2xl border border-line bg-sunken text-[13px]"
    >
      <div className="relative flex items-center gap-2.5 px-4 py-2.5">
        <FileSearch size={15} aria-hidden="true" className="flex-none text-faint" />
        <span className="flex-none font-medium">File search</span>
        <span className="min-w-0 flex-1 truncate text-soft">
          {done ? outcome : failed ? part.errorText : active ? 'Searching' : 'Stopped'}
        </span>
        {active && !done && !failed && <span className="travel-line" aria-hidden="true" />}
        {passages.length > 0 && (
          <>
            <span className="flex-none text-faint tabular-nums max-sm:sr-only">
              {passages.length === 1 ? '1 passage' : `${passages.length} passages`}
            </span>
            <FoldButton
              open={open}
              what="the passages"
              controls={passagesId}
              onToggle={() => setOpen(!open)}
            />
          </>
        )}
      </div>
      {passages.length > 0 && (
        <ol
          id={passagesId}
          hidden={!open}
          tabIndex={0}
          aria-label="Passages"
          className="max-h-96 divide-y divide-line overflow-auto border-t border-line"
        >
          {passages.map((passage) => (
            <PassageItem key={passage.place} passage={passage} />
          ))}
        </ol>
      )}
    </section>
  );
}

function PassageItem({ passage: { filename, text } }: { passage: Passage }) {
  return (
    <li className="px-4 py-3">
      <p className="truncate text-xs font-medium text-soft">{filename}</p>
      <blockquote className="mt-1 leading-relaxed whitespace-pre-line wrap-anywhere">{text}</blockquote>
    </li>
  );
}
