import { AssistantError } from '@use-assistant/protocol';
import { abortable, createAbortError } from './abort.ts';
import { toHttpError } from './http-errors.ts';
import type { UploadedFile, UploadOptions, UploadSource } from './wire.ts';
import { toJson } from './requests.ts';

interface UploadRequest extends UploadOptions {
  url: string;
  headers: Headers;
  credentials: RequestCredentials | undefined;
  /** The app's own fetch; it is then used, because it may sign what it sends. */
  fetch: typeof globalThis.fetch | undefined;
}

/**
 * Sends one file by multipart: by XMLHttpRequest where there is one, which is in every page, web worker and React Native app.
 * It alone says how many bytes have gone. A body that fetch pulls from a stream says how many were read ahead of the
 * network, goes over HTTP/2 in Chromium only, and cannot be sent again after a redirect: its progress would be a guess.
 * So with the app's own fetch, and in service workers, a file is at 0 until it is there. Neither way reads the file:
 * the platform takes its bytes as it sends them.
 */
export async function uploadFile(source: UploadSource, request: UploadRequest): Promise<UploadedFile> {
  if (request.signal.aborted) throw createAbortError();
  const form = new FormData();
  // React Native's FormData takes the picker's own object in place of a File.
  form.append('file', source as File);
  const viaXhr = !request.fetch && typeof XMLHttpRequest === 'function';
  const { status, text } = await (viaXhr ? sendByXhr(form, request) : sendByFetch(form, request));
  if (status < 200 || status > 299) throw toHttpError(status, text);
  const file = toJson(text);
  if (!isUploadedFile(file)) {
    throw new AssistantError(
      'upload_failed',
      'The server’s answer to the upload is not one that an assistant route gives.',
    );
  }
  request.onProgress(1);
  return file;
}

interface Answer {
  status: number;
  text: string;
}

function sendByXhr(
  form: FormData,
  { url, headers, credentials, signal, onProgress }: UploadRequest,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    xhr.open('POST', url);
    xhr.withCredentials = credentials === 'include';
    headers.forEach((value, name) => xhr.setRequestHeader(name, value));
    xhr.upload.addEventListener('progress', ({ lengthComputable, loaded, total }) => {
      if (lengthComputable && total > 0) onProgress(loaded / total);
    });
    xhr.addEventListener('load', () => resolve({ status: xhr.status, text: xhr.responseText }));
    xhr.addEventListener('error', () => reject(createNetworkError()));
    xhr.addEventListener('abort', () => reject(createAbortError()));
    xhr.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    signal.addEventListener('abort', abort, { once: true });
    xhr.send(form);
  });
}

async function sendByFetch(
  form: FormData,
  { url, headers, credentials, signal, fetch }: UploadRequest,
): Promise<Answer> {
  const init: RequestInit = { method: 'POST', headers, body: form, signal };
  if (credentials) init.credentials = credentials;
  try {
    const sending = (fetch ?? globalThis.fetch)(url, init).then(async (response) => ({
      status: response.status,
      text: await response.text(),
    }));
    return await abortable(sending, signal);
  } catch (cause) {
    throw signal.aborted ? createAbortError() : createNetworkError(cause);
  }
}

function createNetworkError(cause?: unknown): AssistantError {
  return new AssistantError('network', 'The server could not be reached.', { isRetryable: true, cause });
}

function isUploadedFile(value: unknown): value is UploadedFile {
  const file = value as Partial<UploadedFile> | null | undefined;
  return typeof file?.id === 'string' && typeof file.url === 'string';
}
