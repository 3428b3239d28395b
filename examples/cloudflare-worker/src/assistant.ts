import { findAssistant, stockPrices, toFunctionTools } from 'example-assistants';
import type OpenAI from 'openai';

/** The functions that the worker answers. */
export const functions = stockPrices;

/** The one assistant that this worker has. */
export async function financeHelper(openai: OpenAI): Promise<string> {
  return findAssistant(openai, {
    name: 'Finance helper',
    instructions:
      'You are a friendly finance helper for trading. Look prices up before you quote them, work out figures with the ' +
      'code interpreter, and answer briefly in plain text.',
    model: 'default',
    tools: [{ type: 'code_interpreter' }, ...(await toFunctionTools(functions))],
  });
}
