import type { LanguageModelV4ToolResultOutput } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { converse, functionTool, streamTurn, userMessage, type Run } from '../test-support/converse.ts';

const rooms = ['bedroom', 'home office', 'living room', 'kitchen', 'bathroom'];
const temperatures: Record<string, number> = {
  bedroom: 20,
  'home office': 21,
  'living room': 21,
  kitchen: 22,
  bathroom: 23,
};
const room = { type: 'string' as const, enum: rooms };
const home = [
  functionTool('getRoomTemperature', 'Get the temperature in a room', { room }),
  functionTool('setRoomTemperature', 'Set the temperature in a room', {
    room,
    temperature: { type: 'number' },
  }),
];
const stocks = [
  functionTool('get_stock_price', 'Get the current stock price', { symbol: { type: 'string' } }),
];
const weather = [
  functionTool(
    'get_weather',
    'Determine weather in my location',
    {
      location: { type: 'string', description: 'The city and state' },
      unit: { type: 'string', enum: ['c', 'f'] },
    },
    ['location'],
  ),
];

function ask(
  question: string,
  output: LanguageModelV4ToolResultOutput = { type: 'text', value: 'done' },
): Promise<Run> {
  return converse([userMessage(question)], [...home, ...stocks, ...weather], async (toolName, input) => {
    if (toolName === 'getRoomTemperature')
      return { type: 'text', value: String(temperatures[String(input['room'])]) };
    if (toolName === 'get_stock_price')
      return { type: 'text', value: input['symbol'] === 'AAPL' ? '100' : '233' };
    return output;
  });
}

describe('the tools rule', () => {
  it.each([
    ['how warm is the kitchen?', 'getRoomTemperature', [{ room: 'kitchen' }]],
    ["What's the temperature in the living room?", 'getRoomTemperature', [{ room: 'living room' }]],
    ['Set the kitchen to 25 degrees', 'setRoomTemperature', [{ room: 'kitchen', temperature: 25 }]],
    [
      'Make the home office 19.5 and the bedroom 18',
      'setRoomTemperature',
      [
        { room: 'home office', temperature: 19.5 },
        { room: 'bedroom', temperature: 18 },
      ],
    ],
    ['the bedroom', 'getRoomTemperature', [{ room: 'bedroom' }]],
    [
      'What is the stock price of Apple and Meta?',
      'get_stock_price',
      [{ symbol: 'AAPL' }, { symbol: 'META' }],
    ],
    [
      'the current stock of apple and facebook, please',
      'get_stock_price',
      [{ symbol: 'AAPL' }, { symbol: 'META' }],
    ],
    ['Stock price of XYZ?', 'get_stock_price', [{ symbol: 'XYZ' }]],
    ['Is it raining in San Francisco?', 'get_weather', [{ location: 'San Francisco' }]],
    ["what's the weather in oslo today", 'get_weather', [{ location: 'oslo' }]],
  ])('answers %j by calling %s', async (question, toolName, inputs) => {
    const { turns } = await ask(question);
    expect(turns).toEqual([inputs.map((input) => ({ toolName, input }))]);
  });

  it('makes a sentence of the results, several in one', async () => {
    expect((await ask('how warm is the kitchen?')).text).toBe('The room temperature for the kitchen is 22.');
    expect((await ask('Stock price of Apple and Meta?')).text).toBe(
      'The stock price is 100 for AAPL and 233 for META.',
    );
  });

  it('compares what it was asked to compare', async () => {
    const { text, turns } = await ask('Which room is the warmest?');
    expect(turns[0]).toHaveLength(5);
    expect(text).toMatch(/So the warmest is the bathroom\.$/);
  });

  it('tells sentences, objects, failures and refusals', async () => {
    const question = 'Is it raining in Tokyo?';
    expect((await ask(question, { type: 'text', value: 'it rains all day' })).text).toBe('It rains all day.');
    expect((await ask(question, { type: 'json', value: { temperature: 12, sky: 'grey' } })).text).toBe(
      'Tokyo: temperature 12 and sky grey.',
    );
    expect((await ask(question, { type: 'error-text', value: 'No network' })).text).toBe(
      'I could not get the weather for Tokyo: No network.',
    );
    expect((await ask(question, { type: 'execution-denied' })).text).toContain('the call was not approved');
    expect((await ask(question, { type: 'text', value: '' })).text).toBe('Done: weather for Tokyo.');
  });

  it('makes one call a turn where the caller forbids parallel calls', async () => {
    const options = { tools: stocks, providerOptions: { openai: { parallelToolCalls: false } } };
    const prompt = [userMessage('Stock price of Apple and Meta?')];
    const asked: unknown[] = [];
    let turn = await streamTurn({ ...options, prompt });
    while (turn.calls.length === 1 && asked.length < 5) {
      const { toolCallId, toolName, input } = turn.calls[0]!;
      asked.push(JSON.parse(input));
      const output = { type: 'text' as const, value: String(asked.length) };
      prompt.push(
        { role: 'assistant', content: [{ type: 'tool-call', toolCallId, toolName, input: asked.at(-1) }] },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output }] },
      );
      turn = await streamTurn({ ...options, prompt });
    }
    expect(turn.text).toBe('The stock price is 1 for AAPL and 2 for META.');
    expect(asked).toEqual([{ symbol: 'AAPL' }, { symbol: 'META' }]);
  });

  it('asks for an argument that the question leaves open', async () => {
    const { text, turns } = await ask('How warm is it?');
    expect(turns).toEqual([]);
    expect(text).toContain('which room? I know bedroom, home office, living room, kitchen and bathroom.');
  });

  it.each(['Hello', 'Who was Napoleon?', 'Tell me a joke', 'constructor __proto__ toString'])(
    'leaves the tools alone for %j',
    async (question) => {
      const { text, turns } = await ask(question);
      expect(turns).toEqual([]);
      expect(text).toContain('a handful of rules, not an AI');
      expect(text).toContain('`getRoomTemperature`');
      expect(text).toContain('OPENAI_API_KEY');
    },
  );

  it('keeps to the choice of tools that the caller makes', async () => {
    const prompt = [userMessage('how warm is the kitchen?')];
    const none = await streamTurn({ prompt, tools: home, toolChoice: { type: 'none' } });
    expect(none.calls).toEqual([]);
    const one = await streamTurn({
      prompt: [userMessage('the kitchen, 20')],
      tools: home,
      toolChoice: { type: 'tool', toolName: 'setRoomTemperature' },
    });
    expect(one.calls).toMatchObject([
      { toolName: 'setRoomTemperature', input: '{"room":"kitchen","temperature":20}' },
    ]);
  });
});
