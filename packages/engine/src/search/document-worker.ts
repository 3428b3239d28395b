import { parentPort } from 'node:worker_threads';
import { ExtractionError, extractText } from './extract.ts';

/** What the worker is asked: the text of a file. */
export interface DocumentRequest {
  bytes: Uint8Array;
  filename: string;
}

/** What it answers: the text, or why there is none. `cause` is for the operator. */
export type DocumentAnswer =
  | { text: string }
  | { code: ExtractionError['code']; message: string; cause: string | undefined }
  | { bug: string };

// A file of its own, run by `document-reader`: one document after the other, and it may be ended at any moment.
parentPort!.on('message', async ({ bytes, filename }: DocumentRequest) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort!.postMessage(await answer(bytes, filename));
});

async function answer(bytes: Uint8Array, filename: string): Promise<DocumentAnswer> {
  try {
    return { text: await extractText(bytes, filename) };
  } catch (error) {
    if (!(error instanceof ExtractionError)) return { bug: String(error) };
    const { code, message, cause } = error;
    return { code, message, cause: cause === undefined ? undefined : String(cause) };
  }
}
