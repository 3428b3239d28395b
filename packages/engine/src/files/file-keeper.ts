import type { BlobStore } from '../storage/port.ts';
import type { Database } from '../storage/records.ts';
import { endUpload, findUpload } from '../storage/uploads.ts';
import { nowSeconds, type ToolResources } from '../wire.ts';

/** The longest wait that a timer takes. */
const longestTimer = 2 ** 31 - 1;

/** How soon a sweep that failed is tried again. */
const retrySeconds = 60;

/** Lets files go, with all that hangs on them: those that are deleted, those that expire, and uploads left unfinished. */
export class FileKeeper {
  readonly #database: Database;
  readonly #blobs: BlobStore;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #next = Number.POSITIVE_INFINITY;
  #isClosed = false;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(database: Database, blobs: BlobStore, onError: (error: unknown) => void) {
    this.#database = database;
    this.#blobs = blobs;
    this.#onError = onError;
  }

  /** Lets go what expired while nobody looked. */
  async start(): Promise<void> {
    await this.sweep();
  }

  /** Sees to it that a file or an upload goes when its time, in seconds, is over. */
  watch(expiresAt: number): void {
    if (this.#isClosed || expiresAt >= this.#next) return;
    clearTimeout(this.#timer);
    this.#next = expiresAt;
    this.#timer = setTimeout(
      () => {
        this.#sweeping = this.sweep().catch((error: unknown) => {
          if (this.#isClosed) return;
          this.#onError(error);
          this.#next = Number.POSITIVE_INFINITY;
          this.watch(nowSeconds() + retrySeconds);
        });
      },
      Math.min(Math.max(0, expiresAt * 1000 - Date.now()), longestTimer),
    );
    this.#timer.unref();
  }

  /** Lets go all files and uploads whose time is over. Cheap when there are none. */
  async sweep(): Promise<void> {
    const now = nowSeconds();
    const files = await this.#database
      .selectFrom('files')
      .select('id')
      .where('expires_at', '<=', now)
      .execute();
    for (const { id } of files) await this.remove(id);
    const uploads = await this.#database
      .selectFrom('uploads')
      .select('id')
      .where('status', '=', 'pending')
      .where('expires_at', '<=', now)
      .execute();
    for (const { id } of uploads) await this.#expire(id);
    await this.#arm();
  }

  /** Deletes a file: its bytes, and its id wherever assistants and threads name it for Python. */
  async remove(id: string): Promise<boolean> {
    const isRemoved = await this.#database.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('files')
        .where('id', '=', id)
        .executeTakeFirst();
      if (numDeletedRows === 0n) return false;
      await unlinkFromPython(transaction, id);
      return true;
    });
    // Only when no row names them any more: a crash in between leaves bytes without a file, never a file without bytes.
    if (isRemoved) await this.#blobs.remove(id);
    return isRemoved;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  async #expire(uploadId: string): Promise<void> {
    const parts = await this.#database.transaction().execute(async (transaction) => {
      const stored = await findUpload(transaction, uploadId);
      return stored?.upload.status === 'expired' ? endUpload(transaction, stored.upload) : [];
    });
    for (const part of parts) await this.#blobs.remove(part);
  }

  async #arm(): Promise<void> {
    this.#next = Number.POSITIVE_INFINITY;
    const file = await this.#database
      .selectFrom('files')
      .select(({ fn }) => fn.min('expires_at').as('at'))
      .executeTakeFirst();
    const upload = await this.#database
      .selectFrom('uploads')
      .select(({ fn }) => fn.min('expires_at').as('at'))
      .where('status', '=', 'pending')
      .executeTakeFirst();
    for (const at of [file?.at, upload?.at]) if (at !== null && at !== undefined) this.watch(Number(at));
  }
}

/** Takes the file out of every list of files for code interpreter. */
async function unlinkFromPython(database: Database, fileId: string): Promise<void> {
  for (const table of ['assistants', 'threads'] as const) {
    const rows = await database
      .selectFrom(table)
      .select(['id', 'body'])
      .where('body', 'like', `%"${fileId}"%`)
      .execute();
    for (const { id, body } of rows) {
      const object = JSON.parse(body) as { tool_resources: ToolResources | null };
      const list = object.tool_resources?.code_interpreter;
      if (!list?.file_ids?.includes(fileId)) continue;
      list.file_ids = list.file_ids.filter((other) => other !== fileId);
      await database
        .updateTable(table)
        .set({ body: JSON.stringify(object) })
        .where('id', '=', id)
        .execute();
    }
  }
}
