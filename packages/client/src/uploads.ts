import { AssistantError } from '@use-assistant/protocol';
import { abortable, createAbortError, toAssistantError } from './abort.ts';
import { defaultRetry, isTransient, pause } from './backoff.ts';
import type { Conversation } from './conversation.ts';
import { refuseFile } from './file-limits.ts';
import { readFolder, toSources } from './folder.ts';
import type { Folder } from './folder.ts';
import type { FileLimits } from './file-limits.ts';
import type { Http } from './http.ts';
import { createId } from './messages.ts';
import type { Claim } from './outbox.ts';
import type { AssistantClientOptions } from './options.ts';
import type { FilePart } from './state.ts';
import { uploadToRoute } from './upload-to-route.ts';
import type { UploadedFile, UploadSource } from './wire.ts';
import { toSegment } from './requests.ts';
import { onWake } from './wake.ts';

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
  /** Why it has failed; while it is `uploading`, why it is tried again. */
  error?: AssistantError;
  /** Where the file stands, once it does. */
  url?: string;
}

interface Entry {
  item: UploadItem;
  source: UploadSource | Folder;
  /** The id of the folder that it came in. */
  from?: string;
  controller: AbortController;
  uploaded?: UploadedFile;
  /** It waits for the network to come back. */
  waiting?: AbortController;
  /** Limits have refused it: it is shown, and never sent. */
  isRefused: boolean;
}

export interface UploadQueueOptions {
  http: Http;
  /** Read anew whenever one is used. */
  getOptions(): AssistantClientOptions;
  /** `isUrgent` for what the user has just done, false for progress. */
  onChange(items: readonly UploadItem[], isUrgent: boolean): void;
  /** What has failed with this error goes again by itself. */
  onRetry(error: AssistantError): void;
}

/** How many files are sent at a time. */
const parallel = 3;

/** Files that have left the list with a message. */
export interface TakenFiles {
  parts: FilePart[];
  /** Puts them back: the message was not sent. */
  restore(): void;
  /** Gives up their previews: it was. */
  release(): void;
}

/** The files of a conversation's composer. */
export function createUploads(conversation: Conversation): UploadQueue {
  const { http, getOptions, store } = conversation;
  return new UploadQueue({
    http,
    getOptions,
    onRetry(error) {
      if (store.get().error === error)
        conversation.publish({ error: undefined, ...(!conversation.turn && { status: 'ready' as const }) });
    },
    onChange(files, isUrgent) {
      store.set({ files });
      if (isUrgent) store.flush();
    },
  });
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

  /**
   * Puts files into the list and starts to send them. A file that the limits refuse stands there with its error; a folder
   * stands there until its files are known, and they take its place.
   */
  add(sources: Iterable<UploadSource | FileSystemDirectoryEntry>): UploadItem[] {
    const added = this.#insert(toSources(sources), this.#entries.length);
    return added.map(({ item }) => item);
  }

  /** Puts sources in the place of a folder, or where the index says. */
  #insert(sources: readonly (UploadSource | Folder)[], index: number, folder?: Entry): Entry[] {
    const others = this.#entries.filter((entry) => entry !== folder);
    const added: Entry[] = [];
    for (const source of sources) {
      const entry = createEntry(source, others.concat(added), this.#options.getOptions());
      added.push(folder ? { ...entry, from: folder.item.id } : entry);
    }
    if (added.length === 0) return added;
    this.#entries = others.toSpliced(index, 0, ...added);
    for (const entry of added) if ('files' in entry.source) void this.#unfold(entry, entry.source);
    this.#pump();
    this.#publish(true);
    return added;
  }

  /** Puts the files of a folder in its place. */
  async #unfold(entry: Entry, folder: Folder): Promise<void> {
    const { signal } = entry.controller;
    const others = () => this.#entries.filter((other) => other !== entry);
    try {
      const files = await readFolder(folder, {
        getNames: () => others().map(({ item }) => item.name),
        count: count(others()),
        limits: this.#options.getOptions(),
        signal,
      });
      if (!signal.aborted) this.#insert(files, this.#entries.indexOf(entry), entry);
    } catch (error) {
      entry.isRefused = true;
      this.#change(entry, { status: 'error', error: toAssistantError(error) }, true);
    }
  }

  /** Takes one file out; what of it is on its way stops, and what stands on the server is discarded. */
  remove(id: string): void {
    const entry = this.#entries.find(({ item }) => item.id === id);
    if (!entry) return;
    this.#entries = this.#entries.filter((other) => other !== entry);
    release(entry);
    if (entry.uploaded) this.#discard(entry.uploaded);
    this.#publish(true);
  }

  /** Takes all files out. */
  clear(): void {
    for (const { item } of this.#entries) this.remove(item.id);
  }

  /** The files that a message sent now would carry, if there are any. What of them has failed is sent again. */
  claim(): Claim | undefined {
    const ids = this.#entries.filter(({ isRefused }) => !isRefused).map(({ item }) => item.id);
    return ids.length > 0 ? this.#claim(ids) : undefined;
  }

  /** Claims files that never stand in this list; also those that are refused: their message needs them. */
  claimNew(files: ArrayLike<UploadSource | FilePart>): Claim {
    const all = Array.from(files);
    const queue = new UploadQueue({ ...this.#options, onChange: () => {}, onRetry: () => {} });
    const ids = queue.add(all.filter((file): file is UploadSource => !('url' in file))).map(({ id }) => id);
    const stored = all.filter((file): file is FilePart => 'url' in file);
    return {
      async take(signal) {
        try {
          const taken = await queue.#claim(ids).take(signal);
          // What never stood in the composer has no place to go back to.
          return { ...taken, restore: taken.release, parts: stored.concat(taken.parts) };
        } catch (error) {
          queue.clear();
          throw error;
        }
      },
    };
  }

  #claim(ids: readonly string[]): Claim {
    return {
      take: async (signal) => {
        await this.#finish(ids, signal);
        if (signal.aborted) throw createAbortError();
        return this.#take(ids);
      },
    };
  }

  async #finish(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (const entry of this.#pick(ids)) {
      if (entry.item.status === 'error' && !entry.isRefused) this.#again(entry);
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
  #take(ids: readonly string[]): TakenFiles {
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
      release: () => {
        this.#entries = this.#entries.filter((entry) => !taken.includes(entry));
        this.#publish(true);
        taken.forEach(release);
      },
    };
  }

  #pick(ids: readonly string[]): Entry[] {
    return this.#entries.filter(({ item, from = '' }) => ids.includes(item.id) || ids.includes(from));
  }

  #pump(): void {
    for (const entry of this.#entries) {
      if (this.#active >= parallel) return;
      if (entry.item.status === 'queued') void this.#send(entry);
    }
  }

  async #send(entry: Entry): Promise<void> {
    const { controller, item } = entry;
    this.#active += 1;
    this.#change(entry, { status: 'uploading' });
    try {
      entry.uploaded = await this.#try(entry);
      if (controller.signal.aborted) this.#discard(entry.uploaded);
      else this.#change(entry, { status: 'done', progress: 1, url: entry.uploaded.url });
    } catch (cause) {
      const error =
        AssistantError.isInstance(cause) && cause.code !== 'network' && !cause.isRetryable
          ? cause
          : new AssistantError('upload_failed', `${item.name} could not be uploaded.`, {
              isRetryable: true,
              cause,
            });
      if (controller.signal.aborted) return;
      this.#change(entry, { status: 'error', error });
      if (AssistantError.isInstance(cause) && cause.code === 'network') this.#waitForNetwork(entry);
    } finally {
      this.#active -= 1;
      this.#pump();
    }
  }

  /** What has failed for the network alone goes again by itself when that is back or the page is shown again. */
  #waitForNetwork(entry: Entry): void {
    const waiting = new AbortController();
    entry.waiting = waiting;
    onWake(() => {
      if (entry.item.error) this.#options.onRetry(entry.item.error);
      this.#again(entry);
      this.#pump();
    }, waiting.signal);
  }

  #again(entry: Entry): void {
    entry.waiting?.abort();
    this.#change(entry, { status: 'queued', progress: 0 }, true);
  }

  async #try(entry: Entry): Promise<UploadedFile> {
    const options = this.#options.getOptions();
    const upload = options.uploadFile ?? ((source, how) => uploadToRoute(source, how, options));
    const retry = { ...defaultRetry, retries: 3, ...options.retry };
    const { signal } = entry.controller;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const uploading = upload(entry.source as UploadSource, {
          signal,
          onProgress: (progress) => this.#change(entry, { progress: Math.min(1, progress) }),
        });
        return await uploading;
      } catch (error) {
        if (signal.aborted) throw createAbortError();
        if (attempt >= retry.retries || !isTransient(error)) throw error;
        // It says why it begins anew; the next progress takes that away.
        this.#change(entry, { progress: 0, error: toAssistantError(error) });
        await pause(attempt, retry, signal);
      }
    }
  }

  /** What no message names is of no use to anyone, and that it stays is no harm either. */
  #discard({ id }: UploadedFile): void {
    const { http, getOptions } = this.#options;
    // It stands elsewhere, or in the message only.
    if (getOptions().uploadFile || id === '') return;
    void http.request(`/files/${toSegment(id)}`, { method: 'DELETE' }).catch(() => {});
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

function createEntry(source: UploadSource | Folder, others: readonly Entry[], limits: FileLimits): Entry {
  const controller = new AbortController();
  const base = { id: createId(), name: source.name, type: '', size: 0, progress: 0 };
  if ('files' in source)
    return { item: { ...base, status: 'uploading' }, source, controller, isRefused: false };
  const { name, type = '', size = 0 } = source;
  // React Native may not know a size; a File always does.
  const isEmpty = typeof Blob === 'function' && source instanceof Blob && size === 0;
  const error = refuseFile({ name, type, size, isEmpty }, count(others), limits);
  const preview = error ? undefined : createPreview(source, type);
  const status = error ? 'error' : 'queued';
  const item: UploadItem = {
    ...base,
    type,
    size,
    status,
    ...(error && { error }),
    ...(preview && { preview }),
  };
  return { item, source, controller, isRefused: error !== undefined };
}

/** How many of them the message carries. */
function count(entries: readonly Entry[]): number {
  return entries.filter(({ isRefused }) => !isRefused).length;
}

function toFilePart({ url, mediaType, name }: UploadedFile): FilePart {
  return { type: 'file', url, mediaType, filename: name };
}

function createPreview(source: UploadSource, type: string): string | undefined {
  const isImage = type.startsWith('image/') && typeof Blob === 'function' && source instanceof Blob;
  return isImage && typeof URL.createObjectURL === 'function' ? URL.createObjectURL(source) : undefined;
}

/** Ends what the file holds: its request and its preview. */
function release({ item, controller, waiting }: Entry): void {
  controller.abort();
  waiting?.abort();
  if (item.preview) URL.revokeObjectURL(item.preview);
}
