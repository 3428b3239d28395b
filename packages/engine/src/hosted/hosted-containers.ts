import { toFilename } from '../http/filenames.ts';
import { createId } from '../ids.ts';
import type { BlobStore } from '../storage/port.ts';
import {
  deleteContainer,
  findContainer,
  saveContainer,
  type ContainerFile,
  type StoredContainer,
} from '../storage/containers.ts';
import { insertFile, type Database } from '../storage/records.ts';
import type { EngineLog } from '../log.ts';
import type { InputFile, OutputFile } from '../tools/code-interpreter.ts';
import { nowSeconds, type FileObject } from '../wire.ts';
import { goneFailure, isContainerGone, toHostedFailure } from './hosted-errors.ts';
import type { HostedOptions } from './hosted.ts';

/** A container that a model may be given. */
export interface OpenContainer {
  id: string;
  /** Files that lie elsewhere than under their names. */
  moved: { name: string; path: string }[];
}

/** For whom files are copied out. */
export interface FileOrigin {
  threadId: string;
  runId: string;
}

const root = '/mnt/data/';
const imageName = /\.(?:png|jpe?g|gif|webp|svg)$/i;
/** What a run may leave behind; the rest stays in the container. */
const maxFiles = 200;
const maxFileBytes = 512 * 2 ** 20;

/**
 * OpenAI's containers, one for each thread that needs one: made at the first call, filled with the thread's files, used
 * again until it expires. Which one it is, and what lies in it, is kept in storage.
 */
export class HostedContainers {
  readonly #options: HostedOptions;
  readonly #database: Database;
  readonly #blobs: BlobStore;
  readonly #log: EngineLog;

  constructor(options: HostedOptions, context: { database: Database; blobs: BlobStore; log: EngineLog }) {
    this.#options = options;
    this.#database = context.database;
    this.#blobs = context.blobs;
    this.#log = context.log;
  }

  /** What the model should know of the Python it gets. */
  readonly description =
    'It is a notebook that lives on between calls; after some idle time its variables are gone and its files are not.';

  /** The thread's container with the files in it. */
  async open(threadId: string, inputs: InputFile[], signal: AbortSignal | undefined): Promise<OpenContainer> {
    const known = await findContainer(this.#database, threadId);
    if (!known) return this.renew(threadId, inputs, signal);
    try {
      return await this.#fill(threadId, known, inputs, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (isContainerGone(error)) return this.renew(threadId, inputs, signal);
      throw toHostedFailure(error, cannotPrepare, 'containers');
    }
  }

  /** A new container for the thread, with the files in it. */
  async renew(
    threadId: string,
    inputs: InputFile[],
    signal: AbortSignal | undefined,
  ): Promise<OpenContainer> {
    const { openai, memoryLimit, networkPolicy } = this.#options;
    try {
      const { id } = await openai.containers.create(
        {
          name: threadId,
          ...(memoryLimit !== undefined && { memory_limit: memoryLimit }),
          ...(networkPolicy !== undefined && { network_policy: networkPolicy }),
        },
        { signal },
      );
      const container: StoredContainer = { id, files: [] };
      await saveContainer(this.#database, threadId, container);
      return await this.#fill(threadId, container, inputs, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (isContainerGone(error)) throw goneFailure(error);
      throw toHostedFailure(error, cannotPrepare, 'containers');
    }
  }

  /**
   * Copies out what Python has made or changed since the last time, whether anybody mentions it or not: what stays in
   * the container is lost with it.
   */
  async collect(origin: FileOrigin, signal: AbortSignal): Promise<OutputFile[]> {
    const container = await findContainer(this.#database, origin.threadId);
    if (!container) return [];
    const made: OutputFile[] = [];
    try {
      const known = new Set(container.files.map(({ containerFileId, version }) => containerFileId + version));
      const pages = this.#options.openai.containers.files.list(
        container.id,
        { limit: 100, order: 'asc' },
        { signal },
      );
      for await (const file of pages) {
        if (known.has(file.id + versionOf(file))) continue;
        if (made.length >= maxFiles || file.bytes > maxFileBytes) {
          this.#log(
            'warn',
            `A file of container ${container.id} was left there: there are too many, or it is too large.`,
          );
          continue;
        }
        made.push(await this.#copyOut(origin, container, file, signal));
      }
    } catch (error) {
      signal.throwIfAborted();
      throw toHostedFailure(error, 'The files that Python made could not be fetched', 'containers');
    }
    return made;
  }

  /** Stores an image that Python showed without keeping it in a file. */
  async keepImage(origin: FileOrigin, bytes: Uint8Array, extension: string): Promise<OutputFile> {
    const id = createId('file');
    const sandboxName = `image-${id.slice(-8)}.${extension}`;
    const file = toFileObject(id, sandboxName, await this.#blobs.put(id, bytes));
    await insertFile(this.#database, file, { ...origin, sandboxName });
    return { file, sandboxName, isImage: true };
  }

  /** The bytes of a file that was copied out. */
  read(fileId: string): Promise<Uint8Array> {
    return this.#blobs.read(fileId);
  }

  /** Our own ids of files of the thread's container, by OpenAI's. */
  async fileIds(threadId: string): Promise<{ containerId: string; ids: Map<string, string> } | undefined> {
    const container = await findContainer(this.#database, threadId);
    return (
      container && {
        containerId: container.id,
        ids: new Map(container.files.map(({ containerFileId, id }) => [containerFileId, id])),
      }
    );
  }

  /** Deletes the thread's container, if there is one. When that fails, it expires by itself. */
  async closeThread(threadId: string): Promise<void> {
    const container = await findContainer(this.#database, threadId);
    if (!container) return;
    await deleteContainer(this.#database, threadId);
    try {
      await this.#options.openai.containers.delete(container.id, { timeout: 5000 });
    } catch (error) {
      if (isContainerGone(error)) return;
      this.#log('warn', `Container ${container.id} could not be deleted.`, { cause: String(error) });
    }
  }

  /** Carries in the files that do not lie in the container yet. */
  async #fill(
    threadId: string,
    container: StoredContainer,
    inputs: InputFile[],
    signal: AbortSignal | undefined,
  ): Promise<OpenContainer> {
    // Of several files with one name the last one counts.
    const wanted = new Map(inputs.map(({ name, id }) => [name, id]));
    const moved: OpenContainer['moved'] = [];
    for (const [name, id] of wanted) {
      let file = container.files.find((known) => known.id === id);
      if (!file) {
        const bytes = (await this.#blobs.read(id)) as Uint8Array<ArrayBuffer>;
        const uploaded = await this.#options.openai.containers.files.create(
          container.id,
          { file: new File([bytes], baseName(name)) },
          { signal },
        );
        file = { id, containerFileId: uploaded.id, path: uploaded.path, version: versionOf(uploaded) };
        container.files.push(file);
        await saveContainer(this.#database, threadId, container);
      }
      if (file.path !== root + name) moved.push({ name, path: file.path });
    }
    return { id: container.id, moved };
  }

  async #copyOut(
    origin: FileOrigin,
    container: StoredContainer,
    listed: ListedFile,
    signal: AbortSignal,
  ): Promise<OutputFile> {
    const { content } = this.#options.openai.containers.files;
    const response = await content.retrieve(listed.id, { container_id: container.id }, { signal });
    const id = createId('file');
    const bytes = await this.#blobs.put(id, response.body ?? new Uint8Array());
    const sandboxName = listed.path.startsWith(root) ? listed.path.slice(root.length) : baseName(listed.path);
    const file = toFileObject(id, sandboxName, bytes);
    const entry: ContainerFile = {
      id,
      containerFileId: listed.id,
      path: listed.path,
      version: versionOf(listed),
    };
    container.files = [
      ...container.files.filter(({ containerFileId }) => containerFileId !== listed.id),
      entry,
    ];
    await this.#database.transaction().execute(async (database) => {
      await insertFile(database, file, { ...origin, sandboxName });
      await saveContainer(database, origin.threadId, container);
    });
    return { file, sandboxName, isImage: imageName.test(sandboxName) };
  }
}

interface ListedFile {
  id: string;
  path: string;
  bytes: number;
  created_at: number;
}

const cannotPrepare = 'The hosted code interpreter could not be prepared';

function versionOf({ bytes, created_at }: Pick<ListedFile, 'bytes' | 'created_at'>): string {
  return `@${created_at}:${bytes}`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function toFileObject(id: string, sandboxName: string, bytes: number): FileObject {
  return {
    id,
    object: 'file',
    bytes,
    created_at: nowSeconds(),
    filename: toFilename(sandboxName),
    purpose: 'assistants_output',
    status: 'processed',
  };
}
