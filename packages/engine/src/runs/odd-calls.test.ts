import { scriptedModel, type ScriptedPart } from '@use-assistant/test-kit';
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { startEngine } from '../test-support/start-engine.ts';

const raw = (part: LanguageModelV4StreamPart): ScriptedPart => ({ part });

test('Python runs only where the run has the tool, whatever the model calls', async () => {
  const ran: string[] = [];
  const model = scriptedModel([
    { parts: [{ call: 'code_interpreter', input: { code: 'print(1)' } }] },
    'I have no Python.',
  ]);
  const codeInterpreter = fakeInterpreter((code) => {
    ran.push(code);
    return {};
  });
  const { threads, thread, assistant } = startEngine({ model, codeInterpreter });
  const threadId = await thread();
  const run = await threads.runs.createAndPoll(threadId, { assistant_id: await assistant() });
  expect(run.status).toBe('completed');
  expect(ran).toEqual([]);
  expect(JSON.stringify(model.prompts[1])).toContain('There is no tool named');
});

test("a function of the caller's own may be called code_interpreter", async () => {
  const model = scriptedModel([{ parts: [{ call: 'code_interpreter', input: { language: 'r' } }] }]);
  const { threads, thread, assistant } = startEngine({ model });
  const assistant_id = await assistant({
    tools: [{ type: 'function', function: { name: 'code_interpreter' } }],
  });
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id });
  expect(run.required_action?.submit_tool_outputs.tool_calls).toMatchObject([
    { function: { name: 'code_interpreter', arguments: '{"language":"r"}' } },
  ]);
});

test('calls that all have one id and begin before the first one ends stay as many as they are', async () => {
  const model = scriptedModel([
    {
      parts: [
        raw({ type: 'tool-input-start', id: 'same', toolName: 'look' }),
        raw({ type: 'tool-input-start', id: 'same', toolName: 'look' }),
        raw({ type: 'tool-call', toolCallId: 'same', toolName: 'look', input: '{"at":1}' }),
        raw({ type: 'tool-call', toolCallId: 'same', toolName: 'look', input: '{"at":2}' }),
      ],
      finish: 'tool-calls',
    },
  ]);
  const { threads, thread, assistant } = startEngine({ model });
  const assistant_id = await assistant({ tools: [{ type: 'function', function: { name: 'look' } }] });
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id });
  const calls = run.required_action?.submit_tool_outputs.tool_calls ?? [];
  expect(calls.map((call) => call.function.arguments)).toEqual(['{"at":1}', '{"at":2}']);
});
