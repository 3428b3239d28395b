import { pyodide, type CodeInterpreter } from '@use-assistant/interpreter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeInterpreterTool,
  converse,
  pythonExecutor,
  userMessage,
  type Run,
} from './test-support/converse.ts';

// The same programs in the sandbox that they are written for, with its own `charts`.
// The first start of a machine writes the snapshot that later starts read.
describe('the offline model in the Python sandbox', { timeout: 60_000 }, () => {
  let interpreter: CodeInterpreter;
  beforeAll(() => {
    interpreter = pyodide();
  });
  afterAll(() => interpreter.close());

  async function ask(thread: string, question: string, files: Record<string, string> = {}): Promise<Run> {
    const session = await interpreter.session(thread);
    for (const [name, text] of Object.entries(files))
      await session.writeFile(name, new TextEncoder().encode(text));
    const executor = pythonExecutor(async (code) => {
      const { logs, traceback, notice, files: made } = await session.run(code);
      const error = traceback ?? notice;
      return { output: logs, ...(error !== undefined && { error }), files: made.map(({ name }) => name) };
    });
    return converse([userMessage(question, Object.keys(files))], [codeInterpreterTool], executor);
  }

  it('solves the equation', async () => {
    const { text } = await ask('equation', 'I need to solve the equation `3x + 11 = 14`. Can you help me?');
    expect(text).toMatch(/\*\*x = 1\*\*$/);
  });

  it('reports an exception and goes on in the same session', async () => {
    expect((await ask('errors', '```python\nimport numpy\n```')).text).toContain(
      "ModuleNotFoundError: No module named 'numpy'",
    );
    expect((await ask('errors', '1 + 1')).text).toBe('`1 + 1` is **2**.');
  });

  it.each([
    ['plot the trend and give me the cleaned data', ['sales-cleaned.csv', 'sales-trend.svg']],
    ['a bar chart of units and price', ['sales-bars.svg']],
    ['scatter plot of units versus price', ['sales-scatter.svg']],
  ])('does %j with real charts', async (question, files) => {
    const csv =
      'Month,Units,Price\n2024-01,100,10.5\n2024-02,"1,120",\n2024-02,"1,120",\n2024-03,130,11\n2024-04,160,12\n';
    const run = await ask('table', question, { 'sales.csv': csv });
    expect(run.results).toEqual([{ type: 'json', value: { output: expect.any(String) as string, files } }]);
    const session = await interpreter.session('table');
    const chart = new TextDecoder().decode(await session.readFile(files.at(-1)!));
    expect(chart).toMatch(/^(<\?xml[^>]*>\s*)?<svg[\s\S]+<\/svg>\s*$/);
  });
});
