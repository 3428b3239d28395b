import type { AssistantChunk } from '@use-assistant/protocol';
import type { Citation } from 'ai';
import type { Annotation, Message } from 'openai/resources/beta/threads/messages';
import type { KnownFile } from './file-parts.ts';
import { createSandboxLinkRewriter } from './sandbox-links.ts';
import type { LinkEdit, SandboxLinkRewriter } from './sandbox-links.ts';

/** What the text of a block cites, its ranges moved to where the text is shown. */
export type CitationsOf = (index: number, edits: readonly LinkEdit[]) => Citation[];

/** The text parts of one message, one for each content block of text. */
export interface TextBlocks {
  /** Takes a piece of the block with this index. */
  push(index: number, text: string, isRefusal: boolean, chunks: AssistantChunk[]): void;
  /** Takes the whole of a block and adds what no piece has brought. */
  complete(index: number, text: string, isRefusal: boolean, chunks: AssistantChunk[]): void;
  /** Ends every open block. */
  end(citationsOf: CitationsOf | undefined, chunks: AssistantChunk[]): void;
}

interface TextBlock {
  id: string;
  links: SandboxLinkRewriter | undefined;
  /** How much of the original text has come. */
  received: number;
  isEnded: boolean;
}

/** Makes the text parts of one message. */
export function createTextBlocks(settings: {
  messageId: string;
  resolveLink: (name: string) => string | undefined;
  rewriteLinks: boolean;
}): TextBlocks {
  const { messageId, resolveLink, rewriteLinks } = settings;
  const blocks = new Map<number, TextBlock>();

  function open(index: number, isRefusal: boolean, chunks: AssistantChunk[]): TextBlock {
    const existing = blocks.get(index);
    if (existing) return existing;
    const id = `${messageId}:${index}`;
    const links = rewriteLinks ? createSandboxLinkRewriter(resolveLink) : undefined;
    const block = { id, links, received: 0, isEnded: false };
    blocks.set(index, block);
    const providerMetadata = isRefusal ? { assistant: { refusal: true } } : undefined;
    chunks.push({ type: 'text-start', id, ...(providerMetadata && { providerMetadata }) });
    return block;
  }

  function push(index: number, text: string, isRefusal: boolean, chunks: AssistantChunk[]): void {
    if (text === '') return;
    const block = open(index, isRefusal, chunks);
    if (block.isEnded) return;
    block.received += text.length;
    const delta = block.links ? block.links.push(text) : text;
    if (delta !== '') chunks.push({ type: 'text-delta', id: block.id, delta });
  }

  return {
    push,
    complete(index, text, isRefusal, chunks) {
      push(index, text.slice(blocks.get(index)?.received ?? 0), isRefusal, chunks);
    },
    end(citationsOf, chunks) {
      for (const [index, block] of [...blocks].sort(([a], [b]) => a - b)) {
        if (block.isEnded) continue;
        block.isEnded = true;
        const rest = block.links?.end() ?? '';
        if (rest !== '') chunks.push({ type: 'text-delta', id: block.id, delta: rest });
        const citations = citationsOf?.(index, block.links?.edits ?? []) ?? [];
        chunks.push({ type: 'text-end', id: block.id, ...(citations.length > 0 && { citations }) });
      }
    },
  };
}

/** What a message of the engine cites. */
export function citationsOfMessage(message: Message, known: ReadonlyMap<string, KnownFile>): CitationsOf {
  return (index, edits) => {
    const content = message.content[index];
    if (content?.type !== 'text') return [];
    return toCitations(content.text.value, content.text.annotations, edits, known);
  };
}

function toCitations(
  value: string,
  annotations: readonly Annotation[],
  edits: readonly LinkEdit[],
  known: ReadonlyMap<string, KnownFile>,
): Citation[] {
  const citations: Citation[] = [];
  for (const annotation of annotations) {
    if (annotation.type !== 'file_citation') continue;
    const { file_id } = annotation.file_citation;
    const file = known.get(file_id);
    const name = file?.name ?? file_id;
    const range = rangeOf(value, annotation, edits);
    citations.push({
      source: {
        type: 'source',
        sourceType: 'document',
        id: file?.id ?? file_id,
        mediaType: file?.mediaType ?? 'application/octet-stream',
        title: name,
        filename: name,
      },
      ...range,
    });
  }
  return citations;
}

/** Where the marker stands in the text as it was shown. Indexes are checked against the literal: servers count differently. */
function rangeOf(
  value: string,
  annotation: Annotation,
  edits: readonly LinkEdit[],
): { startIndex: number; endIndex: number } | undefined {
  const { text } = annotation;
  const start = value.startsWith(text, annotation.start_index) ? annotation.start_index : value.indexOf(text);
  if (start === -1 || text === '') return undefined;
  return { startIndex: shown(start, edits), endIndex: shown(start + text.length, edits) };
}

/** Where a place of the original text stands in the text as it was shown. */
export function shown(index: number, edits: readonly LinkEdit[]): number {
  let shift = 0;
  for (const edit of edits) {
    if (edit.end > index) break;
    shift += edit.length - (edit.end - edit.start);
  }
  return index + shift;
}
