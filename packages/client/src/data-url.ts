import type { UploadedFile } from './wire.ts';

/** What a body may carry where there is no route for files; more is refused by most hosts. */
const maxSize = 4 * 1024 * 1024;

/** A file that travels in the message itself; undefined when it is too large for that. */
export async function toDataUrlFile(source: File): Promise<UploadedFile | undefined> {
  const { name, size } = source;
  if (size > maxSize) return undefined;
  const mediaType = source.type || 'application/octet-stream';
  const bytes = new Uint8Array(await source.arrayBuffer());
  const texts: string[] = [];
  // An argument list has a limit, and it is not far.
  for (let start = 0; start < bytes.length; start += 8192)
    texts.push(String.fromCharCode(...bytes.subarray(start, start + 8192)));
  return { id: '', name, mediaType, size, url: `data:${mediaType};base64,${btoa(texts.join(''))}` };
}
