import type OpenAI from 'openai';
import type { AssistantCreateParams } from 'openai/resources/beta/assistants';

/**
 * The id of the assistant with this name, wherever in the list it stands; made when there is none. Nothing is remembered from
 * request to request: on Cloudflare, what waits for the work of another request hangs for good when that one's caller leaves.
 */
export async function findAssistant(
  openai: OpenAI,
  params: AssistantCreateParams & { name: string },
): Promise<string> {
  const found = await lookUp(openai, params.name);
  if (found !== undefined) return found;
  const { id } = await openai.beta.assistants.create(params);
  // Others may have done the same at the same time. The oldest stays; ours is in nobody's hands yet.
  const oldest = (await lookUp(openai, params.name)) ?? id;
  if (oldest !== id) await openai.beta.assistants.delete(id);
  return oldest;
}

/** The oldest of the name: everybody finds the same one. */
async function lookUp(openai: OpenAI, name: string): Promise<string | undefined> {
  for await (const assistant of openai.beta.assistants.list({ limit: 100, order: 'asc' })) {
    if (assistant.name === name) return assistant.id;
  }
  return undefined;
}
