import { parseCursor } from '@use-assistant/protocol';
import type { Cursor } from '@use-assistant/protocol';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import { isActive } from '../forward-stream.ts';
import { refusal } from '../public-errors.ts';
import { answerCalls } from '../run-thread.ts';
import { waitsForBrowser } from '../tool-approvals.ts';
import { waitForRun } from '../wait-for-run.ts';
import { areCallsClaimed } from './call-claims.ts';
import { readThread } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { followRun } from './follow-run.ts';
import { respondTo } from './respond-to.ts';
import { newestRun, readRun } from './runs.ts';

/** `GET /threads/:id/stream`: the run from the place that the reader names, or from its start. */
export async function resume(context: HandlerContext, call: Call): Promise<Response> {
  const id = call.params['id']!;
  // `useChat` asks for a stream by an id of its own making before there is a thread.
  if (!call.params['isThread'] && !id.startsWith('thread_')) return new Response(null, { status: 204 });
  const thread = await readThread(call, id);
  const header = call.request.headers.get('last-event-id');
  const after = header === null ? undefined : parseCursor(header);
  if (header !== null && !after) throw refusal('bad_request', 'Last-Event-ID is not a cursor.');
  const run = after ? await readRun(call, thread, after.runId) : await newestRun(call.client, thread.id);
  if (!run || (!after && !isActive(run))) return new Response(null, { status: 204 });
  return (await replay(context, call, thread, run, { after })) ?? new Response(null, { status: 204 });
}

/**
 * Tells a run again, from a place or from its start, and follows it as long as it goes on. Undefined where the server keeps
 * no events of runs.
 */
export async function replay(
  context: HandlerContext,
  call: Call,
  thread: Thread,
  run: Run,
  { after }: { after?: Cursor | undefined } = {},
): Promise<Response | undefined> {
  const leave = new AbortController();
  const events = await eventsOf(context, call, run, leave.signal);
  if (!events) return undefined;
  return respondTo(
    context,
    call,
    thread,
    undefined,
    async ({ forwardStream, signal }) => {
      signal.addEventListener('abort', () => leave.abort(), { once: true });
      if (signal.aborted) leave.abort();
      await forwardStream(events);
    },
    { after, onLeave: () => 'detach' },
  );
}

/** The events of a run from its first on, for a reader who did not start it. */
export function eventsOf(
  context: HandlerContext,
  call: Call,
  run: Run,
  signal: AbortSignal,
): ReturnType<typeof followRun> {
  const wait = (waiting: Run): Promise<boolean> => waitForAnswers(context, call, waiting, signal);
  return followRun(call.client, run, { signal, wait });
}

/**
 * Waits until the calls of a run are answered; false when that is for the browser to do, and it has not done so. Whoever
 * started the run answers its calls. If it is gone, as after a restart, the calls are answered here, once it is certain.
 */
async function waitForAnswers(
  { options }: HandlerContext,
  { client }: Call,
  run: Run,
  signal: AbortSignal,
): Promise<boolean> {
  const { tools = {}, toolTimeout = 30_000, onError } = options;
  const calls = run.required_action?.submit_tool_outputs.tool_calls ?? [];
  const isForBrowser = await waitsForBrowser(calls, options.tools, onError);
  if (isForBrowser && !(await areCallsClaimed(client, run))) return false;
  // Long after the time of a tool nobody else can be at work on its call.
  const timeout = toolTimeout + Math.max(1000, toolTimeout / 6);
  const current = await waitForRun(client, run, ['requires_action'], { signal, timeout });
  if (signal.aborted) return false;
  if (current.status !== 'requires_action') return true;
  if (isForBrowser) return false;
  const tool_outputs = await answerCalls(client, current, tools, { signal, onError, toolTimeout });
  if (signal.aborted) return false;
  await client.beta.threads.runs.submitToolOutputs(run.id, { thread_id: run.thread_id, tool_outputs });
  return true;
}
