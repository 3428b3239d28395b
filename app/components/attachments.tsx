import type { UploadItem } from '@use-assistant/react';
import { FileChip } from './file-chip.tsx';

interface AttachmentsProps {
  files: readonly UploadItem[];
  onRemove: (id: string) => void;
}

/** The files that will go along with the message being written. */
export function Attachments({ files, onRemove }: AttachmentsProps) {
  if (files.length === 0) return null;
  return (
    <ul aria-label="Files to send" className="flex flex-wrap gap-2 px-3 pt-3">
      {files.map(({ id, name, size, progress, status, preview, error }) => (
        <FileChip
          key={id}
          name={name}
          size={size}
          progress={progress}
          uploading={status === 'queued' || status === 'uploading'}
          preview={preview}
          error={error?.message}
          onRemove={() => onRemove(id)}
        />
      ))}
    </ul>
  );
}
