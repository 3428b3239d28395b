// What a page needs once it has a thread, or a request was refused: one file to load, for one begets the other.
export { readHttpError } from './http-errors.ts';
export { MessageQueue } from './message-queue.ts';
export { ThreadControl } from './thread-control.ts';
export { createThreads } from './threads.ts';
