import type { RunStatus, RunStatusData } from '@use-assistant/react';
import { useCallback, useState } from 'react';

interface Trail {
  runId: string | undefined;
  statuses: readonly RunStatus[];
}

const none: Trail = { runId: undefined, statuses: [] };

/** The way of a run under way, for `useAssistant`'s callbacks to fill. */
export interface RunStatuses {
  /** The statuses it has gone through, the present one last. A run that is queued for a blink was queued all the same. */
  statuses: readonly RunStatus[];
  onStatus: (status: RunStatusData) => void;
  onFinish: () => void;
}

/** Collects the statuses of the run under way. */
export function useRunStatuses(): RunStatuses {
  const [trail, setTrail] = useState(none);
  const onStatus = useCallback(({ runId, status }: RunStatusData) => {
    setTrail((before) => {
      const statuses = before.runId === runId ? before.statuses : [];
      // A run goes back and forth between working and waiting for tools; its way does not grow with that.
      const known = statuses.indexOf(status);
      return { runId, statuses: known < 0 ? [...statuses, status] : statuses.slice(0, known + 1) };
    });
  }, []);
  const onFinish = useCallback(() => setTrail(none), []);
  return { statuses: trail.statuses, onStatus, onFinish };
}
