import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startChild } from './test-support/engine-child.ts';
import { findFlaws } from './test-support/event-rules.ts';
import { parseEvents, toEvents, type WireEvent } from './test-support/start-engine.ts';

/** Processes that are killed, all in all. Two at a time work on one folder, as two servers may. */
const kills = 200;
const lanes = 2;
/** How many of them while they start, so that taking up what a dead process left is cut off too. */
const killedAtStart = 0.15;
const questions = ['Hello', 'how warm is the kitchen?', 'What can you do?', 'how warm is the bedroom?'];

test('however often and whenever it is killed, the engine keeps what it has said', async () => {
  const seed = Date.now() & 0x7fff_ffff;
  process.stdout.write(`crash: seed ${seed}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const cache = join(folder, 'cache');
  // The first process ends in good order: only then its compiled code is kept.
  const first = startChild(data, cache);
  const url = await first.listening;
  const assistant = (await post(`${url}/assistants`, { model: 'any', tools: [thermometer] })).id as string;
  await first.end('SIGTERM');

  const work = Array.from({ length: lanes }, (_, lane) =>
    new Lane({ data, cache, assistant, random: randomFrom(seed + lane) }).run(kills / lanes),
  );
  const counts = await Promise.all(work);
  const total = counts.reduce((sum, count) => ({
    events: sum.events + count.events,
    ended: sum.ended + count.ended,
    submitted: sum.submitted + count.submitted,
  }));
  process.stdout.write(`crash: ${JSON.stringify(total)}\n`);
  expect(total.events).toBeGreaterThan(kills);
  expect(total.ended).toBeGreaterThan(kills / 2);
  expect(total.submitted).toBeGreaterThan(kills / 20);

  const database = new DatabaseSync(join(data, 'engine.db'));
  expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  expect(
    database.prepare("select id from runs where status in ('queued', 'in_progress', 'cancelling')").all(),
  ).toEqual([]);
  expect(database.prepare('select id from runs where owner is not null').all()).toEqual([]);
  expect(database.prepare('select id from owners').all()).toEqual([]);
  database.close();
}, 300_000);

const thermometer = {
  type: 'function',
  function: {
    name: 'getRoomTemperature',
    description: 'Get the temperature in a room',
    parameters: { type: 'object', properties: { room: { type: 'string', enum: ['kitchen', 'bedroom'] } } },
  },
};

/** A run as its client knows it. */
interface WatchedRun {
  thread: string;
  id: string;
  /** Every event that has arrived, in order. */
  events: WireEvent[];
  /** Outputs were sent, and may or may not have been taken. */
  hasSubmitted: boolean;
}

/** One engine after the other on the same data, each killed at a random moment, with the client that uses them. */
class Lane {
  readonly #settings: { data: string; cache: string; assistant: string; random: () => number };
  /** What the client holds of earlier processes, still to be looked after. */
  #runs: WatchedRun[] = [];
  readonly #counts = { events: 0, ended: 0, submitted: 0 };

  constructor(settings: { data: string; cache: string; assistant: string; random: () => number }) {
    this.#settings = settings;
  }

  async run(times: number): Promise<{ events: number; ended: number; submitted: number }> {
    const { data, cache, random } = this.#settings;
    for (let time = 0; time < times; time++) {
      const child = startChild(data, cache);
      if (random() < killedAtStart) {
        await Promise.race([child.listening, wait(random() * 400)]);
        await child.end('SIGKILL');
        continue;
      }
      const url = await child.listening;
      assert.ok(url, `The engine did not start: ${child.complaints().join('\n')}`);
      const waiting = await this.#check(url);
      const clients = [
        ...waiting.map((run) => this.#submit(url, run)),
        ...questions.map((question) => this.#ask(url, question)),
      ];
      await wait(5 + random() * 150);
      await child.end('SIGKILL');
      await Promise.all(clients);
      assert.deepEqual(child.complaints(), []);
    }
    const last = startChild(data, cache);
    const waiting = await this.#check((await last.listening)!);
    this.#runs = waiting;
    assert.equal(await last.end('SIGTERM'), 0);
    return this.#counts;
  }

  /** Holds what is stored against what arrived; answers the runs that wait for their client. */
  async #check(url: string): Promise<WatchedRun[]> {
    const waiting: WatchedRun[] = [];
    for (const run of this.#runs) {
      const path = `${url}/threads/${run.thread}/runs/${run.id}`;
      // At once, not after a while: on one machine a dead process is known to be dead.
      const { status, last_error } = await get(path);
      const stored = parseEvents(await (await fetch(`${path}/stream`)).text());
      assert.deepEqual(stored.slice(0, run.events.length), run.events);
      assert.deepEqual(findFlaws(stored, status as string), []);
      this.#counts.events += run.events.length;
      const isAnswered = status !== 'requires_action';
      if (isAnswered && run.events.at(-1)!.event === 'thread.run.requires_action') {
        assert.ok(run.hasSubmitted, 'The run went on without its outputs.');
      }
      if (status === 'requires_action') {
        run.events = stored;
        run.hasSubmitted = false;
        waiting.push(run);
        continue;
      }
      assert.ok(status === 'completed' || status === 'failed', `The run is ${String(status)}.`);
      if (status === 'failed') {
        assert.equal((last_error as { message: string }).message, 'The engine stopped during the run.');
      }
      if (run.hasSubmitted) {
        const again = await fetch(`${path}/submit_tool_outputs`, request({ tool_outputs: [] }));
        assert.equal(again.status, 400);
      }
      await post(`${url}/threads/${run.thread}/messages`, { role: 'user', content: 'The thread is free.' });
      this.#counts.ended += 1;
    }
    this.#runs = waiting;
    return [...waiting];
  }

  /** Starts a run on a thread of its own and reads along until it is over or the engine is. */
  async #ask(url: string, question: string): Promise<void> {
    const body = {
      assistant_id: this.#settings.assistant,
      thread: { messages: [{ role: 'user', content: question }] },
      stream: true,
    };
    const events: WireEvent[] = [];
    let run: WatchedRun | undefined;
    await this.#follow(`${url}/threads/runs`, body, (event) => {
      if (event.event === 'done') return;
      events.push(event);
      if (event.event !== 'thread.run.created') return;
      run = { thread: event.data.thread_id, id: event.data.id, events, hasSubmitted: false };
      this.#runs.push(run);
    });
    if (run?.events.at(-1)?.event === 'thread.run.requires_action') await this.#submit(url, run);
  }

  async #submit(url: string, run: WatchedRun): Promise<void> {
    const { tool_calls: calls } = run.events.at(-1)!.data.required_action.submit_tool_outputs;
    const tool_outputs = calls.map(({ id }: { id: string }) => ({ tool_call_id: id, output: '21' }));
    run.hasSubmitted = true;
    this.#counts.submitted += 1;
    const path = `${url}/threads/${run.thread}/runs/${run.id}/submit_tool_outputs`;
    await this.#follow(path, { tool_outputs, stream: true }, (event) => {
      if (event.event !== 'done') run.events.push(event);
    });
  }

  /** Reads a stream as far as it comes. */
  async #follow(url: string, body: unknown, onEvent: (event: WireEvent) => void): Promise<void> {
    let text = '';
    try {
      const response = await fetch(url, request(body));
      assert.equal(response.status, 200);
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        const end = text.lastIndexOf('\n\n') + 2;
        for (const event of toEvents(text.slice(0, end))) onEvent(event);
        text = text.slice(end);
      }
    } catch (error) {
      // Killed: what arrived until then is what counts.
      if (error instanceof assert.AssertionError) throw error;
    }
  }
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into data of any shape
async function get(url: string): Promise<any> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  return response.json();
}

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into data of any shape
async function post(url: string, body: unknown): Promise<any> {
  const response = await fetch(url, request(body));
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

function request(body: unknown): RequestInit {
  return { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** Numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
