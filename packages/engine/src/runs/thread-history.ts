import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import type { EngineContext } from '../engine-context.ts';
import { prepare } from '../storage/prepared.ts';
import type { StepCallPrivate, StoredStep } from '../storage/records.ts';
import { codeInterpreterName } from '../tools/code-interpreter.ts';
import { fileSearchName } from '../tools/file-search.ts';
import type { Message, Run, StepCall } from '../wire.ts';

type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];
type ToolPart = Extract<LanguageModelV4Message, { role: 'tool' }>['content'][number];

/** A run of the thread, and where it stands among the messages. */
export interface ThreadRun {
  id: string;
  afterMessage: number;
  steps: StoredStep[];
}

/** Messages and the steps of runs, in their order, cut to what the run's truncation leaves. */
export async function readThread(
  context: EngineContext,
  run: Run,
): Promise<{ messages: { message: Message; sequence: number }[]; runs: ThreadRun[] }> {
  let query = context.database
    .selectFrom('messages')
    .select(['sequence', 'body'])
    .where('thread_id', '=', run.thread_id)
    .orderBy('sequence', 'desc');
  const { type, last_messages } = run.truncation_strategy;
  const last = type === 'last_messages' ? last_messages : null;
  if (last !== null) {
    // What the run itself has said does not push out what it was asked.
    const { own } = await context.database
      .selectFrom('messages')
      .select(({ fn }) => fn.countAll<number>().as('own'))
      .where('run_id', '=', run.id)
      .executeTakeFirstOrThrow();
    query = query.limit(last + Number(own));
  }
  const messages = (await query.execute())
    .toReversed()
    .map((row) => ({ sequence: row.sequence, message: JSON.parse(row.body) as Message }));
  const first = last === null ? 0 : (messages[0]?.sequence ?? 0);

  const rows = await stepsFrom(context.database, { thread: run.thread_id, first });
  const runs: ThreadRun[] = [];
  for (const row of rows) {
    if (runs.at(-1)?.id !== row.id) runs.push({ id: row.id, afterMessage: row.after_message, steps: [] });
    runs.at(-1)!.steps.push({ step: JSON.parse(row.body), details: JSON.parse(row.private) });
  }
  return { messages, runs };
}

const stepsFrom = prepare((database, given: { thread: string; first: number }) =>
  database
    .selectFrom('steps')
    .innerJoin('runs', 'runs.id', 'steps.run_id')
    .select(['runs.id', 'runs.after_message', 'steps.body', 'steps.private'])
    .where('steps.thread_id', '=', given.thread)
    .where('runs.after_message', '>=', given.first)
    .orderBy('steps.sequence'),
);

/** Adds what a run said and did. Only within the same run does a provider get its own ids and options back. */
export function pushRun(
  prompt: LanguageModelV4Prompt,
  steps: StoredStep[],
  messages: Map<string, Message>,
  isSameRun: boolean,
  pythonName: string,
): void {
  let assistant: AssistantPart[] = [];
  let turn = -1;
  const flush = () => {
    if (assistant.length > 0) prompt.push({ role: 'assistant', content: assistant });
    assistant = [];
  };
  for (const { step, details } of steps) {
    if (details.turn !== turn) flush();
    turn = details.turn;
    const own = (metadata: unknown) =>
      isSameRun && metadata ? { providerOptions: metadata as SharedV4ProviderOptions } : {};
    if (isSameRun) {
      for (const { text, metadata } of details.reasoning)
        assistant.push({ type: 'reasoning', text, ...own(metadata) });
    }
    if (step.step_details.type === 'message_creation') {
      const message = messages.get(step.step_details.message_creation.message_id);
      if (message) {
        for (const part of assistantText(message)) assistant.push({ ...part, ...own(details.metadata) });
      }
      continue;
    }
    const results: ToolPart[] = [];
    for (const call of step.step_details.tool_calls) {
      const known = details.calls[call.id];
      const result = known?.result ?? (call.type === 'function' ? call.function.output : null);
      // A call that was never answered would make the prompt illegal for most providers.
      if (result === null || result === undefined) continue;
      // What an earlier run found fills the prompt; its answer quotes what mattered, and the model may search again.
      if (!isSameRun && call.type === 'file_search') continue;
      if (isSameRun && known?.hosted) {
        // The provider has it all: it is only reminded of where in its answer the call stood.
        const hosted = { toolCallId: known.providerId, toolName: toolName(call, codeInterpreterName) };
        assistant.push({
          type: 'tool-call',
          ...hosted,
          input: callInput(call, known),
          providerExecuted: true,
        });
        assistant.push({ type: 'tool-result', ...hosted, output: { type: 'text', value: result } });
        continue;
      }
      const identity = {
        toolCallId: isSameRun && known ? known.providerId : call.id,
        toolName: toolName(call, pythonName),
      };
      assistant.push({
        type: 'tool-call',
        ...identity,
        input: callInput(call, known),
        ...own(known?.metadata),
      });
      results.push({ type: 'tool-result', ...identity, output: { type: 'text', value: result } });
    }
    if (results.length === 0) continue;
    flush();
    prompt.push({ role: 'tool', content: results });
  }
  flush();
}

function toolName(call: StepCall, pythonName: string): string {
  if (call.type === 'function') return call.function.name;
  return call.type === 'file_search' ? fileSearchName : pythonName;
}

function callInput(call: StepCall, known: StepCallPrivate | undefined): unknown {
  if (call.type === 'code_interpreter') return { code: call.code_interpreter.input };
  if (call.type === 'file_search') return { query: known?.query ?? '' };
  try {
    return JSON.parse(call.function.arguments);
  } catch {
    // Providers want an object; what the model wrote is kept for it to see.
    return { input: call.function.arguments };
  }
}

/** The text of a message of the assistant. */
export function assistantText(message: Message): { type: 'text'; text: string }[] {
  return message.content.flatMap((block) => {
    if (block.type === 'text' && block.text.value !== '')
      return [{ type: 'text' as const, text: block.text.value }];
    return block.type === 'refusal' ? [{ type: 'text' as const, text: block.refusal }] : [];
  });
}
