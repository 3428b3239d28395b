import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { isActive } from '../forward-stream.ts';
import type { Call } from './context.ts';
import { tooMany } from './rate-limit.ts';
import { newestRun } from './runs.ts';

/** The place of one run among those that its caller may have at once. */
export interface RunSlot {
  /** Known once the message has been added. */
  threadId: string | undefined;
  /** The run did not begin. */
  free(): void;
  /** Nobody here follows the run any more; this is what was last known of it. */
  leave(last: Run | undefined): void;
}

/** Keeps count of the runs that each caller has at once, in this process. */
export interface RunSlots {
  /** A place for one more; rejects with `rate_limited` when there is none. */
  take(call: Pick<Call, 'client' | 'owners'>): Promise<RunSlot>;
}

/** Seconds after which a caller whose places are all taken may ask again. */
const pause = 5;

interface Place {
  threadId: string | undefined;
  /** The run is followed here: it counts without being asked for. */
  isHere: boolean;
}

/** Makes the count. A thread has one active run at most, so a run that was left is known by its thread. */
export function createRunSlots(
  most: number = Number.POSITIVE_INFINITY,
  { maxCallers = 10_000 }: { maxCallers?: number } = {},
): RunSlots {
  const callers = new Map<string, Set<Place>>();

  /** Gives free what runs have left that are over by now. */
  async function sweep(places: Set<Place>, client: Call['client']): Promise<void> {
    const left = [...places].filter(({ isHere }) => !isHere);
    await Promise.all(
      left.map(async (place) => {
        const run = place.threadId && (await newestRun(client, place.threadId).catch(() => undefined));
        if (!run || !isActive(run)) places.delete(place);
      }),
    );
  }

  /** Whoever left a run and never comes again would be remembered for ever: the first of those is forgotten. */
  function forget(): void {
    if (callers.size <= maxCallers) return;
    for (const [owner, places] of callers) {
      if ([...places].some(({ isHere }) => isHere)) continue;
      callers.delete(owner);
      return;
    }
  }

  return {
    async take({ client, owners: [owner] }) {
      let places = callers.get(owner) ?? new Set();
      if (places.size >= most) await sweep(places, client);
      // Others may have come meanwhile; from here on nothing waits.
      places = callers.get(owner) ?? places;
      if (places.size >= most) throw tooMany(pause, 'Too many answers are under way. Wait for one to end.');
      callers.set(owner, places);
      const place: Place = { threadId: undefined, isHere: true };
      places.add(place);
      forget();
      const free = (): void => {
        places.delete(place);
        if (places.size === 0 && callers.get(owner) === places) callers.delete(owner);
      };
      return {
        get threadId() {
          return place.threadId;
        },
        set threadId(id) {
          place.threadId = id;
        },
        free,
        leave(last) {
          place.isHere = false;
          // Without a limit nobody would ever sweep.
          if (most === Number.POSITIVE_INFINITY || (last && !isActive(last))) free();
        },
      };
    },
  };
}
