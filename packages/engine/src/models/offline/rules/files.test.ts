import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeInterpreterTool,
  converse,
  pythonExecutor,
  userMessage,
  type Run,
} from '../test-support/converse.ts';
import { LocalPython } from '../test-support/local-python.ts';

describe.skipIf(!LocalPython.isInstalled())('the files and python rules', () => {
  let python: LocalPython;
  beforeAll(() => {
    python = new LocalPython();
  });
  afterAll(() => python.close());

  function ask(question: string, name?: string, content: string | Uint8Array = ''): Promise<Run> {
    if (name) writeFileSync(join(python.folder, name), content);
    const prompt = [userMessage(question, name ? [name] : [])];
    return converse(
      prompt,
      [codeInterpreterTool],
      pythonExecutor((code) => python.run(code)),
    );
  }

  it('quotes the first lines of a text', async () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join('\n');
    const { text } = await ask('What is in it?', 'notes.md', lines);
    expect(text).toContain('**notes.md** is a text of 20 lines, 40 words');
    expect(text).toContain('```\nline 1\n');
    expect(text).toContain('line 12\n```');
    expect(text).not.toContain('line 13');
  });

  it('tells size and type of what is no text', async () => {
    const { text } = await ask('', 'scan.bin', new Uint8Array([0x25, 0x50, 0x44, 0x46, 0xff, 0]));
    expect(text).toMatch(/\*\*scan\.bin\*\* is no text: 6 bytes of type `application\/\S+`/);
  });

  it('runs Python from a fence as it is and shows the output', async () => {
    const { text, turns } = await ask('Look:\n```python\nfor i in range(3):\n    print(i ** 2)\n```\nThanks');
    expect(turns[0]![0]!.input).toEqual({ code: 'for i in range(3):\n    print(i ** 2)' });
    expect(text).toBe('The code ran. It printed:\n\n```\n0\n1\n4\n```');
  });

  it('runs Python after "run this:"', async () => {
    expect((await ask('run this: `print("a" * 3)`')).text).toContain('aaa');
    expect((await ask('Please execute the following code: x = 1')).text).toBe(
      'The code ran and printed nothing.',
    );
  });

  it('links the files that the code wrote', async () => {
    const { text } = await ask("run this: open('/mnt/data/out.txt', 'w').write('x')");
    expect(text).toContain('[out.txt](sandbox:/mnt/data/out.txt)');
  });

  it('reports an exception readably, with what was printed before it', async () => {
    const { text } = await ask('```py\nprint("begun")\nraise KeyError("lost")\n```');
    expect(text).toContain("KeyError: 'lost'");
    expect(text).toContain('begun');
    expect(text).not.toContain('File "');
  });
});
