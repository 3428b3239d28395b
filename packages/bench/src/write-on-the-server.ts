import { AssistantResponse } from '@use-assistant/server';
import { createUIMessageStream, createUIMessageStreamResponse } from 'ai';
import type { Contender } from './measure.ts';

const deltas = 4000;
const deltasPerMacrotask = 8;
const macrotask = (): Promise<void> => new Promise((done) => setImmediate(done));

async function drain(response: Response): Promise<void> {
  const reader = response.body!.getReader();
  while (!(await reader.read()).done);
}

/** The events of an assistant that writes `deltas` words, as the openai SDK yields them. */
async function* run(): AsyncGenerator<{ event: string; data: unknown }> {
  const ids = { id: 'run_1', thread_id: 'thread_1', assistant_id: 'asst_1', created_at: 1 };
  const message = {
    id: 'msg_1',
    object: 'thread.message',
    thread_id: 'thread_1',
    run_id: 'run_1',
    created_at: 1,
  };
  const fields = { role: 'assistant', assistant_id: 'asst_1', attachments: [], metadata: {} };
  yield { event: 'thread.run.created', data: { ...ids, object: 'thread.run', status: 'queued' } };
  yield { event: 'thread.run.in_progress', data: { ...ids, object: 'thread.run', status: 'in_progress' } };
  yield {
    event: 'thread.message.created',
    data: { ...message, ...fields, status: 'in_progress', content: [] },
  };
  let value = '';
  for (let index = 0; index < deltas; index += 1) {
    const word = `word${index} `;
    value += word;
    const delta = { content: [{ index: 0, type: 'text', text: { value: word } }] };
    yield { event: 'thread.message.delta', data: { id: 'msg_1', object: 'thread.message.delta', delta } };
    if (index % deltasPerMacrotask === 0) await macrotask();
  }
  const content = [{ type: 'text', text: { value, annotations: [] } }];
  yield { event: 'thread.message.completed', data: { ...message, ...fields, status: 'completed', content } };
  yield {
    event: 'thread.run.completed',
    data: { ...ids, object: 'thread.run', status: 'completed', usage: null },
  };
}

const ours: Contender = {
  name: 'AssistantResponse, from Assistants events',
  async run() {
    await drain(
      AssistantResponse({ threadId: 'thread_1', messageId: 'msg_0' }, async ({ forwardStream }) => {
        await forwardStream(run() as Parameters<typeof forwardStream>[0]);
      }),
    );
    return deltas;
  },
};

const theirs: Contender = {
  name: 'ai@7 createUIMessageStreamResponse, from chunks',
  async run() {
    const stream = createUIMessageStream({
      async execute({ writer }) {
        writer.write({ type: 'start', messageId: 'run_1' });
        writer.write({ type: 'text-start', id: 'text' });
        for (let index = 0; index < deltas; index += 1) {
          writer.write({ type: 'text-delta', id: 'text', delta: `word${index} ` });
          if (index % deltasPerMacrotask === 0) await macrotask();
        }
        writer.write({ type: 'text-end', id: 'text' });
        writer.write({ type: 'finish' });
      },
    });
    await drain(createUIMessageStreamResponse({ stream }));
    return deltas;
  },
};

/** From events to bytes, as the route does it, beside ai@7's own response. */
export const writeOnTheServer: { title: string; contenders: Contender[] }[] = [
  { title: 'Write a text answer, CPU per delta', contenders: [ours, theirs] },
];
