import { randomBytes } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const length = 24;
/** The largest multiple of 62 in a byte: bytes from here on would favour the first letters. */
const limit = 248;

/** What every id begins with, by the kind of object. */
export const prefixes = {
  assistant: 'asst_',
  thread: 'thread_',
  message: 'msg_',
  run: 'run_',
  step: 'step_',
  call: 'call_',
  file: 'file-',
  upload: 'upload_',
  part: 'part_',
  vectorStore: 'vs_',
  fileBatch: 'vsfb_',
  request: 'req_',
  owner: 'engine_',
} as const;

/** A new id: the prefix of its kind and 24 random letters, which is 142 bits. */
export function createId(kind: keyof typeof prefixes): string {
  let letters = '';
  while (letters.length < length) {
    for (const byte of randomBytes(length + 8)) {
      if (byte < limit && letters.length < length) letters += alphabet[byte % 62];
    }
  }
  return prefixes[kind] + letters;
}
