import type { HostedItem } from '@use-assistant/test-kit';
import { expect, test } from 'vitest';
import { consume, outline } from '../test-support/consume.ts';
import { startHosted } from '../test-support/start-hosted.ts';

const head = ['run.created', 'run.queued', 'run.in_progress'];
const codeStep = ['run.step.created', 'run.step.in_progress', 'run.step.delta', 'run.step.completed'];
const messageHead = ['run.step.created', 'run.step.in_progress', 'message.created', 'message.in_progress'];
const messageTail = ['message.delta', 'message.completed', 'run.step.completed'];

const png = Buffer.from('89504e470d0a1a0a', 'hex');
const plot: HostedItem = {
  code: 'import pandas\nprint("Grüße \\"😀\\"")',
  logs: 'Grüße "😀"\n',
  files: { 'trend.png': png, 'out/clean.csv': 'a\n1\n' },
};

test('Python at OpenAI becomes a code step, and its image and table files of our own', async () => {
  const text = 'Here 😀 is [the table](sandbox:/mnt/data/out/clean.csv).';
  const { openai, threads, thread, python, server } = await startHosted(() => [
    { reasoning: 'Draw it.' },
    plot,
    { text, cites: ['out/clean.csv', 'trend.png'] },
  ]);
  const assistant_id = await python();
  const { events, run, steps, messages } = await consume(
    threads.runs.stream(await thread(), { assistant_id }),
  );
  expect(outline(events)).toEqual([...head, ...codeStep, ...messageHead, ...messageTail, 'run.completed']);
  expect(run.usage).toEqual({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });

  const [image, table] = messages[0]!.attachments!.map(({ file_id }) => file_id!);
  expect(steps[0]!.step_details).toEqual({
    type: 'tool_calls',
    tool_calls: [
      {
        id: expect.stringMatching(/^call_\w{24}$/),
        type: 'code_interpreter',
        code_interpreter: {
          input: 'import pandas\nprint("Grüße \\"😀\\"")',
          outputs: [
            { type: 'logs', logs: 'Grüße "😀"\n' },
            { type: 'image', image: { file_id: image } },
          ],
        },
      },
    ],
  });
  const link = 'sandbox:/mnt/data/out/clean.csv';
  expect(messages[0]!.content).toEqual([
    { type: 'image_file', image_file: { file_id: image } },
    {
      type: 'text',
      text: {
        value: text,
        annotations: [
          {
            type: 'file_path',
            text: link,
            start_index: text.indexOf(link),
            end_index: text.indexOf(link) + link.length,
            file_path: { file_id: table },
          },
        ],
      },
    },
  ]);
  expect(await openai.files.retrieve(table!)).toMatchObject({
    filename: 'clean.csv',
    purpose: 'assistants_output',
    bytes: 4,
  });
  expect(await (await openai.files.content(table!)).text()).toBe('a\n1\n');
  expect(Buffer.from(await (await openai.files.content(image!)).arrayBuffer())).toEqual(png);
  expect(server.responses[0]).toMatchObject({
    tools: [{ type: 'code_interpreter', container: 'cntr_1' }],
    include: ['code_interpreter_call.outputs'],
  });
});
