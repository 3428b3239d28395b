import type { ChildMessage } from '../messages.ts';

// Taken before Python exists, and out of its reach afterwards: it finds another `process` in its place.
export const realProcess = process;
type Send = (message: ChildMessage, handle?: undefined, options?: undefined, sent?: () => void) => boolean;
const sendToParent = (process as unknown as { _send?: Send })._send?.bind(process);
export const exitProcess = (process as unknown as { reallyExit(code: number): never }).reallyExit.bind(
  process,
);
const parentId = process.ppid;

export function send(message: ChildMessage): void {
  sendToParent?.(message);
}

/** Sends and waits until the message has left this process. */
export function sendAndWait(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (sendToParent === undefined) resolve();
    else sendToParent(message, undefined, undefined, () => resolve());
  });
}

/** Whether the parent that started this process is still there. */
export function hasParent(): boolean {
  return realProcess.ppid === parentId;
}
