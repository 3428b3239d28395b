import { Problem } from 'example-assistants';
import { NotFoundError } from 'openai';
import type OpenAI from 'openai';

const shortestSecret = 16;

/** Who asks: the hash of their bearer secret. A thread belongs to the secret that it was made with. */
export async function ownerOf(authorization: string | undefined): Promise<string> {
  const secret = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  if (!secret || secret.length < shortestSecret) {
    const how = `Send a secret of your own, at least ${shortestSecret} characters: Authorization: Bearer <secret>`;
    throw new Problem(401, how);
  }
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return new Uint8Array(hash).toHex();
}

/** Makes a thread for an owner, and answers its id. */
export async function createThread(openai: OpenAI, owner: string): Promise<string> {
  const thread = await openai.beta.threads.create({ metadata: { owner } });
  return thread.id;
}

/** The id of the owner's thread. Somebody else's thread and none at all are told apart by nobody. */
export async function ownThread(openai: OpenAI, id: string, owner: string): Promise<string> {
  const thread = await openai.beta.threads.retrieve(id).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  if (thread?.metadata?.['owner'] !== owner) throw new Problem(404, 'There is no such thread.');
  return thread.id;
}
