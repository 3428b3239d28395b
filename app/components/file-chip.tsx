import { CircleAlert, FileText, X } from 'lucide-react';
import { formatSize } from '../lib/format-size.ts';

interface FileChipProps {
  name: string;
  size: number;
  /** From 0 to 1. */
  progress: number;
  uploading: boolean;
  preview?: string | undefined;
  error?: string | undefined;
  onRemove: () => void;
}

/** A file that will go along with the next message: how far its upload is, and a way to take it back. */
export function FileChip({ name, size, progress, uploading, preview, error, onRemove }: FileChipProps) {
  const percent = Math.round(progress * 100);
  return (
    <li
      className={`arrive relative flex w-60 max-w-full items-center gap-2.5 overflow-hidden rounded-2xl border bg-page py-2 pr-1.5 pl-2 ${
        error ? 'border-danger/40' : 'border-line'
      }`}
    >
      {preview ? (
        <img src={preview} alt="" className="size-9 flex-none rounded-lg object-cover" />
      ) : (
        <span
          aria-hidden="true"
          className={`grid size-9 flex-none place-items-center rounded-lg ${
            error ? 'bg-danger-wash text-danger' : 'bg-wash text-accent'
          }`}
        >
          {error ? <CircleAlert size={16} /> : <FileText size={16} />}
        </span>
      )}
      <span className="min-w-0 flex-1 text-[13px] leading-snug">
        <span className="block truncate font-medium">{name}</span>
        <span className={`block text-xs ${error ? 'text-danger' : 'truncate text-faint'}`}>
          {error ?? (uploading ? `Uploading, ${percent} %` : formatSize(size))}
        </span>
      </span>
      <button
        type="button"
        aria-label={`Remove ${name}`}
        onClick={onRemove}
        className="grid size-7 flex-none place-items-center rounded-full text-soft hover:bg-sunken hover:text-ink"
      >
        <X size={14} aria-hidden="true" />
      </button>
      {uploading && (
        <span
          role="progressbar"
          aria-label={`Uploading ${name}`}
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
          className="absolute inset-x-0 bottom-0 h-[3px] bg-wash"
        >
          <span
            className="block h-full bg-accent transition-[width] duration-150"
            style={{ width: `${Math.max(percent, 3)}%` }}
          />
        </span>
      )}
    </li>
  );
}
