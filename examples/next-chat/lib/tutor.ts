import { findAssistant, mathTutor, stockPrices, toFunctionTools } from 'example-assistants';
import type OpenAI from 'openai';

/** The functions that the tutor may call, and this server answers. */
export const functions = stockPrices;

let tutor: Promise<string> | undefined;

/** The id of the math tutor, found by its name and made when there is none. */
export function tutorId(openai: OpenAI): Promise<string> {
  return (tutor ??= findTutor(openai).catch((error: unknown) => {
    tutor = undefined;
    throw error;
  }));
}

async function findTutor(openai: OpenAI): Promise<string> {
  const tools = [...mathTutor.tools, { type: 'file_search' as const }, ...(await toFunctionTools(functions))];
  const id = await findAssistant(openai, { ...mathTutor, tools, model: 'default' });
  // Whoever changes the tutor in the code finds it changed.
  await openai.beta.assistants.update(id, { ...mathTutor, tools });
  return id;
}
