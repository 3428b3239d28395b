import { startResponsesServer } from '@use-assistant/test-kit';
import OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';

test('the stand-in sends the documented order of events, which the official client takes', async () => {
  const server = await startResponsesServer({
    answer: () => [
      { code: 'print(1)', logs: '1\n', files: { 'a.csv': '1' } },
      { text: 'See it', cites: ['a.csv'] },
    ],
  });
  onTestFinished(() => server.close());
  const openai = new OpenAI({ apiKey: 'none', baseURL: server.url });
  const container = await openai.containers.create({ name: 'mine' });
  const stream = openai.responses.stream({
    model: 'gpt-5',
    input: [{ role: 'user', content: 'Hi' }],
    tools: [{ type: 'code_interpreter', container: container.id }],
    include: ['code_interpreter_call.outputs'],
  });
  const events: string[] = [];
  for await (const { type } of stream) events.push(type.replace('response.', ''));
  expect(events.filter((type, index) => type !== events[index - 1])).toEqual([
    'created',
    'in_progress',
    'output_item.added',
    'code_interpreter_call.in_progress',
    'code_interpreter_call_code.delta',
    'code_interpreter_call_code.done',
    'code_interpreter_call.interpreting',
    'code_interpreter_call.completed',
    'output_item.done',
    'output_item.added',
    'content_part.added',
    'output_text.delta',
    'output_text.annotation.added',
    'output_text.done',
    'content_part.done',
    'output_item.done',
    'completed',
  ]);
  const response = await stream.finalResponse();
  expect(response.output_text).toBe('See it');
});

test('the stand-in keeps files and vector stores, searches them and cites in the middle of a text', async () => {
  const server = await startResponsesServer({
    answer: () => [
      { search: 'shipping to Norway' },
      { text: '😀 Five days. Ask us.', quotes: [{ name: 'guide.txt', after: 'Five days' }] },
    ],
  });
  onTestFinished(() => server.close());
  const openai = new OpenAI({ apiKey: 'none', baseURL: server.url });
  const guide = new File(['Returns are free.\n\nShipping to Norway takes five days.'], 'guide.txt');
  const file = await openai.files.create({ file: guide, purpose: 'assistants' });
  const store = await openai.vectorStores.create({ name: 'mine' });
  server.shelf.waits = 1;
  await openai.vectorStores.fileBatches.create(store.id, { files: [{ file_id: file.id }] });
  expect((await openai.vectorStores.retrieve(store.id)).file_counts).toMatchObject({
    completed: 1,
    total: 1,
  });
  const request = {
    model: 'gpt-5',
    input: [{ role: 'user' as const, content: 'Hi' }],
    tools: [{ type: 'file_search' as const, vector_store_ids: [store.id] }],
    include: ['file_search_call.results' as const],
  };
  const events: string[] = [];
  const stream = openai.responses.stream(request);
  for await (const { type } of stream) events.push(type.replace('response.', ''));
  expect(events.slice(2, 7).map((type) => type.replace('file_search_call.', ''))).toEqual([
    'output_item.added',
    'in_progress',
    'searching',
    'completed',
    'output_item.done',
  ]);
  expect(events[events.indexOf('output_text.annotation.added') + 1]).toBe('output_text.delta');
  const { output } = await stream.finalResponse();
  expect(output).toMatchObject([
    {
      queries: ['shipping to Norway'],
      results: [
        {
          file_id: file.id,
          filename: 'guide.txt',
          score: 1,
          attributes: {},
          text: 'Shipping to Norway takes five days.',
        },
      ],
    },
    { content: [{ annotations: [{ type: 'file_citation', file_id: file.id, index: 11 }] }] },
  ]);
  await openai.vectorStores.delete(store.id);
  await expect(openai.responses.create(request)).rejects.toMatchObject({ status: 404 });
});
