import { createReducer } from '@use-assistant/protocol';
import type { AssistantMessage } from '@use-assistant/protocol';
import type { Message } from 'openai/resources/beta/threads/messages';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { RunStep } from 'openai/resources/beta/threads/runs/steps';
import { passages } from '../found-passages.ts';
import { isActive } from '../forward-stream.ts';
import { createAssistantsTranslator, userMessageIdKey } from '../from-assistants.ts';
import type { AssistantsEvent } from '../from-assistants.ts';
import { isClientTool } from '../function-tools.ts';
import { createFileLookUp } from '../output-files.ts';
import type { LookUpFiles } from '../output-files.ts';
import { collect } from './collect.ts';
import { inTurns } from './in-turns.ts';
import { metadataOf } from './metadata.ts';
import { newestRun } from './runs.ts';
import { refusal, statusOf } from '../public-errors.ts';
import { clientIdKey, fileReference, noTextKey, replacedKey, sandboxUrl } from './context.ts';
import type { Call, HandlerContext } from './context.ts';

/** A part of a thread's messages as the stream would have built them, and its newest run. */
export interface History {
  messages: AssistantMessage[];
  newest: Run | undefined;
  /** When something was last said in the thread, in milliseconds; known of the newest part only. */
  updatedAt: number | undefined;
  /** The `before` of the part in front of this one; null at the thread's beginning. */
  previous: string | null;
}

/**
 * The newest messages of a thread, or so many in front of a place. A part begins with a message of the user, so that no
 * answer is told in two. A run that goes on is left to its stream.
 */
export async function readHistory(
  context: HandlerContext,
  call: Call,
  threadId: string,
  page: { limit: number; before?: string },
): Promise<History> {
  const place = page.before === undefined ? undefined : parsePlace(page.before);
  const { messages, isBeginning } = await readMessages(call, threadId, page.limit, place);
  const { runs, newest, resumeAfter } = await readRuns(call, threadId, messages, isBeginning, place);
  const lookUpFiles = createFileLookUp(call.client, fileReference(context, call));
  const shown = runs.filter((run) => !isActive(run) && metadataOf(run)[replacedKey] === undefined);
  const answers = new Map<string, AssistantMessage>();
  await inTurns(shown, 4, async (run) => {
    const own = messages.filter((message) => message.run_id === run.id);
    const steps = await collect(
      call.client.beta.threads.runs.steps.list(run.id, {
        thread_id: threadId,
        order: 'asc',
        limit: 100,
        ...(context.options.showPassages !== false && { include: [passages] }),
      }),
    );
    answers.set(run.id, await toAnswer(context, run, own, steps, lookUpFiles));
  });
  const [first, last] = [messages[0], messages.at(-1)];
  return {
    messages: await inOrder(messages, shown, answers, lookUpFiles),
    newest: place ? await newestRun(call.client, threadId) : newest,
    updatedAt: !place && last ? last.created_at * 1000 : undefined,
    previous: isBeginning || !first ? null : formatPlace(first, resumeAfter),
  };
}

/** Where a part ends: in front of this message, made at that time, and of runs that are older than this one. */
interface Place {
  messageId: string;
  createdAt: number;
  runId: string | undefined;
}

function formatPlace({ id, created_at: createdAt }: Message, runId: string | undefined): string {
  return [id, createdAt, ...(runId === undefined ? [] : [runId])].join('.');
}

function parsePlace(text: string): Place {
  const [, messageId, createdAt, runId] = /^([\w-]+)\.(\d{1,15})(?:\.([\w-]+))?$/.exec(text) ?? [];
  if (messageId === undefined) throw unknownPlace();
  return { messageId, createdAt: Number(createdAt), runId };
}

function unknownPlace(): Error {
  return refusal('bad_request', 'before is not the previous of a part.');
}

/** A page of a list, from the newest on; a place that is not in the list is the caller's mistake. */
async function pageOf<T>(
  list: Promise<{ data: T[]; has_more?: boolean }>,
): Promise<{ data: T[]; has_more?: boolean }> {
  return list.catch((error: unknown) => {
    throw statusOf(error) === 400 ? unknownPlace() : error;
  });
}

/** So many pages are looked through for a message of the user to begin with. */
const mostPages = 10;

async function readMessages(
  call: Call,
  threadId: string,
  limit: number,
  place: Place | undefined,
): Promise<{ messages: Message[]; isBeginning: boolean }> {
  const newestFirst: Message[] = [];
  for (let pages = 1; ; pages += 1) {
    const after = newestFirst.at(-1)?.id ?? place?.messageId;
    const { data, has_more: hasMore } = await pageOf(
      call.client.beta.threads.messages.list(threadId, { order: 'desc', limit, ...(after && { after }) }),
    );
    newestFirst.push(...data);
    if (!hasMore || data.length === 0) return { messages: newestFirst.toReversed(), isBeginning: true };
    const oldest = newestFirst.findLastIndex(({ role }) => role === 'user');
    if (oldest === -1 && pages < mostPages) continue;
    const whole = oldest === -1 ? newestFirst : newestFirst.slice(0, oldest + 1);
    return { messages: whole.toReversed(), isBeginning: false };
  }
}

/** The runs that belong to these messages, oldest first. */
async function readRuns(
  call: Call,
  threadId: string,
  messages: Message[],
  isBeginning: boolean,
  place: Place | undefined,
): Promise<{ runs: Run[]; newest: Run | undefined; resumeAfter: string | undefined }> {
  const from = isBeginning ? Number.NEGATIVE_INFINITY : (messages[0]?.created_at ?? Number.NEGATIVE_INFINITY);
  const here = new Set(messages.map(({ id }) => id));
  const made = new Set(messages.map(({ run_id: runId }) => runId));
  const belongs = (run: Run): boolean => {
    const answers = metadataOf(run)[userMessageIdKey];
    if (answers !== undefined) return here.has(answers) || (isBeginning && !place) || made.has(run.id);
    // A run that says nothing of itself is where its time is.
    return made.has(run.id) || (run.created_at >= from && run.created_at < (place?.createdAt ?? Infinity));
  };
  const runs: Run[] = [];
  let newest: Run | undefined;
  // Runs of the same second may belong to the part in front of this one: that one looks at them again.
  let resumeAfter = place?.runId;
  let after = place?.runId;
  for (;;) {
    const { data, has_more: hasMore } = await pageOf(
      call.client.beta.threads.runs.list(threadId, { order: 'desc', limit: 100, ...(after && { after }) }),
    );
    newest ??= data[0];
    for (const run of data) {
      if (run.created_at < from) return { runs: runs.toReversed(), newest, resumeAfter };
      if (run.created_at > from) resumeAfter = run.id;
      if (belongs(run)) runs.push(run);
    }
    after = data.at(-1)?.id;
    if (!hasMore || after === undefined) return { runs: runs.toReversed(), newest, resumeAfter };
  }
}

/** Every run stands behind the message that it answers. */
async function inOrder(
  messages: Message[],
  runs: Run[],
  answers: Map<string, AssistantMessage>,
  lookUpFiles: LookUpFiles,
): Promise<AssistantMessage[]> {
  const history: AssistantMessage[] = [];
  const waiting = new Map(answers);
  const take = (runId: string): void => {
    const answer = waiting.get(runId);
    if (answer) history.push(answer);
    waiting.delete(runId);
  };
  for (const message of messages) {
    if (message.role === 'user') {
      history.push(await toUserMessage(message, lookUpFiles));
      for (const run of runs) if (metadataOf(run)[userMessageIdKey] === message.id) take(run.id);
    } else if (message.run_id) {
      take(message.run_id);
    } else {
      history.push({ id: message.id, role: 'assistant', parts: await toParts(message, lookUpFiles) });
    }
  }
  for (const run of runs) take(run.id);
  return history;
}

/** A run's message: what its events would have said is told again, from what is left of them. */
async function toAnswer(
  context: HandlerContext,
  run: Run,
  messages: Message[],
  steps: RunStep[],
  lookUpFiles: LookUpFiles,
): Promise<AssistantMessage> {
  const translator = createAssistantsTranslator({
    isClientTool: (name) => isClientTool(context.options.tools, name),
    sandboxUrl: (name, threadId) => sandboxUrl(context, name, threadId),
  });
  const reducer = createReducer();
  for (const event of eventsOf(run, messages, steps)) {
    const ids = translator.fileIds(event);
    const files = ids.length > 0 ? await lookUpFiles(ids) : undefined;
    for (const chunk of translator.translate(event, files)) reducer.apply(chunk);
  }
  return reducer.message();
}

function* eventsOf(run: Run, messages: Message[], steps: RunStep[]): Generator<AssistantsEvent> {
  yield { event: 'thread.run.created', data: run };
  const untold = new Map(messages.map((message) => [message.id, message]));
  for (const step of steps) {
    if (step.step_details.type === 'tool_calls') {
      // A step that its run left open ended with it.
      if (step.status === 'in_progress') {
        yield { event: 'thread.run.step.failed', data: { ...step, status: run.status } };
      } else {
        yield { event: `thread.run.step.${step.status}`, data: step };
      }
      continue;
    }
    const message = untold.get(step.step_details.message_creation.message_id);
    if (message) yield* messageEvents(message);
    untold.delete(step.step_details.message_creation.message_id);
  }
  for (const message of untold.values()) yield* messageEvents(message);
  yield { event: `thread.run.${run.status}`, data: run };
}

function* messageEvents(message: Message): Generator<AssistantsEvent> {
  yield { event: 'thread.message.created', data: message };
  yield { event: 'thread.message.completed', data: message };
}

async function toUserMessage(message: Message, lookUpFiles: LookUpFiles): Promise<AssistantMessage> {
  const id = metadataOf(message)[clientIdKey] ?? message.id;
  const metadata = { threadId: message.thread_id, createdAt: message.created_at * 1000 };
  return { id, role: 'user', metadata, parts: await toParts(message, lookUpFiles) };
}

async function toParts(message: Message, lookUpFiles: LookUpFiles): Promise<AssistantMessage['parts']> {
  const parts: AssistantMessage['parts'] = [];
  const ids = new Set<string>();
  for (const attachment of message.attachments ?? []) if (attachment.file_id) ids.add(attachment.file_id);
  for (const block of message.content) {
    if (block.type === 'image_file') ids.add(block.image_file.file_id);
    if (block.type === 'text' && metadataOf(message)[noTextKey] === undefined) {
      parts.push({ type: 'text', text: block.text.value });
    }
  }
  for (const file of (await lookUpFiles([...ids])).values()) {
    parts.push({ type: 'file', url: file.url, mediaType: file.mediaType, filename: file.name });
  }
  return parts;
}
