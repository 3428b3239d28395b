import { asSchema, type Tool } from 'ai';
import type { FunctionTool } from 'openai/resources/beta/assistants';

/** Functions by their names, as `tool()` of the AI SDK describes them. */
export type FunctionTools = Record<string, Tool>;

/** The same functions as an assistant or a run of the Assistants API takes them. */
export function toFunctionTools(tools: FunctionTools): Promise<FunctionTool[]> {
  return Promise.all(
    Object.entries(tools).map(async ([name, { description, inputSchema }]) => ({
      type: 'function' as const,
      function: {
        name,
        ...(typeof description === 'string' && { description }),
        parameters: { ...(await asSchema(inputSchema).jsonSchema) } as Record<string, unknown>,
      },
    })),
  );
}
