import type { HostedAnswer, HostedItem, Quote } from '@use-assistant/test-kit';
import fc from 'fast-check';
import type OpenAI from 'openai';
import { expect, test } from 'vitest';
import { findFlaws, playStrictly } from '../test-support/event-rules.ts';
import { hours, startHostedSearch, upload } from '../test-support/start-hosted-search.ts';

type Text = OpenAI.Beta.Threads.TextContentBlock['text'];

const comes = { comes: fc.constantFrom<Quote['comes'][]>(undefined, 'early', 'late') };
const name = fc.constantFrom('a.csv', 'b.png', 'out/c d.txt');
const item = fc.oneof(
  fc.record({ reasoning: fc.constant('Hm.') }),
  fc.record({
    text: name.map((file) => `Grüße 😀 sandbox:/mnt/data/${file} und mehr. `),
    cites: fc.array(name, { maxLength: 2 }),
    quotes: fc.array(
      fc.record({
        name: fc.constantFrom('guide.txt', 'hours.txt', 'none.txt'),
        after: fc.constantFrom('', 'Grüße', '😀 ', 'mehr'),
        ...comes,
      }),
      { maxLength: 3 },
    ),
  }),
  fc.record({ search: fc.constantFrom('Norway', 'open days', 'zebra') }),
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

/** Every marker of a text is an annotation with the file that it names, and the other way round. */
function expectMarked({ value, annotations }: Text, names: Map<string, string>): number {
  const cited = annotations.flatMap((annotation) =>
    annotation.type === 'file_citation'
      ? `${value.slice(annotation.start_index, annotation.end_index)} ${names.get(annotation.file_citation.file_id)}`
      : [],
  );
  const markers = [...value.matchAll(/【\d+:\d+†([^】]*)】/g)];
  expect(cited).toEqual(markers.map(([marker, file]) => `${marker} ${file}`));
  return markers.length;
}

test('whatever an answer is made of, a run of legal steps comes of it, and goes on after functions', async () => {
  let answer: HostedAnswer = { items: [] };
  const { threads, searcher, thread, events, openai, fileId } = await startHostedSearch(({ input }) =>
    input.some(({ type }) => type === 'function_call_output') ? [{ text: 'End.' }] : answer,
  );
  const hoursId = await upload(openai, 'hours.txt', hours);
  const assistant_id = await searcher(
    [fileId, hoursId],
    [{ type: 'code_interpreter' }, { type: 'function', function: { name: 'weather' } }],
  );
  const names = new Map([
    [fileId, 'guide.txt'],
    [hoursId, 'hours.txt'],
  ]);
  let marked = 0;
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
        const said = played.texts.join('').replaceAll(/【[^】]*】/g, '');
        expect(said).toBe(textOf(hosted) + (waiting.length > 0 ? 'End.' : ''));

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
        for (const { attachments, content } of data) {
          for (const block of content) if (block.type === 'text') marked += expectMarked(block.text, names);
          for (const { file_id } of attachments ?? []) await openai.files.content(file_id!);
        }
      },
    ),
    { numRuns: 40 },
  );
  expect(marked).toBeGreaterThan(0);
}, 30_000);
