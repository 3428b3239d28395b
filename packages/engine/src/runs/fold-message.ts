import { readEvents } from '../storage/event-frames.ts';
import { findRunNumber, listEvents } from '../storage/events.ts';
import type { Database } from '../storage/records.ts';
import type { Message, MessageContent, MessageDelta } from '../wire.ts';

/** The message with the content that its deltas in the run's log add up to. */
export async function foldMessage(database: Database, runId: string, message: Message): Promise<Message> {
  const content: MessageContent[] = [];
  const fragments: string[][] = [];
  for await (const { event, data } of eventsOf(database, runId)) {
    if (event !== 'thread.message.delta') continue;
    const { id, delta } = JSON.parse(data) as MessageDelta;
    if (id !== message.id) continue;
    for (const block of delta.content) {
      if (block.type === 'image_file')
        content[block.index] = { type: 'image_file', image_file: block.image_file };
      else {
        content[block.index] ??=
          block.type === 'text'
            ? { type: 'text', text: { value: '', annotations: [] } }
            : { type: 'refusal', refusal: '' };
        (fragments[block.index] ??= []).push(
          block.type === 'text' ? (block.text.value ?? '') : block.refusal,
        );
      }
    }
  }
  for (const [index, block] of content.entries()) {
    const text = fragments[index]?.join('') ?? '';
    if (block?.type === 'text') block.text.value = text;
    else if (block?.type === 'refusal') block.refusal = text;
  }
  return { ...message, content: content.filter((block) => block !== undefined) };
}

async function* eventsOf(database: Database, runId: string) {
  const run = await findRunNumber(database, runId);
  if (run === undefined) return;
  for (let position = -1; ;) {
    const batches = await listEvents(database, run, position);
    for (const batch of batches) yield* readEvents(batch);
    if (batches.length === 0) return;
    position = batches.at(-1)!.last;
  }
}
