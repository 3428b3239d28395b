import type { ServerResponse } from 'node:http';
import { writeInContainer, type StandInContainer } from './containers.ts';
import type { ItemMemory } from './item-memory.ts';
import type { Passage } from './passages.ts';

/** One item of an answer. */
export type HostedItem =
  /** Python that runs in the container: it prints `logs`, shows `images`, and leaves `files`. */
  | {
      code: string;
      logs?: string;
      /** URLs of images. */
      images?: string[];
      files?: Record<string, string | Uint8Array>;
    }
  /** Text; `cites` are names of files, annotated, once they are in the container, where their sandbox links stand in the text. */
  | { text: string; cites?: string[]; quotes?: Quote[] }
  /** A search in the vector stores of the request, for words. */
  | { search: string }
  | { call: string; arguments: object }
  | { reasoning: string }
  /** Never goes on. */
  | { hang: true };

/** A place of a text behind which a file of a vector store is cited; the event comes when the text has come so far. */
export interface Quote {
  name: string;
  /** What stands in the text before the place. */
  after: string;
  /** Another time at which the event comes: before the text, or behind it all. */
  comes?: 'early' | 'late' | undefined;
}

interface Scope {
  response: ServerResponse;
  container: StandInContainer | undefined;
  memory: ItemMemory;
  model: string;
  /** What is searched: by words, and by the name of a file. */
  search: { find(query: string): Passage[]; fileId(name: string): string | undefined };
  /** Whether the request asks for what searches find. */
  includesResults: boolean;
}

type Event = { type: string } & Record<string, unknown>;

/** Sends an answer as events, in the documented order. */
export async function streamItems(
  answer: {
    items: HostedItem[];
    interleaved?: boolean;
    failure?: { code: string; message: string };
    incomplete?: string;
  },
  scope: Scope,
): Promise<void> {
  let sequence = 0;
  const send = ({ type, ...fields }: Event): void => {
    const data = JSON.stringify({ type, sequence_number: sequence++, ...fields });
    scope.response.write(`event: ${type}\ndata: ${data}\n\n`);
  };
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 15,
  };
  const output: object[] = [];
  const id = scope.memory.id('resp');
  const show = (status: string, more: object = {}) => ({
    id,
    object: 'response',
    created_at: 1,
    model: scope.model,
    status,
    error: null,
    incomplete_details: null,
    output,
    ...more,
  });
  send({ type: 'response.created', response: show('in_progress') });
  send({ type: 'response.in_progress', response: show('in_progress') });
  const ids: string[] = [];
  const writers = answer.items.map((item, index) => writeItem(item, index, scope, ids, output));
  if (answer.interleaved) {
    for (let open = writers; open.length > 0;) {
      open = open.filter((writer) => {
        const { done, value } = writer.next();
        if (!done) send(value);
        return !done;
      });
    }
  } else for (const writer of writers) for (const event of writer) send(event);
  scope.memory.keep(ids);
  if (answer.items.some((item) => 'hang' in item)) {
    await new Promise((left) => scope.response.on('close', left));
    return;
  }
  if (answer.failure) {
    send({ type: 'response.failed', response: show('failed', { error: answer.failure, usage }) });
  } else if (answer.incomplete !== undefined) {
    const incomplete_details = { reason: answer.incomplete };
    send({ type: 'response.incomplete', response: show('incomplete', { incomplete_details, usage }) });
  } else send({ type: 'response.completed', response: show('completed', { usage }) });
  scope.response.end();
}

function* writeItem(
  item: HostedItem,
  output_index: number,
  { container, memory, search, includesResults }: Scope,
  ids: string[],
  output: object[],
): Generator<Event, void> {
  const begin = (prefix: string): string => {
    const id = memory.id(prefix);
    ids[output_index] = id;
    return id;
  };
  const end = (done: object): Event => {
    output[output_index] = done;
    return { type: 'response.output_item.done', output_index, item: done };
  };
  const added = (begun: object): Event => ({
    type: 'response.output_item.added',
    output_index,
    item: begun,
  });

  if ('code' in item) {
    const id = begin('ci');
    const place = { item_id: id, output_index };
    const call = { id, type: 'code_interpreter_call', container_id: container?.id ?? '' };
    yield added({ ...call, code: '', outputs: null, status: 'in_progress' });
    yield { type: 'response.code_interpreter_call.in_progress', ...place };
    for (const delta of cut(item.code))
      yield { type: 'response.code_interpreter_call_code.delta', ...place, delta };
    yield { type: 'response.code_interpreter_call_code.done', ...place, code: item.code };
    yield { type: 'response.code_interpreter_call.interpreting', ...place };
    for (const [name, content] of Object.entries(item.files ?? {}))
      writeInContainer(container!, name, content);
    yield { type: 'response.code_interpreter_call.completed', ...place };
    const outputs = [
      ...(item.logs === undefined ? [] : [{ type: 'logs', logs: item.logs }]),
      ...(item.images ?? []).map((url) => ({ type: 'image', url })),
    ];
    yield end({ ...call, code: item.code, outputs, status: 'completed' });
  } else if ('text' in item) {
    const id = begin('msg');
    const place = { item_id: id, output_index, content_index: 0 };
    const message = { id, type: 'message', role: 'assistant' };
    yield added({ ...message, status: 'in_progress', content: [] });
    const empty = { type: 'output_text', text: '', annotations: [], logprobs: [] };
    yield { type: 'response.content_part.added', ...place, part: empty };
    const annotations: object[] = [];
    const annotate = (annotation: object): Event => ({
      type: 'response.output_text.annotation.added',
      ...place,
      annotation_index: annotations.push(annotation) - 1,
      annotation,
    });
    const quotes = (item.quotes ?? [])
      .flatMap((quote) => locate(item.text, quote, search.fileId(quote.name)))
      .sort((a, b) => a.at - b.at);
    for (const quote of quotes) if (quote.comes === 'early') yield annotate(quote.annotation);
    let written = 0;
    for (const at of [...quotes.filter(({ comes }) => !comes).map((quote) => quote.at), item.text.length]) {
      for (const delta of cut(item.text.slice(written, at)))
        yield { type: 'response.output_text.delta', ...place, delta, logprobs: [] };
      written = at;
      for (const quote of quotes) {
        if (!quote.comes && quote.at === at && !annotations.includes(quote.annotation))
          yield annotate(quote.annotation);
      }
    }
    const late = quotes.filter(({ comes }) => comes === 'late').map(({ annotation }) => annotation);
    const cited = (item.cites ?? []).flatMap((name) => cite(container, item.text, name));
    for (const annotation of [...late, ...cited]) yield annotate(annotation);
    yield { type: 'response.output_text.done', ...place, text: item.text, logprobs: [] };
    const part = { type: 'output_text', text: item.text, annotations, logprobs: [] };
    yield { type: 'response.content_part.done', ...place, part };
    yield end({ ...message, status: 'completed', content: [part] });
  } else if ('search' in item) {
    const id = begin('fs');
    const place = { item_id: id, output_index };
    const call = { id, type: 'file_search_call' };
    yield added({ ...call, status: 'in_progress', queries: [], results: null });
    yield { type: 'response.file_search_call.in_progress', ...place };
    yield { type: 'response.file_search_call.searching', ...place };
    yield { type: 'response.file_search_call.completed', ...place };
    const results = includesResults ? search.find(item.search) : null;
    yield end({ ...call, status: 'completed', queries: [item.search], results });
  } else if ('call' in item) {
    const id = begin('fc');
    const place = { item_id: id, output_index };
    const text = JSON.stringify(item.arguments);
    const call = { id, type: 'function_call', call_id: memory.id('call'), name: item.call };
    yield added({ ...call, arguments: '', status: 'in_progress' });
    for (const delta of cut(text)) yield { type: 'response.function_call_arguments.delta', ...place, delta };
    yield { type: 'response.function_call_arguments.done', ...place, arguments: text };
    yield end({ ...call, arguments: text, status: 'completed' });
  } else if ('reasoning' in item) {
    const id = begin('rs');
    const place = { item_id: id, output_index, summary_index: 0 };
    yield added({ id, type: 'reasoning', summary: [] });
    const text = { type: 'summary_text', text: item.reasoning };
    yield { type: 'response.reasoning_summary_part.added', ...place, part: { ...text, text: '' } };
    yield { type: 'response.reasoning_summary_text.delta', ...place, delta: item.reasoning };
    yield { type: 'response.reasoning_summary_text.done', ...place, text: item.reasoning };
    yield { type: 'response.reasoning_summary_part.done', ...place, part: text };
    yield end({ id, type: 'reasoning', summary: [text] });
  }
}

/** A citation as OpenAI writes it: places are counted in whole characters. */
function cite(container: StandInContainer | undefined, text: string, name: string): object[] {
  const file = container?.files.find(({ path }) => path === `/mnt/data/${name}`);
  if (!container || !file) return [];
  const link = `sandbox:/mnt/data/${name}`;
  const at = text.indexOf(link);
  const start = at === -1 ? 0 : Array.from(text.slice(0, at)).length;
  return [
    {
      type: 'container_file_citation',
      container_id: container.id,
      file_id: file.id,
      filename: name.slice(name.lastIndexOf('/') + 1),
      start_index: start,
      end_index: at === -1 ? 0 : start + Array.from(link).length,
    },
  ];
}

/** Where a file is cited, as OpenAI writes it: the place is counted in whole characters. */
function locate(
  text: string,
  { after, name, comes }: Quote,
  file_id: string | undefined,
): { at: number; comes: Quote['comes']; annotation: object }[] {
  const at = text.indexOf(after) + after.length;
  const index = Array.from(text.slice(0, at)).length;
  return file_id === undefined
    ? []
    : [{ at, comes, annotation: { type: 'file_citation', file_id, filename: name, index } }];
}

/** Pieces of a few characters, as they come from a model. */
function cut(text: string): string[] {
  return text.match(/[^]{1,7}/gu) ?? [];
}
