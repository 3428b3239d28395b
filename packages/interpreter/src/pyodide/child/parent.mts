import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { ChildMessage, ParentMessage } from '../messages.ts';
import type { Frame } from './frames.mts';
import { encodeFrame, FrameReader } from './frames.mts';

// Taken before Python exists, and out of its reach afterwards: it finds another `process` in its place.
export const realProcess = process;
export const exitProcess = (process as unknown as { reallyExit(code: number): never }).reallyExit.bind(
  process,
);
const parentId = process.ppid;
const [input, output] = [0, 1];

/**
 * Writes and returns when the message has left this process, also in the middle of the busiest Python. A parent that
 * does not read makes the child wait: it cannot flood.
 */
export function send(message: ChildMessage): void {
  try {
    for (const piece of encodeFrame(message as unknown as Frame)) {
      for (let start = 0; start < piece.length;) start += writeSync(output, piece, start);
    }
  } catch {
    // The parent is gone, and with it the reason to be here.
    exitProcess(0);
  }
}

/** Hears the parent until it leaves. */
export function hear(listener: (message: ParentMessage) => void): void {
  const reader = new FrameReader({ headerBytes: 2 ** 31, bodyBytes: 2 ** 31 });
  // Not `fs.read`: a read that waits in libuv's thread pool would keep the process from ending itself.
  const socket = new Socket({ fd: input, readable: true, writable: false });
  socket.on('data', (chunk: Uint8Array) => {
    for (const message of reader.push(chunk)) listener(message as ParentMessage);
  });
  socket.on('error', () => exitProcess(0));
  socket.on('end', () => exitProcess(0));
}

/** Whether the parent that started this process is still there. */
export function hasParent(): boolean {
  return realProcess.ppid === parentId;
}
