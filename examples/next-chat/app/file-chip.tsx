import type { UploadItem } from '@use-assistant/react';

/** A file of the message that is being written. */
export function FileChip({ file, onRemove }: { file: UploadItem; onRemove: () => void }) {
  return (
    <li className="chip">
      <span>{file.name}</span>
      {file.status === 'error' && <span className="failure">{file.error?.message}</span>}
      {(file.status === 'uploading' || file.status === 'queued') && (
        <progress value={file.progress} aria-label={`Upload of ${file.name}`} />
      )}
      <button type="button" onClick={onRemove} aria-label={`Remove ${file.name}`}>
        ×
      </button>
    </li>
  );
}
