import type { Assistant, AssistantTool } from 'openai/resources/beta/assistants';
import { toFunctionDefinitions } from '../function-tools.ts';
import type { FunctionTools } from '../function-tools.ts';
import type { AssistantsClient } from '../run-thread.ts';
import type { AssistantDefinition } from './options.ts';

/** What the routes need to know of the assistant. */
export interface KnownAssistant {
  id: string;
  /** The types of its tools: `code_interpreter`, `file_search`, `function`. */
  toolTypes: ReadonlySet<string>;
}

/** Finds the assistant once; a failure is forgotten, so that the next request tries again. */
export function createAssistantLookUp(
  assistant: string | AssistantDefinition,
  tools: FunctionTools | undefined,
): (client: AssistantsClient) => Promise<KnownAssistant> {
  let found: Promise<KnownAssistant> | undefined;
  return (client) => {
    found ??= lookUp(client).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };

  async function lookUp(client: AssistantsClient): Promise<KnownAssistant> {
    const object =
      typeof assistant === 'string'
        ? await client.beta.assistants.retrieve(assistant)
        : await ensureAssistant(client, assistant, tools);
    return { id: object.id, toolTypes: new Set(object.tools.map(({ type }) => type)) };
  }
}

async function ensureAssistant(
  client: AssistantsClient,
  definition: AssistantDefinition,
  tools: FunctionTools | undefined,
): Promise<Assistant> {
  const functions = tools ? await toFunctionDefinitions(tools) : [];
  const wanted = {
    ...definition,
    model: definition.model ?? 'default',
    tools: [...(definition.tools ?? []), ...functions],
  };
  for await (const existing of client.beta.assistants.list({ limit: 100 })) {
    if (existing.name !== definition.name) continue;
    return isAsWanted(existing, wanted) ? existing : client.beta.assistants.update(existing.id, wanted);
  }
  return client.beta.assistants.create(wanted);
}

function isAsWanted(
  existing: Assistant,
  wanted: AssistantDefinition & { model: string; tools: AssistantTool[] },
): boolean {
  return (
    existing.model === wanted.model &&
    (existing.instructions ?? '') === (wanted.instructions ?? '') &&
    (existing.description ?? '') === (wanted.description ?? '') &&
    canonical(existing.tools) === canonical(wanted.tools)
  );
}

/** The same text for the same value: servers return keys in their own order, and null for what was left out. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const entries = Object.entries(part).filter(([, entry]) => entry !== null && entry !== undefined);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
