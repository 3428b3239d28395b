import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import { passages } from '../found-passages.ts';
import { userMessageIdKey } from '../from-assistants.ts';
import type { AssistantsEvent } from '../from-assistants.ts';
import { askOnError, isThreadBusy, refusal } from '../public-errors.ts';
import { runThread } from '../run-thread.ts';
import type { KnownAssistant } from './assistant.ts';
import { addMessage } from './add-message.ts';
import { readThread } from './context.ts';
import { offerCalls } from './call-claims.ts';
import type { Call, HandlerContext } from './context.ts';
import { findPlace } from './repeats.ts';
import type { Place } from './repeats.ts';
import { readRunRequest } from './request-body.ts';
import type { RunRequest } from './request-body.ts';
import { respondTo } from './respond-to.ts';
import { eventsOf, replay } from './resume.ts';
import { findThreadOfRun } from './thread-list.ts';
import { continueRun } from './tool-outputs.ts';

/** `POST /`: adds the user's message and streams the run that answers it. */
export async function run(context: HandlerContext, call: Call): Promise<Response> {
  const asked = await readRunRequest(call.request);
  if (asked.answered) {
    if (asked.threadId === undefined) throw refusal('bad_request', 'No message names its thread.');
    return continueRun(context, call, await readThread(call, asked.threadId), asked.answered);
  }
  const leave = await context.arrivals.enter(arrivalOf(call, asked), call.request.signal);
  try {
    return await answer(context, call, asked, leave);
  } catch (error) {
    leave();
    throw error;
  }
}

/** What two requests have in common that bring the same message. */
function arrivalOf(call: Call, { threadId, message, messageId }: RunRequest): string {
  if (message?.id === undefined) return crypto.randomUUID();
  return JSON.stringify([call.owners[0], threadId, message.id, messageId]);
}

/** `leave` is called as soon as the run is there, for whoever brings the same message. */
async function answer(
  context: HandlerContext,
  call: Call,
  asked: RunRequest,
  leave: () => void,
): Promise<Response> {
  // All that can be refused is looked at before anything is made: what a refused request leaves behind is nobody's.
  const threadId = asked.threadId ?? (await threadOf(call, asked));
  const [assistant, { thread: known, repeat }] = await Promise.all([
    context.assistant(call.client),
    findPlace(call, asked, threadId),
  ]);
  if (!known && !asked.message) throw refusal('not_found', 'There is no message to answer anew.');
  if (asked.trigger === 'append-message') {
    const response = await append(context, call, { thread: known, repeat }, asked, assistant);
    leave();
    return response;
  }
  if (known && repeat?.run) {
    leave();
    return repeatRun(context, call, known, repeat.run);
  }
  const slot = await context.runSlots.take(call);
  let userMessageId: string;
  let thread: Thread;
  try {
    [thread, userMessageId] =
      known && repeat ? [known, repeat.messageId] : await addMessage(context, call, known, asked, assistant);
    slot.threadId = thread.id;
  } catch (error) {
    slot.free();
    // Another process may have taken the same message in the same moment.
    const place = isThreadBusy(error) && known ? await findPlace(call, asked, known.id) : undefined;
    if (!place?.thread || !place.repeat?.run) throw error;
    leave();
    return repeatRun(context, call, place.thread, place.repeat.run);
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
          run: {
            metadata: { [userMessageIdKey]: userMessageId },
            ...(context.options.showPassages !== false && { include: [passages] }),
          },
          forwardStream: (stream) => {
            leave();
            return forwardStream(stream);
          },
          // A client that leaves before the run began still has its question answered, unless the policy is to cancel.
          signal: context.options.onDisconnect === 'cancel' ? signal : undefined,
        }).catch(async (error: unknown) => {
          const events = await giveWay(context, call, asked, { thread, userMessageId, signal }, error);
          return forwardStream(events);
        });
        await offerCalls(call.client, last, context.options);
      } finally {
        leave();
        slot.leave(last);
      }
    },
    { protocol: asked.protocol },
  );
}

/** Another process may have begun the run of the same message in the same moment: that one is told, and ours is taken back. */
async function giveWay(
  context: HandlerContext,
  call: Call,
  asked: RunRequest,
  { thread, userMessageId, signal }: { thread: Thread; userMessageId: string; signal: AbortSignal },
  error: unknown,
): Promise<AsyncIterable<AssistantsEvent>> {
  const { repeat } = isThreadBusy(error) ? await findPlace(call, asked, thread.id) : { repeat: undefined };
  const events = repeat?.run && (await eventsOf(context, call, repeat.run, signal));
  if (!events) throw error;
  if (repeat.messageId !== userMessageId) {
    const taken = call.client.beta.threads.messages.delete(userMessageId, { thread_id: thread.id });
    await taken.catch((reason: unknown) => askOnError(reason, context.options.onError));
  }
  return events;
}

/** Tells the run again that answers the same message, instead of answering it twice. */
async function repeatRun(context: HandlerContext, call: Call, thread: Thread, run: Run): Promise<Response> {
  // Messages of ai@4 have no ids: whoever repeats one reads the new wire.
  const response = await replay(context, call, thread, run);
  // A server that keeps no events: the page finds the answer in the history.
  if (!response) throw refusal('thread_busy', 'This message has been sent already.');
  return response;
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
  { thread: known, repeat }: Place,
  asked: RunRequest,
  assistant: KnownAssistant,
): Promise<Response> {
  const [thread, userMessageId] =
    known && repeat ? [known, repeat.messageId] : await addMessage(context, call, known, asked, assistant);
  if (asked.threadId !== undefined) return new Response(null, { status: 204 });
  return respondTo(context, call, thread, userMessageId, () => {});
}
