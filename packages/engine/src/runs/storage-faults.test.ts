import { StatementSync } from 'node:sqlite';
import { scriptedModel } from '@use-assistant/test-kit';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEngine } from '../create-engine.ts';
import type { OpenStorage } from '../storage/port.ts';
import { sqlite } from '../storage/sqlite.ts';
import { findFlaws } from '../test-support/event-rules.ts';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { parseEvents, toEvents, type WireEvent } from '../test-support/start-engine.ts';

const databaseError = (errcode: number, errstr: string) =>
  Object.assign(new Error(errstr), { code: 'ERR_SQLITE_ERROR', errcode, errstr });
/** What a disk does to a program. Made anew each time, as the real ones are. */
const kinds = {
  'an I/O error': () => databaseError(10, 'disk I/O error'),
  'a full disk': () => databaseError(13, 'database or disk is full'),
  'a busy database': () => databaseError(5, 'database is locked'),
};
type Kind = keyof typeof kinds;

/** Calls of the storage are counted from when this is set; those from `at` on, `length` of them, fail. */
let fault: { at: number; length: number; kind: Kind; calls: number } | undefined;

function strike(isBlob: boolean): void {
  if (!fault) return;
  const call = fault.calls++;
  if (call < fault.at || call >= fault.at + fault.length) return;
  throw isBlob ? Object.assign(new Error('write failed'), { code: 'ENOSPC' }) : kinds[fault.kind]();
}

beforeEach(() => {
  // Nothing waits in real time: what looks after runs every few seconds is moved on by hand.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  for (const method of ['run', 'all', 'iterate'] as const) {
    const original = StatementSync.prototype[method] as (...parameters: unknown[]) => unknown;
    vi.spyOn(StatementSync.prototype, method).mockImplementation(function (
      this: StatementSync,
      ...parameters
    ) {
      // Going back is memory's work, which no disk can fail.
      if (this.sourceSQL !== 'rollback') strike(false);
      return original.apply(this, parameters) as never;
    });
  }
});

afterEach(() => {
  fault = undefined;
  vi.useRealTimers();
});

test.each([
  ['an I/O error', 1],
  ['a full disk', 1],
  ['a busy database', 1],
  ['an I/O error', 6],
] as const)(
  '%s, %i times in a row, at any call of the storage leaves a clean end and a usable thread',
  async (kind, length) => {
    const { calls, problems } = await play(kind, Number.POSITIVE_INFINITY, 0);
    expect(problems).toEqual([]);
    // A run that stores so little would prove little.
    expect(calls).toBeGreaterThan(60);
    for (let at = 0; at < calls; at++) expect(await play(kind, at, length)).toMatchObject({ problems: [] });
  },
  60_000,
);

/** Plays a run with Python, a file, a function call and text against a failing storage; answers what was not right. */
async function play(kind: Kind, at: number, length: number): Promise<{ calls: number; problems: string[] }> {
  const problems: string[] = [];
  const complain = (what: string) => void problems.push(`call ${at}: ${what}`);
  const open = await sqlite(':memory:').open();
  const blobs: OpenStorage['blobs'] = {
    ...open.blobs,
    put: async (id, bytes) => (strike(true), open.blobs.put(id, bytes)),
    read: async (id) => (strike(true), open.blobs.read(id)),
  };
  const engine = createEngine({
    storage: { open: async () => ({ ...open, blobs }) },
    model: scriptedModel([
      (prompt) => script[prompt.filter(({ role }) => role === 'tool').length] ?? 'Hello',
    ]),
    codeInterpreter: fakeInterpreter((_, { write, files }) => {
      write('1\n');
      files.set('chart.svg', Buffer.from('<svg/>'));
      return {};
    }),
    log: () => {},
  });
  const { beta } = engine.openai();
  const tools: OpenAI.Beta.AssistantTool[] = [
    { type: 'code_interpreter' },
    { type: 'function', function: { name: 'weather' } },
  ];
  const { id: assistant_id } = await beta.assistants.create({ model: 'any', tools });
  const { id: thread_id } = await beta.threads.create({ messages: [{ role: 'user', content: 'Hi' }] });
  const path = `/threads/${thread_id}/runs`;

  /** Asks for a stream, and once more where the engine says that it had an error. */
  const stream = async (at: string, body: object): Promise<WireEvent | undefined> => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const response = await engine.fetch(`http://engine.local/v1${at}`, {
        method: 'POST',
        body: JSON.stringify({ ...body, stream: true }),
      });
      const text = await response.text();
      if (response.status === 200) return toEvents(text).findLast(({ event }) => event !== 'done');
      const { error } = JSON.parse(text) as { error: Record<string, unknown> };
      if (response.status === 400 && attempt > 0) return undefined;
      const keys = Object.keys(error).toSorted().join();
      if (response.status < 500 || keys !== 'code,message,param,type' || error['type'] !== 'server_error') {
        complain(`${at} answered ${response.status} ${text}`);
      }
    }
    return undefined;
  };

  fault = { at, length, kind, calls: 0 };
  const first = await stream(path, { assistant_id });
  let last = first;
  if (first?.event === 'thread.run.requires_action') {
    const calls = first.data.required_action.submit_tool_outputs.tool_calls as { id: string }[];
    const tool_outputs = calls.map(({ id }) => ({ tool_call_id: id, output: 'sun' }));
    last = await stream(`${path}/${first.data.id}/submit_tool_outputs`, { tool_outputs });
  }
  if (length === 0 && last?.event !== 'thread.run.completed') complain(`ended with ${last?.event}`);
  if (last && !/^(?:thread\.run\.(?:completed|failed)|error)$/.test(last.event))
    complain(`last ${last.event}`);
  const { calls } = fault;
  fault = undefined;

  // The storage works again: what could not be ended is ended now, and the thread goes on.
  for (let beat = 0; beat < 3; beat++) await vi.advanceTimersByTimeAsync(5000);
  for (const run of (await beta.threads.runs.list(thread_id)).data) {
    if (run.status === 'requires_action') {
      await beta.threads.runs.cancel(run.id, { thread_id });
      run.status = (await beta.threads.runs.retrieve(run.id, { thread_id })).status as typeof run.status;
    }
    if (!['completed', 'failed', 'cancelled'].includes(run.status)) complain(`a run is ${run.status}`);
    if (run.status === 'failed' && !run.last_error?.code) complain('a run failed without a code');
    const replay = await (await engine.fetch(`http://engine.local/v1${path}/${run.id}/stream`)).text();
    problems.push(...findFlaws(parseEvents(replay), run.status));
    for (const step of (await beta.threads.runs.steps.list(run.id, { thread_id })).data) {
      if (step.status === 'in_progress') complain('a step is left open');
    }
  }
  for (const message of (await beta.threads.messages.list(thread_id)).data) {
    if (message.status === 'in_progress') complain('a message is left open');
  }
  await beta.threads.messages.create(thread_id, { role: 'user', content: 'Go on' });
  const next = await beta.threads.runs.create(thread_id, { assistant_id, tools: [], stream: true });
  let end = '';
  for await (const { event } of next) end = event;
  if (end !== 'thread.run.completed') complain(`the next run ended with ${end}`);
  await engine.close();
  return { calls, problems };
}

const script = [
  { parts: [{ call: 'code_interpreter', input: { code: 'print(1)' } }] },
  { parts: [{ text: ['I ', 'ask.'] }, { call: 'weather', input: {} }] },
  { parts: [{ text: ['It ', 'is ', 'sunny.'] }] },
];
