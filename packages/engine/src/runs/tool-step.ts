import { createId } from '../ids.ts';
import { insertStep, saveStep } from '../storage/records.ts';
import type { InputFile } from '../tools/code-interpreter.ts';
import { codeInterpreterName, toLogs, toModelResult } from '../tools/code-interpreter.ts';
import type { HostedResult } from '../hosted/call-result.ts';
import type { HostedPassage } from '../hosted/hosted-search.ts';
import { CodeInputDecoder, parseCodeInput } from '../tools/code-input.ts';
import {
  failedSearch,
  fileSearchName,
  hasFileSearch,
  parseQuery,
  searchFiles,
  toFileSearch,
  withContent,
} from '../tools/file-search.ts';
import type { ProviderMetadata, StepCallPrivate, StepPrivate } from '../storage/records.ts';
import {
  nowSeconds,
  type CodeInterpreterStepCall,
  type CodeOutput,
  type FileSearchStepCall,
  type FunctionCall,
  type RunStep,
  type StepCall,
  type StepCallDelta,
  type Usage,
} from '../wire.ts';
import { abortable } from './abortable.ts';
import { nextSearchNumber } from './citations.ts';
import { createStep, type OpenStep, type OpenStepState, type RunScope } from './open-step.ts';
import { hasCodeInterpreter } from './prompt.ts';
import { RunFailure } from './run-failure.ts';

interface WrittenCall {
  body: StepCall;
  details: StepCallPrivate;
  /** Decodes the Python out of its JSON; absent for a function, and for input that streams as plain text. */
  decoder: CodeInputDecoder | undefined;
  /** Fragments of what is shown as the call's input. */
  fragments: string[];
  /** Announced to readers. A call that follows hosted ones waits until these have run: deltas stay in order. */
  isShown: boolean;
  /** The input as the model finished it. */
  input: string | undefined;
  rawFragments: string[];
  /** The provider runs it. */
  isHosted: boolean;
  /** A hosted call has brought its result. */
  isAnswered: boolean;
}

/** Writes one step of tool calls: all calls of one turn of the model. */
export class ToolStep implements OpenStep {
  readonly #scope: RunScope;
  readonly #step: RunStep;
  readonly #details: StepPrivate;
  readonly #calls: WrittenCall[] = [];

  private constructor(scope: RunScope, step: RunStep, details: StepPrivate) {
    this.#scope = scope;
    this.#step = step;
    this.#details = details;
  }

  /** Begins the step, still without calls. */
  static async open(scope: RunScope, details: StepPrivate): Promise<ToolStep> {
    const { context, run } = scope;
    const step = createStep(run, { type: 'tool_calls', tool_calls: [] });
    await context.events.commit(run.id, async (database, emit) => {
      await insertStep(database, step, details);
      emit('thread.run.step.created', step);
      emit('thread.run.step.in_progress', step);
    });
    return new ToolStep(scope, step, details);
  }

  /**
   * A call begins. `encoding` says whether its input streams as JSON or as the plain code; `isHosted` that the provider
   * runs it.
   */
  beginCall(
    providerId: string,
    toolName: string,
    encoding: 'json' | 'text' = 'json',
    isHosted = false,
  ): void {
    const id = createId('call');
    // Only where the run has the tool: else the name is the caller's own function's, or nobody's.
    const { context, run } = this.#scope;
    const isRunHere = context.hosted === undefined && hasCodeInterpreter(run);
    const isCode = toolName === codeInterpreterName && (isHosted || isRunHere);
    const call: WrittenCall = {
      body: isCode
        ? { id, type: 'code_interpreter', code_interpreter: { input: '', outputs: [] } }
        : toolName === fileSearchName && hasFileSearch(run)
          ? { id, type: 'file_search', file_search: {} }
          : { id, type: 'function', function: { name: toolName, arguments: '', output: null } },
      details: { providerId, ...(isHosted && { hosted: true }) },
      decoder: isCode && encoding === 'json' ? new CodeInputDecoder() : undefined,
      fragments: [],
      isShown: this.#calls.every((other) => other.body.type === 'function' || other.isHosted),
      input: undefined,
      rawFragments: [],
      isHosted,
      isAnswered: false,
    };
    this.#calls.push(call);
    this.#details.calls[id] = call.details;
    if (call.isShown) this.#announce(call);
    if (isCode && !isHosted) context.code.prepare(run.thread_id);
  }

  /** A piece of the call's input, as the model writes it. */
  writeInput(providerId: string, fragment: string): void {
    const call = this.#calls.findLast((written) => isOpen(written, providerId));
    if (!call) return;
    call.rawFragments.push(fragment);
    const text = call.decoder ? call.decoder.push(fragment) : fragment;
    if (text === '') return;
    call.fragments.push(text);
    if (call.isShown) this.#showInput(call, text);
  }

  /** The call's input is complete; what did not stream is added. */
  finishCall(
    providerId: string,
    toolName: string,
    input: string,
    metadata?: ProviderMetadata,
    isHosted = false,
  ): void {
    // Some servers give every call the same id: one that is complete already is another call.
    let call = this.#calls.find((written) => isOpen(written, providerId));
    if (!call) {
      this.beginCall(providerId, toolName, 'json', isHosted);
      call = this.#calls.at(-1)!;
    }
    if (metadata) call.details.metadata = metadata;
    this.#finish(call, input);
  }

  #finish(call: WrittenCall, input: string): void {
    call.input = input;
    const whole = call.body.type === 'code_interpreter' ? parseCodeInput(input) : input;
    const streamed = call.fragments.join('');
    if (whole !== undefined && whole.length > streamed.length && whole.startsWith(streamed)) {
      const rest = whole.slice(streamed.length);
      call.fragments.push(rest);
      if (call.isShown) this.#showInput(call, rest);
    }
    this.#setInput(call, whole ?? streamed);
  }

  /** Python has run at the provider: what it came to is shown and kept. */
  async answerCode(providerId: string, result: HostedResult): Promise<void> {
    const { call, index } = this.#hostedCall(providerId, codeInterpreterName);
    call.details.result = result.text;
    if (call.body.type === 'code_interpreter') {
      call.body.code_interpreter.outputs = result.outputs;
      if (result.outputs.length > 0) {
        const outputs = result.outputs.map((output, place) => Object.assign({ index: place }, output));
        this.#push({ index, type: 'code_interpreter', code_interpreter: { outputs } });
      }
    }
    await this.#save();
  }

  /** The provider has searched: what it found is shown and kept. */
  async answerSearch(providerId: string, found: HostedPassage[]): Promise<void> {
    const { context, run } = this.#scope;
    const { call } = this.#hostedCall(providerId, fileSearchName);
    if (call.body.type === 'file_search') {
      const number = await nextSearchNumber(context.database, run.thread_id);
      const search = toFileSearch(run, found, number);
      call.body.file_search = search.shown;
      call.details.result = search.result;
      call.details.search = number;
    }
    await this.#save();
  }

  /** The call of this id that the provider runs, which is now over. */
  #hostedCall(providerId: string, toolName: string): { call: WrittenCall; index: number } {
    const isMeant = (call: WrittenCall) =>
      call.isHosted && !call.isAnswered && call.details.providerId === providerId;
    if (!this.#calls.some(isMeant)) this.beginCall(providerId, toolName, 'json', true);
    const index = this.#calls.findIndex(isMeant);
    const call = this.#calls[index]!;
    if (call.input === undefined) this.#finish(call, call.rawFragments.join(''));
    call.isAnswered = true;
    return { call, index };
  }

  async #save(): Promise<void> {
    const { step, details } = this.snapshot();
    await saveStep(this.#scope.context.database, step, details);
  }

  /** Whether all calls are hosted ones that have run: nothing is left to do here. */
  get isAnswered(): boolean {
    return this.#calls.every((call) => call.isAnswered);
  }

  /** Keeps text that came after the calls, until they are answered. */
  addTrailingText(text: string): void {
    this.#details.trailingText = (this.#details.trailingText ?? '') + text;
  }

  get trailingText(): string | undefined {
    return this.#details.trailingText;
  }

  /**
   * Runs the hosted calls one after the other, and answers those that name no tool of the run. What is left are the
   * functions that the caller must answer.
   */
  async answerHosted(options: {
    signal: AbortSignal;
    inputFiles: () => Promise<InputFile[]>;
    functionNames: ReadonlySet<string>;
  }): Promise<FunctionCall[]> {
    const waiting: FunctionCall[] = [];
    for (const [index, call] of this.#calls.entries()) {
      // The stream ended inside the call.
      if (call.input === undefined) this.#finish(call, call.rawFragments.join(''));
      if (!call.isShown) this.#announce(call, call.fragments.join(''));
      if (call.isHosted) continue;
      if (call.body.type === 'code_interpreter') {
        await this.#runCode(index, call, call.body, options.signal, options.inputFiles);
      } else if (call.body.type === 'file_search') {
        await this.#search(call, call.body, options.signal);
      } else if (!options.functionNames.has(call.body.function.name)) {
        const output = `There is no tool named "${call.body.function.name}".`;
        call.body.function.output = output;
        this.#push({ index, type: 'function', function: { output } });
      } else {
        const { name, arguments: input } = call.body.function;
        waiting.push({ id: call.body.id, type: 'function', function: { name, arguments: input } });
      }
    }
    return waiting;
  }

  /** Ends the step. */
  async complete(usage: Usage | null): Promise<void> {
    const { step, details } = this.snapshot();
    const done: RunStep = { ...step, status: 'completed', completed_at: nowSeconds(), usage };
    await this.#scope.context.events.commit(this.#scope.run.id, async (database, emit) => {
      await saveStep(database, done, { ...details, usage });
      emit('thread.run.step.completed', this.#scope.includesContent ? withContent(done, details) : done);
    });
  }

  snapshot(): OpenStepState {
    const calls = this.#calls.map(({ body, fragments, input }) => {
      if (input !== undefined || body.type === 'file_search') return body;
      const shown = fragments.join('');
      return body.type === 'function'
        ? { ...body, function: { ...body.function, arguments: shown } }
        : { ...body, code_interpreter: { ...body.code_interpreter, input: shown } };
    });
    return {
      step: { ...this.#step, step_details: { type: 'tool_calls', tool_calls: calls } },
      details: this.#details,
    };
  }

  async #search(call: WrittenCall, body: FileSearchStepCall, signal: AbortSignal): Promise<void> {
    const { context, run } = this.#scope;
    const query = parseQuery(call.input ?? '');
    // Earlier searches of this very step are stored by now.
    const number = await nextSearchNumber(context.database, run.thread_id);
    const search =
      query === undefined
        ? failedSearch()
        : await searchFiles(context, run, query, number, signal).catch((cause: unknown) => {
            signal.throwIfAborted();
            throw new RunFailure('server_error', 'The files could not be searched.', { cause });
          });
    body.file_search = search.shown;
    call.details.result = search.result;
    call.details.query = query;
    call.details.search = number;
    await this.#save();
  }

  async #runCode(
    index: number,
    call: WrittenCall,
    body: CodeInterpreterStepCall,
    signal: AbortSignal,
    inputFiles: () => Promise<InputFile[]>,
  ): Promise<void> {
    const { context, run } = this.#scope;
    const code = parseCodeInput(call.input ?? '');
    if (code === undefined) {
      const error = 'The arguments were not a JSON object with a string "code".';
      call.details.result = JSON.stringify({ output: '', error, files: [] });
      this.#showLogs(index, error);
      body.code_interpreter.outputs = [{ type: 'logs', logs: error }];
      return;
    }
    let shown = '';
    const showLogs = (text: string) => {
      if (text === '') return;
      shown += text;
      body.code_interpreter.outputs = [{ type: 'logs', logs: shown }];
      this.#showLogs(index, text);
    };
    const origin = { threadId: run.thread_id, runId: run.id };
    const codeRun = await abortable(
      context.code.run(origin, code, await inputFiles(), {
        signal,
        onOutput: showLogs,
        database: context.database,
      }),
      signal,
    );
    signal.throwIfAborted();
    // Output that did not stream, the value of the last expression, the traceback.
    const logs = toLogs(codeRun.result);
    if (logs.startsWith(shown)) showLogs(logs.slice(shown.length));
    call.details.result = toModelResult(codeRun);
    const images = codeRun.files
      .filter(({ isImage }) => isImage)
      .map(({ file }): CodeOutput => ({ type: 'image', image: { file_id: file.id } }));
    const before = body.code_interpreter.outputs.length;
    if (logs !== shown) body.code_interpreter.outputs = [{ type: 'logs', logs }];
    if (images.length > 0) {
      body.code_interpreter.outputs.push(...images);
      this.#push({
        index,
        type: 'code_interpreter',
        code_interpreter: {
          outputs: images.map((image, place) => Object.assign({ index: before + place }, image)),
        },
      });
    }
    await this.#save();
  }

  #showLogs(index: number, logs: string): void {
    this.#push({
      index,
      type: 'code_interpreter',
      code_interpreter: { outputs: [{ index: 0, type: 'logs', logs }] },
    });
  }

  #announce(call: WrittenCall, input = ''): void {
    call.isShown = true;
    const index = this.#calls.indexOf(call);
    const { id } = call.body;
    this.#push(
      call.body.type === 'code_interpreter'
        ? { index, id, type: 'code_interpreter', code_interpreter: { input, outputs: [] } }
        : call.body.type === 'file_search'
          ? { index, id, type: 'file_search', file_search: {} }
          : {
              index,
              id,
              type: 'function',
              function: { name: call.body.function.name, arguments: input, output: null },
            },
    );
  }

  #showInput(call: WrittenCall, text: string): void {
    // What a search looks for is not on the wire.
    if (call.body.type === 'file_search') return;
    const index = this.#calls.indexOf(call);
    this.#push(
      call.body.type === 'code_interpreter'
        ? { index, type: 'code_interpreter', code_interpreter: { input: text } }
        : { index, type: 'function', function: { arguments: text } },
    );
  }

  #setInput(call: WrittenCall, input: string): void {
    if (call.body.type === 'function') call.body.function.arguments = input;
    else if (call.body.type === 'code_interpreter') call.body.code_interpreter.input = input;
  }

  #push(call: StepCallDelta): void {
    this.#scope.context.events.push(this.#scope.run.id, 'thread.run.step.delta', {
      id: this.#step.id,
      object: 'thread.run.step.delta',
      delta: { step_details: { type: 'tool_calls', tool_calls: [call] } },
    });
  }
}

function isOpen(call: WrittenCall, providerId: string): boolean {
  return call.details.providerId === providerId && call.input === undefined;
}
