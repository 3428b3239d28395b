import { AssistantError } from '@use-assistant/protocol';
import { toDataUrlFile } from './data-url.ts';
import { toHeaders, toUrl } from './http.ts';
import type { AssistantClientOptions } from './options.ts';
import { uploadFile } from './upload-file.ts';
import type { UploadedFile, UploadOptions, UploadSource } from './wire.ts';

/** Sends a file to the route; where that takes none, a small one goes into the message itself. */
export async function uploadToRoute(
  source: UploadSource,
  { signal, onProgress }: UploadOptions,
  options: AssistantClientOptions,
): Promise<UploadedFile> {
  const { credentials, fetch } = options;
  const headers = await toHeaders(options);
  const url = toUrl(options, '/files');
  const isBlob = typeof Blob === 'function' && source instanceof Blob;
  if (isBlob) await checkReadable(source);
  try {
    return await uploadFile(source, { url, headers, credentials, fetch, signal, onProgress });
  } catch (error) {
    const { status } = error as AssistantError;
    const inMessage = isBlob && (status === 404 || status === 405) && (await toDataUrlFile(source));
    if (inMessage) return inMessage;
    throw error;
  }
}

/** A folder that was dropped looks like a file until somebody reads it. */
async function checkReadable(file: File): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch (cause) {
    throw new AssistantError(
      'upload_failed',
      `${file.name} cannot be read. If it is a folder, add the files in it.`,
      { cause },
    );
  }
}
