import type { AssistantStream } from 'openai/lib/AssistantStream';

/** What the strict stream of the official SDK makes of a run. */
export async function consume(stream: AssistantStream) {
  const events: string[] = [];
  let text = '';
  stream.on('event', ({ event }) => void events.push(event.replace('thread.', '')));
  stream.on('textDelta', (delta) => void (text += delta.value ?? ''));
  await stream.done();
  return {
    events,
    text,
    run: await stream.finalRun(),
    messages: await stream.finalMessages(),
    steps: await stream.finalRunSteps(),
  };
}

/** The events with repeats of deltas taken together. */
export function outline(events: string[]): string[] {
  return events.filter((event, index) => !event.endsWith('delta') || event !== events[index - 1]);
}
