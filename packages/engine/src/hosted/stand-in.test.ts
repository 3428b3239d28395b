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
