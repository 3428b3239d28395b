import { answerCalls } from 'example-assistants';
import type OpenAI from 'openai';
import type { AssistantStreamEvent } from 'openai/resources/beta/assistants';
import type { Message } from 'openai/resources/beta/threads/messages';
import type { Run } from 'openai/resources/beta/threads/runs';
import { functions } from './assistant.ts';
import type { Screen } from './screen.ts';

/** Where a turn takes place. */
export interface Turn {
  openai: OpenAI;
  threadId: string;
  assistantId: string;
  screen: Screen;
  /** Ends the turn; the run is cancelled. */
  signal: AbortSignal;
  onMessage(message: Message): Promise<void>;
}

const statuses: Partial<Record<AssistantStreamEvent['event'], string>> = {
  'thread.run.created': 'created',
  'thread.run.queued': 'queued',
  'thread.run.in_progress': 'in progress',
  'thread.run.cancelling': 'cancelling',
};

/** Asks, shows the answer as it is written, answers every function call, and answers the run as it ended. */
export async function runTurn(question: string, turn: Turn): Promise<Run> {
  const { openai, threadId, assistantId, screen, signal } = turn;
  const { runs, messages } = openai.beta.threads;
  // By this we know our run again when its first event has not come through.
  const request = crypto.randomUUID();
  try {
    await messages.create(threadId, { role: 'user', content: question }, { signal });
    let stream = runs.stream(threadId, { assistant_id: assistantId, metadata: { request } }, { signal });
    for (;;) {
      for await (const event of stream) await show(event, turn);
      const run = await stream.finalRun();
      if (run.status !== 'requires_action') return run;
      for (const { function: call } of run.required_action!.submit_tool_outputs.tool_calls) {
        screen.line(`function call: ${call.name} ${call.arguments}`, 'dim');
      }
      screen.status('requires action');
      const tool_outputs = await answerCalls(run, functions, signal);
      stream = runs.submitToolOutputsStream(run.id, { thread_id: threadId, tool_outputs }, { signal });
    }
  } catch (error) {
    await cancel(openai, threadId, request).catch(() => undefined);
    throw error;
  }
}

/** A run that nobody waits for any more would go on and lock its thread. Only ours: it may be busy with another. */
async function cancel(openai: OpenAI, threadId: string, request: string): Promise<void> {
  const { runs } = openai.beta.threads;
  const [last] = (await runs.list(threadId, { limit: 1 })).data;
  if (last?.metadata?.['request'] === request) await runs.cancel(last.id, { thread_id: threadId });
}

async function show(event: AssistantStreamEvent, { screen, onMessage }: Turn): Promise<void> {
  const status = statuses[event.event];
  if (status) screen.status(status);
  if (event.event === 'thread.message.delta') {
    for (const part of event.data.delta.content ?? []) {
      const section = `${event.data.id}:${part.index}`;
      if (part.type === 'text') screen.write(section, part.text?.value ?? '');
      if (part.type === 'refusal') screen.write(section, part.refusal ?? '');
    }
  }
  if (event.event === 'thread.message.completed') await onMessage(event.data);
  if (event.event !== 'thread.run.step.delta') return;
  const details = event.data.delta.step_details;
  if (details?.type !== 'tool_calls') return;
  for (const call of details.tool_calls ?? []) {
    if (call.type !== 'code_interpreter') continue;
    const place = `${event.data.id}:${call.index}`;
    screen.write(place, call.code_interpreter?.input ?? '', 'dim');
    for (const output of call.code_interpreter?.outputs ?? []) {
      if (output.type === 'logs') screen.write(`${place}:logs`, output.logs ?? '', 'cyan');
    }
  }
}
