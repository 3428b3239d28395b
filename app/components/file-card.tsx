import { Download, FileText } from 'lucide-react';
import { fileKind } from '../lib/file-kind.ts';
import { formatSize } from '../lib/format-size.ts';

interface FileCardProps {
  url: string;
  name: string;
  mediaType: string;
  size: number;
}

/** A file that the run made, to download. */
export function FileCard({ url, name, mediaType, size }: FileCardProps) {
  return (
    <a
      href={url}
      download={name}
      className="group flex w-72 max-w-full items-center gap-3 rounded-2xl border border-line bg-surface p-3 transition-[border-color,box-shadow] hover:border-accent/50 hover:shadow-(--shadow)"
    >
      <span
        aria-hidden="true"
        className="grid size-10 flex-none place-items-center rounded-xl bg-wash text-accent"
      >
        <FileText size={18} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm font-medium">{name}</span>
        <span className="block text-[13px] text-faint">
          {fileKind(mediaType, name)}, {formatSize(size)}
        </span>
      </span>
      <Download size={17} aria-hidden="true" className="mr-1 flex-none text-faint group-hover:text-accent" />
      <span className="sr-only">Download</span>
    </a>
  );
}
