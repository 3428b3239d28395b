import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import type { ProviderMetadata, StepPrivate } from '../storage/records.ts';
import type { Usage } from '../wire.ts';
import { takeResult } from '../hosted/call-result.ts';
import { ownCitations, readCitations } from '../hosted/citations.ts';
import { readPassages } from '../hosted/hosted-search.ts';
import { readCitedFile } from '../hosted/place-citations.ts';
import { codeInterpreterName } from '../tools/code-interpreter.ts';
import { fileSearchName } from '../tools/file-search.ts';
import { abortable } from './abortable.ts';
import { listMarkers } from './citations.ts';
import { MessageStep } from './message-step.ts';
import { toRunFailure } from './model-errors.ts';
import { delayBeforeRetry, pause } from './model-retry.ts';
import type { OpenStep, RunScope } from './open-step.ts';
import { noUsage, toUsage } from './usage.ts';
import { ToolStep } from './tool-step.ts';

/** What a turn of the model left: its open tool step, if it called tools, and why it ended. */
export interface TurnResult {
  toolStep: ToolStep | undefined;
  finish: 'stop' | 'length' | 'content-filter' | 'error' | 'interrupted';
  usage: Usage;
}

/** Deltas that may wait to be stored before the model is made to wait. */
const flushEvery = 256;

/** Takes one turn of the model and records it: a message step, a tool step, or the one and then the other. */
export class ModelTurn {
  readonly #scope: RunScope;
  readonly #turn: number;
  #message: MessageStep | undefined;
  #tools: ToolStep | undefined;
  #reasoning: StepPrivate['reasoning'] = [];
  #blocks = new Map<string, { isRefusal: boolean }>();
  /** By file, once the text has cited one. */
  #markers: Map<string, string> | undefined;
  #signal: AbortSignal = new AbortController().signal;

  constructor(scope: RunScope, turn: number) {
    this.#scope = scope;
    this.#turn = turn;
  }

  /** The step that is being written now. */
  get openStep(): OpenStep | undefined {
    return this.#message ?? this.#tools;
  }

  async take(
    model: LanguageModelV4,
    options: LanguageModelV4CallOptions,
    signal: AbortSignal,
  ): Promise<TurnResult> {
    this.#signal = signal;
    let usage = noUsage;
    // Until the model says how its answer ended, it has not: a connection that was cut looks just the same.
    let finish: TurnResult['finish'] = 'interrupted';
    let parts = 0;
    const answer = await openAnswer(model, options, signal);
    try {
      for (let part = answer.first; part; part = await answer.next()) {
        if (part.type === 'finish') {
          usage = toUsage(part.usage);
          finish = toFinish(part.finishReason);
        } else if (!this.#writeOn(part)) {
          await this.#record(part);
        }
        if (++parts % flushEvery === 0) await this.#scope.context.events.flushed();
      }
    } finally {
      answer.close();
    }
    if (this.#message && finish === 'stop') await this.#completeMessage(usage);
    return { toolStep: this.#tools, finish, usage };
  }

  /** Most parts are this: text that goes on where it is. Answers whether it was, for then nothing has to be waited for. */
  #writeOn(part: LanguageModelV4StreamPart): boolean {
    if (part.type !== 'text-delta' || !this.#message || this.#message.isSealed(part.id)) return false;
    if (part.delta !== '') this.#writeTo(this.#message, part.id, part.delta);
    return true;
  }

  #writeTo(message: MessageStep, blockId: string, text: string): void {
    message.write(blockId, text, this.#typeOf(blockId));
  }

  #typeOf(blockId: string): 'text' | 'refusal' {
    return this.#blocks.get(blockId)?.isRefusal ? 'refusal' : 'text';
  }

  async #record(part: LanguageModelV4StreamPart): Promise<void> {
    switch (part.type) {
      case 'reasoning-start':
        this.#reasoning.push({ text: '', metadata: part.providerMetadata as ProviderMetadata | undefined });
        break;
      case 'reasoning-delta': {
        const reasoning = this.#reasoning.at(-1);
        if (reasoning) reasoning.text += part.delta;
        break;
      }
      case 'reasoning-end': {
        const reasoning = this.#reasoning.at(-1);
        if (reasoning && part.providerMetadata)
          reasoning.metadata = part.providerMetadata as ProviderMetadata;
        break;
      }
      case 'text-start':
        this.#blocks.set(part.id, { isRefusal: part.providerMetadata?.['assistant']?.['refusal'] === true });
        break;
      case 'text-delta':
        if (part.delta !== '') await this.#writeText(part.id, part.delta);
        break;
      case 'text-end':
        if (part.providerMetadata) {
          this.#message?.setMetadata(part.providerMetadata as ProviderMetadata);
          await this.#cite(part.id, part.providerMetadata);
        }
        break;
      case 'tool-input-start': {
        const isHosted = this.#isHosted(part);
        if (part.providerExecuted && !isHosted) break;
        (await this.#toolStep()).beginCall(part.id, part.toolName, part.inputEncoding, isHosted);
        break;
      }
      case 'tool-input-delta':
        this.#tools?.writeInput(part.id, part.delta);
        break;
      case 'tool-call': {
        const isHosted = this.#isHosted(part);
        if (part.providerExecuted && !isHosted) break;
        const step = await this.#toolStep();
        const metadata = part.providerMetadata as ProviderMetadata | undefined;
        const input = part.input === '' ? '{}' : part.input;
        step.finishCall(part.toolCallId, part.toolName, input, metadata, isHosted);
        break;
      }
      case 'tool-result':
        if (part.preliminary !== true) await this.#takeResult(part.toolCallId, part.toolName, part.result);
        break;
      case 'source': {
        const cited = readCitedFile(part);
        const marker = cited && (await this.#marker(cited.fileId));
        if (cited && marker !== undefined) await this.#writeText(cited.blockId, marker, true);
        break;
      }
      default:
    }
  }

  #isHosted(part: { toolName: string; providerExecuted?: boolean | undefined }): boolean {
    if (part.providerExecuted !== true) return false;
    const { hosted, mirrors } = this.#scope.context;
    if (part.toolName === codeInterpreterName) return hosted !== undefined;
    return part.toolName === fileSearchName && mirrors !== undefined;
  }

  /** What names a file that was found where the text cites it. */
  async #marker(fileId: string): Promise<string | undefined> {
    const { context, run } = this.#scope;
    this.#markers ??= await listMarkers(context.database, run.thread_id);
    return this.#markers.get(fileId);
  }

  /** A tool has run at the provider; files that Python made are fetched before the text that names them. */
  async #takeResult(callId: string, toolName: string, value: unknown): Promise<void> {
    if (!this.#isHosted({ toolName, providerExecuted: true })) return;
    const { context, run } = this.#scope;
    const step = await this.#toolStep();
    if (toolName === fileSearchName) {
      await step.answerSearch(callId, readPassages(value));
      this.#markers = undefined;
    } else if (context.hosted) {
      const origin = { threadId: run.thread_id, runId: run.id };
      await step.answerCode(callId, await takeResult(context.hosted, origin, value, this.#signal));
    }
    // A step with functions stays open until these are answered.
    if (!step.isAnswered) return;
    await step.complete(noUsage);
    this.#tools = undefined;
  }

  async #cite(blockId: string, metadata: ProviderMetadata): Promise<void> {
    const { context, run } = this.#scope;
    const citations = readCitations(metadata);
    if (!context.hosted || !this.#message || citations.length === 0) return;
    const origin = { threadId: run.thread_id, runId: run.id };
    this.#message.cite(blockId, await ownCitations(context.hosted, origin, citations, this.#signal));
  }

  /** Writes a piece of a text; `isMarker` when it is the engine's own. */
  async #writeText(blockId: string, text: string, isMarker = false): Promise<void> {
    if (this.#tools) {
      // One step is open at a time, and this one ends only when its calls are answered.
      this.#tools.addTrailingText(text);
      return;
    }
    if (this.#message?.isSealed(blockId)) await this.#completeMessage(noUsage);
    if (isMarker) {
      this.#message ??= await MessageStep.open(this.#scope, this.#stepDetails());
      this.#message.mark(blockId, text);
    } else if (this.#message) this.#writeTo(this.#message, blockId, text);
    else {
      const first = { blockId, text, type: this.#typeOf(blockId) };
      this.#message = await MessageStep.open(this.#scope, this.#stepDetails(), first);
    }
  }

  async #toolStep(): Promise<ToolStep> {
    // What the turn used is counted with its last step.
    if (this.#message) await this.#completeMessage(noUsage);
    return (this.#tools ??= await ToolStep.open(this.#scope, this.#stepDetails()));
  }

  async #completeMessage(usage: Usage): Promise<void> {
    await this.#message!.complete(usage);
    this.#message = undefined;
  }

  #stepDetails(): StepPrivate {
    const details: StepPrivate = { turn: this.#turn, reasoning: this.#reasoning, calls: {}, usage: null };
    this.#reasoning = [];
    return details;
  }
}

/** Asks the model, until its answer begins. A failure before that is tried again; an abort ends it at once. */
async function openAnswer(
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
  signal: AbortSignal,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    let answer: Answer | undefined;
    try {
      const { stream } = await abortable(model.doStream({ ...options, abortSignal: signal }), signal);
      answer = new Answer(stream, model.modelId, signal);
      await answer.begin();
      return answer;
    } catch (error) {
      answer?.close();
      signal.throwIfAborted();
      const delay = delayBeforeRetry(error, attempt);
      if (delay === undefined) throw toRunFailure(error, model.modelId);
      await pause(delay, signal);
    }
  }
}

/** A model's answer, part by part. */
class Answer {
  readonly #reader: ReadableStreamDefaultReader<LanguageModelV4StreamPart>;
  readonly #modelId: string;
  readonly #signal: AbortSignal;
  /** Cancelling ends a pending read at once, however long the provider takes to stop: nothing is awaited here. */
  readonly #cancel = () => void this.#reader.cancel().catch(() => {});
  /** The first part that says something. */
  first: LanguageModelV4StreamPart | undefined;

  constructor(stream: ReadableStream<LanguageModelV4StreamPart>, modelId: string, signal: AbortSignal) {
    this.#reader = stream.getReader();
    this.#modelId = modelId;
    this.#signal = signal;
    signal.addEventListener('abort', this.#cancel);
  }

  async begin(): Promise<void> {
    do this.first = await this.#read();
    while (this.first && preamble.has(this.first.type));
  }

  /** The part after the one before; undefined when there are no more. What fails now has failed for good. */
  async next(): Promise<LanguageModelV4StreamPart | undefined> {
    try {
      return await this.#read();
    } catch (error) {
      this.#signal.throwIfAborted();
      throw toRunFailure(error, this.#modelId);
    }
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#cancel);
    this.#cancel();
  }

  async #read(): Promise<LanguageModelV4StreamPart | undefined> {
    this.#signal.throwIfAborted();
    const { value } = await this.#reader.read();
    this.#signal.throwIfAborted();
    if (value?.type === 'error') throw value.error;
    return value;
  }
}

/** Parts before which a model has not said anything. */
const preamble = new Set<string>(['stream-start', 'response-metadata', 'ping']);

function toFinish({ unified, raw }: LanguageModelV4FinishReason): TurnResult['finish'] {
  // A refusal is an answer that ran to its end; a filter cuts it off.
  if (unified === 'content-filter') return isRefusal(raw) ? 'stop' : 'content-filter';
  return unified === 'length' || unified === 'error' || unified === 'interrupted' ? unified : 'stop';
}

function isRefusal(raw: string | undefined): boolean {
  return raw === undefined || raw === 'stop' || raw === 'completed' || raw === 'refusal';
}
