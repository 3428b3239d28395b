import { home, stockPrices, toFunctionTools, weather } from 'example-assistants';
import type OpenAI from 'openai';

/** The functions that this program answers. */
export const functions = { ...weather, ...stockPrices, ...home };

/** Makes the assistant of this chat. It takes no signal: one that was made must be known, or nobody could delete it. */
export async function createAssistant(openai: OpenAI): Promise<string> {
  const { id } = await openai.beta.assistants.create({
    name: 'Terminal chat',
    instructions:
      'You are a helpful assistant in a terminal: answer briefly and in plain text. Work out what can be computed ' +
      'with the code interpreter, and save charts and tables as files in /mnt/data.',
    model: process.env['ASSISTANT_MODEL'] ?? 'default',
    tools: [{ type: 'code_interpreter' }, ...(await toFunctionTools(functions))],
  });
  return id;
}
