import type {
  JSONSchema7,
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import type { EngineContext } from '../engine-context.ts';
import { prepare } from '../storage/prepared.ts';
import { findObject, type RunPrivate, type StepCallPrivate, type StoredStep } from '../storage/records.ts';
import { codeInterpreterName } from '../tools/code-interpreter.ts';
import {
  fileSearchInstructions,
  fileSearchName,
  fileSearchTool,
  hasFileSearch,
} from '../tools/file-search.ts';
import type { FileObject, Message, Run, StepCall } from '../wire.ts';
import { fitPrompt, type PromptSection } from './fit-prompt.ts';
import { listInputFiles, type RunFile } from './run-files.ts';

type UserPart = LanguageModelV4TextPart | LanguageModelV4FilePart;
type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];
type ToolPart = Extract<LanguageModelV4Message, { role: 'tool' }>['content'][number];

/** Whether the run may use Python. */
export function hasCodeInterpreter(run: Run): boolean {
  return run.tools.some((tool) => tool.type === 'code_interpreter');
}

/**
 * Everything the model gets to see for the next turn of the run, in about `budget` tokens; undefined when it cannot be said
 * in so few.
 */
export async function buildPrompt(
  context: EngineContext,
  run: Run,
  budget: number,
): Promise<LanguageModelV4Prompt | undefined> {
  const hasCode = hasCodeInterpreter(run);
  const { messages, runs } = await readThread(context, run);
  const files = hasCode ? await listInputFiles(context.database, run) : [];
  const attached = new Set(
    messages.flatMap(({ message }) => message.attachments.map(({ file_id }) => file_id)),
  );
  /** Files that no message brings: the thread's and the assistant's own. */
  let loose = files.filter((file) => file.isUpload && !attached.has(file.id));

  const searchable = hasFileSearch(run)
    ? await searchableNames(context, messages)
    : new Map<string, string>();

  const sections: PromptSection[] = [];
  // Whoever asks for the last messages gets these and no fewer.
  const isExact = run.truncation_strategy.type === 'last_messages';
  const push = (messages: LanguageModelV4Prompt, isNeeded = isExact) => {
    if (messages.length > 0) sections.push({ messages, isNeeded });
  };
  const system = systemText(context, run);
  if (system !== '') push([{ role: 'system', content: system }], true);
  let nextRun = 0;
  // OpenAI's own tool is not a function: calls of earlier runs are told under a name that is nobody's.
  const pythonName = context.hosted ? 'python' : codeInterpreterName;
  const pushRunsBefore = (sequence: number) => {
    for (; nextRun < runs.length && runs[nextRun]!.afterMessage < sequence; nextRun++) {
      const isSameRun = runs[nextRun]!.id === run.id;
      const said: LanguageModelV4Prompt = [];
      pushRun(said, runs[nextRun]!.steps, texts, isSameRun, pythonName);
      push(said, isSameRun || isExact);
    }
  };
  const texts = new Map(messages.map(({ message }) => [message.id, message]));
  const question = messages.findLast(({ message }) => message.run_id !== run.id)?.message;
  for (const { message, sequence } of messages) {
    pushRunsBefore(sequence);
    // Messages of runs come with their steps.
    if (message.run_id !== null && runs.some(({ id }) => id === message.run_id)) continue;
    if (message.role === 'assistant') {
      const content = assistantText(message);
      if (content.length > 0) push([{ role: 'assistant', content }], message === question || isExact);
      continue;
    }
    const names = [...(hasCode ? attachedNames(message, files) : []), ...loose.map(({ name }) => name)];
    loose = [];
    const content = await userParts(context, message, names, searchable);
    if (content.length > 0) push([{ role: 'user', content }], message === question || isExact);
  }
  pushRunsBefore(Number.POSITIVE_INFINITY);
  return fitPrompt(sections, budget);
}

/** What of the run's settings a model can be given. */
export function buildCallOptions(
  context: EngineContext,
  run: Run,
  details: RunPrivate,
): Omit<LanguageModelV4CallOptions, 'prompt'> {
  const tools = run.tools.flatMap((tool): LanguageModelV4FunctionTool[] => {
    if (tool.type === 'code_interpreter') return [context.code.tool()];
    if (tool.type === 'file_search') return [fileSearchTool()];
    const { name, description, parameters, strict } = tool.function;
    return [
      {
        type: 'function',
        name,
        inputSchema: (parameters ?? { type: 'object', properties: {} }) as JSONSchema7,
        ...(description !== undefined && { description }),
        ...(typeof strict === 'boolean' && { strict }),
      },
    ];
  });
  const left = run.max_completion_tokens && run.max_completion_tokens - details.usage.completion_tokens;
  return {
    ...(tools.length > 0 && toToolSettings(run, details, tools)),
    ...(left !== null && { maxOutputTokens: Math.max(1, left) }),
    ...(details.temperature !== null && { temperature: details.temperature }),
    ...(details.topP !== null && { topP: details.topP }),
    ...responseFormat(run),
    ...(details.reasoningEffort !== null && { reasoning: details.reasoningEffort }),
    ...providerOptions(run),
  };
}

/** What the AI SDK has no common word for, in the words of those providers that know it; others pass it over. */
function providerOptions(run: Run): Pick<LanguageModelV4CallOptions, 'providerOptions'> {
  const isSerial = !run.parallel_tool_calls && run.tools.length > 0;
  const format = typeof run.response_format === 'object' ? run.response_format : undefined;
  // Providers are strict where nothing is said; the API is not, and OpenAI refuses most schemas that were not made for it.
  const strict = format?.type === 'json_schema' && { strictJsonSchema: format.json_schema.strict ?? false };
  if (!isSerial && !strict) return {};
  return {
    providerOptions: {
      openai: { ...(isSerial && { parallelToolCalls: false }), ...strict },
      openaiCompatible: { ...(isSerial && { parallel_tool_calls: false }), ...strict },
      ...(isSerial && { anthropic: { disableParallelToolUse: true } }),
    },
  };
}

function toToolSettings(
  run: Run,
  details: RunPrivate,
  tools: LanguageModelV4FunctionTool[],
): Pick<LanguageModelV4CallOptions, 'tools' | 'toolChoice'> {
  const choice = run.tool_choice;
  if (choice === 'none') return { tools, toolChoice: { type: 'none' } };
  // A choice that forces a call is met by the first turn; forced for ever, the run could never end.
  if (choice === 'auto' || details.turns > 0) return { tools, toolChoice: { type: 'auto' } };
  if (choice === 'required') return { tools, toolChoice: { type: 'required' } };
  if (choice.type === 'function')
    return { tools, toolChoice: { type: 'tool', toolName: choice.function.name } };
  // By its name OpenAI's provider would choose the tool of OpenAI, not our function: it is the only one instead.
  const forced = choice.type === 'code_interpreter' ? codeInterpreterName : fileSearchName;
  return { tools: tools.filter(({ name }) => name === forced), toolChoice: { type: 'required' } };
}

function responseFormat(run: Run): Pick<LanguageModelV4CallOptions, 'responseFormat'> {
  const format = run.response_format;
  if (format === 'auto' || format.type === 'text') return {};
  if (format.type === 'json_object') return { responseFormat: { type: 'json' } };
  const { name, description, schema } = format.json_schema;
  return {
    responseFormat: {
      type: 'json',
      name,
      ...(description !== undefined && { description }),
      ...(schema !== undefined && { schema: schema as JSONSchema7 }),
    },
  };
}

function systemText(context: EngineContext, run: Run): string {
  const paragraphs = [run.instructions.trim()];
  if (hasCodeInterpreter(run)) {
    paragraphs.push(
      `You can run Python with the tool \`${codeInterpreterName}\`. ${(context.hosted ?? context.code).description} ` +
        'Files of the user lie in /mnt/data. Write files for the user there, and link them in your answer as ' +
        '[name](sandbox:/mnt/data/name).',
    );
  }
  // Where OpenAI searches it tells of citations itself, and the engine writes the markers.
  if (hasFileSearch(run) && !context.mirrors) paragraphs.push(fileSearchInstructions);
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
}

interface ThreadRun {
  id: string;
  afterMessage: number;
  steps: StoredStep[];
}

/** Messages and the steps of runs, in their order, cut to what the run's truncation leaves. */
async function readThread(
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
function pushRun(
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

function assistantText(message: Message): { type: 'text'; text: string }[] {
  return message.content.flatMap((block) => {
    if (block.type === 'text' && block.text.value !== '')
      return [{ type: 'text' as const, text: block.text.value }];
    return block.type === 'refusal' ? [{ type: 'text' as const, text: block.refusal }] : [];
  });
}

function attachedNames(message: Message, files: RunFile[]): string[] {
  return message.attachments.flatMap(({ file_id, tools }) => {
    const file =
      tools.some(({ type }) => type === 'code_interpreter') && files.find(({ id }) => id === file_id);
    return file ? [file.name] : [];
  });
}

/** The names of the files that messages gave file search, by id. */
async function searchableNames(
  context: EngineContext,
  messages: { message: Message }[],
): Promise<Map<string, string>> {
  const ids = messages.flatMap(({ message }) =>
    message.attachments.flatMap(({ file_id, tools }) =>
      tools.some(({ type }) => type === 'file_search') ? [file_id] : [],
    ),
  );
  if (ids.length === 0) return new Map();
  const rows = await context.database
    .selectFrom('files')
    .select(['id', 'body'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, body }) => [id, (JSON.parse(body) as FileObject).filename]));
}

async function userParts(
  context: EngineContext,
  message: Message,
  names: string[],
  searchable: Map<string, string>,
): Promise<UserPart[]> {
  const parts: UserPart[] = [];
  for (const block of message.content) {
    if (block.type === 'text') parts.push({ type: 'text', text: block.text.value });
    else if (block.type === 'image_url') parts.push(imageFromUrl(block.image_url.url));
    else if (block.type === 'image_file') {
      const part = await imageFromFile(context, block.image_file.file_id);
      if (part) parts.push(part);
    }
  }
  if (names.length > 0) {
    const list = names.map((name) => `- /mnt/data/${name}`).join('\n');
    parts.push({ type: 'text', text: `Attached files:\n${list}` });
  }
  const found = message.attachments.flatMap(({ file_id }) => searchable.get(file_id) ?? []);
  if (found.length > 0) {
    const list = found.map((name) => `- ${name}`).join('\n');
    parts.push({ type: 'text', text: `Files to search:\n${list}` });
  }
  return parts;
}

function imageFromUrl(url: string): LanguageModelV4FilePart {
  const data = /^data:([\w.+/-]+);base64,/.exec(url);
  if (data) {
    return { type: 'file', mediaType: data[1]!, data: { type: 'data', data: url.slice(data[0].length) } };
  }
  // Never fetched here: the provider gets the address.
  return { type: 'file', mediaType: 'image', data: { type: 'url', url: new URL(url) } };
}

async function imageFromFile(
  context: EngineContext,
  fileId: string,
): Promise<LanguageModelV4FilePart | undefined> {
  const row = await context.database
    .selectFrom('files')
    .select('body')
    .where('id', '=', fileId)
    .executeTakeFirst();
  if (!row) return undefined;
  const { filename } = JSON.parse(row.body) as FileObject;
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();
  const mediaType = { png: 'image/png', gif: 'image/gif', webp: 'image/webp' }[extension] ?? 'image/jpeg';
  const bytes = await context.blobs.read(fileId).catch(async (error: unknown) => {
    // Deleted at this very moment, or lost?
    if (await findObject(context.database, 'files', fileId)) throw error;
  });
  if (!bytes) return undefined;
  return { type: 'file', filename, mediaType, data: { type: 'data', data: bytes } };
}
