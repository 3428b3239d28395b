import { parseCursor } from '@use-assistant/protocol';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import { isActive } from '../forward-stream.ts';
import { isClientTool } from '../function-tools.ts';
import { refusal, statusOf } from '../public-errors.ts';
import type { AssistantsClient } from '../run-thread.ts';
import { readThread } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { followRun, waitForOutputs } from './follow-run.ts';
import { respondTo } from './run.ts';

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
  const leave = new AbortController();
  const events = await followRun(call.client, run, {
    signal: leave.signal,
    wait: async (waiting) => {
      const calls = waiting.required_action?.submit_tool_outputs.tool_calls ?? [];
      if (calls.some(({ function: { name } }) => isClientTool(context.options.tools, name))) return false;
      return waitForOutputs(call.client, waiting, leave.signal);
    },
  });
  if (!events) return new Response(null, { status: 204 });
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

/** The newest run of a thread. */
export async function newestRun(client: AssistantsClient, threadId: string): Promise<Run | undefined> {
  const page = await client.beta.threads.runs.list(threadId, { order: 'desc', limit: 1 });
  return page.data[0];
}

/** A run of this thread. */
export async function readRun(call: Call, thread: Thread, runId: string): Promise<Run> {
  try {
    return await call.client.beta.threads.runs.retrieve(runId, { thread_id: thread.id });
  } catch (error) {
    if (statusOf(error) === 404) throw refusal('not_found');
    throw error;
  }
}
