import { createReducer } from '@use-assistant/protocol';
import type { AssistantMessage } from '@use-assistant/protocol';
import type { Message } from 'openai/resources/beta/threads/messages';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { RunStep } from 'openai/resources/beta/threads/runs/steps';
import { isActive } from '../forward-stream.ts';
import { createAssistantsTranslator, userMessageIdKey } from '../from-assistants.ts';
import type { AssistantsEvent } from '../from-assistants.ts';
import { isClientTool } from '../function-tools.ts';
import { createFileLookUp } from '../output-files.ts';
import type { LookUpFiles } from '../output-files.ts';
import { collect } from './collect.ts';
import { inTurns } from './in-turns.ts';
import { clientIdKey, fileReference, noTextKey, replacedKey, sandboxUrl } from './context.ts';
import type { Call, HandlerContext } from './context.ts';

/** The messages of a thread as the stream would have built them, and its newest run. A run that goes on is left to its stream. */
export async function readHistory(
  context: HandlerContext,
  call: Call,
  threadId: string,
): Promise<{ messages: AssistantMessage[]; newest: Run | undefined; updatedAt: number | undefined }> {
  const { messages: messagesOf, runs: runsOf } = call.client.beta.threads;
  const [messages, runs] = await Promise.all([
    collect(messagesOf.list(threadId, { order: 'asc', limit: 100 })),
    collect(runsOf.list(threadId, { order: 'asc', limit: 100 })),
  ]);
  const lookUpFiles = createFileLookUp(call.client, fileReference(context, call));
  const shown = runs.filter((run) => !isActive(run) && metadataOf(run)[replacedKey] === undefined);
  const answers = new Map<string, AssistantMessage>();
  await inTurns(shown, 4, async (run) => {
    const own = messages.filter((message) => message.run_id === run.id);
    const steps = await collect(runsOf.steps.list(run.id, { thread_id: threadId, order: 'asc', limit: 100 }));
    answers.set(run.id, await toAnswer(context, run, own, steps, lookUpFiles));
  });
  const last = messages.at(-1);
  return {
    messages: await inOrder(messages, shown, answers, lookUpFiles),
    newest: runs.at(-1),
    updatedAt: last && last.created_at * 1000,
  };
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

function metadataOf(object: { metadata?: unknown }): Record<string, string> {
  return (object.metadata ?? {}) as Record<string, string>;
}
