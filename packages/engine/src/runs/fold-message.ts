import type { Database } from '../storage/records.ts';
import type { Message, MessageContent, MessageDelta } from '../wire.ts';

/** The message with the content that its deltas in the run's log add up to. */
export async function foldMessage(database: Database, runId: string, message: Message): Promise<Message> {
  const rows = await database
    .selectFrom('events')
    .innerJoin('runs', 'runs.sequence', 'events.run')
    .select('data')
    .where('runs.id', '=', runId)
    .where('event', '=', 'thread.message.delta')
    .orderBy('events.sequence')
    .execute();
  const content: MessageContent[] = [];
  const fragments: string[][] = [];
  for (const row of rows) {
    const { id, delta } = JSON.parse(row.data) as MessageDelta;
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
