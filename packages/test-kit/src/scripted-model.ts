import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';

/** One thing that a scripted turn does, in order. */
export type ScriptedPart =
  /** Writes text: one delta, or several. `refusal` marks it as one. */
  | { text: string | string[]; refusal?: boolean }
  /** Thinks. */
  | { reasoning: string | string[] }
  /** Calls a tool. `input` is an object or raw JSON text; `fragments` cuts its streamed text, `false` streams nothing. */
  | { call: string; input: unknown; id?: string; fragments?: string[] | number | false }
  /** Waits for the promise before going on. */
  | { wait: PromiseLike<unknown> }
  /** Never goes on; ends when the call is aborted, or never with `ignoreAbort`. */
  | { hang: true; ignoreAbort?: boolean }
  /** Fails in the middle of the stream. */
  | { streamError: unknown }
  /** Passes a raw part on. */
  | { part: LanguageModelV4StreamPart };

/** One turn of a scripted model. */
export interface ScriptedTurn {
  /** Fails before the stream begins. */
  error?: unknown;
  parts?: ScriptedPart[];
  /** @default 'tool-calls' after a call, else 'stop' */
  finish?: LanguageModelV4FinishReason['unified'];
  /** The provider's own word for it. */
  rawFinish?: string;
  /** @default 10 in, 5 out */
  usage?: { input: number; output: number };
}

/** A turn as data, as plain text, or made from what the model is shown. */
export type ScriptedTurnSource =
  | ScriptedTurn
  | string
  | ((prompt: LanguageModelV4Prompt, options: LanguageModelV4CallOptions) => ScriptedTurn | string);

/** A model that does what a test says, and remembers what it was asked. */
export interface ScriptedModel extends LanguageModelV4 {
  /** The options of every call, in order. */
  readonly calls: LanguageModelV4CallOptions[];
  /** The prompts of every call, in order. */
  readonly prompts: LanguageModelV4Prompt[];
}

/**
 * A model that takes one turn of the script per call. The last turn repeats when it is a function; else a call after the
 * script's end fails.
 */
export function scriptedModel(turns: ScriptedTurnSource[], modelId = 'scripted'): ScriptedModel {
  const calls: LanguageModelV4CallOptions[] = [];
  const take = (options: LanguageModelV4CallOptions): ScriptedTurn => {
    calls.push(options);
    const last = turns.at(-1);
    const source = turns[calls.length - 1] ?? (typeof last === 'function' ? last : undefined);
    if (source === undefined)
      throw new Error(`The script has ${turns.length} turns; this is call ${calls.length}.`);
    const turn = typeof source === 'function' ? source(options.prompt, options) : source;
    return typeof turn === 'string' ? { parts: [{ text: turn }] } : turn;
  };
  return {
    specificationVersion: 'v4',
    provider: 'scripted',
    modelId,
    supportedUrls: {},
    calls,
    get prompts() {
      return calls.map(({ prompt }) => prompt);
    },
    async doStream(options) {
      const turn = take(options);
      if (turn.error !== undefined) throw turn.error;
      const parts = play(turn, options.abortSignal);
      return {
        stream: new ReadableStream<LanguageModelV4StreamPart>(
          {
            async pull(controller) {
              const { done, value } = await parts.next();
              if (done) controller.close();
              else controller.enqueue(value);
            },
            async cancel() {
              await parts.return(undefined);
            },
          },
          { highWaterMark: 0 },
        ),
      };
    },
    async doGenerate() {
      throw new Error('The scripted model only streams.');
    },
  };
}

async function* play(
  turn: ScriptedTurn,
  signal: AbortSignal | undefined,
): AsyncGenerator<LanguageModelV4StreamPart, undefined> {
  yield { type: 'stream-start', warnings: [] };
  let count = 0;
  let hasCall = false;
  for (const part of turn.parts ?? []) {
    const id = `part-${count++}`;
    if ('text' in part) {
      const refusal = part.refusal && { providerMetadata: { assistant: { refusal: true } } };
      yield { type: 'text-start', id, ...refusal };
      for (const delta of [part.text].flat()) yield { type: 'text-delta', id, delta };
      yield { type: 'text-end', id };
    } else if ('reasoning' in part) {
      yield { type: 'reasoning-start', id };
      for (const delta of [part.reasoning].flat()) yield { type: 'reasoning-delta', id, delta };
      yield { type: 'reasoning-end', id };
    } else if ('call' in part) {
      hasCall = true;
      const toolCallId = part.id ?? id;
      const input = typeof part.input === 'string' ? part.input : JSON.stringify(part.input);
      if (part.fragments !== false) {
        yield { type: 'tool-input-start', id: toolCallId, toolName: part.call };
        for (const delta of cut(input, part.fragments))
          yield { type: 'tool-input-delta', id: toolCallId, delta };
        yield { type: 'tool-input-end', id: toolCallId };
      }
      yield { type: 'tool-call', toolCallId, toolName: part.call, input };
    } else if ('wait' in part) {
      await part.wait;
    } else if ('hang' in part) {
      await new Promise((_, reject) => {
        if (!part.ignoreAbort) signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    } else if ('streamError' in part) {
      yield { type: 'error', error: part.streamError };
    } else {
      yield part.part;
    }
  }
  const { input, output } = turn.usage ?? { input: 10, output: 5 };
  yield {
    type: 'finish',
    finishReason: { unified: turn.finish ?? (hasCall ? 'tool-calls' : 'stop'), raw: turn.rawFinish },
    usage: {
      inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: output, text: output, reasoning: 0 },
    },
  };
  return undefined;
}

function cut(text: string, fragments: string[] | number | undefined): string[] {
  if (Array.isArray(fragments)) return fragments;
  const size = fragments ?? 7;
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += size) pieces.push(text.slice(start, start + size));
  return pieces;
}
