import { tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isClientTool, runFunctionTools, toFunctionDefinitions } from './function-tools.ts';

function call(name: string, input: unknown, id = 'call_1') {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  return { id, type: 'function' as const, function: { name, arguments: text } };
}

const inputSchema = z.object({ city: z.string() });
const weather = tool({
  description: 'Tells the weather.',
  inputSchema,
  execute: async ({ city }) => ({ city, degrees: 20 }),
});

describe('function tools', () => {
  it('answer side by side, in the order of the calls', async () => {
    const begun: string[] = [];
    const both = Promise.withResolvers<void>();
    const slow = tool({
      inputSchema,
      execute: async ({ city }) => {
        begun.push(city);
        if (begun.length === 2) both.resolve();
        await both.promise;
        return city;
      },
    });
    const outputs = await runFunctionTools(
      [call('slow', { city: 'a' }, '1'), call('slow', { city: 'b' }, '2')],
      { slow },
    );
    expect(outputs).toEqual([
      { tool_call_id: '1', output: 'a' },
      { tool_call_id: '2', output: 'b' },
    ]);
  });

  it('answer null where the result is no JSON', async () => {
    const odd = tool({ inputSchema, execute: (): unknown => Symbol('odd') });
    const outputs = await runFunctionTools([call('odd', { city: 'a' })], { odd });
    expect(outputs).toEqual([{ tool_call_id: 'call_1', output: 'null' }]);
  });

  it('tell the model what is wrong with its arguments', async () => {
    const [output] = await runFunctionTools([call('weather', { city: 3 })], { weather });
    expect(output!.output).toMatch(/^{"error":"The arguments do not fit: city: .*string/);
    const [broken] = await runFunctionTools([call('weather', '{"city":')], { weather });
    expect(broken!.output).toContain('The arguments do not fit');
  });

  it('keep what they throw to themselves, unless onError words it', async () => {
    const failing = tool({
      inputSchema,
      execute: async (): Promise<string> => {
        throw new Error('canary');
      },
    });
    const [quiet] = await runFunctionTools([call('failing', { city: 'x' })], { failing });
    expect(quiet!.output).toBe('{"error":"The tool failed."}');
    const [told] = await runFunctionTools(
      [call('failing', { city: 'x' })],
      { failing },
      { onError: () => 'Out of order.' },
    );
    expect(told!.output).toBe('{"error":"Out of order."}');
  });

  it('are given up after their time, with their signal aborted', async () => {
    let signal: AbortSignal | undefined;
    const endless = tool({
      inputSchema,
      execute: (_input, options) => {
        signal = options.abortSignal;
        return new Promise<string>(() => {});
      },
    });
    const [output] = await runFunctionTools([call('endless', { city: 'x' })], { endless }, { timeout: 10 });
    expect(output!.output).toContain('longer than 0.01 seconds');
    expect(signal?.aborted).toBe(true);
  });

  it('may stream their progress: the last value counts', async () => {
    const counting = tool({
      inputSchema,
      async *execute() {
        yield 'one';
        yield 'two';
      },
    });
    const [output] = await runFunctionTools([call('counting', { city: 'x' })], { counting });
    expect(output!.output).toBe('two');
  });

  it('that nobody wrote answer with an error', async () => {
    const [output] = await runFunctionTools([call('toString', {})], {});
    expect(output!.output).toContain('There is no tool named toString');
  });

  it('without execute are the browser’s', () => {
    const tools = { weather, browser: tool({ inputSchema }) };
    expect(['weather', 'browser', 'unknown'].map((name) => isClientTool(tools, name))).toEqual([
      false,
      true,
      false,
    ]);
    expect(isClientTool(undefined, 'any')).toBe(true);
  });

  it('become the definitions of the assistant', async () => {
    expect(await toFunctionDefinitions({ weather })).toMatchObject([
      {
        type: 'function',
        function: {
          name: 'weather',
          description: 'Tells the weather.',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      },
    ]);
  });
});
