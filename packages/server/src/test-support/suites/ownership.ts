import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '../../handler/create-assistant-handler.ts';
import { readStream } from '../read-stream.ts';
import { startRuntimeChat } from '../runtime-chat.ts';
import type { ChatRequest, RuntimeChat } from '../runtime-chat.ts';
import type { Runtime } from '../runtimes.ts';

/** What alice owns; bob asks for it, and for what does not exist. */
interface Owned {
  threadId: string;
  runId: string;
  fileId: string;
  fileUrl: string;
  /** The id of the user's message, in the engine. */
  messageId: string;
  /** A place in the history. */
  place: string;
}

const missing: Owned = {
  threadId: 'thread_missing',
  runId: 'run_missing',
  fileId: `file-missing~${'A'.repeat(24)}`,
  fileUrl: `/api/assistant/files/file-missing~${'A'.repeat(24)}`,
  messageId: 'msg_missing',
  place: 'msg_missing.1.run_missing',
};

const text = { type: 'text', text: 'Hi' };

/** For every route, the requests that reach for something which has an owner. A route without a row fails below. */
type Row = (
  owned: Owned,
  /** A thread of whoever asks. */
  own: string,
) => { path: string; init?: ChatRequest; /** @default 404 */ status?: number };

const rows: Record<string, Row[]> = {
  'POST ': [
    ({ threadId }) => ({ path: '', init: { json: { threadId, message: { role: 'user', parts: [text] } } } }),
    ({ threadId, runId }) => ({
      path: '',
      init: { json: { threadId, trigger: 'regenerate-message', messageId: runId } },
    }),
    ({ fileUrl }) => ({
      path: '',
      init: {
        json: { threadId: null, message: { role: 'user', parts: [text, { type: 'file', url: fileUrl }] } },
      },
    }),
    ({ threadId, runId }) => ({
      path: '',
      init: {
        json: { messages: [{ id: runId, role: 'assistant', metadata: { threadId, runId }, parts: [] }] },
      },
    }),
    ({ threadId }) => ({ path: '', init: { json: { threadId, message: 'Hi' } } }),
    ({ threadId }) => ({
      path: '',
      init: { json: { threadId, trigger: 'append-message', message: { role: 'user', parts: [text] } } },
    }),
    ({ threadId }) => ({
      path: '',
      init: {
        json: {
          id: threadId,
          messages: [
            { role: 'assistant', metadata: { threadId }, parts: [] },
            { role: 'user', parts: [text] },
          ],
        },
      },
    }),
    // What is named within a thread must be of that thread.
    ({ runId }, own) => ({
      path: '',
      init: { json: { threadId: own, trigger: 'regenerate-message', messageId: runId } },
    }),
    ({ messageId }, own) => ({
      path: '',
      init: { json: { threadId: own, messageId, message: { role: 'user', parts: [text] } } },
    }),
    ({ runId }, own) => ({
      path: '',
      init: {
        json: {
          messages: [{ id: runId, role: 'assistant', metadata: { threadId: own, runId }, parts: [] }],
        },
      },
    }),
    ({ fileUrl }, own) => ({
      path: '',
      init: {
        json: {
          threadId: own,
          trigger: 'append-message',
          message: { role: 'user', parts: [text, { type: 'file', url: `http://chat.test${fileUrl}` }] },
        },
      },
    }),
  ],
  'POST files': [],
  'GET files/:id': [({ fileId }) => ({ path: `/files/${fileId}` })],
  'DELETE files/:id': [({ fileId }) => ({ path: `/files/${fileId}` })],
  'GET threads': [
    ({ threadId }) => ({ path: `/threads?after=${threadId}`, status: 400 }),
    ({ threadId }) => ({ path: `/threads?after=${threadId}:1`, status: 400 }),
  ],
  'GET threads/:id': [
    ({ threadId }) => ({ path: `/threads/${threadId}` }),
    ({ threadId, place }) => ({ path: `/threads/${threadId}?before=${place}` }),
    ({ place }, own) => ({ path: `/threads/${own}?before=${place}`, status: 400 }),
  ],
  'PATCH threads/:id': [
    ({ threadId }) => ({ path: `/threads/${threadId}`, init: { json: { title: 'Mine' } } }),
  ],
  'DELETE threads/:id': [({ threadId }) => ({ path: `/threads/${threadId}` })],
  'GET threads/:id/stream': [
    ({ threadId, runId }) => ({
      path: `/threads/${threadId}/stream`,
      init: { headers: { 'last-event-id': `${runId}:0.0` } },
    }),
    ({ runId }, own) => ({
      path: `/threads/${own}/stream`,
      init: { headers: { 'last-event-id': `${runId}:0.0` } },
    }),
  ],
  'GET threads/:id/files/:name': [
    ({ threadId }) => ({ path: `/threads/${threadId}/files/a.csv` }),
    ({ fileId }, own) => ({ path: `/threads/${own}/files/${fileId}` }),
    (_, own) => ({ path: `/threads/${own}/files/a.csv` }),
  ],
  'POST threads/:id/cancel': [({ threadId }) => ({ path: `/threads/${threadId}/cancel` })],
  'POST threads/:id/tool-outputs': [
    ({ threadId, runId }) => ({
      path: `/threads/${threadId}/tool-outputs`,
      init: { json: { runId, outputs: [] } },
    }),
    ({ runId }, own) => ({
      path: `/threads/${own}/tool-outputs`,
      init: { json: { runId, outputs: [{ toolCallId: 'call_1', approved: true }] } },
    }),
  ],
  'GET :id/stream': [
    ({ threadId }) => ({ path: `/${threadId}/stream` }),
    ({ runId }, own) => ({
      path: `/${own}/stream`,
      init: { headers: { 'last-event-id': `${runId}:0.0` } },
    }),
  ],
};

/** Two people, and every route that one of them may try at what the other has. */
export function ownership(runtime: Runtime): void {
  let chat: RuntimeChat;
  let owned: Owned;
  let own = '';
  let answers = 0;

  beforeAll(async () => {
    chat = await startRuntimeChat(runtime, { turns: [() => `Answer ${(answers += 1)}.`] });
    const file = await chat.upload('a.csv', 'a,b\n');
    const parts = [text, { type: 'file', url: file.url, mediaType: 'text/csv', filename: 'a.csv' }];
    const response = await chat.send('POST', '', {
      json: { threadId: null, message: { role: 'user', parts } },
    });
    const { message } = await readStream(response);
    owned = {
      threadId: message.metadata!.threadId!,
      runId: message.id,
      fileId: file.id,
      fileUrl: file.url,
      messageId: message.metadata!.userMessageId!,
      place: `${message.metadata!.userMessageId}.1.${message.id}`,
    };
    const json = { threadId: null, trigger: 'append-message', message: { role: 'user', parts: [text] } };
    const theirs = await chat.send('POST', '', { json, user: 'bob' });
    own = /thread_\w+/.exec(await theirs.text())![0];
  });
  afterAll(() => chat.close());

  it('has a row for every route', () => {
    expect(Object.keys(rows)).toEqual(routes.map(({ method, path }) => `${method} ${path}`));
  });

  for (const { method, path } of routes) {
    for (const [index, row] of rows[`${method} ${path}`]?.entries() ?? []) {
      it(`is to others as if it were not there: ${method} ${path || '/'} (${index + 1})`, async () => {
        const ask = async (things: Owned) => {
          const request = row(things, own);
          const response = await chat.send(method, request.path, { ...request.init, user: 'bob' });
          return { status: response.status, body: await response.text(), headers: [...response.headers] };
        };
        const foreign = await ask(owned);
        expect(foreign.status).toBe(row(owned, own).status ?? 404);
        expect(foreign).toEqual(await ask(missing));
      });

      it(`needs a caller: ${method} ${path || '/'} (${index + 1})`, async () => {
        const request = row(owned, own);
        const response = await chat.send(method, request.path, { ...request.init, user: '' });
        expect(response.status).toBe(401);
      });
    }
  }

  it('is unchanged after all that, and answers its owner', async () => {
    const thread = await chat.send('GET', `/threads/${owned.threadId}`);
    expect(await thread.json()).toMatchObject({
      thread: { title: 'Hi' },
      messages: [{ role: 'user' }, { role: 'assistant' }],
    });
    expect(await (await chat.send('GET', `/files/${owned.fileId}`)).text()).toBe('a,b\n');
    expect(answers).toBe(1);
  });

  it('is in no list of others, and no cursor leads into it', async () => {
    const list = (await (await chat.send('GET', '/threads')).json()) as { threads: { id: string }[] };
    expect(list.threads.map(({ id }) => id)).toContain(owned.threadId);
    const foreign = await chat.send('GET', '/threads', { user: 'bob' });
    expect(await foreign.json()).toMatchObject({ threads: [{ id: own }], next: null });
    const by = async (after: string) => {
      const response = await chat.send('GET', `/threads?after=${after}`, { user: 'bob' });
      return [response.status, await response.text()];
    };
    expect(await by(owned.threadId)).toEqual(await by('thread_missing'));
    expect((await by(owned.threadId))[0]).toBe(400);
    expect((await chat.send('GET', '/threads', { user: '' })).status).toBe(401);
  });

  it('is not opened by the engine’s own id of a file', async () => {
    const bare = owned.fileId.slice(0, owned.fileId.indexOf('~'));
    expect((await chat.send('GET', `/files/${bare}`)).status).toBe(404);
  });
}
