import { createId } from '../ids.js';
import { nowSeconds } from '../wire.js';
/** A new step of a run. */
export function createStep(run, stepDetails) {
  return {
    id: createId('step'),
    object: 'thread.run.step',
    created_at: nowSeconds(),
    assistant_id: run.assistant_id,
    thread_id: run.thread_id,
    run_id: run.id,
    type: stepDetails.type,
    status: 'in_progress',
    step_details: stepDetails,
    last_error: null,
    expired_at: null,
    cancelled_at: null,
    failed_at: null,
    completed_at: null,
    metadata: {},
    usage: null,
  };
}
//# sourceMappingURL=open-step.js.map
