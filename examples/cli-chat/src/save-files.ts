import { mkdir, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import type OpenAI from 'openai';
import type { Message } from 'openai/resources/beta/threads/messages';

/** Saves the images and files that came with a message, and tells what was saved where. */
export async function* saveFiles(
  openai: OpenAI,
  message: Message,
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<{ fileId: string; path: string; isImage: boolean }> {
  const images = message.content.flatMap((part) =>
    part.type === 'image_file' ? [part.image_file.file_id] : [],
  );
  const attached = (message.attachments ?? []).flatMap(({ file_id }) => (file_id ? [file_id] : []));
  for (const fileId of new Set([...images, ...attached])) {
    const [{ filename }, content] = await Promise.all([
      openai.files.retrieve(fileId, { signal }),
      openai.files.content(fileId, { signal }),
    ]);
    const path = await save(folder, filename, new Uint8Array(await content.arrayBuffer()));
    yield { fileId, path, isImage: images.includes(fileId) };
  }
}

/** Writes under a name that is free: `chart.svg`, else `chart-2.svg`. */
async function save(folder: string, filename: string, bytes: Uint8Array): Promise<string> {
  await mkdir(folder, { recursive: true });
  const name = safeName(filename);
  const { name: stem, ext } = parse(name);
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${stem}-${count}${ext}`;
    try {
      await writeFile(join(folder, free), bytes, { flag: 'wx' });
      return join(folder, free);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** The last part of a name, of letters that every file system takes: a model has chosen it. */
export function safeName(filename: string): string {
  const last = filename.split(/[/\\]/).at(-1) ?? '';
  // oxlint-disable-next-line no-control-regex
  const clean = last.replaceAll(/[\u0000-\u001f\u007f-\u009f<>:"|?*]/g, '_').replace(/^[.\s]+|[.\s]+$/g, '');
  const { name, ext } = parse(clean);
  return cut(name, 50) + cut(ext, 10) || 'file';
}

/** By whole letters, of four bytes at most: a file system takes 255 bytes. */
const cut = (text: string, letters: number): string => [...text].slice(0, letters).join('');
