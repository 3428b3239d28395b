import type { OutputFileData } from '@use-assistant/react';
import { fileKind } from '../lib/file-kind.ts';
import { formatSize } from '../lib/format-size.ts';
import { isOwnFile } from '../lib/safe-url.ts';
import { FileCard } from './file-card.tsx';
import { OutputImage } from './output-image.tsx';

/** The files of an answer: images in place, everything else to download. */
export function OutputFiles({ files }: { files: readonly OutputFileData[] }) {
  return (
    <ul aria-label="Files" className="flex flex-wrap items-start gap-2.5">
      {files
        .filter((file) => isOwnFile(file.url))
        .map(({ id, url, name, mediaType, size }) => (
          <li key={id} className="max-w-full">
            {mediaType.startsWith('image/') ? (
              <OutputImage
                url={url}
                name={name}
                detail={`${fileKind(mediaType, name)}, ${formatSize(size)}`}
              />
            ) : (
              <FileCard url={url} name={name} mediaType={mediaType} size={size} />
            )}
          </li>
        ))}
    </ul>
  );
}
