import { isRunEvent, problemOf } from 'example-assistants';
import type OpenAI from 'openai';
import type { AssistantStreamEvent } from 'openai/resources/beta/assistants';
import type { Message } from 'openai/resources/beta/threads/messages';
import type { Run } from 'openai/resources/beta/threads/runs';
import { createFileLinks } from './file-links.ts';

/** What Deep Chat shows: text, or files, or both; always with the thread that it belongs to. */
export interface Answer {
  thread_id: string;
  text?: string;
  files?: { name: string; src: string; type: 'image' | 'file' }[];
}

/** Files come in the answer itself; a larger one would make the page slow, so the text names it only. */
const largestFile = 8 * 1024 * 1024;

/** The engine hands out every file as bytes; what a browser may show is ours to say. */
const imageTypes: Record<string, string> = {
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
};

/** The pieces of an answer as the run brings them. Throws a `Problem` when the run ends badly. */
export async function* answersOf(
  events: AsyncIterable<AssistantStreamEvent>,
  openai: OpenAI,
): AsyncGenerator<Answer> {
  let run: Run | undefined;
  const links = createFileLinks();
  for await (const event of events) {
    if (isRunEvent(event)) run = event.data;
    if (!run) continue;
    const { thread_id } = run;
    if (event.event === 'thread.message.delta') {
      for (const part of event.data.delta.content ?? []) {
        const text =
          part.type === 'text' ? part.text?.value : part.type === 'refusal' ? part.refusal : undefined;
        const shown = text && links.push(text);
        if (shown) yield { thread_id, text: shown };
      }
    } else if (event.event === 'thread.message.completed') {
      // Two messages of a run stand in one bubble, a line apart.
      yield { thread_id, text: `${links.end()}\n\n` };
      const files = await readFiles(event.data, openai);
      if (files.length > 0) yield { thread_id, files };
    }
  }
  const problem = problemOf(run);
  if (problem) throw problem;
}

async function readFiles(
  { content, attachments }: Message,
  openai: OpenAI,
): Promise<NonNullable<Answer['files']>> {
  const images = content.flatMap((part) => (part.type === 'image_file' ? [part.image_file.file_id] : []));
  const attached = (attachments ?? []).flatMap(({ file_id }) => (file_id ? [file_id] : []));
  const files = await Promise.all(
    [...new Set([...images, ...attached])].map(async (id) => {
      const { filename: name, bytes } = await openai.files.retrieve(id);
      if (bytes > largestFile) return [];
      const response = await openai.files.content(id);
      const isImage = images.includes(id);
      const type =
        (isImage && imageTypes[/\w+$/.exec(name)?.[0].toLowerCase() ?? '']) || 'application/octet-stream';
      return [
        {
          name,
          src: toDataUrl(type, new Uint8Array(await response.arrayBuffer())),
          type: isImage ? ('image' as const) : ('file' as const),
        },
      ];
    }),
  );
  return files.flat();
}

function toDataUrl(type: string, bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return `data:${type};base64,${btoa(binary)}`;
}
