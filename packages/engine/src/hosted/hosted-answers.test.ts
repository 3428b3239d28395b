import type { HostedAnswer, HostedItem } from '@use-assistant/test-kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findFlaws, playStrictly } from '../test-support/event-rules.ts';
import { startHosted } from '../test-support/start-hosted.ts';

const name = fc.constantFrom('a.csv', 'b.png', 'out/c d.txt');
const item = fc.oneof(
  fc.record({ reasoning: fc.constant('Hm.') }),
  fc.record({
    text: name.map((file) => `Grüße 😀 sandbox:/mnt/data/${file} und mehr. `),
    cites: fc.array(name, { maxLength: 2 }),
  }),
  fc.record({
    code: fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).map((text) => `print(${text})`),
    logs: fc.string(),
    files: fc.dictionary(name, fc.string({ maxLength: 5 }), { maxKeys: 2 }),
  }),
);
const calls = fc.array(fc.constant({ call: 'weather', arguments: { city: 'Ulm' } }), { maxLength: 2 });

function inputsOf(items: HostedItem[]): string[] {
  return items.flatMap((one) => ('code' in one ? one.code : []));
}

function textOf(items: HostedItem[]): string {
  return items.map((one) => ('text' in one ? one.text : '')).join('');
}

test('whatever an answer is made of, a run of legal steps comes of it, and goes on after functions', async () => {
  let answer: HostedAnswer = { items: [] };
  const { threads, python, thread, events, openai } = await startHosted(({ input }) =>
    input.some(({ type }) => type === 'function_call_output') ? [{ text: 'End.' }] : answer,
  );
  const assistant_id = await python(['weather']);
  await fc.assert(
    fc.asyncProperty(
      fc.array(item, { maxLength: 6 }),
      calls,
      fc.boolean(),
      async (hosted, functions, mixed) => {
        // A model waits for its functions: they come last.
        const items = [...hosted, ...functions];
        answer = { items, interleaved: mixed && functions.length === 0 };
        const thread_id = await thread();
        let run = await threads.runs.createAndPoll(thread_id, { assistant_id }, { pollIntervalMs: 1 });
        const waiting = run.required_action?.submit_tool_outputs.tool_calls ?? [];
        expect(waiting).toHaveLength(functions.length);
        if (waiting.length > 0) {
          const tool_outputs = waiting.map(({ id }) => ({ tool_call_id: id, output: 'Sun' }));
          run = await threads.runs.submitToolOutputsAndPoll(
            run.id,
            { thread_id, tool_outputs },
            { pollIntervalMs: 1 },
          );
        }
        expect(run.last_error).toBeNull();
        const log = await events(`/threads/${thread_id}/runs/${run.id}/stream`);
        expect(findFlaws(log, 'completed')).toEqual([]);
        const played = await playStrictly(log);
        expect(played.texts.join('')).toBe(textOf(hosted) + (waiting.length > 0 ? 'End.' : ''));

        const steps = await threads.runs.steps.list(run.id, { thread_id, order: 'asc' });
        const inputs = steps.data.flatMap(({ step_details: details }) =>
          details.type === 'tool_calls'
            ? details.tool_calls.flatMap((call) =>
                call.type === 'code_interpreter' ? call.code_interpreter.input : [],
              )
            : [],
        );
        expect(inputs).toEqual(inputsOf(hosted));
        // Every file that is named or attached can be read.
        const { data } = await threads.messages.list(thread_id, { run_id: run.id });
        for (const { attachments } of data) {
          for (const { file_id } of attachments ?? []) await openai.files.content(file_id!);
        }
      },
    ),
    { numRuns: 25 },
  );
}, 30_000);
