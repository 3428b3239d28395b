import { AssistantError } from '@use-assistant/protocol';
import type { AssistantChunk, OutputFileData } from '@use-assistant/protocol';
import { toDataUrl } from './data-url.ts';
import { pushFileChunks } from './file-parts.ts';
import type { KnownFile } from './file-parts.ts';
import { sniffedBytes, sniffMediaType } from './media-type.ts';
import { readFileContent, readFileFacts } from './output-files.ts';
import type { FileReference, FilesClient } from './output-files.ts';

/** What `appendFile` takes: bytes, text, or a file that the engine has already. */
export type FileContent = Uint8Array | Blob | string | { fileId: string };

/** Where appended things go, and how files become addresses. */
export interface StreamDataOptions {
  /** Takes the chunks. Without it they can be read from `stream`. */
  write?: (chunk: AssistantChunk) => void;
  /** Keeps the bytes of attached files. Without it a file travels as a data URL. */
  openai?: FilesClient | undefined;
  /** How the browser names a file of the engine. @default a data URL with its content */
  reference?: FileReference | undefined;
}

/**
 * Data beside the message: values, annotations of the message, and files. `AssistantResponse` gives one to its callback;
 * alone, it is a stream of chunks to merge into any UI message stream.
 */
export class StreamData {
  /** The chunks, when no `write` takes them. */
  readonly stream: ReadableStream<AssistantChunk>;
  readonly #write: (chunk: AssistantChunk) => void;
  readonly #options: StreamDataOptions;
  readonly #pending = new Set<Promise<unknown>>();
  #controller: ReadableStreamDefaultController<AssistantChunk> | undefined;
  #isClosed = false;

  constructor(options: StreamDataOptions = {}) {
    this.#options = options;
    this.stream = new ReadableStream<AssistantChunk>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#controller = undefined;
      },
    });
    this.#write = options.write ?? ((chunk) => this.#controller?.enqueue(chunk));
  }

  /** Sends a value: a `data-value` part of the message. */
  append(value: unknown): void {
    this.#assertOpen();
    this.#write({ type: 'data-value', data: value });
  }

  /** Sends an annotation of the message: a `data-annotation` part. */
  appendMessageAnnotation(value: unknown): void {
    this.#assertOpen();
    this.#write({ type: 'data-annotation', data: value });
  }

  /**
   * Attaches a file: a `data-file` part, and for an image a `file` part too. Its type is sniffed from the content.
   * Resolves with what the browser is told.
   */
  async appendFile(name: string, content: FileContent): Promise<OutputFileData> {
    this.#assertOpen();
    const work = this.#toFile(name, content);
    this.#pending.add(work);
    try {
      const file = await work;
      const chunks: AssistantChunk[] = [];
      pushFileChunks(file, chunks);
      if (!this.#isClosed) for (const chunk of chunks) this.#write(chunk);
      const { fileId: _, ...data } = file;
      return data;
    } finally {
      this.#pending.delete(work);
    }
  }

  /** Ends it, after the files on their way have been attached. */
  async close(): Promise<void> {
    this.#assertOpen();
    await Promise.allSettled(this.#pending);
    this.#isClosed = true;
    this.#controller?.close();
  }

  async #toFile(name: string, content: FileContent): Promise<KnownFile> {
    const { openai, reference } = this.#options;
    if (typeof content === 'object' && 'fileId' in content) {
      if (!openai) throw new AssistantError('bad_request', 'A file of the engine needs an `openai` client.');
      const facts = { ...(await readFileFacts(openai, content.fileId)), name };
      return { ...facts, ...(await (reference ?? dataUrlReference(openai))(facts)) };
    }
    const bytes = await toBytes(content);
    const mediaType = await sniffMediaType(bytes.subarray(0, sniffedBytes), name);
    const facts = { name, mediaType, size: bytes.byteLength };
    if (openai && reference) {
      const file = await openai.files.create({
        file: new File([bytes], name, { type: mediaType }),
        purpose: 'assistants',
      });
      return { ...facts, fileId: file.id, ...(await reference({ ...facts, fileId: file.id })) };
    }
    const id = `file-${crypto.randomUUID()}`;
    return { ...facts, fileId: id, id, url: toDataUrl(bytes, mediaType) };
  }

  #assertOpen(): void {
    if (this.#isClosed)
      throw new AssistantError('stream_protocol', 'This StreamData is closed: nothing can follow.');
  }
}

/** Names files of the engine by their content, for responses that have no route to download from. */
export function dataUrlReference(openai: FilesClient): FileReference {
  return async (file) => {
    const content = await readFileContent(openai, file);
    const url = toDataUrl(new Uint8Array(await content.arrayBuffer()), file.mediaType);
    return { id: file.fileId, url };
  };
}

async function toBytes(content: Uint8Array | Blob | string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : new Uint8Array(content);
}
