import type { AssistantMessage } from '@use-assistant/react';
import { FileText } from 'lucide-react';
import { memo } from 'react';
import { fileKind } from '../lib/file-kind.ts';
import { textOf } from '../lib/message-parts.ts';
import { isOwnFile } from '../lib/safe-url.ts';

/** One message of the person who asks, with the files that went along. */
export const UserMessageRow = memo(function UserMessageRow({ message }: { message: AssistantMessage }) {
  const text = textOf(message);
  const files = message.parts.filter((part) => part.type === 'file');
  return (
    <article aria-label="You" data-role="user" className="arrive flex flex-col items-end gap-2 pl-8 sm:pl-16">
      {files.length > 0 && (
        <ul aria-label="Attached files" className="flex max-w-full flex-wrap justify-end gap-2">
          {files.map((file) => (
            <li key={file.url} className="max-w-full">
              <AttachedFile url={file.url} name={file.filename ?? 'file'} mediaType={file.mediaType} />
            </li>
          ))}
        </ul>
      )}
      {text !== '' && (
        <p className="w-fit max-w-full rounded-3xl rounded-br-lg bg-bubble px-4.5 py-2.5 leading-relaxed whitespace-pre-wrap wrap-anywhere">
          <InlineCode text={text} />
        </p>
      )}
    </article>
  );
});

/** The text as it was typed, with what stands between backticks set as code. */
function InlineCode({ text }: { text: string }) {
  return text.split(/`([^`\n]+)`/).map((piece, index) =>
    index % 2 === 1 ? (
      // oxlint-disable-next-line react/no-array-index-key -- the pieces of a sent message never change
      <code key={index} className="font-mono text-[0.9em]">
        {piece}
      </code>
    ) : (
      piece
    ),
  );
}

function AttachedFile({ url, name, mediaType }: { url: string; name: string; mediaType: string }) {
  if (mediaType.startsWith('image/') && isOwnFile(url)) {
    return (
      <img src={url} alt={name} className="max-h-48 max-w-full rounded-2xl border border-line object-cover" />
    );
  }
  return (
    <span className="flex max-w-full items-center gap-2.5 rounded-2xl border border-line bg-surface py-2 pr-4 pl-2.5">
      <span
        aria-hidden="true"
        className="grid size-8 flex-none place-items-center rounded-lg bg-wash text-accent"
      >
        <FileText size={15} />
      </span>
      <span className="min-w-0 text-sm">
        <span className="block truncate font-medium">{name}</span>
        <span className="block text-xs text-faint">{fileKind(mediaType, name)}</span>
      </span>
    </span>
  );
}
