import type OpenAI from 'openai';
import { nothingHere } from './nothing-here.ts';

/** The id of a thread, if it is the owner's. */
export async function ownThread(openai: OpenAI, threadId: string, owner: string): Promise<string> {
  const { id, metadata } = await openai.beta.threads.retrieve(threadId);
  if (metadata?.['owner'] !== owner) throw nothingHere();
  return id;
}
