import type OpenAI from 'openai';
import type { Message, MessageCreateParams } from 'openai/resources/beta/threads/messages';
import type { Run, RunCreateParamsStreaming } from 'openai/resources/beta/threads/runs/runs';
import { isActive } from './forward-stream.ts';
import { userMessageIdKey } from './from-assistants.ts';
import type { AssistantsEvent } from './from-assistants.ts';
import { runFunctionTools } from './function-tools.ts';
import type { FunctionTools, FunctionToolsOptions, ToolOutput } from './function-tools.ts';
import { joinSignals } from './join-signals.ts';
import { waitsForBrowser } from './tool-approvals.ts';
import { waitForRun } from './wait-for-run.ts';

/** A client of an Assistants v2 server: the official SDK's. */
export type AssistantsClient = Pick<OpenAI, 'beta' | 'files' | 'get'> &
  // What only streams of the Responses API need.
  Partial<Pick<OpenAI, 'containers' | 'responses'>>;

/** What to run. */
export interface RunThreadOptions extends Omit<FunctionToolsOptions, 'timeout'> {
  openai: AssistantsClient;
  assistantId: string;
  /** Without it a thread is made. */
  threadId?: string | undefined;
  /** The user's message; without it the run answers what the thread holds already. */
  message?: string | Omit<MessageCreateParams, 'role'> | undefined;
  /** Files for the message, by the engine's ids. */
  attachments?: MessageCreateParams['attachments'] | undefined;
  /** Answers the run's function calls. Calls without `execute`, and those that somebody must allow first, are left to the browser. */
  tools?: FunctionTools | undefined;
  /** Milliseconds that one tool call may take. @default 30000 */
  toolTimeout?: number | undefined;
  /** More for `runs.create`: instructions, model, limits, metadata. */
  run?: Partial<Omit<RunCreateParamsStreaming, 'assistant_id' | 'stream'>> | undefined;
  /** Takes each stream of the run to the browser, and gives back the run as the stream left it. */
  forwardStream: (stream: AsyncIterable<AssistantsEvent>) => Promise<Run | undefined>;
}

/**
 * Runs a thread to its end: adds the message, starts the run, answers its function calls, and hands every stream to
 * `forwardStream`. Resolves with the run; in `requires_action` when the browser must answer.
 */
export async function runThread(options: RunThreadOptions): Promise<Run | undefined> {
  const { openai, assistantId, message, signal, forwardStream } = options;
  const requestOptions = signal ? { signal } : {};
  const threadId = options.threadId ?? (await openai.beta.threads.create({}, requestOptions)).id;
  let sent: Message | undefined;
  if (message !== undefined) {
    const params = typeof message === 'string' ? { content: message } : message;
    sent = await openai.beta.threads.messages.create(
      threadId,
      { role: 'user', ...params, ...(options.attachments && { attachments: options.attachments }) },
      requestOptions,
    );
  }
  signal?.throwIfAborted();
  // The signal does not reach this request: a run that was started must become known, or nobody could cancel it.
  const stream = await openai.beta.threads.runs.create(threadId, {
    ...options.run,
    ...(sent && { metadata: { ...options.run?.metadata, [userMessageIdKey]: sent.id } }),
    assistant_id: assistantId,
    stream: true,
  });
  return answerTools(await forwardStream(stream), threadId, options);
}

/** Answers the function calls of a run until it is over or waits for the browser. */
async function answerTools(
  started: Run | undefined,
  threadId: string,
  options: RunThreadOptions,
): Promise<Run | undefined> {
  const { openai, tools, signal, forwardStream } = options;
  let run = started;
  while (run?.status === 'requires_action' && tools && !signal?.aborted) {
    const calls = run.required_action?.submit_tool_outputs.tool_calls ?? [];
    if (calls.length === 0 || (await waitsForBrowser(calls, tools, options.onError))) break;
    const tool_outputs = await answerCalls(openai, run, tools, options);
    if (signal?.aborted) break;
    const stream = await openai.beta.threads.runs
      .submitToolOutputs(run.id, { thread_id: threadId, tool_outputs, stream: true })
      .catch((error: unknown) => afterWaiting(openai, run!, error));
    run = await forwardStream(stream);
  }
  return run;
}

/**
 * Runs the called functions of a waiting run. A run that is cancelled or expires meanwhile needs no answer: its tools are
 * told to stop.
 */
export async function answerCalls(
  openai: AssistantsClient,
  run: Run,
  tools: FunctionTools,
  options: Pick<RunThreadOptions, 'signal' | 'onError' | 'onProgress' | 'toolTimeout'>,
  calls = run.required_action?.submit_tool_outputs.tool_calls ?? [],
): Promise<ToolOutput[]> {
  const answered = new AbortController();
  const gone = new AbortController();
  void waitForRun(openai, run, ['requires_action'], { signal: answered.signal })
    .then(({ status }) => {
      if (status !== 'requires_action') gone.abort();
    })
    .catch(() => undefined);
  const { signal, release } = joinSignals(options.signal, gone.signal);
  try {
    return await runFunctionTools(calls, tools, {
      signal,
      onError: options.onError,
      onProgress: options.onProgress,
      timeout: options.toolTimeout,
    });
  } finally {
    release();
    answered.abort();
  }
}

/** A run that took no outputs because it was over: its end is told in the place of the stream that did not come. */
async function afterWaiting(
  openai: AssistantsClient,
  run: Run,
  error: unknown,
): Promise<AsyncIterable<AssistantsEvent>> {
  const ended = await openai.beta.threads.runs
    .retrieve(run.id, { thread_id: run.thread_id })
    .then((current) => waitForRun(openai, current, ['cancelling'], { timeout: 10_000 }));
  if (isActive(ended)) throw error;
  return (async function* () {
    yield { event: `thread.run.${ended.status}`, data: ended };
  })();
}
