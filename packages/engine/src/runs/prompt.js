import { codeInterpreterName } from '../tools/code-interpreter.js';
import { listInputFiles } from './run-files.js';
/** Whether the run may use Python. */
export function hasCodeInterpreter(run) {
  return run.tools.some((tool) => tool.type === 'code_interpreter');
}
/** Everything the model gets to see for the next turn of the run. */
export async function buildPrompt(context, run) {
  const hasCode = hasCodeInterpreter(run);
  const { messages, runs } = await readThread(context, run);
  const files = hasCode ? await listInputFiles(context.database, run) : [];
  const attached = new Set(
    messages.flatMap(({ message }) => message.attachments.map(({ file_id }) => file_id)),
  );
  /** Files that no message brings: the thread's and the assistant's own. */
  let loose = files.filter((file) => file.isUpload && !attached.has(file.id));
  const prompt = [];
  const system = systemText(context, run);
  if (system !== '') prompt.push({ role: 'system', content: system });
  let nextRun = 0;
  const pushRunsBefore = (sequence) => {
    for (; nextRun < runs.length && runs[nextRun].afterMessage < sequence; nextRun++) {
      pushRun(prompt, runs[nextRun].steps, texts, runs[nextRun].id === run.id);
    }
  };
  const texts = new Map(messages.map(({ message }) => [message.id, message]));
  for (const { message, sequence } of messages) {
    pushRunsBefore(sequence);
    // Messages of runs come with their steps.
    if (message.run_id !== null && runs.some(({ id }) => id === message.run_id)) continue;
    if (message.role === 'assistant') {
      const content = assistantText(message);
      if (content.length > 0) prompt.push({ role: 'assistant', content });
      continue;
    }
    const names = [...(hasCode ? attachedNames(message, files) : []), ...loose.map(({ name }) => name)];
    loose = [];
    const content = await userParts(context, message, names);
    if (content.length > 0) prompt.push({ role: 'user', content });
  }
  pushRunsBefore(Number.POSITIVE_INFINITY);
  return prompt;
}
/** What of the run's settings a model can be given. */
export function buildCallOptions(context, run, details) {
  const tools = run.tools.flatMap((tool) => {
    if (tool.type === 'code_interpreter') return [context.code.tool()];
    if (tool.type !== 'function') return [];
    const { name, description, parameters, strict } = tool.function;
    return [
      {
        type: 'function',
        name,
        inputSchema: parameters ?? { type: 'object', properties: {} },
        ...(description !== undefined && { description }),
        ...(typeof strict === 'boolean' && { strict }),
      },
    ];
  });
  const left = run.max_completion_tokens && run.max_completion_tokens - details.usage.completion_tokens;
  return {
    ...(tools.length > 0 && { tools, toolChoice: toToolChoice(run, details) }),
    ...(left !== null && { maxOutputTokens: Math.max(1, left) }),
    ...(details.temperature !== null && { temperature: details.temperature }),
    ...(details.topP !== null && { topP: details.topP }),
    ...responseFormat(run),
    ...(details.reasoningEffort !== null && { reasoning: details.reasoningEffort }),
    ...(!run.parallel_tool_calls && { providerOptions: { openai: { parallelToolCalls: false } } }),
  };
}
function toToolChoice(run, details) {
  const choice = run.tool_choice;
  if (choice === 'none') return { type: 'none' };
  // A choice that forces a call is met by the first turn; forced for ever, the run could never end.
  if (choice === 'auto' || details.turns > 0) return { type: 'auto' };
  if (choice === 'required') return { type: 'required' };
  if (choice.type === 'function') return { type: 'tool', toolName: choice.function.name };
  return choice.type === 'code_interpreter'
    ? { type: 'tool', toolName: codeInterpreterName }
    : { type: 'auto' };
}
function responseFormat(run) {
  const format = run.response_format;
  if (format === 'auto' || format.type === 'text') return {};
  if (format.type === 'json_object') return { responseFormat: { type: 'json' } };
  const { name, description, schema } = format.json_schema;
  return {
    responseFormat: {
      type: 'json',
      name,
      ...(description !== undefined && { description }),
      ...(schema !== undefined && { schema: schema }),
    },
  };
}
function systemText(context, run) {
  const paragraphs = [run.instructions.trim()];
  if (hasCodeInterpreter(run)) {
    paragraphs.push(
      `You can run Python with the tool \`${codeInterpreterName}\`. ${context.code.description} ` +
        'Files of the user lie in /mnt/data. Write files for the user there, and link them in your answer as ' +
        '[name](sandbox:/mnt/data/name).',
    );
  }
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
}
/** Messages and the steps of runs, in their order, cut to what the run's truncation leaves. */
async function readThread(context, run) {
  let query = context.database
    .selectFrom('messages')
    .select(['sequence', 'body'])
    .where('thread_id', '=', run.thread_id)
    .orderBy('sequence', 'desc');
  const { last_messages: last } = run.truncation_strategy;
  if (last !== null) query = query.limit(last);
  const messages = (await query.execute())
    .toReversed()
    .map((row) => ({ sequence: row.sequence, message: JSON.parse(row.body) }));
  const first = last === null ? 0 : (messages[0]?.sequence ?? 0);
  const rows = await context.database
    .selectFrom('steps')
    .innerJoin('runs', 'runs.id', 'steps.run_id')
    .select(['runs.id', 'runs.after_message', 'steps.body', 'steps.private'])
    .where('steps.thread_id', '=', run.thread_id)
    .where('runs.after_message', '>=', first)
    .orderBy('steps.sequence')
    .execute();
  const runs = [];
  for (const row of rows) {
    if (runs.at(-1)?.id !== row.id) runs.push({ id: row.id, afterMessage: row.after_message, steps: [] });
    runs.at(-1).steps.push({ step: JSON.parse(row.body), details: JSON.parse(row.private) });
  }
  return { messages, runs };
}
/** Adds what a run said and did. Only within the same run does a provider get its own ids and options back. */
function pushRun(prompt, steps, messages, isSameRun) {
  let assistant = [];
  let turn = -1;
  const flush = () => {
    if (assistant.length > 0) prompt.push({ role: 'assistant', content: assistant });
    assistant = [];
  };
  for (const { step, details } of steps) {
    if (details.turn !== turn) flush();
    turn = details.turn;
    const own = (metadata) => (isSameRun && metadata ? { providerOptions: metadata } : {});
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
    const results = [];
    for (const call of step.step_details.tool_calls) {
      const known = details.calls[call.id];
      const result = known?.result ?? (call.type === 'function' ? call.function.output : null);
      // A call that was never answered would make the prompt illegal for most providers.
      if (result === null || result === undefined) continue;
      const identity = {
        toolCallId: isSameRun && known ? known.providerId : call.id,
        toolName: call.type === 'function' ? call.function.name : codeInterpreterName,
      };
      assistant.push({ type: 'tool-call', ...identity, input: callInput(call), ...own(known?.metadata) });
      results.push({ type: 'tool-result', ...identity, output: { type: 'text', value: result } });
    }
    flush();
    if (results.length > 0) prompt.push({ role: 'tool', content: results });
  }
  flush();
}
function callInput(call) {
  if (call.type === 'code_interpreter') return { code: call.code_interpreter.input };
  try {
    return JSON.parse(call.function.arguments);
  } catch {
    // Providers want an object; what the model wrote is kept for it to see.
    return { input: call.function.arguments };
  }
}
function assistantText(message) {
  return message.content.flatMap((block) => {
    if (block.type === 'text' && block.text.value !== '') return [{ type: 'text', text: block.text.value }];
    return block.type === 'refusal' ? [{ type: 'text', text: block.refusal }] : [];
  });
}
function attachedNames(message, files) {
  return message.attachments.flatMap(({ file_id, tools }) => {
    const file =
      tools.some(({ type }) => type === 'code_interpreter') && files.find(({ id }) => id === file_id);
    return file ? [file.name] : [];
  });
}
async function userParts(context, message, names) {
  const parts = [];
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
  return parts;
}
function imageFromUrl(url) {
  const data = /^data:([\w.+/-]+);base64,/.exec(url);
  if (data) {
    return { type: 'file', mediaType: data[1], data: { type: 'data', data: url.slice(data[0].length) } };
  }
  // Never fetched here: the provider gets the address.
  return { type: 'file', mediaType: 'image', data: { type: 'url', url: new URL(url) } };
}
async function imageFromFile(context, fileId) {
  const row = await context.database
    .selectFrom('files')
    .select('body')
    .where('id', '=', fileId)
    .executeTakeFirst();
  if (!row) return undefined;
  const { filename } = JSON.parse(row.body);
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();
  const mediaType = { png: 'image/png', gif: 'image/gif', webp: 'image/webp' }[extension] ?? 'image/jpeg';
  const bytes = await context.blobs.read(fileId);
  return { type: 'file', filename, mediaType, data: { type: 'data', data: bytes } };
}
//# sourceMappingURL=prompt.js.map
