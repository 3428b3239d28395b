import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import type { AssistantsEvent } from '../from-assistants.ts';
import { isClientTool } from '../function-tools.ts';
import type { ToolOutput } from '../function-tools.ts';
import { refusal } from '../public-errors.ts';
import { answerCalls } from '../run-thread.ts';
import { readThread } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { followRun } from './follow-run.ts';
import { readToolOutputs } from './request-body.ts';
import type { BrowserOutput } from './request-body.ts';
import { readRun } from './runs.ts';
import { respondTo } from './respond-to.ts';

/** `POST /threads/:id/tool-outputs`: takes the browser's answers and streams the rest of the run. */
export async function submitToolOutputs(context: HandlerContext, call: Call): Promise<Response> {
  const thread = await readThread(call, call.params['id']!);
  return continueRun(context, call, thread, await readToolOutputs(call.request));
}

/** Goes on with a run that waits for the browser. */
export async function continueRun(
  context: HandlerContext,
  call: Call,
  thread: Thread,
  answered: { runId: string; outputs: BrowserOutput[] },
): Promise<Response> {
  const run = await readRun(call, thread, answered.runId);
  if (run.status !== 'requires_action') throw refusal('bad_request', 'The run does not wait for outputs.');
  const given = new Map(answered.outputs.map(({ toolCallId, output }) => [toolCallId, toText(output)]));
  const missing = calls(run).find(
    ({ id, function: { name } }) => !given.has(id) && isClientTool(context.options.tools, name),
  );
  if (missing) throw refusal('bad_request', `The output of ${missing.id} is missing.`);

  const submit = async (waiting: Run, outputs: ToolOutput[]): Promise<void> => {
    await call.client.beta.threads.runs.submitToolOutputs(waiting.id, {
      thread_id: thread.id,
      tool_outputs: outputs,
    });
  };
  const { tools = {}, toolTimeout, onError } = context.options;
  const answerOwn = (
    waiting: Run,
    open: ReturnType<typeof calls>,
    signal: AbortSignal,
  ): Promise<ToolOutput[]> =>
    answerCalls(call.client, waiting, tools, { signal, toolTimeout, onError }, open);
  const leave = new AbortController();
  let isSubmitted = false;
  const events = await followRun(call.client, run, {
    signal: leave.signal,
    wait: async (waiting) => {
      const open = calls(waiting).filter(({ id }) => isSubmitted || !given.has(id));
      if (open.some(({ function: { name } }) => isClientTool(context.options.tools, name))) return false;
      const own = await answerOwn(waiting, open, leave.signal);
      if (leave.signal.aborted) return false;
      const outputs = isSubmitted ? own : [...own, ...fromBrowser(waiting, given)];
      isSubmitted = true;
      await submit(waiting, outputs);
      return true;
    },
  });
  const firstCall = calls(run)[0]?.id;
  let isPast = false;
  return respondTo(
    context,
    call,
    thread,
    undefined,
    async ({ forwardStream, signal }) => {
      signal.addEventListener('abort', () => leave.abort(), { once: true });
      if (events) return void (await forwardStream(events));
      // A server that keeps no events: only what comes from here on can be told.
      const open = calls(run).filter(({ id }) => !given.has(id));
      const own = await answerOwn(run, open, signal);
      await forwardStream(
        await call.client.beta.threads.runs.submitToolOutputs(run.id, {
          thread_id: thread.id,
          tool_outputs: [...own, ...fromBrowser(run, given)],
          stream: true,
        }),
      );
    },
    {
      translation: {
        // The reader has everything up to the question that it answers.
        isHidden: (event) => {
          if (isPast || !events) return false;
          isPast = waitsFor(event, firstCall);
          return event.event !== 'thread.run.created';
        },
      },
    },
  );
}

function calls(run: Run) {
  return run.required_action?.submit_tool_outputs.tool_calls ?? [];
}

function fromBrowser(run: Run, given: ReadonlyMap<string, string>): ToolOutput[] {
  return calls(run).flatMap(({ id }) => {
    const output = given.get(id);
    return output === undefined ? [] : [{ tool_call_id: id, output }];
  });
}

function waitsFor(event: AssistantsEvent, callId: string | undefined): boolean {
  return (
    event.event === 'thread.run.requires_action' && calls(event.data as Run).some(({ id }) => id === callId)
  );
}

function toText(output: unknown): string {
  return typeof output === 'string' ? output : JSON.stringify(output ?? null);
}
