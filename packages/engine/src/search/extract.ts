import type { VectorStoreFile } from '../vector-store-wire.ts';
import { htmlToText } from './html-to-text.ts';
import { unpackedSize } from './zip-size.ts';

/** Why a file has no text for us; the message is a sentence for people. */
export class ExtractionError extends Error {
  override readonly name = 'ExtractionError';
  readonly code: NonNullable<VectorStoreFile['last_error']>['code'];

  constructor(code: ExtractionError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Letters that a file may have, about five million tokens. */
const maxLetters = 20_000_000;
/** A document that unpacks to more than this is a bomb, not a document. */
const maxUnpackedBytes = 256 * 2 ** 20;

/** Plain text of this length is decoded in a millisecond. */
const quickBytes = 256 * 1024;

/** Whether reading the file is so little work that it may be done wherever it is needed. */
export function isQuick(bytes: Uint8Array, filename: string): boolean {
  return bytes.length <= quickBytes && !isPdf(bytes) && !isZip(bytes) && !isPage(extensionOf(filename));
}

/**
 * The text of a file, told by its first bytes and its name. What reads a kind of document is loaded with the first of its
 * kind. May take any time and memory: see `DocumentReader`.
 */
export async function extractText(bytes: Uint8Array, filename: string): Promise<string> {
  const text = await extract(bytes, extensionOf(filename));
  if (text.length > maxLetters) {
    throw new ExtractionError('invalid_file', 'The file has more text than the 5,000,000 tokens allowed.');
  }
  if (text.trim() === '') throw new ExtractionError('invalid_file', 'The file has no text.');
  return text;
}

async function extract(bytes: Uint8Array, extension: string): Promise<string> {
  if (isPdf(bytes)) return extractPdf(bytes);
  if (isZip(bytes)) {
    if (extension === 'docx') return extractDocx(bytes);
    throw unsupported(extension);
  }
  const text = decodeText(bytes, extension);
  return isPage(extension) ? htmlToText(text) : text;
}

function extensionOf(filename: string): string {
  return /\.([^./\\]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
}

const isPdf = (bytes: Uint8Array) => startsWith(bytes, '%PDF-');
const isZip = (bytes: Uint8Array) => startsWith(bytes, 'PK\u0003\u0004');
const isPage = (extension: string) => extension === 'html' || extension === 'htm';

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return [...signature].every((letter, index) => bytes[index] === letter.charCodeAt(0));
}

function unsupported(extension: string): ExtractionError {
  const kind = /^[a-z\d]{1,10}$/.test(extension) ? `Files of type .${extension}` : 'Files of this type';
  return new ExtractionError('unsupported_file', `${kind} cannot be searched.`);
}

/** Text in UTF-8, UTF-16 or ASCII; anything else is none. */
function decodeText(bytes: Uint8Array, extension: string): string {
  const encoding = encodingOf(bytes);
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw knownAsText.has(extension)
      ? new ExtractionError('invalid_file', 'The text is encoded in neither UTF-8, UTF-16 nor ASCII.')
      : unsupported(extension);
  }
  // No text has it, and few binary formats do without it.
  if (text.includes('\0')) throw unsupported(extension);
  return text.replaceAll('\r\n', '\n');
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // Latin text in UTF-16 without its mark: every other byte is zero.
  const sample = bytes.subarray(0, 512);
  if (sample.length >= 4 && sample.length % 2 === 0) {
    const zeros = [0, 0];
    for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2]! += 1;
    const most = sample.length * 0.4;
    if (zeros[1]! > most && zeros[0] === 0) return 'utf-16le';
    if (zeros[0]! > most && zeros[1] === 0) return 'utf-16be';
  }
  return 'utf-8';
}

const knownAsText = new Set(
  'txt md markdown html htm json jsonl csv tsv xml yaml yml tex log c h cpp cs css go java js jsx ts tsx php py rb rs sh sql'.split(
    ' ',
  ),
);

async function extractPdf(bytes: Uint8Array): Promise<string> {
  const { getDocumentProxy } = await import('unpdf');
  try {
    // It takes the bytes for itself, and no Buffer.
    const document = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
    try {
      const pages: string[] = [];
      let letters = 0;
      for (let number = 1; number <= document.numPages && letters <= maxLetters; number++) {
        const page = await document.getPage(number);
        const { items } = await page.getTextContent();
        const text = items
          .map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''))
          .join('');
        pages.push(text);
        letters += text.length;
        page.cleanup();
      }
      return pages.join('\n\n');
    } finally {
      await document.loadingTask.destroy();
    }
  } catch (error) {
    if ((error as Error).name === 'PasswordException') {
      throw new ExtractionError('invalid_file', 'The PDF is protected by a password.', { cause: error });
    }
    throw new ExtractionError('invalid_file', 'The PDF could not be read.', { cause: error });
  }
}

async function extractDocx(bytes: Uint8Array): Promise<string> {
  if ((unpackedSize(bytes) ?? 0) > maxUnpackedBytes) {
    throw new ExtractionError('invalid_file', 'The document is too large once it is unpacked.');
  }
  const { default: mammoth } = await import('mammoth');
  try {
    const { value } = await mammoth.extractRawText({ buffer: Buffer.from(bytes) });
    return value;
  } catch (error) {
    throw new ExtractionError('invalid_file', 'The document could not be read.', { cause: error });
  }
}
