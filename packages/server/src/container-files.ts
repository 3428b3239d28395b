import type { KnownFile } from './file-parts.ts';
import { sniffMediaType } from './media-type.ts';
import { readFileContent, readHead } from './output-files.ts';
import type { FileReference, FilesClient } from './output-files.ts';

/** Finds the files that code has made in a container and that were not found before. */
export type FindContainerFiles = (containerId: string, signal?: AbortSignal) => Promise<KnownFile[]>;

/** Makes the search of one response. Containers tell nobody of their files: they are listed. */
export function createContainerSearch(client: FilesClient, reference: FileReference): FindContainerFiles {
  const found = new Set<string>();
  return async (containerId, signal) => {
    const files: KnownFile[] = [];
    const options = signal ? { signal } : {};
    for await (const file of client.containers?.files.list(containerId, {}, options) ?? []) {
      if (file.source !== 'assistant' || found.has(file.id)) continue;
      found.add(file.id);
      const name = file.path.slice(file.path.lastIndexOf('/') + 1);
      const head = await readFileContent(client, { fileId: file.id, containerId }, signal).then(readHead);
      const mediaType = await sniffMediaType(head, name);
      const facts = { fileId: file.id, containerId, name, mediaType, size: file.bytes ?? 0 };
      files.push({ ...facts, ...(await reference(facts)) });
    }
    return files;
  };
}
