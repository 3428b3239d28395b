import { AssistantError } from '@use-assistant/protocol';
import { abortable, createAbortError, isTransient, pause } from './backoff.ts';
import type { RetryPolicy } from './backoff.ts';
import { refuseFile } from './file-limits.ts';
import type { FileLimits } from './file-limits.ts';
import { createId } from './messages.ts';
import type { FilePart } from './state.ts';
import type { UploadedFile, UploadOptions, UploadSource } from './transport.ts';

/** A file on its way to the server, or there. */
export interface UploadItem {
  id: string;
  name: string;
  type: string;
  /** Bytes; 0 where the platform does not say. */
  size: number;
  /** 0 to 1. */
  progress: number;
  status: 'queued' | 'uploading' | 'done' | 'error';
  /** An object URL of an image, revoked when the file leaves the list. */
  preview?: string;
  error?: AssistantError;
  /** Where the file stands, once it does. */
  url?: string;
}

interface Entry {
  item: UploadItem;
  source: UploadSource;
  controller: AbortController;
  uploaded?: UploadedFile;
  /** Limits have refused it: it is shown, and never sent. */
  isRefused: boolean;
}

export interface UploadQueueOptions {
  upload(source: UploadSource, options: UploadOptions): Promise<UploadedFile>;
  /** Called for a file that was uploaded and then taken out of the list. */
  discard?(file: UploadedFile): void;
  getLimits(): FileLimits;
  /** `isUrgent` for what the user has just done, false for progress. */
  onChange(items: readonly UploadItem[], isUrgent: boolean): void;
  retry: RetryPolicy;
  /** @default 3 */
  parallel?: number;
}

/** Files that have left the list with a message. */
export interface TakenFiles {
  parts: FilePart[];
  /** Puts them back: the message was not sent. */
  restore(): void;
  /** Gives up their previews: it was. */
  release(): void;
}

/** Files of the message that is being written: checked, sent a few at a time, tried again, given up. */
export class UploadQueue {
  readonly #options: UploadQueueOptions;
  readonly #waiting = new Set<() => void>();
  #entries: Entry[] = [];
  #active = 0;

  constructor(options: UploadQueueOptions) {
    this.#options = options;
  }

  /** Puts files into the list and starts to send them. A file that the limits refuse stands there with its error. */
  add(sources: Iterable<UploadSource>): UploadItem[] {
    const added: Entry[] = [];
    for (const source of sources) {
      const { name, type = '', size = 0 } = source;
      const count = this.#entries.concat(added).filter(({ isRefused }) => !isRefused).length;
      const error = refuseFile({ name, type, size }, count, this.#options.getLimits());
      const preview = error ? undefined : createPreview(source, type);
      const item: UploadItem = {
        id: createId(),
        name,
        type,
        size,
        progress: 0,
        status: error ? 'error' : 'queued',
        ...(error && { error }),
        ...(preview && { preview }),
      };
      added.push({ item, source, controller: new AbortController(), isRefused: error !== undefined });
    }
    if (added.length === 0) return [];
    this.#entries = this.#entries.concat(added);
    this.#pump();
    this.#publish(true);
    return added.map(({ item }) => item);
  }

  /** Takes one file out; what of it is on its way stops, and what stands on the server is discarded. */
  remove(id: string): void {
    const entry = this.#entries.find(({ item }) => item.id === id);
    if (!entry) return;
    this.#entries = this.#entries.filter((other) => other !== entry);
    release(entry);
    if (entry.uploaded) this.#options.discard?.(entry.uploaded);
    this.#publish(true);
  }

  /** Takes all files out. */
  clear(): void {
    for (const { item } of this.#entries) this.remove(item.id);
  }

  /** The files that a message sent now would carry. */
  get ids(): string[] {
    return this.#entries.filter(({ isRefused }) => !isRefused).map(({ item }) => item.id);
  }

  /** Sends again what of these files has failed, and waits until they have arrived. Rejects with the first failure. */
  async finish(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (const entry of this.#pick(ids)) {
      if (entry.item.status === 'error' && !entry.isRefused)
        this.#change(entry, { status: 'queued', progress: 0 }, true);
    }
    this.#pump();
    while (this.#pick(ids).some(({ item }) => item.status === 'queued' || item.status === 'uploading')) {
      let wake = () => {};
      const change = new Promise<void>((resolve) => {
        wake = resolve;
        this.#waiting.add(wake);
      });
      await abortable(change, signal).finally(() => this.#waiting.delete(wake));
    }
    const failed = this.#pick(ids).find(({ item }) => item.error);
    if (failed) throw failed.item.error;
  }

  /** Takes these files, and those that were refused, out for a message. */
  take(ids: readonly string[]): TakenFiles {
    const files = this.#pick(ids);
    const taken = this.#entries.filter((entry) => entry.isRefused || files.includes(entry));
    this.#entries = this.#entries.filter((entry) => !taken.includes(entry));
    this.#publish(true);
    return {
      parts: files.flatMap(({ uploaded }) => (uploaded ? [toFilePart(uploaded)] : [])),
      restore: () => {
        this.#entries = taken.concat(this.#entries);
        this.#publish(true);
      },
      release: () => taken.forEach(release),
    };
  }

  #pick(ids: readonly string[]): Entry[] {
    return this.#entries.filter(({ item }) => ids.includes(item.id));
  }

  #pump(): void {
    for (const entry of this.#entries) {
      if (this.#active >= (this.#options.parallel ?? 3)) return;
      if (entry.item.status === 'queued') void this.#send(entry);
    }
  }

  async #send(entry: Entry): Promise<void> {
    const { source, controller } = entry;
    this.#active += 1;
    this.#change(entry, { status: 'uploading' });
    try {
      entry.uploaded = await this.#try(entry);
      if (controller.signal.aborted) this.#options.discard?.(entry.uploaded);
      else this.#change(entry, { status: 'done', progress: 1, url: entry.uploaded.url });
    } catch (cause) {
      const error =
        AssistantError.isInstance(cause) && cause.code !== 'network' && !cause.isRetryable
          ? cause
          : new AssistantError('upload_failed', `${source.name} could not be uploaded.`, {
              isRetryable: true,
              cause,
            });
      if (!controller.signal.aborted) this.#change(entry, { status: 'error', error });
    } finally {
      this.#active -= 1;
      this.#pump();
    }
  }

  async #try(entry: Entry): Promise<UploadedFile> {
    const { upload, retry } = this.#options;
    const { signal } = entry.controller;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const uploading = upload(entry.source, {
          signal,
          onProgress: (progress) => this.#change(entry, { progress: Math.min(1, progress) }),
        });
        return await uploading;
      } catch (error) {
        if (signal.aborted) throw createAbortError();
        if (attempt >= retry.retries || !isTransient(error)) throw error;
        this.#change(entry, { progress: 0 });
        await pause(attempt, retry, signal);
      }
    }
  }

  #change(entry: Entry, changes: Partial<UploadItem>, isUrgent = false): void {
    const { error: _, ...item } = entry.item;
    entry.item = { ...item, ...changes };
    if (this.#entries.includes(entry)) this.#publish(isUrgent);
  }

  #publish(isUrgent: boolean): void {
    this.#options.onChange(
      this.#entries.map(({ item }) => item),
      isUrgent,
    );
    for (const wake of this.#waiting) wake();
  }
}

function toFilePart({ url, mediaType, name }: UploadedFile): FilePart {
  return { type: 'file', url, mediaType, filename: name };
}

function createPreview(source: UploadSource, type: string): string | undefined {
  const isImage = type.startsWith('image/') && typeof Blob === 'function' && source instanceof Blob;
  return isImage && typeof URL.createObjectURL === 'function' ? URL.createObjectURL(source) : undefined;
}

/** Ends what the file holds: its request and its preview. */
function release({ item, controller }: Entry): void {
  controller.abort();
  if (item.preview) URL.revokeObjectURL(item.preview);
}
