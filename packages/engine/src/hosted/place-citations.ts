import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { z } from 'zod';
import type { StoreMirrors } from './store-mirrors.ts';

const citationSchema = z.object({
  type: z.literal('response.output_text.annotation.added'),
  item_id: z.string(),
  annotation: z.object({
    type: z.literal('file_citation'),
    file_id: z.string(),
    /** Where in the text the citation belongs. */
    index: z.number().int(),
  }),
});

interface WrittenText {
  /** Counted as OpenAI counts, in whole characters, and as JavaScript does. */
  letters: number;
  units: number;
  /** Citations of places that the text has not come to. */
  waiting: { index: number; fileId: string }[];
  /** Files that are cited where the text now ends. */
  here: Set<string>;
}

/** A part that stands where the text of the block cites one of our files. */
export interface CitedFile {
  blockId: string;
  fileId: string;
}

/** What the part cites, if it is such a part. */
export function readCitedFile(part: LanguageModelV4StreamPart): CitedFile | undefined {
  if (part.type !== 'source' || part.sourceType !== 'document') return undefined;
  const blockId = part.providerMetadata?.['assistant']?.['cites'];
  return typeof blockId === 'string' ? { blockId, fileId: part.id } : undefined;
}

/**
 * Puts a part where a text cites a file. The provider tells of such citations when the text is over; its raw events come
 * when they are due, and go no further than here.
 */
export function placeCitations(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  mirrors: Pick<StoreMirrors, 'ownFiles'>,
): ReadableStream<LanguageModelV4StreamPart> {
  const texts = new Map<string, WrittenText>();
  let newest: string | undefined;
  const textOf = (id: string): WrittenText => {
    let text = texts.get(id);
    if (!text) texts.set(id, (text = { letters: 0, units: 0, waiting: [], here: new Set() }));
    return text;
  };
  return stream.pipeThrough(
    new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
      async transform(part, controller) {
        const cite = (blockId: string, fileId: string) => {
          const { here } = textOf(blockId);
          if (here.has(fileId)) return;
          here.add(fileId);
          controller.enqueue({
            type: 'source',
            sourceType: 'document',
            id: fileId,
            mediaType: 'text/plain',
            title: '',
            providerMetadata: { assistant: { cites: blockId } },
          });
        };
        if (part.type === 'raw') {
          const { data } = citationSchema.safeParse(part.rawValue);
          if (!data) return;
          const blockId = texts.has(data.item_id) ? data.item_id : newest;
          const own = (await mirrors.ownFiles([data.annotation.file_id])).get(data.annotation.file_id);
          if (blockId === undefined || !own) return;
          const { index } = data.annotation;
          const text = textOf(blockId);
          // Late is better than never: the place is gone, but what was said before it still rests on the file.
          if (index <= text.units) cite(blockId, own.fileId);
          else text.waiting.push({ index, fileId: own.fileId });
          return;
        }
        if (part.type === 'text-start') {
          newest = part.id;
          textOf(part.id);
        } else if (part.type === 'text-delta') {
          const text = textOf(part.id);
          let { delta } = part;
          while (delta !== '') {
            const letters = Array.from(delta);
            const next = Math.min(...text.waiting.map(({ index }) => index)) - text.letters;
            const head = next < letters.length ? letters.slice(0, next).join('') : delta;
            controller.enqueue({ ...part, delta: head });
            delta = delta.slice(head.length);
            text.letters += Math.min(next, letters.length);
            text.units += head.length;
            text.here.clear();
            const due = text.waiting.filter(({ index }) => index <= text.letters);
            text.waiting = text.waiting.filter(({ index }) => index > text.letters);
            for (const { fileId } of due) cite(part.id, fileId);
          }
          return;
        } else if (part.type === 'text-end') {
          for (const { fileId } of textOf(part.id).waiting) cite(part.id, fileId);
          texts.delete(part.id);
        }
        controller.enqueue(part);
      },
    }),
  );
}
