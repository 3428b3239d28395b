import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import { cancelRun } from '../assistant-response.ts';
import { isActive } from '../forward-stream.ts';
import { runError } from '../from-assistants.ts';
import { askOnError, publicText, statusOf } from '../public-errors.ts';
import { forgetCalls } from './call-claims.ts';
import { json, readThread, titleKey } from './context.ts';
import { forgetThread } from './thread-list.ts';
import { lastActivity, toPublicThread } from './public-thread.ts';
import type { Call, HandlerContext } from './context.ts';
import { readHistory } from './history.ts';
import { readThreadChange } from './request-body.ts';
import { readHistoryPage } from './request-query.ts';
import { newestRun, settle } from './runs.ts';

/** `GET /threads/:id`: the thread, its newest messages or those in front of a place, its newest run. */
export async function getThread(context: HandlerContext, call: Call): Promise<Response> {
  const thread = await readThread(call, call.params['id']!);
  const page = readHistoryPage(call.request);
  const { messages, newest, updatedAt, previous } = await readHistory(context, call, thread.id, page);
  return json({
    thread: toPublicThread(thread, updatedAt ?? (await lastActivity(call.client, thread.id))),
    messages,
    previous,
    run: newest ? toPublicRun(context, newest) : null,
  });
}

/** `PATCH /threads/:id`: gives the thread another title. */
export async function renameThread(_context: HandlerContext, call: Call): Promise<Response> {
  const { title } = await readThreadChange(call.request);
  const thread = await readThread(call, call.params['id']!);
  const metadata = { ...(thread.metadata as Record<string, string>), [titleKey]: title };
  const [renamed, updatedAt] = await Promise.all([
    call.client.beta.threads.update(thread.id, { metadata }),
    lastActivity(call.client, thread.id),
  ]);
  return json({ thread: toPublicThread(renamed, updatedAt) });
}

/** `DELETE /threads/:id`: ends what runs in it and deletes it. */
export async function deleteThread(context: HandlerContext, call: Call): Promise<Response> {
  const thread = await readThread(call, call.params['id']!);
  await stopRun(call, thread);
  await call.client.beta.threads.delete(thread.id);
  await forgetThread(context, thread);
  return new Response(null, { status: 204 });
}

/** `POST /threads/:id/cancel`: answers once the run has ended, or at least the engine has taken the cancel. */
export async function cancelThread(context: HandlerContext, call: Call): Promise<Response> {
  const run = await stopRun(call, await readThread(call, call.params['id']!));
  return json({ run: run ? toPublicRun(context, run) : null });
}

async function stopRun(call: Call, thread: Thread): Promise<Run | undefined> {
  const run = await newestRun(call.client, thread.id);
  if (!run || !isActive(run)) return undefined;
  try {
    const stopped = await settle(call.client, await cancelRun(call.client, run));
    if (run.status === 'requires_action') await forgetCalls(call.client, run);
    return stopped;
  } catch (error) {
    // It may have ended meanwhile.
    if (statusOf(error) !== 400) throw error;
    return call.client.beta.threads.runs.retrieve(run.id, { thread_id: thread.id });
  }
}

const errorCodes = { failed: 'run_failed', expired: 'run_expired', incomplete: 'run_incomplete' } as const;

function toPublicRun(context: HandlerContext, run: Run): object {
  const code = run.status in errorCodes ? errorCodes[run.status as keyof typeof errorCodes] : undefined;
  const message = code && (askOnError(runError(code, run), context.options.onError) ?? publicText(code));
  return {
    id: run.id,
    threadId: run.thread_id,
    assistantId: run.assistant_id,
    status: run.status,
    createdAt: run.created_at * 1000,
    usage: run.usage,
    error: code ? { code, message } : null,
  };
}
