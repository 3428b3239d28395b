import { fileTypeFromBuffer } from 'file-type';

/** How many bytes from the beginning of a file are enough to know its type. */
export const sniffedBytes = 4100;

/** Types of text that bytes cannot tell apart; a name may, since none of them is more dangerous than the other. */
const textTypes: Record<string, string> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  md: 'text/markdown',
  py: 'text/x-python',
  css: 'text/css',
  js: 'text/javascript',
  ts: 'application/typescript',
  tex: 'text/x-tex',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
};

/**
 * The media type of a file, from its first bytes. The name decides only between kinds of plain text; what anyone declared
 * is never asked.
 */
export async function sniffMediaType(head: Uint8Array, name: string): Promise<string> {
  const text = toText(head);
  if (text !== undefined) {
    const beginning = text.trimStart().slice(0, 1024).toLowerCase();
    const markup = behindComments(beginning.replace(/^<\?xml[^>]*>/, ''));
    if (/^<svg[\s>]/.test(behindComments(markup.replace(/^<!doctype svg[^>]*>/, '')))) return 'image/svg+xml';
    if (/^<(!doctype html|html|head|body|script)[\s>]/.test(markup)) return 'text/html';
  }
  const sniffed = await fileTypeFromBuffer(head).catch(() => undefined);
  if (sniffed) return sniffed.mime;
  if (text === undefined) return 'application/octet-stream';
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return (Object.hasOwn(textTypes, extension) && textTypes[extension]) || 'text/plain';
}

/** What follows the comments that markup begins with. By hand: a pattern would try every way to pair their marks. */
function behindComments(markup: string): string {
  let rest = markup.trimStart();
  while (rest.startsWith('<!--')) {
    const end = rest.indexOf('-->', 2);
    if (end === -1) return '';
    rest = rest.slice(end + 3).trimStart();
  }
  return rest;
}

/** The bytes as UTF-8 text; undefined when they are not. */
function toText(head: Uint8Array): string | undefined {
  if (head.includes(0)) return undefined;
  try {
    // A character may be cut at the end of the head; `stream` keeps that from being an error.
    return new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
  } catch {
    return undefined;
  }
}
