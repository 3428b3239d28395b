import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, sqlite } from '@use-assistant/engine';
import type OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { safeName } from '../src/save-files.ts';
import { Terminal } from './terminal.ts';

const dot = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>';

describe('the terminal chat', { timeout: 60_000 }, () => {
  let folder: string;
  let terminals: Terminal[];

  function open(...args: string[]): Terminal {
    const terminal = new Terminal([
      '--data',
      join(folder, 'data'),
      '--files',
      join(folder, 'files'),
      ...args,
    ]);
    terminals.push(terminal);
    return terminal;
  }

  /** What the engine holds once the program is gone. */
  async function look<T>(see: (openai: OpenAI) => Promise<T>): Promise<T> {
    const engine = createEngine({ storage: sqlite(join(folder, 'data')) });
    try {
      return await see(engine.openai());
    } finally {
      await engine.close();
    }
  }

  const expectNothingLeft = (): Promise<void> =>
    look(async (openai) => {
      expect((await openai.beta.assistants.list()).data).toEqual([]);
      const query = { metadata: { program: 'cli-chat' } };
      expect(await openai.get('/threads', { query })).toMatchObject({ data: [] });
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cli-chat-'));
    terminals = [];
  });

  afterEach(async () => {
    await Promise.all(terminals.map((terminal) => terminal.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers, calls functions, saves the files that Python makes, and leaves nothing behind on q', async () => {
    const chat = open();
    await chat.shows(/q leaves/);
    await chat.say('Hello!', /offline model/);
    await chat.say('What are the stock prices of Apple and Meta?', /231\.50 USD[\s\S]*612\.20 USD/);
    expect(chat.text).toMatch(
      /function call: get_stock_price .*AAPL[\s\S]*function call: get_stock_price .*META/,
    );
    const from = chat.text.length;
    await chat.say('Solve 3x + 11 = 14', /x = 1\b/);
    expect(chat.text.slice(from)).toMatch(/in progress/);
    const code = `open("/mnt/data/dot.svg", "w").write('${dot}'); open("/mnt/data/table.csv", "w").write("a,b")`;
    await chat.say(`Run this Python: ${code}`, /image_file file-\w+ saved as \S+dot\.svg/);
    await chat.prompts();
    expect(chat.text).toMatch(/file file-\w+ saved as \S+table\.csv/);
    expect(readFileSync(join(folder, 'files', 'dot.svg'), 'utf8')).toBe(dot);
    expect(readFileSync(join(folder, 'files', 'table.csv'), 'utf8')).toBe('a,b');
    await chat.prompts();
    chat.press('q\r');
    expect(await chat.exit).toBe(0);
    await expectNothingLeft();
  });

  it('goes on with a thread that was kept, and keeps it', async () => {
    const first = open('--keep');
    await first.say('What is 12% of 250?', /\b30\b/);
    await first.prompts();
    first.press('q\r');
    const [, threadId] = await first.shows(/--thread (thread_\w+)/);
    expect(await first.exit).toBe(0);

    const second = open('--thread', threadId!);
    await second.shows(/> What is 12% of 250\?\s[\s\S]*30[\s\S]*q leaves/);
    await second.say('How warm is it in the kitchen?', /22 °C/);
    await second.prompts();
    second.press('\u0003');
    expect(await second.exit).toBe(130);
    await look(async ({ beta }) => {
      expect((await beta.assistants.list()).data).toEqual([]);
      expect((await beta.threads.messages.list(threadId!)).data).toHaveLength(4);
    });
  });

  it('cancels the run and cleans up on Ctrl-C in the middle of it', async () => {
    const chat = open();
    const from = chat.text.length;
    await chat.say('Run this Python: import time; print("be" + "gun", flush=True); time.sleep(50)', /begun/);
    chat.press('\u0003');
    expect(await chat.exit).toBe(130);
    expect(chat.text.slice(from)).not.toMatch(/could be deleted|Error/);
    // npm, which the terminal ends too, may be gone before the program has tidied up.
    await vi.waitFor(expectNothingLeft, 10_000);
  });

  it.each<[how: string, code: number, leave: (chat: Terminal) => void]>([
    ['on Ctrl-D', 130, (chat) => chat.press('\u0004')],
    ['when the terminal is closed', 129, (chat) => void chat.close()],
  ])('cleans up %s', async (_, code, leave) => {
    const chat = open();
    await chat.prompts();
    leave(chat);
    expect(await chat.exit).toBe(code);
    await vi.waitFor(expectNothingLeft, 10_000);
    expect(chat.text).not.toContain('Warning');
  });

  it('goes on after a question that went wrong', async () => {
    const owner = open('--keep');
    await owner.say('Hello!', /offline model/);
    await owner.prompts();
    owner.press('q\r');
    const [, threadId] = await owner.shows(/--thread (thread_\w+)/);
    const [first, second] = [open('--thread', threadId!), open('--thread', threadId!)];
    await second.prompts();
    await first.say('Run this Python: import time; print("be" + "gun", flush=True); time.sleep(50)', /begun/);
    await second.say('What is 12% of 250?', /still being written/);
    first.press('\u0003');
    expect(await first.exit).toBe(130);
    await second.prompts();
    await vi.waitFor(() => second.say('What is 12% of 250?', /\b30\b|still being written/), 10_000);
    await second.prompts();
    second.press('q\r');
    expect(await second.exit).toBe(0);
  });

  it('says what to do when no engine answers, or when there is no such thread', async () => {
    const lost = open('--engine', 'http://127.0.0.1:9/v1');
    await lost.shows(/No engine answers at http:\/\/127\.0\.0\.1:9\/v1\. Start one with: npm run engine/);
    expect(await lost.exit).toBe(1);
    const unknown = open('--thread', 'thread_unknown');
    await unknown.shows(/There is no thread thread_unknown/);
    expect(await unknown.exit).toBe(1);
    await expectNothingLeft();
  });
});

describe('the name of a saved file', () => {
  it('never leaves the folder, whatever a model calls a file', () => {
    expect(safeName('../../etc/passwd')).toBe('passwd');
    expect(safeName('..\\..\\boot.ini')).toBe('boot.ini');
    expect(safeName('a:b\u0000c?.csv')).toBe('a_b_c_.csv');
    expect(safeName('..')).toBe('file');
    expect(safeName('.bashrc')).toBe('bashrc');
    expect(Buffer.byteLength(safeName(`${'漢😀'.repeat(100)}.${'😀'.repeat(40)}`))).toBeLessThan(250);
    expect(safeName(`${'x'.repeat(300)}.csv`)).toMatch(/^x{50}\.csv$/);
  });
});
