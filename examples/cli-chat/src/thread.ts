import type OpenAI from 'openai';
import type { Message } from 'openai/resources/beta/threads/messages';
import type { Screen } from './screen.ts';

const shownMessages = 10;

/** The thread to go on with, its last messages shown; a new one when none is named. */
export async function openThread(
  openai: OpenAI,
  id: string | undefined,
  screen: Screen,
): Promise<{ id: string; isNew: boolean }> {
  if (id === undefined) {
    const created = await openai.beta.threads.create({ metadata: { program: 'cli-chat' } });
    return { id: created.id, isNew: true };
  }
  const page = await openai.beta.threads.messages.list(id, { limit: shownMessages });
  for (const message of page.data.toReversed()) {
    screen.line(`${message.role === 'user' ? '> ' : ''}${textOf(message)}`);
  }
  return { id, isNew: false };
}

function textOf({ content }: Message): string {
  return content
    .map((part) => {
      if (part.type === 'text') return part.text.value;
      if (part.type === 'refusal') return part.refusal;
      return part.type === 'image_file' ? `image_file ${part.image_file.file_id}` : part.image_url.url;
    })
    .join('\n');
}
