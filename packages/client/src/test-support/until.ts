import type { AssistantClient } from '../assistant-client.ts';
import type { AssistantState } from '../state.ts';

/** Settles with the first snapshot that is as wished. */
export function until(
  client: AssistantClient,
  isWished: (state: AssistantState) => boolean,
): Promise<AssistantState> {
  return new Promise((resolve) => {
    const unsubscribe = client.subscribe(check);
    check();
    function check() {
      const state = client.getSnapshot();
      if (!isWished(state)) return;
      queueMicrotask(() => unsubscribe());
      resolve(state);
    }
  });
}

/** Lets everything run that only waits for promises and zero-length timers. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}
