import { Hono, type Context } from 'hono';
import type { EngineContext } from '../engine-context.ts';
import { createId } from '../ids.ts';
import { endRun } from '../runs/end-run.ts';
import { RunGoneError, type Emit } from '../runs/event-log.ts';
import { isDue } from '../runs/run-keeper.ts';
import { canChange, changeRun } from '../runs/run-machine.ts';
import { noUsage } from '../runs/usage.ts';
import { findLastEvent, findRunNumber } from '../storage/events.ts';
import { listObjects } from '../storage/pages.ts';
import {
  findActiveRun,
  findObject,
  findRun,
  insertRun,
  saveRun,
  type Database,
  type RunPrivate,
} from '../storage/records.ts';
import { findRow } from '../storage/rows.ts';
import { answerCalls } from '../tools/function-calls.ts';
import {
  nowSeconds,
  type Assistant,
  type AssistantTool,
  type ReasoningEffort,
  type Run,
  type Thread,
  type ToolChoice,
} from '../wire.ts';
import {
  metadataOnlySchema,
  runSchema,
  submitSchema,
  threadAndRunSchema,
  type MessageBody,
  type RunBody,
} from './bodies.ts';
import { ApiError, badRequest, found, notFound } from './errors.ts';
import { includesContent } from './include.ts';
import { addMessages, whenFull, type WhenFull } from './messages.ts';
import { streamRun } from './sse.ts';
import { createThread } from './threads.ts';
import { readBody, readPage } from './validation.ts';

/** A run lives ten minutes, however often it is taken up again. */
const lifetimeSeconds = 600;
/** When a client that polls should ask again; without the header the SDK waits five seconds. */
const pollAfter = { 'openai-poll-after-ms': '100' };

/** `/threads/runs` and `/threads/{thread}/runs` */
export function runRoutes(context: EngineContext): Hono {
  const { database, events, runs } = context;
  const routes = new Hono();

  /** What is under way is brought to its end; what is not, is for the engine that comes next. */
  const refuseWhenClosing = () => {
    if (runs.isClosing) throw new ApiError(503, 'The engine is shutting down. Try again in a moment.');
  };

  const answerRun = (c: Context, run: Run) => c.json(run, 200, pollAfter);

  const findRunOf = async (from: Database, threadId: string, id: string) => {
    const stored = await findRun(from, id);
    if (stored?.run.thread_id !== threadId) throw notFound('run', id);
    return stored;
  };

  /** Starts what was just stored, and answers with it or with its stream. */
  const start = async (c: Context, run: Run, stream: boolean | null | undefined, position: number) => {
    context.keeper.watch(run);
    // The reader takes its place before anything new can happen.
    const response = stream
      ? await streamRun(events, run.id, { position, toTheEnd: false, signal: c.req.raw.signal })
      : answerRun(c, run);
    runs.enqueue(run.id);
    return response;
  };

  /** Makes a run and starts it. Its place in the log is held from before it is there: nothing has to be looked up. */
  const create = async (
    c: Context,
    stream: boolean | null | undefined,
    make: (transaction: Database, emit: Emit, id: string) => Promise<Run>,
  ) => {
    const id = createId('run');
    const release = await events.hold(id);
    try {
      const run = await events.commit(id, (transaction, emit) => make(transaction, emit, id));
      return await start(c, run, stream, -1);
    } finally {
      release();
    }
  };

  routes.post('/runs', async (c) => {
    refuseWhenClosing();
    const body = await readBody(c, threadAndRunSchema);
    const content = includesContent(c);
    const full = whenFull(c);
    return create(c, body.stream, async (transaction, emit, id) => {
      const resources = { ...body.thread?.tool_resources, ...body.tool_resources };
      const thread = await createThread(transaction, { ...body.thread, tool_resources: resources }, full);
      emit('thread.created', thread);
      return createRun(transaction, emit, { id, thread, body, owner: runs.owner, content, full });
    });
  });

  routes.post('/:thread/runs', async (c) => {
    refuseWhenClosing();
    const threadId = c.req.param('thread');
    const body = await readBody(c, runSchema);
    const content = includesContent(c);
    const full = whenFull(c);
    return create(c, body.stream, async (transaction, emit, id) => {
      const thread = found(await findObject(transaction, 'threads', threadId), 'thread', threadId);
      const active = await findActiveRun(transaction, threadId);
      if (active) throw badRequest(`Thread ${threadId} already has an active run ${active.id}.`);
      return createRun(transaction, emit, { id, thread, body, owner: runs.owner, content, full });
    });
  });

  routes.get('/:thread/runs', async (c) => {
    const id = c.req.param('thread');
    found(await findObject(database, 'threads', id), 'thread', id);
    return c.json(await listObjects<Run>(database, 'runs', { thread_id: id }, readPage(c)));
  });

  routes.get('/:thread/runs/:run', async (c) => {
    const { run } = await findRunOf(database, c.req.param('thread'), c.req.param('run'));
    return answerRun(c, await context.keeper.expireIfDue(run));
  });

  routes.post('/:thread/runs/:run', async (c) => {
    const body = await readBody(c, metadataOnlySchema);
    const run = await database.transaction().execute(async (transaction) => {
      const { run } = await findRunOf(transaction, c.req.param('thread'), c.req.param('run'));
      if (body.metadata !== undefined) run.metadata = body.metadata ?? {};
      await saveRun(transaction, run);
      return run;
    });
    return answerRun(c, run);
  });

  routes.post('/:thread/runs/:run/cancel', async (c) => {
    const { thread, run: id } = c.req.param();
    const cancel = async (transaction: Database, emit: Emit) => {
      const { run, owner } = await findRunOf(transaction, thread, id);
      if (isDue(run)) return { run, isHere: false, isLate: true };
      // Asked twice, it is still being cancelled.
      if (run.status === 'cancelling') return { run, isHere: true, isLate: false };
      if (!canChange(run.status, 'cancelling')) {
        throw badRequest(`Cannot cancel run with status '${run.status}'.`);
      }
      const { run: changed, event } = changeRun(run, { to: 'cancelling' }, nowSeconds());
      await saveRun(transaction, changed);
      emit(event, changed as never);
      return { run: changed, isHere: owner === null || owner === runs.owner, isLate: false };
    };
    const { run, isHere, isLate } = await events.commit(id, cancel).catch((error: unknown) => {
      throw error instanceof RunGoneError ? notFound('run', id) : error;
    });
    if (isLate) {
      await context.keeper.expireIfDue(run);
      throw badRequest("Cannot cancel run with status 'expired'.");
    }
    // A run that another engine executes is ended by that one, when it next looks.
    if (isHere && !runs.abort(id, 'cancelled')) await endRun(context, id, { to: 'cancelled' });
    return answerRun(c, run);
  });

  routes.post('/:thread/runs/:run/submit_tool_outputs', async (c) => {
    refuseWhenClosing();
    const { thread, run: id } = c.req.param();
    const body = await readBody(c, submitSchema);
    await context.keeper.expireIfDue((await findRunOf(database, thread, id)).run);
    const position = await events.position(id);
    const run = await events.commit(id, async (transaction, emit) => {
      const { run } = await findRunOf(transaction, thread, id);
      if (run.status !== 'requires_action') {
        throw badRequest(`Runs in status "${run.status}" do not accept tool outputs.`);
      }
      await answerCalls(transaction, emit, run, body.tool_outputs);
      const { run: changed, event } = changeRun(run, { to: 'queued' }, nowSeconds());
      await saveRun(transaction, changed, { owner: runs.owner });
      emit(event, changed as never);
      return changed;
    });
    return start(c, run, body.stream, position);
  });

  // Our own: the run's events from the beginning, or after the last one that the reader has seen.
  routes.get('/:thread/runs/:run/stream', async (c) => {
    const { run } = await findRunOf(database, c.req.param('thread'), c.req.param('run'));
    await context.keeper.expireIfDue(run);
    const seen = c.req.header('last-event-id') || '-1';
    if (!/^-?\d{1,15}$/.test(seen)) throw badRequest("Invalid value for 'Last-Event-ID': expected a number.");
    const position = Number(seen);
    const number = await findRunNumber(database, run.id);
    const last = number === undefined ? undefined : await findLastEvent(database, number);
    // Of another run: whoever went on behind it would miss what comes before. Asked of storage, for another engine may
    // have written what this one has not seen yet.
    if (position > (last?.last ?? -1)) {
      throw badRequest(`Invalid value for 'Last-Event-ID': the run has no event ${position}.`);
    }
    return streamRun(events, run.id, { position, toTheEnd: true, signal: c.req.raw.signal });
  });

  return routes;
}

/** Stores a queued run on a thread that has none. */
async function createRun(
  database: Database,
  emit: Emit,
  options: {
    id: string;
    thread: Thread;
    body: Omit<RunBody, 'additional_messages' | 'additional_instructions' | 'reasoning_effort'> & {
      additional_instructions?: string | null | undefined;
      additional_messages?: MessageBody[] | null | undefined;
      reasoning_effort?: ReasoningEffort | null | undefined;
    };
    owner: string;
    /** Whether the caller asks for the passages that searches find. */
    content: boolean;
    full: WhenFull;
  },
): Promise<Run> {
  const { id, thread, body, owner } = options;
  const assistantId = body.assistant_id;
  const stored = await findRow(database, 'assistants', assistantId, ['body', 'reasoning_effort']);
  const { body: json, reasoning_effort: effort } = found(stored, 'assistant', assistantId);
  const assistant = JSON.parse(json) as Assistant;
  const tools = body.tools ?? assistant.tools;
  requireChoice(body.tool_choice ?? 'auto', tools);
  await addMessages(database, thread, body.additional_messages ?? [], options.full);
  const now = nowSeconds();
  const truncation = body.truncation_strategy;
  const instructions = [body.instructions ?? assistant.instructions, body.additional_instructions];
  const run: Run = {
    id,
    object: 'thread.run',
    created_at: now,
    thread_id: thread.id,
    assistant_id: assistantId,
    status: 'queued',
    required_action: null,
    last_error: null,
    expires_at: now + lifetimeSeconds,
    started_at: null,
    cancelled_at: null,
    failed_at: null,
    completed_at: null,
    incomplete_details: null,
    model: body.model ?? assistant.model,
    instructions: instructions.filter((text) => text).join('\n'),
    tools,
    metadata: body.metadata ?? {},
    usage: null,
    max_prompt_tokens: body.max_prompt_tokens ?? null,
    max_completion_tokens: body.max_completion_tokens ?? null,
    truncation_strategy: {
      type: truncation?.type ?? 'auto',
      last_messages: truncation?.last_messages ?? null,
    },
    tool_choice: body.tool_choice ?? 'auto',
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    response_format: body.response_format ?? assistant.response_format ?? 'auto',
    temperature: body.temperature ?? assistant.temperature ?? 1,
    top_p: body.top_p ?? assistant.top_p ?? 1,
  };
  const details: RunPrivate = {
    reasoningEffort: body.reasoning_effort ?? (effort as ReasoningEffort | null),
    temperature: body.temperature ?? assistant.temperature,
    topP: body.top_p ?? assistant.top_p,
    turns: 0,
    usage: noUsage,
    ...(options.content && { includesContent: true }),
  };
  await insertRun(database, run, details, owner);
  emit('thread.run.created', run);
  emit('thread.run.queued', run);
  return run;
}

/** A tool that must be called has to be there: no model could obey. */
function requireChoice(choice: ToolChoice, tools: AssistantTool[]): void {
  if (choice === 'none' || choice === 'auto') return;
  if (choice === 'required') {
    if (tools.length === 0)
      throw badRequest("'tool_choice' is 'required', but the run has no tools.", 'tool_choice');
    return;
  }
  const name = choice.type === 'function' ? choice.function.name : choice.type;
  const isThere = tools.some((tool) =>
    tool.type === 'function'
      ? choice.type === 'function' && tool.function.name === name
      : tool.type === choice.type,
  );
  if (!isThere)
    throw badRequest(`'tool_choice' names '${name}', which is no tool of the run.`, 'tool_choice');
}
