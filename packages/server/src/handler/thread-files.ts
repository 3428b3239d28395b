import { addMessageFileIds } from '../event-files.ts';
import { readFileFacts } from '../output-files.ts';
import type { AssistantsClient } from '../run-thread.ts';

/** The newest file of a thread that has this name in the sandbox, or whose last path segment has it. */
export async function findThreadFile(
  client: AssistantsClient,
  threadId: string,
  name: string,
): Promise<string | undefined> {
  const baseName = name.slice(name.lastIndexOf('/') + 1);
  for await (const message of client.beta.threads.messages.list(threadId, { order: 'desc', limit: 100 })) {
    const ids = new Set<string>();
    addMessageFileIds(message, ids);
    for (const id of ids) {
      const facts = await readFileFacts(client, id).catch(() => undefined);
      if (facts && (facts.name === name || facts.name === baseName)) return id;
    }
  }
  return undefined;
}
