import type { AssistantChunk, OutputFileData } from '@use-assistant/protocol';

/** What is known of a file: what the browser may know, and the engine's own id. */
export interface KnownFile extends OutputFileData {
  fileId: string;
}

/** Known files by the engine's id. */
export type KnownFiles = ReadonlyMap<string, KnownFile>;

/**
 * Writes the parts of one attached file, the same whether code made it or `StreamData.appendFile` was given it: `data-file`,
 * and for an image also a `file` part, which every client can show.
 */
export function pushFileChunks(file: KnownFile, chunks: AssistantChunk[]): void {
  const { fileId: _, ...data } = file;
  chunks.push({ type: 'data-file', id: data.id, data });
  if (!data.mediaType.startsWith('image/')) return;
  chunks.push({
    type: 'file',
    url: data.url,
    mediaType: data.mediaType,
    providerMetadata: { assistant: { fileId: data.id, filename: data.name } },
  });
}
