import type { EventBatch, NewEvent } from '../storage/event-frames.ts';
import type { NewRow } from '../storage/events.ts';
import type { EventReader } from './event-reader.ts';

/** What the log keeps in memory of a run that is being written or read. */
export interface RunTail {
  runId: string;
  /** The run's number in storage; unknown until the run is stored. */
  run: number | undefined;
  /** The run was deleted: what it still says is lost. */
  isGone: boolean;
  /** The last event that is stored; -1 when there is none. */
  last: number;
  /** Streams may end with it. */
  isStopped: boolean;
  /** No delta has been pushed since its state changed. */
  isFresh: boolean;
  pending: NewEvent[];
  readers: Set<EventReader>;
  /** How many hold the place open to push deltas. */
  holds: number;
}

/** What is on its way to storage for a run; it counts only once it is published. */
export interface Draft {
  run: number | undefined;
  /** Deltas as they were pushed: they wait again when they could not be stored. */
  pushed: NewEvent[];
  /** These and what else was added, numbered. */
  batches: EventBatch[];
}

export type Drafts = Map<RunTail, Draft>;

/** The run's last event, once its draft is stored. */
export function lastOf(tail: RunTail, draft: Draft | undefined): { last: number; isStop: boolean } {
  return draft?.batches.at(-1) ?? { last: tail.last, isStop: tail.isStopped };
}

export function rowsOf(drafts: Drafts): NewRow[] {
  const rows: NewRow[] = [];
  for (const { run, batches } of drafts.values()) {
    for (const batch of batches) rows.push({ run: run!, batch });
  }
  return rows;
}

/** Hands what is stored now to those who read along. */
export function publish(drafts: Drafts): void {
  for (const [tail, draft] of drafts) {
    tail.run ??= draft.run;
    if (draft.batches.length === 0) continue;
    const { last, isStop } = lastOf(tail, draft);
    tail.last = last;
    tail.isStopped = isStop;
    for (const reader of tail.readers) reader.offer(draft.batches);
  }
}
