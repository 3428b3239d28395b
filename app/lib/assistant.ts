import { demoModels } from './engine.ts';

/** The demo's assistant: the route finds it by name, and creates it when the engine has none yet. */
export function demoAssistant() {
  return {
    name: 'use-assistant demo',
    model: demoModels().defaultModelId,
    instructions:
      'You are a friendly, careful assistant. Work out anything that can be computed with the code interpreter instead ' +
      'of in your head, and say in a sentence what you did. When a file is attached, look at it before you answer; search documents for what they say. Save ' +
      'charts and tables that the person should get as files in /mnt/data. Answer briefly, in the language of the question.',
    tools: [{ type: 'code_interpreter' as const }, { type: 'file_search' as const }],
  };
}
