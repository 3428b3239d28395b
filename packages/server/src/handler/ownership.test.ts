import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat, SendOptions } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';
import { routes } from './create-assistant-handler.ts';

/** What alice owns; bob asks for it, and for what does not exist. */
interface Owned {
  threadId: string;
  runId: string;
  fileId: string;
  fileUrl: string;
}

const missing: Owned = {
  threadId: 'thread_missing',
  runId: 'run_missing',
  fileId: `file-missing~${'A'.repeat(24)}`,
  fileUrl: `/api/assistant/files/file-missing~${'A'.repeat(24)}`,
};

const text = { type: 'text', text: 'Hi' };

/** For every route, the requests that reach for something which has an owner. A route without a row fails below. */
const rows: Record<string, ((owned: Owned) => { path: string; init?: SendOptions })[]> = {
  'POST ': [
    ({ threadId }) => ({ path: '', init: { body: { threadId, message: { role: 'user', parts: [text] } } } }),
    ({ threadId, runId }) => ({
      path: '',
      init: { body: { threadId, trigger: 'regenerate-message', messageId: runId } },
    }),
    ({ fileUrl }) => ({
      path: '',
      init: {
        body: { threadId: null, message: { role: 'user', parts: [text, { type: 'file', url: fileUrl }] } },
      },
    }),
    ({ threadId, runId }) => ({
      path: '',
      init: {
        body: { messages: [{ id: runId, role: 'assistant', metadata: { threadId, runId }, parts: [] }] },
      },
    }),
  ],
  'POST files': [],
  'GET files/:id': [({ fileId }) => ({ path: `/files/${fileId}` })],
  'DELETE files/:id': [({ fileId }) => ({ path: `/files/${fileId}` })],
  // A list has no id to reach for; what stands in it, and its cursors, are tested below.
  'GET threads': [],
  'GET threads/:id': [({ threadId }) => ({ path: `/threads/${threadId}` })],
  'PATCH threads/:id': [
    ({ threadId }) => ({ path: `/threads/${threadId}`, init: { body: { title: 'Mine' } } }),
  ],
  'DELETE threads/:id': [({ threadId }) => ({ path: `/threads/${threadId}` })],
  'GET threads/:id/stream': [
    ({ threadId, runId }) => ({
      path: `/threads/${threadId}/stream`,
      init: { headers: { 'last-event-id': `${runId}:0.0` } },
    }),
  ],
  'GET threads/:id/files/:name': [({ threadId }) => ({ path: `/threads/${threadId}/files/a.csv` })],
  'POST threads/:id/cancel': [({ threadId }) => ({ path: `/threads/${threadId}/cancel` })],
  'POST threads/:id/tool-outputs': [
    ({ threadId, runId }) => ({
      path: `/threads/${threadId}/tool-outputs`,
      init: { body: { runId, outputs: [] } },
    }),
  ],
  'GET :id/stream': [({ threadId }) => ({ path: `/${threadId}/stream` })],
};

describe('what belongs to someone', () => {
  let chat: Chat;
  let owned: Owned;
  let answers = 0;

  beforeAll(async () => {
    chat = startChat({ turns: [() => `Answer ${(answers += 1)}.`] });
    const file = await chat.upload('a.csv', 'a,b\n');
    const parts = [text, { type: 'file', url: file.url, mediaType: 'text/csv', filename: 'a.csv' }];
    const response = await chat.send('POST', '', {
      body: { threadId: null, message: { role: 'user', parts } },
    });
    const { message } = await readStream(response);
    owned = {
      threadId: message.metadata!.threadId!,
      runId: message.id,
      fileId: file.id,
      fileUrl: file.url,
    };
  });
  afterAll(() => chat.close());

  it('has a row for every route', () => {
    expect(Object.keys(rows)).toEqual(routes.map(({ method, path }) => `${method} ${path}`));
  });

  for (const { method, path } of routes) {
    for (const [index, row] of rows[`${method} ${path}`]?.entries() ?? []) {
      it(`is to others as if it were not there: ${method} ${path || '/'} (${index + 1})`, async () => {
        const ask = async (things: Owned) => {
          const request = row(things);
          const response = await chat.send(method, request.path, { ...request.init, user: 'bob' });
          return { status: response.status, body: await response.text(), headers: [...response.headers] };
        };
        const foreign = await ask(owned);
        expect(foreign.status).toBe(404);
        expect(foreign).toEqual(await ask(missing));
      });

      it(`needs a caller: ${method} ${path || '/'} (${index + 1})`, async () => {
        const request = row(owned);
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
    const own = await (await chat.send('GET', '/threads')).json();
    expect(own.threads.map(({ id }: { id: string }) => id)).toContain(owned.threadId);
    const foreign = await chat.send('GET', '/threads', { user: 'bob' });
    expect(await foreign.json()).toEqual({ threads: [], next: null });
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
});
