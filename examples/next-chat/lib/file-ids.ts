import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { nothingHere } from './nothing-here.ts';

// Without a secret of yours, links to files end with the process.
const shared = globalThis as { nextChatSecret?: string };
const secret = (): string => (shared.nextChatSecret ??= process.env['ASSISTANT_SECRET'] || randomUUID());

/** The id by which the browser knows a file: the engine's, with a proof of whose it is. */
export function signFileId(fileId: string, owner: string): string {
  return `${fileId}~${createHmac('sha256', secret()).update(`${owner}\n${fileId}`).digest('base64url')}`;
}

/** The engine's id, if the owner was given this one. */
export function verifyFileId(signedId: string, owner: string): string {
  const [fileId] = signedId.split('~', 1) as [string];
  const [given, right] = [signedId, signFileId(fileId, owner)].map((id) => Buffer.from(id)) as [
    Buffer,
    Buffer,
  ];
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw nothingHere();
  return fileId;
}

/** Where the owner finds a file, and by which id. */
export function fileReference(fileId: string, owner: string): { id: string; url: string } {
  const id = signFileId(fileId, owner);
  return { id, url: `/api/assistant/files/${id}` };
}
