import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeInterpreterTool,
  converse,
  pythonExecutor,
  streamTurn,
  userMessage,
} from '../test-support/converse.ts';
import { LocalPython } from '../test-support/local-python.ts';

describe.skipIf(!LocalPython.isInstalled())('the arithmetic rule', () => {
  let python: LocalPython;
  beforeAll(() => {
    python = new LocalPython();
  });
  afterAll(() => python.close());

  it.each([
    ['What is 17 * (3 + 4)?', '`17 * (3 + 4)` is **119**.'],
    ['12% of 250', '`12% * 250` is **30**.'],
    ["what's the square root of 2?", '`sqrt 2` is **1.41421356237**.'],
    ['Calculate 0.1 + 0.2 please', '`0.1 + 0.2` is **0.3**.'],
    ['10/4', '`10/4` is **5/2**, which is 2.5 as a decimal.'],
    ['What is 7 plus 5 times 2?', '`7 + 5 * 2` is **17**.'],
    ['What is −3² + 1,000?', '`-3^2 + 1,000` is **991**.'],
    ['How much is 3 x 4?', '`3 * 4` is **12**.'],
    ['2**0.5 * 3', '`2**0.5 * 3` is **4.24264068712**.'],
    ['2^(-2)', '`2^(-2)` is **0.25**.'],
    ['007 + 1', '`007 + 1` is **8**.'],
    ['6 * 7', '`6 * 7` is **42**.'],
    ['And what is 17 * 3?', '`17 * 3` is **51**.'],
    ["so what's 12% of 250?", '`12% * 250` is **30**.'],
    ['then compute 2^10', '`2^10` is **1024**.'],
    ['Please calculate (1 + 2) * 3', '`(1 + 2) * 3` is **9**.'],
    ['OK, could you please work out 8 / 2?', '`8 / 2` is **4**.'],
    ['what about 5 + 5', '`5 + 5` is **10**.'],
    ['And 5 + 6, please?', '`5 + 6` is **11**.'],
    ['Thank you! Now what is 9 - 4?', '`9 - 4` is **5**.'],
    ['I want to know what 3 + 4 is', '`3 + 4` is **7**.'],
  ])('answers %j', async (question, answer) => {
    const run = await converse(
      [userMessage(question)],
      [codeInterpreterTool],
      pythonExecutor((code) => python.run(code)),
    );
    expect(run.turns).toHaveLength(1);
    expect(run.text).toBe(answer);
  });

  it('tells of a division by zero in words', async () => {
    const run = await converse(
      [userMessage('1/0')],
      [codeInterpreterTool],
      pythonExecutor((code) => python.run(code)),
    );
    expect(run.text).toContain('ZeroDivisionError');
    expect(run.text).toContain('Something was divided by zero');
    expect(run.text).not.toContain('Traceback');
  });

  it('keeps absurd sizes away from Python', async () => {
    const { text, calls } = await streamTurn({
      prompt: [userMessage('9^9^9^9')],
      tools: [codeInterpreterTool],
    });
    expect(calls).toEqual([]);
    expect(text).toContain('larger than anything');
  });

  it.each([
    'I was born on 2001-02-03',
    'I was born on 2001-02-03. What is my age?',
    'Call me at 555-1234',
    'Who was the 2nd king of 3/4 time?',
    'version 3.2 - 4 people came',
    'And then version 3.2 - 4 people came',
    'what about version 3.2 - 4 people came',
    'And what about 2025-01?',
    'please call 555-1234 now',
  ])('takes the numbers of %j for what they are', async (question) => {
    const { calls } = await streamTurn({ prompt: [userMessage(question)], tools: [codeInterpreterTool] });
    expect(calls).toEqual([]);
  });
});
