import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeInterpreterTool,
  converse,
  pythonExecutor,
  streamTurn,
  userMessage,
  type Run,
} from '../test-support/converse.ts';
import { LocalPython } from '../test-support/local-python.ts';

describe.skipIf(!LocalPython.isInstalled())('the equation rule', () => {
  let python: LocalPython;
  beforeAll(() => {
    python = new LocalPython();
  });
  afterAll(() => python.close());

  function ask(question: string): Promise<Run> {
    return converse(
      [userMessage(question)],
      [codeInterpreterTool],
      pythonExecutor((code) => python.run(code)),
    );
  }

  it.each([
    ['I need to solve the equation `3x + 11 = 14`. Can you help me?', '**x = 1**'],
    ['2(x - 3) = 4x + 5', '**x = -11/2** (= -5.5)'],
    ['Solve for x 2x = 4 please', '**x = 2**'],
    ['Solve a 3y=6 for me', '**y = 2**'],
    ['What is \\(\\frac{2}{3}y - 1 = 2\\)?', '**y = 9/2** (= 4.5)'],
    ['$$\\frac{x}{3} = 0.5$$', '**x = 3/2** (= 1.5)'],
    ['x/3 = 1/7', '**x = 3/7** (≈ 0.4285714286)'],
    ['0.1k − 0,3 = 1,000.5', '**k = 10008**'],
    ['- 7 = 2t · 4 + 011', '**t = -9/4** (= -2.25)'],
    ['(x + 1)/2 - (x - 1)/3 = 2x', '**x = 5/11** (≈ 0.4545454545)'],
    ['10% x = 5', '**x = 50**'],
    ['x = 3', '**x = 3**'],
    ['1) 5x + 2 = 3x + 10\n2) nothing here', '**x = 4**'],
  ])('solves %j', async (question, ending) => {
    const { text, turns } = await ask(question);
    expect(text.slice(-ending.length)).toBe(ending);
    expect(turns).toHaveLength(1);
  });

  it('explains every step in plain words', async () => {
    const { text } = await ask('I need to solve the equation `3x + 11 = 14`. Can you help me?');
    expect(text).toBe(
      [
        'Let us solve `3x + 11 = 14`, step by step. What is done to one side is done to the other too, so they stay equal.',
        '1. Subtract 11 from both sides, so that only the term with x stays on the left: `3x = 3`\n2. Divide both sides by 3, so that x stands alone: `x = 1`',
        'Check: with x = 1 the left side is 14 and the right side is 14.',
        'So the solution is **x = 1**',
      ].join('\n\n'),
    );
  });

  it('says when every number or no number solves it', async () => {
    expect((await ask('2(a + 1) = 2a + 2')).text).toContain('Every number is a solution');
    expect((await ask('2(a + 1) = 2a + 3')).text).toContain('There is no solution');
  });

  it.each(['Solve x^2 = 4', 'Solve y = 3x + 2', 'Solve 6/x = 3', 'Solve sqrt(x) = 2'])(
    'declines %j in words, without running anything',
    async (question) => {
      const { text, turns } = await ask(question);
      expect(text).toContain('I only solve linear equations in one unknown');
      expect(turns).toEqual([]);
    },
  );

  it.each(['Why does `const x = 5` fail?', 'Look at https://example.com/?a=3&b=4', 'Is 1 + 1 = 2 true?'])(
    'leaves %j to others',
    async (question) => {
      const { calls } = await streamTurn({ prompt: [userMessage(question)], tools: [codeInterpreterTool] });
      expect(calls).toEqual([]);
    },
  );

  it('explains the steps from what Python printed, not from the question', async () => {
    const { text } = await converse([userMessage('3x + 11 = 14')], [codeInterpreterTool], async () => ({
      type: 'json',
      value: {
        output:
          'Left side: 3 * x + 11\nRight side: 0 * x + 14\nCollected: 3 * x = 3\nSolution: x = 77, about 77\nCheck: left side 5, right side 6\n',
        files: [],
      },
    }));
    expect(text).toContain('**x = 77**');
    expect(text).toContain('left side is 5');
  });

  it('shows the output itself when it is not what the program prints', async () => {
    const { text } = await converse([userMessage('3x + 11 = 14')], [codeInterpreterTool], async () => ({
      type: 'text',
      value: 'surprise ``` fence',
    }));
    expect(text).toContain('surprise');
    expect(text).toContain('````');
  });

  it('says that it cannot run code where no code interpreter is offered', async () => {
    const { text, calls } = await streamTurn({ prompt: [userMessage('3x + 11 = 14')] });
    expect(text).toContain('cannot run code here');
    expect(calls).toEqual([]);
  });

  it('solves every a x + b = c x + d', { timeout: 60_000 }, async () => {
    const seed = Date.now() % 2 ** 31;
    console.info(`equation property: seed ${seed}`);
    const decimal = fc
      .tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 0, max: 3 }))
      .map(([digits, places]) => ({
        text: (digits / 10 ** places).toFixed(places),
        value: digits / 10 ** places,
      }));
    const letter = fc.constantFrom('x', 'y', 'e', 'N');
    const property = fc.asyncProperty(
      decimal,
      decimal,
      decimal,
      decimal,
      letter,
      async (a, b, c, d, name) => {
        const { text, turns } = await ask(
          `Solve ${a.text}${name} + ${b.text} = ${c.text} ${name} - (${d.text}) please.`,
        );
        if (turns.length !== 1) return false;
        if (a.value === c.value)
          return text.includes(b.value === -d.value ? 'Every number is' : 'There is no solution');
        const match = new RegExp(`\\*\\*${name} = (-?\\d+)(?:/(\\d+))?\\*\\*`).exec(text);
        const solution = Number(match?.[1]) / Number(match?.[2] ?? 1);
        const left = a.value * solution + b.value;
        const right = c.value * solution - d.value;
        const scale = Math.max(
          1,
          Math.abs(a.value * solution),
          Math.abs(c.value * solution),
          Math.abs(b.value),
        );
        return Math.abs(left - right) < 1e-9 * scale;
      },
    );
    await expect(fc.assert(property, { seed, numRuns: 300 })).resolves.toBeUndefined();
  });

  it('reads any text without failing or dawdling', async () => {
    const seed = Date.now() % 2 ** 31;
    console.info(`any text: seed ${seed}`);
    const alphabet = fc.constantFrom(
      ...'0123456789xy+-*/^()=.,%{}\\ \n',
      'sqrt',
      '\\frac',
      'solve',
      '½',
      '🙂',
    );
    const property = fc.asyncProperty(fc.array(alphabet, { maxLength: 400 }), async (pieces) => {
      await streamTurn({ prompt: [userMessage(pieces.join(''))], tools: [codeInterpreterTool] });
    });
    // One that dawdled would be found by the limit of a test.
    await expect(fc.assert(property, { seed, numRuns: 200 })).resolves.toBeUndefined();
  });
});
