import type { ScriptedTurn } from '@use-assistant/test-kit';

/**
 * What the engine is held against: the state machine of threads and runs in a few lines, without time, storage or
 * concurrency. It knows only what the API promises.
 */

/** What the scripted model does in one turn of a run. */
export type TurnKind =
  | 'text'
  | 'two texts'
  | 'call'
  | 'two calls'
  | 'code'
  | 'code and call'
  | 'unknown call'
  | 'fail'
  | 'text, fail'
  | 'hang'
  | 'text, hang'
  | 'text, cut';

export const turnKinds: TurnKind[] = [
  'text',
  'two texts',
  'call',
  'two calls',
  'code',
  'code and call',
  'unknown call',
  'fail',
  'text, fail',
  'hang',
  'text, hang',
  'text, cut',
];

type RunStatus =
  | 'queued'
  | 'in_progress'
  | 'requires_action'
  | 'cancelled'
  | 'failed'
  | 'completed'
  | 'incomplete'
  | 'expired';

export interface ModelMessage {
  role: 'user' | 'assistant';
  status: 'completed' | 'in_progress' | 'incomplete';
  text: string;
}

export interface ModelStep {
  type: 'message_creation' | 'tool_calls';
  status: 'in_progress' | 'completed' | 'cancelled' | 'failed' | 'expired';
}

export interface ModelRun {
  id: string;
  /** The id of the scripted model that plays it. */
  model: string;
  thread: ModelThread;
  status: RunStatus;
  /** The turns that are still to come; after them the model says "Done." */
  script: TurnKind[];
  /** Functions that wait for their outputs. */
  waiting: number;
  steps: ModelStep[];
  /** The message that is being written. */
  open: ModelMessage | undefined;
  /** Seconds of the clock at which it expires. */
  expiresAt: number;
  lastError: string | undefined;
}

export interface ModelThread {
  id: string;
  isDeleted: boolean;
  messages: ModelMessage[];
  runs: ModelRun[];
}

/** How the API refuses. */
export interface Refusal {
  status: 400 | 404;
  message: string;
}

const lifetime = 600;

export function isActive({ status }: ModelRun): boolean {
  return status === 'queued' || status === 'in_progress' || status === 'requires_action';
}

export function activeRun(thread: ModelThread): ModelRun | undefined {
  return thread.runs.find(isActive);
}

export function missingThread(thread: ModelThread): Refusal | undefined {
  return thread.isDeleted ? { status: 404, message: `No thread found with id '${thread.id}'.` } : undefined;
}

/** A run goes with its thread, and is found only there. */
export function missingRun(thread: ModelThread, run: ModelRun): Refusal | undefined {
  return thread.isDeleted || run.thread !== thread
    ? { status: 404, message: `No run found with id '${run.id}'.` }
    : undefined;
}

export function refuseMessage(thread: ModelThread): Refusal | undefined {
  const active = activeRun(thread);
  return (
    missingThread(thread) ??
    (active && {
      status: 400,
      message: `Can't add messages to ${thread.id} while a run ${active.id} is active.`,
    })
  );
}

export function refuseRun(thread: ModelThread, unknownAssistant: string | undefined): Refusal | undefined {
  const active = activeRun(thread);
  if (thread.isDeleted) return missingThread(thread);
  if (active) {
    return { status: 400, message: `Thread ${thread.id} already has an active run ${active.id}.` };
  }
  if (unknownAssistant === undefined) return undefined;
  return { status: 404, message: `No assistant found with id '${unknownAssistant}'.` };
}

export function refuseCancel(thread: ModelThread, run: ModelRun): Refusal | undefined {
  const missing = missingRun(thread, run);
  if (missing) return missing;
  if (isActive(run)) return undefined;
  return { status: 400, message: `Cannot cancel run with status '${run.status}'.` };
}

export function refuseOutputs(
  thread: ModelThread,
  run: ModelRun,
  expected: string[],
  given: string[],
): Refusal | undefined {
  const missing = missingRun(thread, run);
  if (missing) return missing;
  if (run.status !== 'requires_action') {
    return { status: 400, message: `Runs in status "${run.status}" do not accept tool outputs.` };
  }
  const isRight = expected.length === given.length && expected.every((id) => given.includes(id));
  if (isRight) return undefined;
  const list = (ids: string[]) => `[${ids.map((id) => `'${id}'`).join(', ')}]`;
  return {
    status: 400,
    message: `Expected tool outputs for call_ids ${list(expected)}, got ${list(given)}`,
  };
}

export function createThread(id: string, texts: string[] = []): ModelThread {
  const thread: ModelThread = { id, isDeleted: false, messages: [], runs: [] };
  for (const text of texts) addMessage(thread, text);
  return thread;
}

export function addMessage(thread: ModelThread, text: string): void {
  thread.messages.push({ role: 'user', status: 'completed', text });
}

/** A new run, taken to its first stop. */
export function createRun(
  { id, model }: { id: string; model: string },
  thread: ModelThread,
  script: TurnKind[],
  now: number,
): ModelRun {
  const run: ModelRun = {
    id,
    model,
    thread,
    status: 'in_progress',
    script: [...script],
    waiting: 0,
    steps: [],
    open: undefined,
    expiresAt: now + lifetime,
    lastError: undefined,
  };
  thread.runs.push(run);
  play(run);
  return run;
}

export function submitOutputs(run: ModelRun): void {
  run.steps.at(-1)!.status = 'completed';
  run.waiting = 0;
  run.status = 'in_progress';
  play(run);
}

/** Ends an active run from outside. */
export function endRun(run: ModelRun, to: 'cancelled' | 'expired' | 'failed', error?: string): void {
  const step = run.steps.at(-1);
  if (step?.status === 'in_progress') step.status = to;

  if (run.open) run.open.status = 'incomplete';
  run.open = undefined;
  run.waiting = 0;
  run.status = to;
  run.lastError = error;
}

/** Takes the run on until it is over, waits, or hangs. */
function play(run: ModelRun): void {
  const say = (status: ModelMessage['status'], step: ModelStep['status'], text: string) => {
    const message: ModelMessage = { role: 'assistant', status, text };
    run.thread.messages.push(message);
    run.steps.push({ type: 'message_creation', status: step });
    return message;
  };
  const fail = () => endRun(run, 'failed', `The model "${run.model}" failed while it answered.`);
  for (;;) {
    const kind = run.script.shift();
    switch (kind) {
      case undefined:
        say('completed', 'completed', 'Done.');
        run.status = 'completed';
        return;
      case 'text':
        say('completed', 'completed', 'Hello you');
        run.status = 'completed';
        return;
      case 'two texts':
        say('completed', 'completed', 'OneTwo');
        run.status = 'completed';
        return;
      case 'code':
      case 'unknown call':
        run.steps.push({ type: 'tool_calls', status: 'completed' });
        break;
      case 'call':
      case 'two calls':
      case 'code and call':
        run.steps.push({ type: 'tool_calls', status: 'in_progress' });
        run.waiting = kind === 'two calls' ? 2 : 1;
        run.status = 'requires_action';
        return;
      case 'fail':
        fail();
        return;
      case 'text, fail':
        run.open = say('in_progress', 'in_progress', 'Once');
        fail();
        return;
      case 'hang':
        return;
      case 'text, hang':
        run.open = say('in_progress', 'in_progress', 'Once');
        return;
      case 'text, cut':
        say('incomplete', 'completed', 'Once');
        run.status = 'incomplete';
        return;
    }
  }
}

/** The turn as the scripted model plays it; `onHang` is called when it stands still. */
export function toTurn(kind: TurnKind | undefined, onHang: () => void): ScriptedTurn {
  const call = (name: string) => ({ call: name, input: {} });
  const code = { call: 'code_interpreter', input: { code: 'print(1)' } };
  // oxlint-disable-next-line unicorn/no-thenable -- it tells when it is waited for
  const stand = { wait: { then: (go: (value: unknown) => void) => (onHang(), go(undefined)) } };
  const hang = [stand as { wait: PromiseLike<unknown> }, { hang: true as const }];
  const broken = { streamError: new Error('broken') };
  switch (kind) {
    case undefined:
      return { parts: [{ text: 'Done.' }] };
    case 'text':
      return { parts: [{ text: ['Hello', ' you'] }] };
    case 'two texts':
      return { parts: [{ text: 'One' }, { text: 'Two' }] };
    case 'call':
      return { parts: [call('weather')] };
    case 'two calls':
      return { parts: [call('weather'), call('weather')] };
    case 'code':
      return { parts: [code] };
    case 'code and call':
      return { parts: [code, call('weather')] };
    case 'unknown call':
      return { parts: [call('nobody')] };
    case 'fail':
      return { parts: [broken] };
    case 'text, fail':
      return { parts: [{ text: 'Once' }, broken] };
    case 'hang':
      return { parts: hang };
    case 'text, hang':
      return { parts: [{ text: 'Once' }, ...hang] };
    case 'text, cut':
      return { parts: [{ text: 'Once' }], finish: 'length' };
  }
}
