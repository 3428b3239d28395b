import type { EngineContext } from '../engine-context.ts';
import { findVectorStore, isExpired, touchVectorStore } from '../storage/vector-stores.ts';
import { hasFileSearch, listStores } from '../tools/file-search.ts';
import type { Run } from '../wire.ts';
import { RunFailure } from './run-failure.ts';

/** Milliseconds that a run waits for the files of its thread to be indexed. */
const longestWait = 60_000;

/**
 * Gets the stores of a run ready to be searched: they count as used, and the files of the thread are waited for, within
 * limits; never those of the assistant. A run whose thread's store has expired fails, for it would answer without files
 * that the user believes to be there.
 */
export async function readyStores(context: EngineContext, run: Run, signal: AbortSignal): Promise<void> {
  if (!hasFileSearch(run)) return;
  const { database, indexer } = context;
  const { ofAssistant, ofThread } = await listStores(database, run);
  for (const id of [...ofThread, ...ofAssistant]) {
    // In one transaction: what is changed in between would be written over.
    const store = await database.transaction().execute(async (transaction) => {
      const store = await findVectorStore(transaction, id);
      if (store) await touchVectorStore(transaction, store);
      return store;
    });
    if (store && isExpired(store) && ofThread.includes(id)) {
      throw new RunFailure('server_error', `The vector store ${id} of the thread is expired.`);
    }
  }
  for (const id of ofThread) await indexer.settled(id, { timeout: longestWait, signal });
}
