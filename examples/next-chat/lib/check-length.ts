import { Problem } from 'example-assistants';

/** Refuses a request that is larger than this, or does not say how large it is, before a byte of it is read. */
export function checkLength(request: Request, bytes: number): void {
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) <= bytes) return;
  throw new Problem(413, `At most ${Math.floor(bytes / 1024 ** 2)} MB can be sent at once.`);
}
