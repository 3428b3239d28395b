import assert from 'node:assert/strict';
import { scriptedModel, type ScriptedModel } from '@use-assistant/test-kit';
import fc from 'fast-check';
import OpenAI from 'openai';
import { vi } from 'vitest';
import { createEngine, type Engine } from '../create-engine.ts';
import type { OpenStorage } from '../storage/port.ts';
import { sqlite } from '../storage/sqlite.ts';
import { findFlaws, playStrictly } from './event-rules.ts';
import { fakeInterpreter } from './fake-interpreter.ts';
import { parseEvents } from './start-engine.ts';
import * as rules from './state-model.ts';
import type { ModelRun, ModelThread, Refusal, TurnKind } from './state-model.ts';

const tools: OpenAI.Beta.AssistantTool[] = [
  { type: 'code_interpreter' },
  { type: 'function', function: { name: 'weather' } },
];
/** Turns of the event loop after which something that has not happened never will. */
const patience = 5000;

const anyOne = fc.nat({ max: 5 });
const script = fc.array(fc.constantFrom(...rules.turnKinds), { maxLength: 4 });
const stream = fc.boolean();

/** One of several requests, legal or not. Which thread and run a number means depends on how many there are by then. */
export const request = fc.oneof(
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('thread' as const), texts: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('delete' as const), thread: anyOne }) },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant('message' as const), thread: anyOne }) },
  {
    weight: 6,
    arbitrary: fc.record({
      ask: fc.constant('run' as const),
      thread: anyOne,
      script,
      stream,
      more: fc.boolean(),
      isUnknown: fc.constantFrom(false, false, false, false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant('thread and run' as const), script, stream }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('run, cancel' as const), thread: anyOne }) },
  { weight: 3, arbitrary: fc.record({ ask: fc.constant('cancel' as const), run: anyOne, thread: anyOne }) },
  {
    weight: 6,
    arbitrary: fc.record({
      ask: fc.constant('outputs' as const),
      run: anyOne,
      thread: anyOne,
      stream,
      how: fc.constantFrom(
        ...(['right', 'right', 'right', 'none', 'too few', 'too many', 'twice', 'wrong'] as const),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('look' as const), run: anyOne, thread: anyOne }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('rename' as const), run: anyOne, thread: anyOne }) },
  {
    weight: 1,
    arbitrary: fc.record({ ask: fc.constant('wait' as const), seconds: fc.constantFrom(1, 599, 600) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ ask: fc.constant('restart' as const), how: fc.constantFrom('close', 'kill') }),
  },
);
/** What is asked of both. */
export type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

interface StartedRun {
  run: OpenAI.Beta.Threads.Run;
  /** Settles with the last event of the run's stream, if one is read. */
  last: Promise<string> | undefined;
}

/** An engine and the model it must agree with, asked the same things. */
export class World {
  readonly #storage: OpenStorage;
  readonly #models = new Map<string, ScriptedModel>();
  readonly #threads: ModelThread[] = [];
  readonly #runs: ModelRun[] = [];
  /** Scripted models that stand still, by id. */
  readonly #hanging = new Set<string>();
  /** Streams that go on, by run; each settles with its last event. */
  readonly #readers = new Map<ModelRun, Promise<string>[]>();
  #engine!: Engine;
  #openai!: OpenAI;
  #assistantId = '';
  #count = 0;

  private constructor(storage: OpenStorage) {
    this.#storage = storage;
  }

  static async create(): Promise<World> {
    const world = new World(await sqlite(':memory:').open());
    world.#start();
    world.#assistantId = (await world.#openai.beta.assistants.create({ model: 'any', tools })).id;
    world.#threads.push(rules.createThread((await world.#openai.beta.threads.create()).id));
    return world;
  }

  #start(): void {
    const storage = { ...this.#storage, close: async () => {} };
    this.#engine = createEngine({
      storage: { open: async () => storage },
      model: (id) => this.#models.get(id)!,
      codeInterpreter: fakeInterpreter((_, { write }) => {
        write('1\n');
        return {};
      }),
      log: () => {},
    });
    this.#openai = this.#engine.openai();
  }

  async close(): Promise<void> {
    await this.#engine.close();
    await this.#storage.close();
    vi.clearAllTimers();
  }

  async ask(asked: Request): Promise<void> {
    const { threads } = this.#openai.beta;
    const thread = 'thread' in asked ? this.#threads[asked.thread % this.#threads.length]! : undefined;
    switch (asked.ask) {
      case 'thread': {
        const texts = Array.from({ length: asked.texts }, (_, index) => `Text ${index}`);
        const messages = texts.map((content) => ({ role: 'user' as const, content }));
        this.#threads.push(rules.createThread((await threads.create({ messages })).id, texts));
        return;
      }
      case 'delete': {
        const missing = rules.missingThread(thread!);
        await this.#expect(missing, threads.delete(thread!.id));
        thread!.isDeleted = true;
        return;
      }
      case 'message': {
        const text = `Message ${this.#count++}`;
        const refusal = rules.refuseMessage(thread!);
        await this.#expect(refusal, threads.messages.create(thread!.id, { role: 'user', content: text }));
        if (!refusal) rules.addMessage(thread!, text);
        return;
      }
      case 'run': {
        const unknown = asked.isUnknown ? 'asst_unknown' : undefined;
        const refusal = rules.refuseRun(thread!, unknown);
        const text = asked.more ? `More ${this.#count++}` : undefined;
        const model = this.#script(asked.script);
        const body = {
          assistant_id: unknown ?? this.#assistantId,
          model,
          ...(text !== undefined && { additional_messages: [{ role: 'user' as const, content: text }] }),
        };
        const started = await this.#expect(refusal, this.#create(thread!.id, body, asked.stream));
        if (!started) return;
        if (text !== undefined) rules.addMessage(thread!, text);
        await this.#started(started, thread!, model, asked.script);
        return;
      }
      case 'thread and run': {
        const model = this.#script(asked.script);
        const body = {
          assistant_id: this.#assistantId,
          model,
          thread: { messages: [{ role: 'user' as const, content: 'Hi' }] },
        };
        const started = asked.stream
          ? await this.#follow(await threads.createAndRun({ ...body, stream: true }))
          : { run: await threads.createAndRun(body), last: undefined };
        const created = rules.createThread(started.run.thread_id, ['Hi']);
        this.#threads.push(created);
        await this.#started(started, created, model, asked.script);
        return;
      }
      case 'run, cancel': {
        const refusal = rules.refuseRun(thread!, undefined);
        const model = this.#script(['hang']);
        const body = { assistant_id: this.#assistantId, model };
        const started = await this.#expect(refusal, this.#create(thread!.id, body, true));
        if (!started) return;
        // Nothing is waited for: it is cancelled while it is queued, or as it begins.
        const cancelled = await threads.runs.cancel(started.run.id, { thread_id: thread!.id });
        assert.equal(cancelled.status, 'cancelling');
        const run = rules.createRun({ id: started.run.id, model }, thread!, ['hang'], this.#now());
        this.#remember(run, started.last);
        rules.endRun(run, 'cancelled');
        await this.#settle(run);
        return;
      }
      case 'wait': {
        await vi.advanceTimersByTimeAsync(asked.seconds * 1000);
        for (const run of this.#runs) {
          if (run.thread.isDeleted || !rules.isActive(run) || run.expiresAt > this.#now()) continue;
          rules.endRun(run, 'expired');
          await this.#settle(run);
        }
        return;
      }
      case 'restart':
        await this.#restart(asked.how as 'close' | 'kill');
        return;
      default:
    }

    const run = this.#runs[asked.run % this.#runs.length];
    if (!run) return;
    // Mostly in its own thread; in any other it must not be found.
    const where = asked.thread === 0 ? this.#threads[0]! : run.thread;
    const params = { thread_id: where.id };
    switch (asked.ask) {
      case 'look': {
        const seen = await this.#expect(rules.missingRun(where, run), threads.runs.retrieve(run.id, params));
        if (seen) assert.equal(seen.status, run.status);
        return;
      }
      case 'rename': {
        const refusal = rules.missingRun(where, run);
        const metadata = { name: 'x' };
        const renamed = await this.#expect(refusal, threads.runs.update(run.id, { ...params, metadata }));
        if (renamed) assert.partialDeepStrictEqual(renamed, { metadata, status: run.status });
        return;
      }
      case 'cancel': {
        const refusal = rules.refuseCancel(where, run);
        const cancelled = await this.#expect(refusal, threads.runs.cancel(run.id, params));
        if (!cancelled) return;
        assert.equal(cancelled.status, 'cancelling');
        rules.endRun(run, 'cancelled');
        await this.#settle(run);
        return;
      }
      case 'outputs': {
        const expected = await this.#waitingCalls(run);
        const given = answer(expected, asked.how);
        const refusal = rules.refuseOutputs(where, run, expected, given);
        const body = {
          ...params,
          tool_outputs: given.map((id) => ({ tool_call_id: id, output: 'sun' })),
        };
        const taken = await this.#expect(refusal, this.#submit(run.id, body, asked.stream));
        if (!taken) return;
        rules.submitOutputs(run);
        this.#remember(run, taken.last);
        await this.#settle(run);
      }
    }
  }

  /** Everything that is stored, held against the model and against the rules of streams. */
  async check(): Promise<void> {
    const { threads } = this.#openai.beta;
    for (const run of this.#runs) {
      if (run.status !== 'in_progress' || run.thread.isDeleted) continue;
      await threads.runs.cancel(run.id, { thread_id: run.thread.id });
      rules.endRun(run, 'cancelled');
      await this.#settle(run);
    }
    for (const thread of this.#threads) {
      if (thread.isDeleted) {
        await this.#expect(rules.missingThread(thread), threads.retrieve(thread.id));
        continue;
      }
      const messages = await threads.messages.list(thread.id, { limit: 100, order: 'asc' });
      const seen = messages.data.map(({ role, status, content }) => ({
        role,
        status,
        text: content.map((block) => (block.type === 'text' ? block.text.value : '?')).join(''),
      }));
      assert.deepEqual(seen, thread.messages);
      const runs = await threads.runs.list(thread.id, { limit: 100, order: 'asc' });
      assert.deepEqual(
        runs.data.map(({ id, status }) => ({ id, status })),
        thread.runs.map(({ id, status }) => ({ id, status })),
      );
      for (const run of thread.runs)
        await this.#checkRun(
          run,
          runs.data.find(({ id }) => id === run.id)!,
        );
    }
    const { rows } = await this.#leftovers();
    assert.deepEqual(rows, []);
  }

  async #checkRun(run: ModelRun, seen: OpenAI.Beta.Threads.Run): Promise<void> {
    const { threads } = this.#openai.beta;
    const path = { thread_id: run.thread.id };
    assert.equal(seen.last_error?.message, run.lastError);
    assert.equal(seen.required_action?.submit_tool_outputs.tool_calls.length ?? 0, run.waiting);
    const steps = await threads.runs.steps.list(run.id, { ...path, order: 'asc' });
    assert.deepEqual(
      steps.data.map(({ type, status }) => ({ type, status })),
      run.steps,
    );
    const url = `http://engine.local/v1/threads/${run.thread.id}/runs/${run.id}/stream`;
    const events = parseEvents(await (await this.#engine.fetch(url)).text());
    assert.deepEqual(findFlaws(events, run.status), []);
    const played = playStrictly(events);
    // The SDK begins with a timer.
    await vi.advanceTimersByTimeAsync(0);
    assert.equal((await played).status, run.status);
  }

  /** Rows that belong to nothing: what a deleted thread must not leave behind. */
  async #leftovers(): Promise<{ rows: unknown[] }> {
    const { database } = this.#storage;
    const threads = database.selectFrom('threads').select('id');
    const rows: unknown[] = [];
    for (const table of ['messages', 'runs', 'steps'] as const) {
      rows.push(
        ...(await database.selectFrom(table).select('id').where('thread_id', 'not in', threads).execute()),
      );
    }
    const runs = database.selectFrom('runs').select('sequence');
    rows.push(...(await database.selectFrom('events').select('run').where('run', 'not in', runs).execute()));
    return { rows };
  }

  #now(): number {
    return Math.floor(Date.now() / 1000);
  }

  /** A scripted model of its own for each run, which outlives restarts as a real one does. */
  #script(kinds: TurnKind[]): string {
    const id = `script-${this.#count++}`;
    const left = [...kinds];
    const onHang = () => void this.#hanging.add(id);
    this.#models.set(id, scriptedModel([() => rules.toTurn(left.shift(), onHang)], id));
    return id;
  }

  async #create(
    threadId: string,
    body: OpenAI.Beta.Threads.RunCreateParamsNonStreaming,
    isStream: boolean,
  ): Promise<StartedRun> {
    const { runs } = this.#openai.beta.threads;
    if (isStream) return this.#follow(await runs.create(threadId, { ...body, stream: true }));
    const run = await runs.create(threadId, body);
    assert.equal(run.status, 'queued');
    return { run, last: undefined };
  }

  async #submit(
    id: string,
    body: OpenAI.Beta.Threads.RunSubmitToolOutputsParamsNonStreaming,
    isStream: boolean,
  ): Promise<StartedRun> {
    const { runs } = this.#openai.beta.threads;
    if (isStream) return this.#follow(await runs.submitToolOutputs(id, { ...body, stream: true }));
    const run = await runs.submitToolOutputs(id, body);
    assert.equal(run.status, 'queued');
    return { run, last: undefined };
  }

  /** Reads a stream on, from the event that tells of the run. */
  async #follow(events: AsyncIterable<OpenAI.Beta.AssistantStreamEvent>): Promise<StartedRun> {
    const iterator = events[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) throw new Error('The stream ended without its run.');
      if (value.data && 'object' in value.data && value.data.object === 'thread.run') {
        const drain = async () => {
          let last: string = value.event;
          for (let next = await iterator.next(); !next.done; next = await iterator.next())
            last = next.value.event;
          return last;
        };
        return { run: value.data, last: drain() };
      }
    }
  }

  async #started(
    { run, last }: StartedRun,
    thread: ModelThread,
    model: string,
    kinds: TurnKind[],
  ): Promise<void> {
    assert.partialDeepStrictEqual(run, { thread_id: thread.id, model });
    const created = rules.createRun({ id: run.id, model }, thread, kinds, run.created_at);
    assert.equal(run.expires_at, created.expiresAt);
    this.#remember(created, last);
    await this.#settle(created);
  }

  #remember(run: ModelRun, last: Promise<string> | undefined): void {
    if (!this.#runs.includes(run)) this.#runs.push(run);
    if (last) this.#readers.set(run, [...(this.#readers.get(run) ?? []), last]);
  }

  /** Waits until the run has come where the model says it comes to; its readers then end as it did. */
  async #settle(run: ModelRun): Promise<void> {
    const { runs } = this.#openai.beta.threads;
    let status: string | undefined;
    for (let turn = 0; turn < patience; turn++) {
      const isSettled = status === run.status && (status !== 'in_progress' || this.#hanging.has(run.model));
      if (isSettled) break;
      await new Promise((resolve) => setImmediate(resolve));
      ({ status } = await runs.retrieve(run.id, { thread_id: run.thread.id }));
    }
    assert.equal(status, run.status);
    if (run.status === 'in_progress') return;
    const readers = this.#readers.get(run) ?? [];
    this.#readers.delete(run);
    for (const last of readers) assert.equal(await last, `thread.run.${run.status}`);
  }

  /** Asks for something that must be refused just so, or taken. */
  async #expect<T>(refusal: Refusal | undefined, answer: Promise<T>): Promise<T | undefined> {
    if (!refusal) return answer;
    const error: unknown = await answer.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof (refusal.status === 404 ? OpenAI.NotFoundError : OpenAI.BadRequestError));
    assert.partialDeepStrictEqual(error.error, {
      message: refusal.message,
      type: 'invalid_request_error',
    });
    return undefined;
  }

  async #waitingCalls(run: ModelRun): Promise<string[]> {
    if (run.status !== 'requires_action' || run.thread.isDeleted) return [];
    const { required_action } = await this.#openai.beta.threads.runs.retrieve(run.id, {
      thread_id: run.thread.id,
    });
    return required_action!.submit_tool_outputs.tool_calls.map(({ id }) => id);
  }

  async #restart(how: 'close' | 'kill'): Promise<void> {
    const message =
      how === 'close' ? 'The engine was shut down during the run.' : 'The engine stopped during the run.';
    if (how === 'close') await this.#engine.close();
    else {
      // What a killed process no longer does: it says nothing, and nobody there reads.
      vi.clearAllTimers();
      await this.#storage.database.deleteFrom('owners').execute();
      this.#readers.clear();
    }
    this.#start();
    for (const run of this.#runs) {
      if (run.thread.isDeleted || run.status !== 'in_progress') continue;
      rules.endRun(run, 'failed', message);
      await this.#settle(run);
    }
  }
}

/** Outputs as a client may send them: right, or wrong in one of several ways. */
function answer(expected: string[], how: string): string[] {
  switch (how) {
    case 'none':
      return [];
    case 'too few':
      return expected.slice(1);
    case 'too many':
      return [...expected, 'call_other'];
    case 'twice':
      return [...expected, ...expected.slice(0, 1)];
    case 'wrong':
      return expected.map(() => 'call_other');
    default:
      return expected;
  }
}
