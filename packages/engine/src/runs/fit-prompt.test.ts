import { APICallError, type LanguageModelV4Prompt } from '@ai-sdk/provider';
import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import { expect, test } from 'vitest';
import { startEngine } from '../test-support/start-engine.ts';
import { fitPrompt, type PromptSection } from './fit-prompt.ts';
import { estimatePrompt } from './token-estimate.ts';

const tokens = (count: number) => 'word'.repeat(count - 4);

/** A section of so many tokens that says its own name first. */
function section(
  name: string,
  size: number,
  options: Partial<PromptSection> & { role?: 'user' | 'assistant' } = {},
) {
  const { role = 'user', isNeeded = false } = options;
  const text = `${name}${tokens(size)}`.slice(0, (size - 4) * 4);
  return { messages: [{ role, content: [{ type: 'text', text }] }] as LanguageModelV4Prompt, isNeeded };
}

const names = (prompt: LanguageModelV4Prompt | undefined) =>
  prompt?.map(({ content }) => ((content[0] as { text?: string }).text ?? 'tool').slice(0, 2));

test('a prompt that fits is left as it is', () => {
  const sections = [
    section('a1', 20),
    section('b1', 20, { role: 'assistant' }),
    section('c1', 20, { isNeeded: true }),
  ];
  expect(names(fitPrompt(sections, 60))).toEqual(['a1', 'b1', 'c1']);
  expect(names(fitPrompt(sections, Number.POSITIVE_INFINITY))).toEqual(['a1', 'b1', 'c1']);
});

test('the middle goes first: the beginning and the end of the thread stay', () => {
  const sections = [
    section('s1', 10, { isNeeded: true }),
    section('a1', 20),
    section('b1', 20, { role: 'assistant' }),
    section('c1', 20),
    section('d1', 20, { role: 'assistant' }),
    section('q1', 10, { isNeeded: true }),
  ];
  expect(names(fitPrompt(sections, 80))).toEqual(['s1', 'a1', 'c1', 'd1', 'q1']);
  expect(names(fitPrompt(sections, 79))).toEqual(['s1', 'a1', 'd1', 'q1']);
  expect(names(fitPrompt(sections, 20))).toEqual(['s1', 'q1']);
  expect(fitPrompt(sections, 19)).toBeUndefined();
});

test('without its beginning a conversation does not begin with an answer', () => {
  const sections = [
    section('a1', 100),
    section('b1', 20, { role: 'assistant' }),
    section('c1', 20),
    section('d1', 20, { role: 'assistant' }),
    section('q1', 20, { isNeeded: true }),
  ];
  expect(names(fitPrompt(sections, 100))).toEqual(['c1', 'd1', 'q1']);
  expect(names(fitPrompt(sections, 60))).toEqual(['c1', 'd1', 'q1']);
  expect(names(fitPrompt(sections, 59))).toEqual(['q1']);
});

test('whatever is cut, what is left keeps its order and fits', () => {
  for (let seed = 0; seed < 500; seed++) {
    const random = (below: number) => (((seed * 2_654_435_761 + below * 40_503) >>> 7) % below) + 1;
    const sections = Array.from({ length: random(12) }, (_, index) =>
      section(String(index).padStart(2, '0'), 5 + random(7 + index), {
        role: index % 2 === 0 ? 'user' : 'assistant',
        isNeeded: index % random(5) === 0,
      }),
    );
    const budget = random(150);
    const prompt = fitPrompt(sections, budget);
    const needed = sections.filter(({ isNeeded }) => isNeeded);
    const least = needed.reduce((sum, { messages }) => sum + estimatePrompt(messages), 0);
    expect(prompt === undefined, `seed ${seed}`).toBe(least > budget);
    const left = names(prompt) ?? [];
    expect(left, `seed ${seed}`).toEqual(left.toSorted());
    expect(estimatePrompt(prompt ?? []), `seed ${seed}`).toBeLessThanOrEqual(budget);
  }
});

/** A thread of ten questions and answers, each of about a hundred tokens, and the question of now. */
async function longThread(turns: ScriptedTurnSource[]) {
  const model = scriptedModel(turns);
  const started = startEngine({ model });
  const { threads } = started;
  const { id } = await threads.create();
  for (let index = 0; index < 10; index++) {
    await threads.messages.create(id, { role: 'user', content: `q${index} ${tokens(100)}` });
    await threads.messages.create(id, { role: 'assistant', content: `a${index} ${tokens(100)}` });
  }
  await threads.messages.create(id, { role: 'user', content: 'And now?' });
  const assistant_id = await started.assistant({
    tools: [{ type: 'code_interpreter' }],
    instructions: 'Hi.',
  });
  const said = (call: number) => names(model.prompts[call]!.filter(({ role }) => role !== 'system'));
  return { ...started, model, id, assistant_id, said };
}

test('max_prompt_tokens leaves out the middle of the thread', async () => {
  const { threads, id, assistant_id, said, model } = await longThread(['Fine.']);
  const run = await threads.runs.createAndPoll(id, { assistant_id, max_prompt_tokens: 800 });
  expect(run.status).toBe('completed');
  const left = said(0)!;
  expect(left[0]).toBe('q0');
  expect(left.at(-1)).toBe('An');
  expect(left.at(-2)).toBe('a9');
  expect(left.length).toBeGreaterThan(3);
  expect(estimatePrompt(model.prompts[0]!)).toBeLessThanOrEqual(800);
});

test('a run that has used up its prompt tokens ends incomplete, and says why', async () => {
  const { threads, id, assistant_id, model, events } = await longThread([
    { parts: [{ call: 'code_interpreter', input: { code: '1' } }], usage: { input: 700, output: 5 } },
  ]);
  const run = await threads.runs.createAndPoll(id, { assistant_id, max_prompt_tokens: 800 });
  expect(run).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'max_prompt_tokens' },
    usage: { prompt_tokens: 700 },
  });
  expect(model.calls).toHaveLength(1);
  const sent = await events(`/threads/${id}/runs/${run.id}/stream`);
  expect(sent.slice(-2).map(({ event }) => event)).toEqual([
    'thread.run.step.completed',
    'thread.run.incomplete',
  ]);
});

test('last_messages keeps so many, however many the run writes itself, and no fewer', async () => {
  const { threads, id, assistant_id, said } = await longThread([
    { parts: [{ text: 'A plan.' }, { call: 'code_interpreter', input: { code: '1' } }] },
    'Fine.',
  ]);
  const truncation_strategy = { type: 'last_messages', last_messages: 3 } as const;
  const run = await threads.runs.createAndPoll(id, { assistant_id, truncation_strategy });
  expect(run.status).toBe('completed');
  expect(said(0)).toEqual(['q9', 'a9', 'An']);
  expect(said(1)!.slice(0, 4)).toEqual(['q9', 'a9', 'An', 'A ']);
});

test('last_messages that do not fit into max_prompt_tokens end the run before it asks', async () => {
  const { threads, id, assistant_id, model } = await longThread(['Fine.']);
  const run = await threads.runs.createAndPoll(id, {
    assistant_id,
    truncation_strategy: { type: 'last_messages', last_messages: 9 },
    max_prompt_tokens: 500,
  });
  expect(run).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_prompt_tokens' } });
  expect(model.calls).toHaveLength(0);
});

const tooLong = new APICallError({
  message: '',
  url: 'https://models.example',
  requestBodyValues: {},
  statusCode: 400,
  responseBody: '{"error":{"message":"This model\'s maximum context length is 600 tokens.","code":null}}',
});

test('a thread that is longer than the model takes is cut until it fits', async () => {
  const { threads, id, assistant_id, model, said } = await longThread([
    (prompt) => (estimatePrompt(prompt) > 600 ? { error: tooLong } : 'Fine.'),
  ]);
  const run = await threads.runs.createAndPoll(id, { assistant_id });
  expect(run.status).toBe('completed');
  expect(model.calls.length).toBeGreaterThan(1);
  expect(said(model.calls.length - 1)!.at(-1)).toBe('An');
});

test('a thread that cannot be cut further fails as an invalid prompt', async () => {
  const { threads, id, assistant_id, model } = await longThread([() => ({ error: tooLong })]);
  const run = await threads.runs.createAndPoll(id, { assistant_id });
  expect(run.last_error).toEqual({
    code: 'invalid_prompt',
    message: 'The conversation is longer than the model takes.',
  });
  expect(model.calls.length).toBeLessThanOrEqual(5);
  const exact = await threads.runs.createAndPoll(id, {
    assistant_id,
    truncation_strategy: { type: 'last_messages', last_messages: 5 },
  });
  expect(exact.last_error!.code).toBe('invalid_prompt');
});
