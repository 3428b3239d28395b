import { isRunEvent, runEvents } from 'example-assistants';
import type OpenAI from 'openai';
import type { AssistantStreamEvent } from 'openai/resources/beta/assistants';
import type { Message } from 'openai/resources/beta/threads/messages';
import type { Run } from 'openai/resources/beta/threads/runs';
import { functions } from './assistant.ts';
import { saveFiles } from './save-files.ts';
import type { Screen } from './screen.ts';

/** Where a turn takes place. */
export interface Turn {
  openai: OpenAI;
  threadId: string;
  assistantId: string;
  screen: Screen;
  /** Ends the turn; the run is cancelled. */
  signal: AbortSignal;
  /** The folder where files of the assistant are saved. */
  files: string;
}

const statuses: Partial<Record<AssistantStreamEvent['event'], string>> = {
  'thread.run.created': 'created',
  'thread.run.queued': 'queued',
  'thread.run.in_progress': 'in progress',
  'thread.run.cancelling': 'cancelling',
};

/** Asks, shows the answer as it is written, answers every function call, and answers the run as it ended. */
export async function runTurn(question: string, turn: Turn): Promise<Run> {
  const { openai, threadId, assistantId, signal } = turn;
  const { runs, messages } = openai.beta.threads;
  const start = async (signal: AbortSignal) => {
    await messages.create(threadId, { role: 'user', content: question }, { signal });
    return runs.create(threadId, { assistant_id: assistantId, stream: true }, { signal });
  };
  let run: Run | undefined;
  for await (const event of runEvents({ openai, start, tools: functions, signal })) {
    if (isRunEvent(event)) run = event.data;
    await show(event, turn);
  }
  if (!run) throw new Error('The engine ended the stream before the run began.');
  return run;
}

async function show(event: AssistantStreamEvent, turn: Turn): Promise<void> {
  const { screen } = turn;
  const status = statuses[event.event];
  if (status) screen.status(status);
  if (event.event === 'thread.message.delta') {
    for (const part of event.data.delta.content ?? []) {
      const section = `${event.data.id}:${part.index}`;
      if (part.type === 'text') screen.write(section, part.text?.value ?? '');
      if (part.type === 'refusal') screen.write(section, part.refusal ?? '');
    }
  }
  if (event.event === 'thread.message.completed') await showFiles(event.data, turn);
  if (event.event === 'thread.run.requires_action') {
    for (const call of event.data.required_action?.submit_tool_outputs.tool_calls ?? []) {
      screen.line(`function call: ${call.function.name} ${call.function.arguments}`, 'dim');
    }
    screen.status('requires action');
  }
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

async function showFiles(message: Message, { openai, screen, signal, files }: Turn): Promise<void> {
  try {
    for await (const { fileId, path, isImage } of saveFiles(openai, message, files, signal)) {
      screen.line(`${isImage ? 'image_file' : 'file'} ${fileId} saved as ${path}`, 'green');
    }
  } catch (error) {
    signal.throwIfAborted();
    screen.line(`Not all files could be saved: ${(error as Error).message}`, 'red');
  }
}
