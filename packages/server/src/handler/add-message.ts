import type { MessageCreateParams } from 'openai/resources/beta/threads/messages';
import type { Thread } from 'openai/resources/beta/threads/threads';
import { refusal } from '../public-errors.ts';
import type { KnownAssistant } from './assistant.ts';
import { clientIdKey, digestKey, firstMessageKey, noTextKey, ownerKey, titleKey } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { readFiles, toMessageParams } from './message-files.ts';
import type { MessageFile } from './message-files.ts';
import { makeRoom, pythonFilesOf } from './python-files.ts';
import { toTitle } from './public-thread.ts';
import { digestOf } from './repeats.ts';
import type { RunRequest } from './request-body.ts';
import { rewind } from './rewind.ts';
import { whenFree } from './runs.ts';
import { touchThread } from './thread-list.ts';

async function createThread(call: Call, asked: RunRequest): Promise<Thread> {
  const { text = '', files = [] } = asked.message ?? {};
  const title = toTitle(text.trim() === '' ? files.map(({ filename }) => filename ?? '').join(', ') : text);
  return call.client.beta.threads.create({
    metadata: {
      [ownerKey]: call.owners[0],
      ...(title !== '' && { [titleKey]: title }),
      ...(asked.message?.id !== undefined && { [firstMessageKey]: asked.message.id }),
    },
  });
}

/**
 * Adds the message, to a new thread where there is none, or goes back to the one that is to be answered anew; gives the
 * thread and the engine's id of the user's message. When it is refused, the files that came with it are deleted.
 */
export async function addMessage(
  context: HandlerContext,
  call: Call,
  known: Thread | undefined,
  asked: RunRequest,
  assistant: KnownAssistant,
): Promise<[Thread, string]> {
  const files = await readFiles(context, call, asked.message?.files ?? []);
  try {
    // Before a thread is made for what is refused.
    pythonFilesOf(toMessageParams('', files.all, assistant));
    const thread = known ?? (await createThread(call, asked));
    const id = await whenFree(call.client, thread.id, () =>
      writeMessage(call, thread, asked, files.all, assistant),
    );
    await touchThread(context, thread);
    return [thread, id];
  } catch (error) {
    await files.drop();
    throw error;
  }
}

async function writeMessage(
  call: Call,
  thread: Thread,
  asked: RunRequest,
  files: MessageFile[],
  assistant: KnownAssistant,
): Promise<string> {
  if (asked.trigger === 'regenerate-message' || asked.messageId !== undefined) {
    const keeps = asked.trigger === 'regenerate-message';
    const kept = await rewind(call.client, thread.id, { messageId: asked.messageId, keeps });
    if (keeps) {
      if (kept === undefined) throw refusal('not_found', 'There is no message to answer anew.');
      return kept;
    }
  }
  const { message } = asked;
  if (!message) throw refusal('bad_request', 'message is missing.');
  const params: MessageCreateParams = {
    role: 'user',
    ...toMessageParams(message.text, files, assistant),
    metadata: {
      ...(message.id !== undefined && { [clientIdKey]: message.id, [digestKey]: await digestOf(message) }),
      ...(message.text.trim() === '' && { [noTextKey]: 'true' }),
    },
  };
  const { messages } = call.client.beta.threads;
  const created = await messages.create(thread.id, params).catch(async (error: unknown) => {
    if (!(await makeRoom(call.client, thread.id, params, error))) throw error;
    return messages.create(thread.id, params);
  });
  return created.id;
}
