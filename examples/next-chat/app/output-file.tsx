import type { OutputFileData } from '@use-assistant/react';

/** A file that came with an answer: an image is shown, all others are there to be had. */
export function OutputFile({ file: { name, mediaType, size, url } }: { file: OutputFileData }) {
  if (mediaType.startsWith('image/')) return <img src={url} alt={name} />;
  return (
    <a className="chip" href={url} download={name}>
      {name} <small>{Math.ceil(size / 1024)} kB</small>
    </a>
  );
}
