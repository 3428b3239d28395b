import { AssistantError } from '@use-assistant/protocol';
import { createAbortError } from './abort.ts';
import { refuseFile } from './file-limits.ts';
import type { FileLimits } from './file-limits.ts';
import type { UploadSource } from './wire.ts';

interface FolderFile {
  /** From the folder's own name on, with slashes. */
  path: string;
  file: File;
}

/** A folder that was dropped, pasted or picked. */
export interface Folder {
  name: string;
  files: AsyncIterable<FolderFile> | Iterable<FolderFile>;
}

/** More files than anybody means to send; the limit where the app sets none. */
const mostFiles = 500;

/** What file managers do not show, or write into every folder for themselves. */
const hidden = /^(?:\..*|thumbs\.db|ehthumbs\.db|desktop\.ini|__macosx|\$recycle\.bin)$/i;

/** The same sources, but that files which were picked with their folder stand in it again. */
export function toSources(
  given: Iterable<UploadSource | FileSystemDirectoryEntry>,
): (UploadSource | Folder)[] {
  const sources: (UploadSource | Folder)[] = [];
  const picked = new Map<string, FolderFile[]>();
  for (const source of given) {
    if ('isDirectory' in source) {
      sources.push({ name: source.name, files: walk(source, source.name) });
      continue;
    }
    // `<input webkitdirectory>` gives all files at once, each with its path.
    const path = ('webkitRelativePath' in source && source.webkitRelativePath) || '';
    const name = path.slice(0, Math.max(0, path.indexOf('/')));
    if (name === '') {
      sources.push(source);
      continue;
    }
    const files = picked.get(name) ?? [];
    if (files.length === 0) sources.push({ name, files });
    picked.set(name, files);
    files.push({ path, file: source as File });
  }
  return sources;
}

/**
 * The files of a folder and of the folders in it, without what is hidden. A file whose name another file has too gets
 * those of its folders in front: `data-may-sales.csv`. Rejects with a sentence when there are none, when they are more
 * than the message can carry, and when one cannot be read: half a folder is not what was meant.
 */
export async function readFolder(
  { name, files }: Folder,
  { getNames, count, limits, signal }: FolderOptions,
): Promise<File[]> {
  const { maxFiles = mostFiles, ...others } = limits;
  const found: FolderFile[] = [];
  let room = maxFiles - count;
  try {
    for await (const one of files) {
      if (signal.aborted) throw createAbortError();
      if (one.path.split('/').slice(1).some(isHidden)) continue;
      found.push(one);
      // What is refused for itself takes no other file's place.
      if (!refuseFile({ ...toFacts(one.file), isEmpty: one.file.size === 0 }, 0, others)) room -= 1;
      if (room < 0 || found.length > mostFiles)
        throw new AssistantError(
          'too_many_files',
          `${name} holds more files than can go along: a message can carry ${Math.min(maxFiles, mostFiles)}. Add those that matter.`,
        );
    }
  } catch (cause) {
    if (AssistantError.isInstance(cause)) throw cause;
    throw new AssistantError(
      'upload_failed',
      `${name} cannot be read. Files in it may have moved, or you may not open them: add the files one by one.`,
      { cause },
    );
  }
  if (found.length === 0) throw new AssistantError('bad_request', `${name} has no files in it.`);
  const uses = new Map(getNames().map((taken) => [taken, 1]));
  for (const { file } of found) uses.set(file.name, (uses.get(file.name) ?? 0) + 1);
  return found.map(({ file, path }) => (uses.get(file.name) === 1 ? file : rename(file, path)));
}

interface FolderOptions {
  /** Those of the files that stand beside it by then. */
  getNames(): readonly string[];
  /** How many files the message carries already. */
  count: number;
  limits: FileLimits;
  signal: AbortSignal;
}

async function* walk(folder: FileSystemDirectoryEntry, path: string): AsyncGenerator<FolderFile> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // A reader gives them by the hundred, and an empty list at the end.
  for (let length = -1; length < entries.length && length <= mostFiles;) {
    length = entries.length;
    entries.push(
      ...(await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))),
    );
  }
  entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  for (const entry of entries) {
    const below = `${path}/${entry.name}`;
    if (isHidden(entry.name)) continue;
    if (entry.isDirectory) yield* walk(entry as FileSystemDirectoryEntry, below);
    else yield { path: below, file: await readEntry(entry as FileSystemFileEntry) };
  }
}

function readEntry(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function isHidden(name: string): boolean {
  return hidden.test(name);
}

function toFacts({ name, type, size }: File) {
  return { name, type, size };
}

/** The same bytes, which are not read for that. */
function rename(file: File, path: string): File {
  const { type, lastModified } = file;
  return new File([file], path.replaceAll('/', '-'), { type, lastModified });
}
