import { listAssistantFiles } from '../../storage/assistant-files.ts';
import { findObject, findRun, type Database } from '../../storage/records.ts';
import type {
  Annotation,
  Assistant,
  AssistantTool,
  Attachment,
  Message,
  MessageDelta,
  Run,
  RunStep,
  RunStepDelta,
  Thread,
} from '../../wire.ts';
import { readQuotes } from './quotes.ts';

type Fields = Record<string, unknown>;
/** What the citation with this marker quotes. */
type Quote = (marker: string) => string;

/** Says objects of v2 again in v1. Made for one response: what it has looked up once it remembers. */
export class V1Translator {
  readonly #database: Database;
  readonly #fileIds = new Map<string, Promise<string[]>>();
  readonly #expiries = new Map<string, Promise<number | null>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Any object of the wire; what is none, or is the same in both dialects, is given back as it is. */
  async translate(value: unknown): Promise<unknown> {
    if (typeof value !== 'object' || value === null) return value;
    switch ((value as { object?: unknown }).object) {
      case 'list':
        return this.#list(value as { data: unknown[] });
      case 'assistant':
        return this.#assistant(value as Assistant);
      case 'thread':
        return omit(value as Thread, 'tool_resources');
      case 'thread.message':
        return this.#message(value as Message);
      case 'thread.message.delta':
        return this.#messageDelta(value as MessageDelta);
      case 'thread.run':
        return this.#run(value as Run);
      case 'thread.run.step':
        return this.#step(value as RunStep);
      case 'thread.run.step.delta':
        return toV1StepDelta(value as RunStepDelta);
      default:
        return value;
    }
  }

  async #list(list: { data: unknown[] }): Promise<unknown> {
    const data: unknown[] = [];
    for (const object of list.data) data.push(await this.translate(object));
    return { ...list, data };
  }

  async #assistant(assistant: Assistant): Promise<unknown> {
    return {
      ...omit(assistant, 'tool_resources'),
      tools: assistant.tools.map(toV1Tool),
      file_ids: await this.#fileIdsOf(assistant.id),
    };
  }

  async #message(message: Message): Promise<unknown> {
    const quote = await this.#quoteFor(message.content, async () => message.thread_id);
    return {
      ...omit(message, 'attachments'),
      file_ids: fileIdsOf(message.attachments),
      content: message.content.map((block) => toV1Block(block, quote)),
    };
  }

  async #messageDelta(delta: MessageDelta): Promise<unknown> {
    const { content } = delta.delta;
    const quote = await this.#quoteFor(
      content,
      async () => (await findObject(this.#database, 'messages', delta.id))?.thread_id,
    );
    return { ...delta, delta: { ...delta.delta, content: content.map((block) => toV1Block(block, quote)) } };
  }

  /** Looks for quotes only where there are citations: the words of a stream cost nothing. */
  async #quoteFor(blocks: { type: string }[], findThread: () => Promise<string | undefined>): Promise<Quote> {
    if (!blocks.some(hasCitation)) return () => '';
    const threadId = await findThread();
    return threadId === undefined ? () => '' : readQuotes(this.#database, threadId);
  }

  async #run(run: Run): Promise<unknown> {
    const translated: Fields = {
      ...run,
      tools: run.tools.map(toV1Tool),
      file_ids: await this.#fileIdsOf(run.assistant_id),
    };
    if (typeof run.tool_choice === 'object') translated['tool_choice'] = toV1Tool(run.tool_choice);
    if (run.required_action === null) delete translated['required_action'];
    if (run.status === 'incomplete') {
      // Unknown to v1, whose clients would ask for ever; a run without its end must not look as if it had one.
      const reason = run.incomplete_details?.reason;
      translated['status'] = 'failed';
      translated['last_error'] = {
        code: 'server_error',
        message: `The run ended before its answer was complete${reason ? ` (${reason})` : ''}.`,
      };
    }
    return translated;
  }

  async #step(step: RunStep): Promise<unknown> {
    const { step_details: details } = step;
    return {
      ...step,
      ...(details.type === 'tool_calls' && {
        step_details: { ...details, tool_calls: details.tool_calls.map(toV1Call) },
      }),
      expires_at: await this.#expiryOf(step.run_id),
    };
  }

  #fileIdsOf(assistantId: string): Promise<string[]> {
    return remember(this.#fileIds, assistantId, async () =>
      (await listAssistantFiles(this.#database, assistantId)).map(({ id }) => id),
    );
  }

  #expiryOf(runId: string): Promise<number | null> {
    return remember(
      this.#expiries,
      runId,
      async () => (await findRun(this.#database, runId))?.run.expires_at ?? null,
    );
  }
}

/** The name of an event in v1. */
export function toV1Event(event: string): string {
  return event === 'thread.run.incomplete' ? 'thread.run.failed' : event;
}

function toV1Tool(tool: AssistantTool | { type: string }): unknown {
  return tool.type === 'file_search' ? { type: 'retrieval' } : tool;
}

/** The ids of a message's files, in the order they came. */
export function fileIdsOf(attachments: Attachment[]): string[] {
  return attachments.map(({ file_id }) => file_id);
}

/** A block of a message, or a part of one. v1 has no refusals: they are what the assistant says. */
function toV1Block(block: { type: string }, quote: Quote): unknown {
  if (block.type === 'refusal') {
    const { refusal, ...rest } = block as { type: string; refusal: string };
    return { ...rest, type: 'text', text: { value: refusal, annotations: [] } };
  }
  if (!hasCitation(block)) return block;
  const annotations = block.text.annotations.map((annotation) =>
    annotation.type === 'file_citation'
      ? {
          ...annotation,
          file_citation: { ...annotation.file_citation, quote: quote(annotation.text) },
        }
      : annotation,
  );
  return { ...block, text: { ...block.text, annotations } };
}

function hasCitation(block: {
  type: string;
}): block is { type: 'text'; text: { annotations: Annotation[] } } {
  const { text } = block as { text?: { annotations?: Annotation[] } };
  return text?.annotations?.some(({ type }) => type === 'file_citation') ?? false;
}

function toV1Call(call: { type: string }): unknown {
  const { id, index } = call as { id?: string; index?: number };
  if (call.type === 'file_search') {
    return { ...(index !== undefined && { index }), ...(id && { id }), type: 'retrieval', retrieval: {} };
  }
  const { function: called } = call as { function?: { output?: string | null } };
  // An output that is still to come was not there at all.
  return called?.output === null ? { ...call, function: omit(called, 'output') } : call;
}

function toV1StepDelta(delta: RunStepDelta): unknown {
  const { step_details: details } = delta.delta;
  return {
    ...delta,
    delta: { step_details: { ...details, tool_calls: details.tool_calls.map(toV1Call) } },
  };
}

function omit<T extends object, K extends keyof T>(object: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = object;
  return rest;
}

function remember<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  let value = known.get(key);
  if (!value) known.set(key, (value = find()));
  return value;
}
