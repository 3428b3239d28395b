import type { AssistantResponseContext } from '../assistant-response.ts';
import type { AssistantsEvent } from '../from-assistants.ts';

/** What a callback of `AssistantResponse` does beside a stream. */
export type Act =
  | { sendMessage: Parameters<AssistantResponseContext['sendMessage']>[0] }
  | { sendDataMessage: Parameters<AssistantResponseContext['sendDataMessage']>[0] }
  | { sendStatus: Parameters<AssistantResponseContext['sendStatus']>[0] }
  | { append: Parameters<AssistantResponseContext['data']['append']>[0] }
  | { annotate: Parameters<AssistantResponseContext['data']['appendMessageAnnotation']>[0] }
  | { attach: [name: string, content: string | { fileId: string }] }
  /** Throws what `sing` throws. */
  | { sing: 'error' | 'string' };

/** A callback of `AssistantResponse` as data: what it does, and the streams that it forwards, with acts between the events. */
export type Script = (Act | { forward: (AssistantsEvent | Act)[] })[];

/** What must never be seen. */
export const canary = 'canary-4711';

export function sing(): never {
  throw new Error(canary, { cause: canary });
}

/** Plays a script; a context of the removed helper will do for all that it knew. */
export async function play(script: Script, context: AssistantResponseContext): Promise<void> {
  for (const step of script) {
    if ('forward' in step) await context.forwardStream(eventsOf(step.forward, context));
    else await act(step, context);
  }
}

async function* eventsOf(
  steps: (AssistantsEvent | Act)[],
  context: AssistantResponseContext,
): AsyncGenerator<AssistantsEvent> {
  for (const step of steps) {
    if ('event' in step) yield step;
    else await act(step, context);
  }
}

async function act(step: Act, context: AssistantResponseContext): Promise<void> {
  if ('sendMessage' in step) context.sendMessage(step.sendMessage);
  else if ('sendDataMessage' in step) context.sendDataMessage(step.sendDataMessage);
  else if ('sendStatus' in step) context.sendStatus(step.sendStatus);
  else if ('append' in step) context.data.append(step.append);
  else if ('annotate' in step) context.data.appendMessageAnnotation(step.annotate);
  else if ('attach' in step) await context.data.appendFile(...step.attach);
  else if (step.sing === 'error') sing();
  // Not everything that is thrown is an error.
  else return Promise.reject(canary);
}
