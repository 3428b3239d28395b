import type { RequiredActionFunctionToolCall, Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import type { AssistantsEvent } from '../from-assistants.ts';
import { isClientTool } from '../function-tools.ts';
import type { FunctionToolsOptions, ToolOutput } from '../function-tools.ts';
import { refusal } from '../public-errors.ts';
import { answerCalls } from '../run-thread.ts';
import { needsApproval, toDenial, waitsForBrowser } from '../tool-approvals.ts';
import { claimCalls, handBackCalls, offerCalls } from './call-claims.ts';
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
  const answers = await readAnswers(context, run, answered.outputs);
  const { tools = {}, toolTimeout, onError } = context.options;
  const end = await claimCalls(call.client, run, answers);
  const leave = new AbortController();
  let onProgress: FunctionToolsOptions['onProgress'];
  const answer = (waiting: Run, own: RequiredActionFunctionToolCall[]): Promise<ToolOutput[]> => {
    const options = { signal: leave.signal, toolTimeout, onError, onProgress };
    return answerCalls(call.client, waiting, tools, options, own);
  };
  const answerFirst = async (): Promise<ToolOutput[]> => [
    ...(await answer(run, answers.own)),
    ...answers.given,
  ];
  let isSubmitted = false;
  const release = async (): Promise<void> => {
    // What a person has allowed may have run: it is not asked for again.
    if (!isSubmitted && !answers.isApproved) await handBackCalls(call.client, run, context.options);
    end();
  };
  const events = await followRun(call.client, run, {
    signal: leave.signal,
    wait: async (waiting) => {
      if (isSubmitted && (await waitsForBrowser(calls(waiting), context.options.tools, onError)))
        return false;
      const tool_outputs = isSubmitted ? await answer(waiting, calls(waiting)) : await answerFirst();
      if (leave.signal.aborted) return false;
      await call.client.beta.threads.runs.submitToolOutputs(waiting.id, {
        thread_id: thread.id,
        tool_outputs,
      });
      isSubmitted = true;
      return true;
    },
  }).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  const firstCall = calls(run)[0]?.id;
  let isPast = false;
  return respondTo(
    context,
    call,
    thread,
    undefined,
    async ({ forwardStream, sendToolOutput, signal }) => {
      signal.addEventListener('abort', () => leave.abort(), { once: true });
      if (signal.aborted) leave.abort();
      onProgress = (toolCallId, output) => sendToolOutput(toolCallId, output, { preliminary: true });
      try {
        // A server that keeps no events: only what comes from here on can be told.
        const stream =
          events ??
          (await call.client.beta.threads.runs.submitToolOutputs(run.id, {
            thread_id: thread.id,
            tool_outputs: await answerFirst(),
            stream: true,
          }));
        isSubmitted ||= !events;
        const last = await forwardStream(stream);
        if (isSubmitted) await offerCalls(call.client, last, context.options);
      } finally {
        await release();
      }
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

interface Answers {
  /** Calls that run here. */
  own: RequiredActionFunctionToolCall[];
  /** What the browser has answered. */
  given: ToolOutput[];
  /** Whether a person has allowed one of the calls. */
  isApproved: boolean;
}

/**
 * Holds the browser's answers against the calls that the engine keeps: an output is taken only where the browser is the one
 * to give it, and what a person allows is run with the engine's arguments.
 */
async function readAnswers(
  { options: { tools, onError } }: HandlerContext,
  run: Run,
  outputs: BrowserOutput[],
): Promise<Answers> {
  const answers: Answers = { own: [], given: [], isApproved: false };
  const byCall = new Map(outputs.map((output) => [output.toolCallId, output]));
  for (const call of calls(run)) {
    const given = byCall.get(call.id);
    if (isClientTool(tools, call.function.name)) {
      if (!given || !('output' in given))
        throw refusal('bad_request', `The output of ${call.id} is missing.`);
      answers.given.push({ tool_call_id: call.id, output: toText(given.output) });
    } else if (given && 'approved' in given && !given.approved) {
      answers.given.push({ tool_call_id: call.id, output: toDenial(given.reason) });
    } else {
      const isAllowed = given !== undefined && 'approved' in given;
      if (!isAllowed && (await needsApproval(call, tools, onError))) {
        throw refusal('bad_request', `The approval of ${call.id} is missing.`);
      }
      answers.isApproved ||= isAllowed;
      answers.own.push(call);
    }
  }
  return answers;
}

function calls(run: Run): RequiredActionFunctionToolCall[] {
  return run.required_action?.submit_tool_outputs.tool_calls ?? [];
}

function waitsFor(event: AssistantsEvent, callId: string | undefined): boolean {
  return (
    event.event === 'thread.run.requires_action' && calls(event.data as Run).some(({ id }) => id === callId)
  );
}

function toText(output: unknown): string {
  return typeof output === 'string' ? output : JSON.stringify(output ?? null);
}
