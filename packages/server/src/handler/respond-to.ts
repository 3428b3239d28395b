import type { Thread } from 'openai/resources/beta/threads/threads';
import { respond } from '../assistant-response.ts';
import type { AssistantResponseSettings, ResponseInternals } from '../assistant-response.ts';
import { isClientTool } from '../function-tools.ts';
import { needsApproval } from '../tool-approvals.ts';
import { v4Error } from '../v4-wire.ts';
import { fileReference, sandboxUrl } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { endInTime, timeIsUp } from './max-duration.ts';

/** The streamed answer for one run of a thread. */
export function respondTo(
  context: HandlerContext,
  call: Call,
  thread: Thread,
  userMessageId: string | undefined,
  callback: Parameters<typeof respond>[1],
  internals: Pick<ResponseInternals, 'after' | 'onLeave'> &
    Pick<AssistantResponseSettings, 'protocol'> & {
      translation?: ResponseInternals['translation'];
    } = {},
): Response {
  const { tools, onError, waitUntil, onDisconnect = 'continue', maxDuration } = context.options;
  const answersHere = Object.values(tools ?? {}).some((tool) => typeof tool.execute === 'function');
  const settings: AssistantResponseSettings = {
    threadId: thread.id,
    messageId: userMessageId,
    signal: call.request.signal,
    onError,
    protocol: internals.protocol,
    // A page of the removed hook's kind knows by this that its thread has routes, and a stop can cancel.
    ...(internals.protocol === 'v4' && { headers: { 'x-assistant-thread': thread.id } }),
    isClientTool: (name) => isClientTool(tools, name),
    needsApproval: (call) => needsApproval(call, tools, onError),
  };
  let isTimeUp = false;
  const response = respond(settings, callback, {
    openai: call.client,
    waitUntil,
    reference: fileReference(context, call),
    after: internals.after,
    // The run goes on in the engine; somebody must stay only if there are calls to answer.
    onLeave:
      internals.onLeave ??
      (() =>
        isTimeUp ? 'detach' : onDisconnect === 'cancel' ? 'cancel' : answersHere ? 'continue' : 'detach'),
    translation: {
      sandboxUrl: (name, threadId) => sandboxUrl(context, name, threadId),
      ...internals.translation,
    },
  });
  if (maxDuration === undefined) return response;
  return endInTime(response, maxDuration, {
    onEnd: () => (isTimeUp = true),
    lastLine: internals.protocol === 'v4' ? v4Error(timeIsUp) : undefined,
  });
}
