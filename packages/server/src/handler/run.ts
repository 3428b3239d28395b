import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import { userMessageIdKey } from '../from-assistants.ts';
import { refusal } from '../public-errors.ts';
import { runThread } from '../run-thread.ts';
import type { KnownAssistant } from './assistant.ts';
import { clientIdKey, noTextKey, ownerKey, readThread, titleKey } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { readFiles, toMessageParams } from './message-files.ts';
import type { MessageFile } from './message-files.ts';
import { toTitle } from './public-thread.ts';
import { readRunRequest } from './request-body.ts';
import type { RunRequest } from './request-body.ts';
import { respondTo } from './respond-to.ts';
import { rewind } from './rewind.ts';
import { whenFree } from './runs.ts';
import { findThreadOfRun, touchThread } from './thread-list.ts';
import { continueRun } from './tool-outputs.ts';

/** `POST /`: adds the user's message and streams the run that answers it. */
export async function run(context: HandlerContext, call: Call): Promise<Response> {
  const asked = await readRunRequest(call.request);
  if (asked.answered) {
    if (asked.threadId === undefined) throw refusal('bad_request', 'No message names its thread.');
    return continueRun(context, call, await readThread(call, asked.threadId), asked.answered);
  }
  const assistant = await context.assistant(call.client);
  // All that can be refused is looked at before anything is made: what a refused request leaves behind is nobody's.
  const threadId = asked.threadId ?? (await threadOf(call, asked));
  const known = threadId === undefined ? undefined : await readThread(call, threadId);
  if (!known && !asked.message) throw refusal('not_found', 'There is no message to answer anew.');
  if (asked.trigger === 'append-message') return append(context, call, known, asked, assistant);
  const slot = await context.runSlots.take(call);
  let userMessageId: string;
  let thread: Thread;
  try {
    [thread, userMessageId] = await addMessage(context, call, known, asked, assistant);
    slot.threadId = thread.id;
  } catch (error) {
    slot.free();
    throw error;
  }
  return respondTo(
    context,
    call,
    thread,
    userMessageId,
    async ({ forwardStream, sendToolOutput, signal }) => {
      const { tools, toolTimeout, onError } = context.options;
      let last: Run | undefined;
      try {
        last = await runThread({
          openai: call.client,
          threadId: thread.id,
          assistantId: assistant.id,
          tools,
          toolTimeout,
          onError,
          onProgress: (toolCallId, output) => sendToolOutput(toolCallId, output, { preliminary: true }),
          run: { metadata: { [userMessageIdKey]: userMessageId } },
          forwardStream,
          // A client that leaves before the run began still has its question answered, unless the policy is to cancel.
          signal: context.options.onDisconnect === 'cancel' ? signal : undefined,
        });
      } finally {
        slot.leave(last);
      }
    },
    { protocol: asked.protocol },
  );
}

/** The thread of an answer that is wanted anew, when only the answer is named. */
async function threadOf(call: Call, { trigger, messageId }: RunRequest): Promise<string | undefined> {
  if (trigger !== 'regenerate-message' || !messageId || !/^run_\w{1,128}$/.test(messageId)) return undefined;
  return findThreadOfRun(call, messageId);
}

/** Adds the message without running: 204. A new thread is named by a stream that says nothing else. */
async function append(
  context: HandlerContext,
  call: Call,
  known: Thread | undefined,
  asked: RunRequest,
  assistant: KnownAssistant,
): Promise<Response> {
  const [thread, userMessageId] = await addMessage(context, call, known, asked, assistant);
  if (known) return new Response(null, { status: 204 });
  return respondTo(context, call, thread, userMessageId, () => {});
}

async function createThread(call: Call, asked: RunRequest): Promise<Thread> {
  const { text = '', files = [] } = asked.message ?? {};
  const title = toTitle(text.trim() === '' ? files.map(({ filename }) => filename ?? '').join(', ') : text);
  return call.client.beta.threads.create({
    metadata: { [ownerKey]: call.owners[0], ...(title !== '' && { [titleKey]: title }) },
  });
}

/**
 * Adds the message, to a new thread where there is none, or goes back to the one that is to be answered anew; gives the
 * thread and the engine's id of the user's message. When it is refused, the files that came with it are deleted.
 */
async function addMessage(
  context: HandlerContext,
  call: Call,
  known: Thread | undefined,
  asked: RunRequest,
  assistant: KnownAssistant,
): Promise<[Thread, string]> {
  const files = await readFiles(context, call, asked.message?.files ?? []);
  try {
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
  const created = await call.client.beta.threads.messages.create(thread.id, {
    role: 'user',
    ...toMessageParams(message.text, files, assistant),
    metadata: {
      ...(message.id !== undefined && { [clientIdKey]: message.id }),
      ...(message.text.trim() === '' && { [noTextKey]: 'true' }),
    },
  });
  return created.id;
}
