import type { Source } from '../lib/cited-text.ts';

/** The documents that an answer quotes, by the numbers in its text. */
export function Sources({ sources }: { sources: readonly Source[] }) {
  return (
    <ol aria-label="Sources" className="flex flex-wrap gap-2 text-[13px]">
      {sources.map(({ number, name, url }) => (
        <li key={url} className="max-w-full">
          <a
            href={url}
            download={name}
            className="flex items-center gap-2 rounded-full border border-line bg-surface py-1 pr-3 pl-1 hover:border-accent/50"
          >
            <span className="citation">{number}</span>
            <span className="truncate">{name}</span>
          </a>
        </li>
      ))}
    </ol>
  );
}
