import type OpenAI from 'openai';
import { RunFailure } from '../runs/run-failure.ts';
import {
  compareMirror,
  deleteMirroredFile,
  dropSentFile,
  insertMirroredFiles,
  insertSentFile,
  type MissingFile,
} from '../storage/mirrors.ts';
import { findObject } from '../storage/records.ts';
import type { Attributes } from '../vector-store-wire.ts';
import { isMissing, isRefused, isStoreGone } from './hosted-errors.ts';
import { inLanes } from './lanes.ts';
import type { MirrorContext } from './mirror-cleaner.ts';

/** Files sent at a time; each is held in memory meanwhile. */
const uploadLanes = 4;
/** Files put into a mirror with one request, and forgotten by a crash in between. */
const batchSize = 100;

/** A file that is about to lie in a mirror. */
interface SentFile extends MissingFile {
  sentId: string;
  /** It was sent at some time before, and may be there no more. */
  isOld: boolean;
}

/** Makes mirrors hold what their stores hold. */
export class MirrorFiller {
  readonly #openai: Pick<OpenAI, 'files' | 'vectorStores'>;
  readonly #context: MirrorContext;
  /** There is something to delete at OpenAI. */
  readonly #wake: () => void;

  constructor(openai: Pick<OpenAI, 'files' | 'vectorStores'>, context: MirrorContext, wake: () => void) {
    this.#openai = openai;
    this.#context = context;
    this.#wake = wake;
  }

  /** Takes out what the store has no more and puts in what is missing: answers whether there was any. */
  async update(storeId: string, mirrorId: string, signal: AbortSignal): Promise<boolean> {
    const { database } = this.#context;
    const { missing, stale, changed } = await compareMirror(database, storeId, mirrorId);
    const { files } = this.#openai.vectorStores;
    for (const { row, sentId } of stale) {
      await files.delete(sentId, { vector_store_id: mirrorId }, { signal }).catch((error: unknown) => {
        if (!isMissing(error) || isStoreGone(error)) throw error;
      });
      await deleteMirroredFile(database, row);
    }
    for (const { row, sentId, attributes } of changed) {
      const body = { vector_store_id: mirrorId, attributes: JSON.parse(attributes) as Attributes };
      await files.update(sentId, body, { signal });
      await insertMirroredFiles(database, mirrorId, [{ row, sentId, attributes }]);
    }
    // An empty file can be sent nowhere, and is found nowhere.
    const wanted = missing.filter(({ bytes }) => bytes > 0);
    for (let start = 0; start < wanted.length; start += batchSize) {
      const sent: SentFile[] = [];
      await inLanes(wanted.slice(start, start + batchSize), uploadLanes, signal, async (file, until) => {
        const sentId = file.sentId ?? (await this.#send(file, until));
        if (sentId !== undefined) sent.push({ ...file, sentId, isOld: file.sentId !== null });
      });
      if (sent.length > 0) await this.#attach(mirrorId, sent, signal);
    }
    return wanted.length > 0;
  }

  /** Sends a file; undefined when it has been deleted meanwhile. */
  async #send(file: MissingFile, signal: AbortSignal): Promise<string | undefined> {
    const { database, blobs } = this.#context;
    let bytes: Uint8Array;
    try {
      bytes = await blobs.read(file.fileId);
    } catch (error) {
      if (!(await findObject(database, 'files', file.fileId))) return undefined;
      throw error;
    }
    try {
      const { id } = await this.#openai.files.create(
        {
          file: new File([bytes as Uint8Array<ArrayBuffer>], nameThere(file.filename)),
          purpose: 'assistants',
        },
        { signal },
      );
      const kept = await insertSentFile(database, file.fileId, id);
      // Another engine was quicker.
      if (kept !== id) this.#wake();
      return kept;
    } catch (error) {
      signal.throwIfAborted();
      throw isRefused(error) ? refusedFailure(file, error) : error;
    }
  }

  /** Puts files into the mirror. OpenAI does not say which of them it does not want: that is found by halves. */
  async #attach(mirrorId: string, sent: SentFile[], signal: AbortSignal): Promise<void> {
    const [first] = sent;
    const files = sent.map(({ sentId, chunking, attributes }) => ({
      file_id: sentId,
      chunking_strategy: chunking,
      attributes: JSON.parse(attributes) as Attributes,
    }));
    try {
      await this.#openai.vectorStores.fileBatches.create(mirrorId, { files }, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (isStoreGone(error) || !isRefused(error)) throw error;
      if (sent.length > 1) {
        const half = Math.ceil(sent.length / 2);
        await this.#attach(mirrorId, sent.slice(0, half), signal);
        return this.#attach(mirrorId, sent.slice(half), signal);
      }
      if (!first!.isOld) throw refusedFailure(first!, error);
      await dropSentFile(this.#context.database, first!.sentId);
      this.#wake();
      const sentId = await this.#send(first!, signal);
      if (sentId === undefined) return;
      return this.#attach(mirrorId, [{ ...first!, sentId, isOld: false }], signal);
    }
    await insertMirroredFiles(this.#context.database, mirrorId, sent);
  }
}

function refusedFailure({ filename }: MissingFile, cause: unknown): RunFailure {
  const message =
    `The file ${JSON.stringify(filename)} was refused by the hosted file search. ` +
    'Take it out of the vector store, or bring it in another format.';
  return new RunFailure('server_error', message, { cause });
}

/** What OpenAI reads by its name. Whatever else the engine could read is text. */
const knownThere = /\.(?:c|cpp|cs|css|docx?|go|html|java|js|json|md|pdf|php|pptx|py|rb|sh|tex|ts|txt)$/i;

function nameThere(filename: string): string {
  return knownThere.test(filename) ? filename : `${filename}.txt`;
}
