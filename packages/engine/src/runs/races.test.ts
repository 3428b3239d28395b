import { scriptedModel, type ScriptedPart } from '@use-assistant/test-kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findFlaws } from '../test-support/event-rules.ts';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { startEngine, until, type StartedEngine, type WireEvent } from '../test-support/start-engine.ts';

const tools = [
  { type: 'code_interpreter' as const },
  { type: 'function' as const, function: { name: 'weather' } },
];

const part = fc.oneof(
  fc
    .array(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((text) => ({ text })),
  fc.constant({ call: 'weather', input: {} }),
  fc.constant({ call: 'code_interpreter', input: { code: 'print(1)' } }),
  fc.constant({ hang: true as const, ignoreAbort: true }),
  fc.constant({ streamError: new Error('broken') }),
  fc.constant({ wait: new Promise((resolve) => setImmediate(resolve)) }),
);
const turns = fc.array(fc.array(part, { maxLength: 4 }), { minLength: 1, maxLength: 6 });
const requests = fc.array(
  fc.tuple(fc.constantFrom('run', 'cancel', 'submit', 'message', 'read'), fc.nat({ max: 6 })),
  { minLength: 5, maxLength: 40 },
);

test('whatever is asked at the same time, each run tells one legal story, once', async () => {
  const seed = Date.now() & 0x7fff_ffff;
  process.stdout.write(`races: seed ${seed}\n`);
  await fc.assert(
    fc.asyncProperty(turns, requests, async (script, asked) => {
      expect(await race(script, asked)).toEqual([]);
    }),
    { seed, numRuns: 60, interruptAfterTimeLimit: 10_000 },
  );
});

/** Plays the requests, each after some turns of the event loop; answers with everything that was not right. */
async function race(script: ScriptedPart[][], asked: [string, number][]): Promise<string[]> {
  let turn = 0;
  const started = startEngine({
    model: scriptedModel([() => ({ parts: script[turn++ % script.length]! })]),
    codeInterpreter: fakeInterpreter((_, { write }) => {
      write('1\n');
      return {};
    }),
  });
  const { threads } = started;
  const thread_id = await started.thread();
  const assistant_id = await started.assistant({ tools });
  const answers = asked.map(async ([what, ticks]) => {
    for (let tick = 0; tick < ticks; tick++) await new Promise((resolve) => setImmediate(resolve));
    const [run] = (await threads.runs.list(thread_id, { limit: 1 })).data;
    if (what === 'run') await threads.runs.create(thread_id, { assistant_id });
    else if (what === 'message') await threads.messages.create(thread_id, { role: 'user', content: 'x' });
    else if (run && what === 'cancel') await threads.runs.cancel(run.id, { thread_id });
    else if (run && what === 'read') await read(started, thread_id, run.id);
    else if (run?.required_action) {
      const calls = run.required_action.submit_tool_outputs.tool_calls;
      const tool_outputs = calls.map(({ id }) => ({ tool_call_id: id, output: 'sun' }));
      await threads.runs.submitToolOutputs(run.id, { thread_id, tool_outputs });
    }
  });
  // Bring everything to its end: whoever reads or waits must be let go by it.
  const settle = async () => {
    for (;;) {
      // Asked before the run is: what is answered in between may have made another one.
      const isLast = settled;
      const [run] = (await threads.runs.list(thread_id, { limit: 1 })).data;
      if (run) await threads.runs.cancel(run.id, { thread_id }).catch(() => {});
      const isOver = !run || ['cancelled', 'failed', 'completed'].includes(run.status);
      if (isOver && isLast) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  let settled = false;
  const all = Promise.allSettled(answers).then((results) => {
    settled = true;
    return results;
  });
  await until(() => turn > 0 || settled);
  await settle();
  // Refused is fine, in the words of the API; broken is not.
  const problems = (await all).flatMap((result) =>
    result.status === 'rejected' && result.reason.status !== 400 ? [String(result.reason)] : [],
  );
  for await (const run of threads.runs.list(thread_id)) {
    problems.push(...findFlaws(await read(started, thread_id, run.id), run.status));
  }
  await started.engine.close();
  return problems;
}

function read({ events }: StartedEngine, threadId: string, runId: string): Promise<WireEvent[]> {
  return events(`/threads/${threadId}/runs/${runId}/stream`);
}
