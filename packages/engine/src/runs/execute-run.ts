import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { EngineContext } from '../engine-context.ts';
import { hostedModel, type HostedTool } from '../hosted/hosted-model.ts';
import { hostedPython } from '../hosted/hosted-python.ts';
import { hostedFileSearch } from '../hosted/hosted-search.ts';
import {
  findLastStep,
  findRun,
  listMadeFiles,
  saveRun,
  saveStep,
  type RunPrivate,
} from '../storage/records.ts';
import { nowSeconds, type FunctionCall, type Run, type Usage } from '../wire.ts';
import { abortable } from './abortable.ts';
import { buildCallOptions } from './call-options.ts';
import { endRun, type BadEnding, type IncompleteRunReason } from './end-run.ts';
import { RunGoneError } from './event-log.ts';
import { promptBudget } from './fit-prompt.ts';
import { MessageStep } from './message-step.ts';
import { toRunFailure } from './model-errors.ts';
import { ModelTurn, type TurnResult } from './model-turn.ts';
import type { OpenStep, RunScope } from './open-step.ts';
import { buildPrompt, hasCodeInterpreter } from './prompt.ts';
import { readyStores } from './ready-stores.ts';
import { RunAborted, RunFailure } from './run-failure.ts';
import { listInputFiles } from './run-files.ts';
import { changeRun, IllegalTransitionError, type RunChange } from './run-machine.ts';
import { hasFileSearch, listStores, searchSettings } from '../tools/file-search.ts';
import type { ToolStep } from './tool-step.ts';
import { estimatePrompt } from './token-estimate.ts';
import { addUsage, noUsage } from './usage.ts';

/** Turns of the model after which a run is taken to go in circles. */
const maxTurns = 25;
/** Prompts that a turn tries, each half as long as the one before, until the model's server takes one. */
const maxPrompts = 5;

/**
 * Carries a queued run on until it is over or waits for its caller. All it knows is read from storage, and all it does
 * is recorded there step by step; the signal's reason, a `RunAborted`, says how to end it early.
 * Answers whether it was ended so.
 */
export async function executeRun(
  context: EngineContext,
  runId: string,
  owner: string,
  signal: AbortSignal,
): Promise<boolean> {
  const release = await context.events.hold(runId);
  const execution = new RunExecution(context, runId, owner, signal);
  try {
    await execution.run();
    return false;
  } catch (error) {
    const ending = toEnding(error, signal);
    if (!ending) return false;
    if (ending.to === 'failed') {
      const cause = (error as Error).cause ?? error;
      context.log('warn', `Run ${runId} failed: ${ending.error.message}`, { cause: String(cause) });
    }
    const ended = await endRun(context, runId, ending, execution.open());
    if (!ended) await context.events.forgetDeleted((id) => id === runId);
    return true;
  } finally {
    release();
  }
}

class RunExecution {
  readonly #context: EngineContext;
  readonly #runId: string;
  readonly #owner: string;
  readonly #signal: AbortSignal;
  #usage = noUsage;
  /** Whoever writes a step now. */
  #writer: { openStep: OpenStep | undefined } | undefined;

  constructor(context: EngineContext, runId: string, owner: string, signal: AbortSignal) {
    this.#context = context;
    this.#runId = runId;
    this.#owner = owner;
    this.#signal = signal;
  }

  open(): Parameters<typeof endRun>[3] {
    return { state: this.#writer?.openStep?.snapshot(), usage: this.#usage };
  }

  async run(): Promise<void> {
    const context = this.#context;
    const signal = this.#signal;
    let { run, details } = await this.#change({ to: 'in_progress' });
    this.#usage = details.usage;
    const functionNames = new Set(
      run.tools.flatMap((tool) => (tool.type === 'function' ? tool.function.name : [])),
    );
    const scope = { context, run, includesContent: details.includesContent };
    if (details.turns > 0) await this.#writeTrailingText(scope);
    await readyStores(context, run, signal);
    const model = await abortable(this.#model(run), signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw toRunFailure(error, run.model);
    });

    for (;;) {
      signal.throwIfAborted();
      if (details.turns >= maxTurns) {
        throw new RunFailure('server_error', `The model did not come to an end within ${maxTurns} turns.`);
      }
      const limit = run.max_completion_tokens;
      if (limit !== null && this.#usage.completion_tokens >= limit) return this.#endIncomplete();
      const turn = new ModelTurn(scope, details.turns);
      this.#writer = turn;
      const taken = await this.#take(turn, model, run, details);
      if (!taken) return this.#endIncomplete('max_prompt_tokens');
      const { toolStep, finish, usage } = taken;
      this.#usage = addUsage(this.#usage, usage);
      details = Object.assign(details, { turns: details.turns + 1, usage: this.#usage });

      if (finish === 'length') return this.#endIncomplete();
      if (finish === 'content-filter') {
        throw new RunFailure('invalid_prompt', "The model's content filter stopped the answer.", {
          isContentFilter: true,
        });
      }
      if (finish === 'error')
        throw new RunFailure('server_error', 'The model ended its answer with an error.');
      if (finish === 'interrupted')
        throw new RunFailure('server_error', "The model's answer broke off before its end.");
      if (!toolStep) {
        await this.#showFiles(scope, details.turns - 1);
        await this.#change({ to: 'completed', usage: this.#usage }, details);
        return;
      }
      const waiting = await toolStep.answerHosted({
        signal,
        functionNames,
        inputFiles: () => listInputFiles(context.database, run),
      });
      if (waiting.length > 0) return this.#waitForCaller(toolStep, waiting, usage, details);
      await toolStep.complete(usage);
      this.#writer = undefined;
      if (toolStep.trailingText) await this.#write(scope, details.turns - 1, toolStep.trailingText);
      // What has been spent so far is known even to a process that takes the run over.
      ({ run } = await this.#save(details));
    }
  }

  /** Takes the turn with a prompt that fits; undefined when none does. */
  async #take(
    turn: ModelTurn,
    model: LanguageModelV4,
    run: Run,
    details: RunPrivate,
  ): Promise<TurnResult | undefined> {
    const options = buildCallOptions(this.#context, run, details);
    let budget = promptBudget(run, this.#usage, options.tools);
    let failure: RunFailure | undefined;
    for (let attempt = 1; ; attempt++) {
      const prompt = await buildPrompt(this.#context, run, budget);
      if (!prompt && failure) throw failure;
      if (!prompt) return undefined;
      try {
        return await turn.take(model, { ...options, prompt }, this.#signal);
      } catch (error) {
        // How much a model takes only its server knows. It says so before the first word, so nothing is recorded yet.
        const isTooLong = error instanceof RunFailure && error.isTooLong;
        if (!isTooLong || attempt >= maxPrompts || run.truncation_strategy.type !== 'auto') throw error;
        failure = error;
        budget = estimatePrompt(prompt) / 2;
      }
    }
  }

  async #model(run: Run): Promise<LanguageModelV4> {
    const { hosted, mirrors, database, model } = this.#context;
    const plain = await model(run.model);
    const tools: HostedTool[] = [];
    if (hosted && hasCodeInterpreter(run)) {
      tools.push(
        hostedPython(hosted, { id: run.thread_id, inputFiles: () => listInputFiles(database, run) }),
      );
    }
    if (mirrors && hasFileSearch(run)) {
      const storeIds = async () => {
        const { ofAssistant, ofThread } = await listStores(database, run);
        return [...ofAssistant, ...ofThread];
      };
      tools.push(hostedFileSearch(mirrors, { storeIds, settings: searchSettings(run) }));
    }
    return tools.length > 0 ? hostedModel(plain, tools) : plain;
  }

  /** Changes the run's status, unless someone else has: a cancel that came in between ends the execution. */
  async #change(change: RunChange, details?: RunPrivate): Promise<{ run: Run; details: RunPrivate }> {
    const isWorking = change.to === 'in_progress';
    return this.#context.events.commit(this.#runId, async (database, emit) => {
      const stored = await findRun(database, this.#runId);
      if (!stored) throw new RunAborted('cancelled');
      if (stored.run.status === 'cancelling') throw new RunAborted('cancelled');
      const { run, event } = changeRun(stored.run, change, nowSeconds());
      await saveRun(database, run, { owner: isWorking ? this.#owner : null, ...(details && { details }) });
      emit(event, run as never);
      return { run, details: details ?? stored.details };
    });
  }

  async #save(details: RunPrivate): Promise<{ run: Run }> {
    return this.#context.database.transaction().execute(async (database) => {
      const stored = await findRun(database, this.#runId);
      if (!stored) throw new RunAborted('cancelled');
      await saveRun(database, stored.run, { details });
      return { run: stored.run };
    });
  }

  async #waitForCaller(
    toolStep: ToolStep,
    calls: FunctionCall[],
    usage: Usage,
    details: RunPrivate,
  ): Promise<void> {
    const { step, details: stepDetails } = toolStep.snapshot();
    await this.#context.events.commit(this.#runId, async (database, emit) => {
      const stored = await findRun(database, this.#runId);
      if (!stored || stored.run.status === 'cancelling') throw new RunAborted('cancelled');
      const action = { type: 'submit_tool_outputs' as const, submit_tool_outputs: { tool_calls: calls } };
      const { run, event } = changeRun(
        stored.run,
        { to: 'requires_action', required_action: action },
        nowSeconds(),
      );
      await saveStep(database, step, { ...stepDetails, usage });
      await saveRun(database, run, { details, owner: null });
      emit(event, run as never);
    });
  }

  async #endIncomplete(reason: IncompleteRunReason = 'max_completion_tokens'): Promise<void> {
    await endRun(this.#context, this.#runId, { to: 'incomplete', reason }, this.open());
  }

  /** Text that the model wrote after calls which have been answered since. */
  async #writeTrailingText(scope: RunScope): Promise<void> {
    const last = await findLastStep(this.#context.database, this.#runId);
    if (last?.details.trailingText) await this.#write(scope, last.details.turn, last.details.trailingText);
  }

  /** Files that no message shows, because the model had nothing more to say, get one of their own. */
  async #showFiles(scope: RunScope, turn: number): Promise<void> {
    if (!hasCodeInterpreter(scope.run)) return;
    const files = await listMadeFiles(this.#context.database, { undeliveredOf: this.#runId });
    if (files.length > 0) await this.#write(scope, turn);
  }

  async #write(scope: RunScope, turn: number, text?: string): Promise<void> {
    const message = await MessageStep.open(scope, { turn, reasoning: [], calls: {}, usage: null });
    this.#writer = { openStep: message };
    if (text !== undefined) message.write('', text);
    await message.complete(noUsage);
    this.#writer = undefined;
  }
}

/** How the error ends the run; undefined when the run has been ended by someone else. */
function toEnding(error: unknown, signal: AbortSignal): BadEnding | undefined {
  const reason: unknown = signal.aborted ? signal.reason : error;
  if (reason instanceof RunAborted) {
    if (reason.why !== 'shutdown') return { to: reason.why };
    return {
      to: 'failed',
      error: { code: 'server_error', message: 'The engine was shut down during the run.' },
    };
  }
  if (error instanceof IllegalTransitionError || error instanceof RunGoneError) return undefined;
  if (error instanceof RunFailure) {
    const { code, message, isContentFilter } = error;
    return { to: 'failed', error: { code, message }, isContentFilter };
  }
  return {
    to: 'failed',
    error: { code: 'server_error', message: 'The engine could not carry out the run.' },
  };
}
