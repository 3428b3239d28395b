import { tool } from 'ai';
import type { Run } from 'openai/resources/beta/threads/runs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerCalls, stockPrices, toFunctionTools } from './index.ts';

function waiting(...calls: [name: string, text: string][]): Run {
  const tool_calls = calls.map(([name, text], index) => ({
    id: `call_${index}`,
    type: 'function' as const,
    function: { name, arguments: text },
  }));
  return { required_action: { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls } } } as Run;
}

describe('the answers to function calls', () => {
  it('are given all at the same time, in the order of the calls', async () => {
    let both!: () => void;
    const started = new Promise<void>((resolve) => (both = resolve));
    let count = 0;
    const meet = tool({
      inputSchema: z.object({ name: z.string() }),
      execute: async ({ name }) => {
        if (++count === 2) both();
        await started;
        return { name };
      },
    });
    const run = waiting(['meet', '{"name":"a"}'], ['meet', '{"name":"b"}']);
    expect(await answerCalls(run, { meet })).toEqual([
      { tool_call_id: 'call_0', output: '{"name":"a"}' },
      { tool_call_id: 'call_1', output: '{"name":"b"}' },
    ]);
  });

  it('tell the model what is wrong with a call', async () => {
    const calls = [
      ['get_stock_price', '{"symbol":7}'],
      ['get_stock_price', 'not json'],
      ['constructor', '{}'],
      ['get_stock_price', '{"symbol":"XYZ"}'],
    ] as const;
    const outputs = await answerCalls(
      waiting(...calls.map(([name, text]) => [name, text] as [string, string])),
      stockPrices,
    );
    expect(outputs.map(({ output }) => output)).toEqual([
      expect.stringMatching(/^Error: .*symbol/is),
      expect.stringMatching(/^Error: /),
      'Error: there is no function constructor.',
      expect.stringContaining('no sample figure for XYZ'),
    ]);
  });
});

it('describes functions as the Assistants API takes them', async () => {
  expect(await toFunctionTools(stockPrices)).toMatchObject([
    {
      type: 'function',
      function: {
        name: 'get_stock_price',
        parameters: { type: 'object', required: ['symbol'], properties: { symbol: { type: 'string' } } },
      },
    },
  ]);
});
