import { FileSearch } from 'lucide-react';
import type { FunctionToolPart } from '../lib/message-parts.ts';

/** One search of the attached documents: whether it goes on, and in which documents it found something. */
export function FileSearchCard({ part, active }: { part: FunctionToolPart; active: boolean }) {
  const names = foundIn(part.output);
  const done = part.state === 'output-available';
  const found = names.length === 0 ? 'nothing found' : names.join(', ');
  return (
    <section
      aria-label="File search"
      className="relative flex items-center gap-2.5 rounded-2xl border border-line bg-sunken px-4 py-2.5 text-[13px]"
    >
      <FileSearch size={15} aria-hidden="true" className="flex-none text-faint" />
      <span className="flex-none font-medium">File search</span>
      <span className="min-w-0 flex-1 truncate text-soft">
        {done ? found : part.state === 'output-error' ? part.errorText : active ? 'Searching' : 'Stopped'}
      </span>
      {active && !done && part.state !== 'output-error' && (
        <span className="travel-line" aria-hidden="true" />
      )}
    </section>
  );
}

function foundIn(output: unknown): string[] {
  const { results } = (output ?? {}) as { results?: unknown };
  if (!Array.isArray(results)) return [];
  return [
    ...new Set(results.map((result) => String((result as { filename?: unknown }).filename ?? 'a file'))),
  ];
}
