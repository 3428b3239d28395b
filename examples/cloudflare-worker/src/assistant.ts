import { stockPrices, toFunctionTools } from 'example-assistants';
import type OpenAI from 'openai';

/** The functions that the worker answers. */
export const functions = stockPrices;

const name = 'Finance helper';

let creating: Promise<string> | undefined;

/** The assistant with our name, wherever in the list it stands; made when there is none. */
export async function findAssistant(openai: OpenAI): Promise<string> {
  return (
    (await lookUp(openai)) ?? (await (creating ??= create(openai).finally(() => (creating = undefined))))
  );
}

/** The oldest of the name: everybody finds the same one. */
async function lookUp(openai: OpenAI): Promise<string | undefined> {
  for await (const assistant of openai.beta.assistants.list({ limit: 100, order: 'asc' })) {
    if (assistant.name === name) return assistant.id;
  }
  return undefined;
}

async function create(openai: OpenAI): Promise<string> {
  const { id } = await openai.beta.assistants.create({
    name,
    instructions:
      'You are a friendly finance helper for trading. Look prices up before you quote them, work out figures with the ' +
      'code interpreter, and answer briefly in plain text.',
    model: 'default',
    tools: [{ type: 'code_interpreter' }, ...(await toFunctionTools(functions))],
  });
  // Another worker may have done the same at the same time. The older one stays; ours is in nobody's hands yet.
  const oldest = (await lookUp(openai)) ?? id;
  if (oldest !== id) await openai.beta.assistants.delete(id);
  return oldest;
}
