import type { OutputFileData } from '@use-assistant/protocol';
import type OpenAI from 'openai';
import type { KnownFile } from './file-parts.ts';
import { sniffedBytes, sniffMediaType } from './media-type.ts';

/** What an engine's file is, whoever looks at it. Files never change, so this may be kept. */
export interface FileFacts {
  fileId: string;
  name: string;
  mediaType: string;
  size: number;
  /** The container that holds it, for files of the Responses API. */
  containerId?: string;
}

/** The part of the client that files need. */
export type FilesClient = Pick<OpenAI, 'files'> & Partial<Pick<OpenAI, 'containers'>>;

/** How the browser names a file: the id and the address that it is given. */
export type FileReference = (
  file: FileFacts,
) => Pick<OutputFileData, 'id' | 'url'> | Promise<Pick<OutputFileData, 'id' | 'url'>>;

/** Looks files up for the translation. */
export type LookUpFiles = (
  ids: readonly string[],
  signal?: AbortSignal,
) => Promise<ReadonlyMap<string, KnownFile>>;

const remembered = new WeakMap<object, Map<string, FileFacts>>();
const rememberedAtMost = 2000;

/** Makes the look-up of files by the engine's ids. Order and result are the same each time, as replays need it. */
export function createFileLookUp(client: FilesClient, reference: FileReference): LookUpFiles {
  return async (ids, signal) => {
    const files = await Promise.all(
      ids.map(async (fileId) => {
        const facts = await readFileFacts(client, fileId, signal).catch(() => {
          signal?.throwIfAborted();
          // A file that is gone, or of a server that refuses its bytes, still gets its place in the message.
          return { fileId, name: fileId, mediaType: 'application/octet-stream', size: 0 };
        });
        return [fileId, { ...facts, ...(await reference(facts)) }] as const;
      }),
    );
    return new Map(files);
  };
}

/** Name, size and sniffed type of a file; remembered per client. */
export async function readFileFacts(
  client: FilesClient,
  fileId: string,
  signal?: AbortSignal,
): Promise<FileFacts> {
  const memory = remembered.get(client.files) ?? new Map<string, FileFacts>();
  remembered.set(client.files, memory);
  const kept = memory.get(fileId);
  if (kept) return kept;
  const options = signal ? { signal } : {};
  const [file, head] = await Promise.all([
    client.files.retrieve(fileId, options),
    client.files.content(fileId, options).then(readHead),
  ]);
  const facts = {
    fileId,
    name: file.filename,
    mediaType: await sniffMediaType(head, file.filename),
    size: file.bytes,
  };
  if (memory.size >= rememberedAtMost) memory.delete(memory.keys().next().value!);
  memory.set(fileId, facts);
  return facts;
}

/** The bytes of a file, wherever it lies. */
export function readFileContent(
  client: FilesClient,
  file: Pick<FileFacts, 'fileId' | 'containerId'>,
  signal?: AbortSignal,
): Promise<Response> {
  const options = signal ? { signal } : {};
  return file.containerId !== undefined && client.containers
    ? client.containers.files.content.retrieve(file.fileId, { container_id: file.containerId }, options)
    : client.files.content(file.fileId, options);
}

/** Forgets a file that was deleted. */
export function forgetFile(client: FilesClient, fileId: string): void {
  remembered.get(client.files)?.delete(fileId);
}

/** Reads the first bytes of a response and lets the rest go. */
export async function readHead(response: Response, length: number = sniffedBytes): Promise<Uint8Array> {
  const head = new Uint8Array(length);
  let size = 0;
  const reader = response.body?.getReader();
  while (reader && size < length) {
    const { done, value } = await reader.read();
    if (done) break;
    const piece = value.subarray(0, length - size);
    head.set(piece, size);
    size += piece.byteLength;
  }
  await reader?.cancel();
  return head.subarray(0, size);
}
