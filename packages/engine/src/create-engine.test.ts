import { scriptedModel } from '@use-assistant/test-kit';
import { afterEach, expect, test } from 'vitest';
import { createEngine, type Engine, type EngineOptions } from './create-engine.ts';
import { sqlite } from './storage/sqlite.ts';
import { fakeInterpreter } from './test-support/fake-interpreter.ts';

const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

function start(options: EngineOptions): Engine {
  const engine = createEngine({
    storage: sqlite(':memory:'),
    codeInterpreter: fakeInterpreter(() => ({})),
    log: () => {},
    ...options,
  });
  engines.push(engine);
  return engine;
}

test('a plain answer streams through the official SDK', async () => {
  const engine = start({ model: scriptedModel([{ parts: [{ text: ['Hel', 'lo', '!'] }] }]) });
  const openai = engine.openai();
  const assistant = await openai.beta.assistants.create({ model: 'any' });
  const thread = await openai.beta.threads.create({ messages: [{ role: 'user', content: 'Hi' }] });
  const events: string[] = [];
  let text = '';
  const stream = openai.beta.threads.runs
    .stream(thread.id, { assistant_id: assistant.id })
    .on('event', (event) => void events.push(event.event))
    .on('textDelta', (delta) => void (text += delta.value));
  const run = await stream.finalRun();
  expect(text).toBe('Hello!');
  expect(run.usage).toEqual({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });
  expect(events).toEqual([
    'thread.run.created',
    'thread.run.queued',
    'thread.run.in_progress',
    'thread.run.step.created',
    'thread.run.step.in_progress',
    'thread.message.created',
    'thread.message.in_progress',
    'thread.message.delta',
    'thread.message.delta',
    'thread.message.delta',
    'thread.message.completed',
    'thread.run.step.completed',
    'thread.run.completed',
  ]);
  const messages = await openai.beta.threads.messages.list(thread.id);
  expect(messages.data[0]?.content).toEqual([{ type: 'text', text: { value: 'Hello!', annotations: [] } }]);
});
