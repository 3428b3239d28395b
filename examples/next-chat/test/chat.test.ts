import { createEngine, sqlite, type Engine } from '@use-assistant/engine';
import { scriptedModel, type ScriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { createVisitor } from './visitor.ts';

let engine: Engine;
let model: ScriptedModel;
vi.mock('../lib/engine.ts', () => ({ openai: () => engine.openai() }));

/** Starts an engine whose model follows a script; the routes know nothing of the one before. */
async function start(...turns: ScriptedTurnSource[]): Promise<typeof createVisitor> {
  model = scriptedModel(turns);
  engine = createEngine({ model, storage: sqlite(':memory:'), log: () => {} });
  vi.resetModules();
  return (await import('./visitor.ts')).createVisitor;
}

afterEach(() => engine.close());

const message = (parts: object[], threadId: string | null = null): RequestInit => ({
  method: 'POST',
  body: JSON.stringify({ threadId, trigger: 'submit-message', message: { id: 'm', role: 'user', parts } }),
});
const text = [{ type: 'text', text: 'Hello?' }];

function upload(name: string, content: string): RequestInit {
  const body = new FormData();
  body.append('file', new File([content], name));
  return { method: 'POST', body };
}

describe('the route, as the hook asks it', () => {
  it('keeps one thread, and tells the model whom it talks to', async () => {
    const chat = (await start('One', 'Two'))().open();
    await chat.sendMessage({ text: 'First' });
    const { threadId } = chat.getSnapshot();
    await chat.sendMessage({ text: 'Second' });
    const { messages, status, ...state } = chat.getSnapshot();
    expect(messages.map(({ content }) => content)).toEqual(['First', 'One', 'Second', 'Two']);
    expect([status, state.threadId]).toEqual(['ready', threadId]);
    expect(JSON.stringify(model.prompts[1])).toMatch(/personal math tutor[\s\S]*Jane Doe[\s\S]*First/);
  });

  it('answers functions, however often the run asks', async () => {
    const ask = (symbol: string) => ({ call: 'get_stock_price', input: { symbol } });
    const turns = [{ parts: [ask('AAPL'), ask('META')] }, { parts: [ask('NVDA')] }, 'Done'];
    const chat = (await start(...turns))().open();
    await chat.sendMessage({ text: 'Prices?' });
    const { messages, status } = chat.getSnapshot();
    expect(messages.at(-1)!.content).toBe('Done');
    expect(status).toBe('ready');
    expect(JSON.stringify(model.prompts.at(-1))).toMatch(/231\.50[\s\S]*612\.20[\s\S]*174\.90/);
  });

  it('takes a file before there is a thread, and attaches it to the message', async () => {
    const visitor = (await start('Seen'))();
    const chat = visitor.open();
    await chat.sendMessage({ files: [new File(['a,b\n'], 'a b.csv')] });
    const { threadId, messages } = chat.getSnapshot();
    const [sent] = (await engine.openai().beta.threads.messages.list(threadId!, { order: 'asc' })).data;
    expect(sent).toMatchObject({
      content: [{ text: { value: 'Attached: a b.csv' } }],
      attachments: [{ tools: [{ type: 'code_interpreter' }] }],
    });
    const [part] = messages[0]!.parts;
    const file = await visitor.ask((part as { url: string }).url);
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="a b.csv"');
    expect(await file.text()).toBe('a,b\n');
  });

  it('says that a run has failed, in no words of the provider, and goes on', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const chat = (await start({ error: new Error('secret of the provider') }, 'Better'))().open();
    await chat.sendMessage({ text: 'Well?' });
    expect(chat.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'run_failed' } });
    expect(JSON.stringify(chat.getSnapshot())).not.toContain('secret');
    expect(log).toHaveBeenCalled();
    await chat.sendMessage({ text: 'And now?' });
    expect(chat.getSnapshot().messages.at(-1)!.content).toBe('Better');
  });

  it('stops a run, and takes the next message at once', async () => {
    const chat = (await start({ parts: [{ text: 'Well' }, { hang: true }] }, 'Better'))().open();
    void chat.sendMessage({ text: 'Well?' });
    await vi.waitFor(() => expect(chat.getSnapshot().messages.at(-1)!.content).toBe('Well'));
    void chat.stop();
    await chat.sendMessage({ text: 'Again?' });
    const { threadId, error, messages } = chat.getSnapshot();
    expect(error).toBeUndefined();
    expect(messages.at(-1)!.content).toBe('Better');
    const runs = await engine.openai().beta.threads.runs.list(threadId!, { order: 'asc' });
    expect(runs.data.map(({ status }) => status)).toEqual(['cancelled', 'completed']);
  });
});

describe('what belongs to one visitor', () => {
  it('looks to all others as if it were not there', async () => {
    const createVisitor = await start(() => 'Hello');
    const [alice, mallory] = [createVisitor(), createVisitor()];
    const chat = alice.open();
    await chat.sendMessage({ text: 'Mine' });
    const { threadId } = chat.getSnapshot();
    const { url } = (await (await alice.ask('/api/assistant/files', upload('a.txt', 'Mine'))).json()) as {
      url: string;
    };
    const engineId = url.replace(/~.*/, '');
    const attempts: [string, RequestInit?][] = [
      ['/api/assistant', message(text, threadId)],
      ['/api/assistant', message([{ type: 'file', url }])],
      [`/api/assistant/threads/${threadId}/cancel`, { method: 'POST', body: '{}' }],
      ...[url, engineId, `${engineId}~`, `${url}x`].flatMap((path): [string, RequestInit?][] => [
        [path],
        [path, { method: 'DELETE' }],
      ]),
    ];
    for (const [path, init] of attempts) {
      const answer = await mallory.ask(path, init);
      expect([path, answer.status, await answer.json()]).toEqual([
        path,
        404,
        { error: { message: 'There is nothing here.' } },
      ]);
    }
    expect(await (await alice.ask(url)).text()).toBe('Mine');
    expect((await alice.ask(url, { method: 'DELETE' })).status).toBe(204);
    expect((await alice.ask(url)).status).toBe(404);
  });

  it('needs a visitor: without the cookie nothing is done', async () => {
    const stranger = (await start())({ hasCookie: false });
    for (const path of ['/api/assistant', '/api/assistant/files']) {
      expect((await stranger.ask(path, upload('a.txt', 'a'))).status).toBe(401);
    }
    expect((await engine.openai().files.list()).data).toEqual([]);
  });
});

it.each<[string, number, string, RequestInit]>([
  ['no JSON', 400, '/api/assistant', { method: 'POST', body: 'Hello?' }],
  ['a message of nothing', 400, '/api/assistant', message([])],
  ['a thread id that is none', 400, '/api/assistant', message(text, '../files')],
  ['an upload without a file', 400, '/api/assistant/files', { method: 'POST', body: new FormData() }],
  ['an empty file', 400, '/api/assistant/files', upload('a.txt', '')],
  ['a message that is too large', 413, '/api/assistant', { method: 'POST', body: ' '.repeat(1024 ** 2 + 1) }],
  ['a body of unknown length', 413, '/api/assistant', { method: 'POST' }],
])('refuses %s', async (_, status, path, init) => {
  const visitor = (await start())();
  const answer = await visitor.ask(path, init);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ error: { message: expect.any(String) } });
  expect((await engine.openai().files.list()).data).toEqual([]);
});
