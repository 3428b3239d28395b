import { AssistantError } from '@use-assistant/protocol';
import { beforeAll, expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import type { AssistantClientOptions } from './options.ts';
import { createFakeRoute, toTextRun } from './test-support/fake-route.ts';
import { settle, until } from './test-support/until.ts';
import type { UploadOptions } from './wire.ts';

// What happens before the queue is there has tests of its own.
beforeAll(preload);

interface FakeUpload extends UploadOptions {
  name: string;
  finish(): void;
  fail(error: unknown): void;
}

/** A client whose uploads are in the hands of the test; everything else goes to the fake route. */
function setUp(options: AssistantClientOptions = {}) {
  const route = createFakeRoute();
  const uploads: FakeUpload[] = [];
  const client = new AssistantClient({
    fetch: route.fetch,
    retry: { baseDelay: 0, retries: 1 },
    uploadFile: createUpload(uploads),
    ...options,
  });
  const names = () => client.getSnapshot().files.map(({ name, status }) => `${name} ${status}`);
  return { route, client, uploads, names };
}

function createUpload(uploads: FakeUpload[]): NonNullable<AssistantClientOptions['uploadFile']> {
  return ({ name }, uploadOptions) =>
    new Promise((resolve, reject) => {
      uploads.push({
        ...uploadOptions,
        name,
        fail: reject,
        finish: () =>
          resolve({ id: `file-${name}`, name, mediaType: 'text/csv', size: 3, url: `/files/file-${name}` }),
      });
    });
}

const csv = (name: string, content = 'a,b') => new File([content], name, { type: 'text/csv' });
const lost = () => new AssistantError('network', 'The server could not be reached.');

test('A file is uploaded as soon as it is added, with its progress.', async () => {
  const { client, uploads } = setUp();
  client.addFiles([csv('a.csv')]);
  expect(client.getSnapshot().files).toMatchObject([
    { name: 'a.csv', type: 'text/csv', size: 3, progress: 0, status: 'uploading' },
  ]);
  uploads[0]!.onProgress(0.5);
  expect(client.getSnapshot().files[0]).toMatchObject({ progress: 0.5, status: 'uploading' });
  uploads[0]!.finish();
  await settle();
  expect(client.getSnapshot().files[0]).toMatchObject({
    progress: 1,
    status: 'done',
    url: '/files/file-a.csv',
  });
});

test('Three files are sent at a time; the others wait their turn.', async () => {
  const { client, uploads, names } = setUp();
  client.addFiles(['1', '2', '3', '4', '5'].map((name) => csv(name)));
  expect(names()).toEqual(['1 uploading', '2 uploading', '3 uploading', '4 queued', '5 queued']);
  uploads[1]!.finish();
  await settle();
  expect(names()).toEqual(['1 uploading', '2 done', '3 uploading', '4 uploading', '5 queued']);
});

test('Submit waits for the files, then sends the message with their URLs, and the composer is empty.', async () => {
  const { route, client, uploads } = setUp();
  client.addFiles([csv('a.csv'), csv('b.csv')]);
  client.setInput('Plot these');
  const sent = client.submit();
  expect(client.getSnapshot()).toMatchObject({ input: '', status: 'submitted', messages: [] });
  uploads[0]!.finish();
  await settle();
  expect(route.calls).toHaveLength(0);
  uploads[1]!.finish();
  const post = await route.next('POST ');
  expect(post.body).toMatchObject({
    message: {
      parts: [
        { type: 'text', text: 'Plot these' },
        { type: 'file', url: '/files/file-a.csv', mediaType: 'text/csv', filename: 'a.csv' },
        { type: 'file', url: '/files/file-b.csv', filename: 'b.csv' },
      ],
    },
  });
  expect(client.getSnapshot().files).toEqual([]);
  post.stream().send(...toTextRun('Done'));
  await sent;
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', input: '' });
});

test('Files alone make a message.', async () => {
  const { route, client, uploads } = setUp();
  client.addFiles([csv('a.csv')]);
  void client.submit();
  uploads[0]!.finish();
  expect((await route.next('POST ')).body).toMatchObject({ message: { parts: [{ type: 'file' }] } });
});

test('An upload is tried again when the network fails, and the file says so when that is in vain.', async () => {
  const { client, uploads, names } = setUp();
  client.addFiles([csv('a.csv')]);
  uploads[0]!.onProgress(0.7);
  uploads[0]!.fail(lost());
  await settle();
  expect(client.getSnapshot().files[0]).toMatchObject({
    status: 'uploading',
    progress: 0,
    error: { code: 'network' },
  });
  uploads[1]!.onProgress(0.2);
  expect(client.getSnapshot().files[0]).not.toHaveProperty('error');
  uploads[1]!.fail(lost());
  await settle();
  expect(names()).toEqual(['a.csv error']);
  expect(client.getSnapshot().files[0]!.error).toMatchObject({ code: 'upload_failed' });
});

test('A refusal of the server is not tried again.', async () => {
  const { client, uploads } = setUp();
  client.addFiles([csv('a.csv')]);
  uploads[0]!.fail(new AssistantError('file_too_large', 'Too large.', { status: 413 }));
  await settle();
  expect(uploads).toHaveLength(1);
  expect(client.getSnapshot().files[0]!.error).toMatchObject({
    code: 'file_too_large',
    message: 'Too large.',
  });
});

test('When an upload fails, nothing is sent and the input and its files stand where they stood.', async () => {
  const { route, client, uploads, names } = setUp({ retry: { retries: 0 } });
  client.addFiles([csv('a.csv'), csv('b.csv')]);
  client.setInput('Plot these');
  const sent = client.submit();
  uploads[0]!.finish();
  uploads[1]!.fail(lost());
  await sent;
  expect(route.calls).toHaveLength(0);
  expect(client.getSnapshot()).toMatchObject({
    status: 'error',
    error: { code: 'upload_failed' },
    input: 'Plot these',
    messages: [],
  });
  expect(names()).toEqual(['a.csv done', 'b.csv error']);
});

test('Submitting again sends only what had failed.', async () => {
  const { route, client, uploads } = setUp({ retry: { retries: 0 } });
  client.addFiles([csv('a.csv'), csv('b.csv')]);
  const failed = client.submit();
  uploads[0]!.finish();
  uploads[1]!.fail(lost());
  await failed;
  void client.submit();
  await settle();
  expect(uploads.map(({ name }) => name)).toEqual(['a.csv', 'b.csv', 'b.csv']);
  uploads[2]!.finish();
  expect((await route.next('POST ')).body).toMatchObject({ message: { parts: [{}, {}] } });
});

test('When the server does not take the message, its files come back with the input.', async () => {
  const { route, client, uploads, names } = setUp();
  client.addFiles([csv('a.csv')]);
  client.setInput('Plot');
  const sent = client.submit();
  uploads[0]!.finish();
  (await route.next('POST ')).fail();
  await sent;
  expect(names()).toEqual(['a.csv done']);
  expect(client.getSnapshot()).toMatchObject({ input: 'Plot', messages: [], status: 'error' });
});

test('Stop while files are on their way sends nothing, and the message is back in the composer.', async () => {
  const { route, client, names } = setUp();
  client.addFiles([csv('a.csv')]);
  client.setInput('Plot');
  const sent = client.submit();
  await client.stop();
  await sent;
  expect(route.calls).toHaveLength(0);
  expect(client.getSnapshot()).toMatchObject({ input: 'Plot', status: 'ready', error: undefined });
  expect(names()).toEqual(['a.csv uploading']);
});

test('Leaving the thread while files are on their way brings nothing into the next one.', async () => {
  const { route, client, uploads } = setUp();
  client.addFiles([csv('a.csv')]);
  client.setInput('Plot');
  const sent = client.submit();
  client.setThreadId('thread_2');
  uploads[0]!.finish();
  await sent;
  expect(uploads[0]!.signal.aborted).toBe(true);
  expect(client.getSnapshot()).toMatchObject({ threadId: 'thread_2', input: '', files: [], messages: [] });
  expect(route.calls.filter(({ method }) => method === 'POST')).toEqual([]);
});

test('A file that is added after the submit belongs to the next message.', async () => {
  const { route, client, uploads, names } = setUp();
  client.addFiles([csv('a.csv')]);
  void client.submit();
  client.addFiles([csv('b.csv')]);
  uploads[0]!.finish();
  expect((await route.next('POST ')).body).toMatchObject({ message: { parts: [{ filename: 'a.csv' }] } });
  expect(names()).toEqual(['b.csv uploading']);
});

test('Removing a file ends its upload; one that had arrived is deleted on the server.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch });
  client.addFiles([csv('a.csv'), csv('b.csv')]);
  const [first, second] = [await route.next('POST /files'), await route.next('POST /files')];
  first.json({ id: 'file-a', name: 'a.csv', mediaType: 'text/csv', size: 3, url: '/files/file-a' });
  await until(client, ({ files }) => files[0]?.status === 'done');
  for (const { id } of client.getSnapshot().files) client.removeFile(id);
  expect(client.getSnapshot().files).toEqual([]);
  expect(second.isAborted).toBe(true);
  await route.next('DELETE /files/file-a');
});

test('Limits are checked before a byte is sent, and the file says which it broke.', async () => {
  const { route, client, uploads } = setUp({ accept: '.csv,image/*', maxFileSize: 4, maxFiles: 2 });
  client.addFiles([
    csv('a.csv'),
    csv('big.csv', '12345'),
    new File(['x'], 'x.exe'),
    csv('b.csv'),
    csv('c.csv'),
  ]);
  expect(client.getSnapshot().files.map(({ name, error }) => [name, error?.code])).toEqual([
    ['a.csv', undefined],
    ['big.csv', 'file_too_large'],
    ['x.exe', 'file_type_refused'],
    ['b.csv', undefined],
    ['c.csv', 'too_many_files'],
  ]);
  expect(uploads.map(({ name }) => name)).toEqual(['a.csv', 'b.csv']);
  void client.submit();
  for (const upload of uploads) upload.finish();
  expect((await route.next('POST ')).body).toMatchObject({ message: { parts: [{}, {}] } });
  expect(client.getSnapshot().files).toEqual([]);
});

test('Two files of one name are two files.', async () => {
  const { client, names } = setUp();
  client.addFiles([csv('a.csv'), csv('a.csv')]);
  expect(names()).toEqual(['a.csv uploading', 'a.csv uploading']);
  const [first] = client.getSnapshot().files;
  client.removeFile(first!.id);
  expect(names()).toEqual(['a.csv uploading']);
});

test('An image has a preview, which is given up when the file leaves the list.', async () => {
  const create = vi.spyOn(URL, 'createObjectURL');
  const revoke = vi.spyOn(URL, 'revokeObjectURL');
  const { route, client, uploads } = setUp();
  const image = () => new File(['x'], 'x.png', { type: 'image/png' });
  client.addFiles([image(), image(), csv('a.csv')]);
  const [first, second, third] = client.getSnapshot().files;
  expect([first!.preview, third!.preview]).toEqual([expect.stringMatching(/^blob:/), undefined]);
  client.removeFile(first!.id);
  expect(revoke.mock.calls).toEqual([[first!.preview]]);
  const sent = client.submit();
  for (const upload of uploads) upload.finish();
  (await route.next('POST ')).stream().send(...toTextRun('x'));
  await sent;
  expect(revoke.mock.calls).toEqual([[first!.preview], [second!.preview]]);
  expect(create).toHaveBeenCalledTimes(2);
});

test('Unmounting ends the uploads and gives up the previews.', async () => {
  const revoke = vi.spyOn(URL, 'revokeObjectURL');
  const { client, uploads } = setUp();
  const unmount = client.mount();
  client.addFiles([new File(['x'], 'x.png', { type: 'image/png' })]);
  unmount();
  expect(uploads[0]!.signal.aborted).toBe(true);
  expect(revoke).toHaveBeenCalledTimes(1);
});

test('A message can bring files of its own: those of the composer stay there.', async () => {
  const { route, client, uploads, names } = setUp();
  client.addFiles([csv('draft.csv')]);
  const stored = { type: 'file', url: '/files/old', mediaType: 'text/csv', filename: 'old.csv' } as const;
  const sent = client.sendMessage({ text: 'Plot', files: [csv('a.csv'), stored] });
  uploads[1]!.finish();
  const post = await route.next('POST ');
  expect(post.body).toMatchObject({
    message: { parts: [{ text: 'Plot' }, { filename: 'old.csv' }, { filename: 'a.csv' }] },
  });
  expect(names()).toEqual(['draft.csv uploading']);
  post.stream().send(...toTextRun('x'));
  await sent;
});

test('A message whose own file is refused is not sent.', async () => {
  const { route, client } = setUp({ maxFileSize: 1 });
  await client.sendMessage({ text: 'Plot', files: [csv('a.csv')] });
  expect(client.getSnapshot()).toMatchObject({
    status: 'error',
    error: { code: 'file_too_large' },
    messages: [],
  });
  expect(route.calls).toHaveLength(0);
});

test('A file goes out by multipart with the client’s own fetch, headers and credentials.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({
    fetch: route.fetch,
    headers: { 'x-app': 'yes' },
    credentials: 'include',
  });
  client.addFiles([csv('a.csv')]);
  const call = await route.next('POST /files');
  expect(call.headers.get('x-app')).toBe('yes');
  expect(call.headers.has('content-type')).toBe(false);
  expect(call.init.credentials).toBe('include');
  const file = (call.body as FormData).get('file') as File;
  expect([file.name, await file.text()]).toEqual(['a.csv', 'a,b']);
  call.json({ id: 'file-1', name: 'a.csv', mediaType: 'text/csv', size: 3, url: '/files/file-1' }, 201);
  const state = await until(client, ({ files }) => files[0]?.status === 'done');
  expect(state.files[0]!.url).toBe('/files/file-1');
});

test('An answer to an upload that names no file is an error.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch });
  client.addFiles([csv('a.csv')]);
  (await route.next('POST /files')).json({ ok: true });
  const state = await until(client, ({ files }) => files[0]?.status === 'error');
  expect(state.files[0]!.error).toMatchObject({ code: 'upload_failed' });
});

test('A message of files alone that are taken out again before they arrive is not sent.', async () => {
  const { route, client } = setUp();
  client.addFiles([csv('a.csv')]);
  const sent = client.submit();
  client.removeFile(client.getSnapshot().files[0]!.id);
  await sent;
  expect(route.calls).toHaveLength(0);
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, messages: [] });
});

test('An empty file is refused before it is sent, and the message goes without it.', async () => {
  const { client, uploads } = setUp();
  client.addFiles([csv('empty.csv', ''), csv('a.csv')]);
  expect(client.getSnapshot().files.map(({ error }) => error?.message)).toEqual([
    'empty.csv is empty.',
    undefined,
  ]);
  expect(uploads.map(({ name }) => name)).toEqual(['a.csv']);
});

test('A folder that was dropped says what to do instead, and is not tried again.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch });
  const folder = csv('photos');
  // What a browser gives for a folder cannot be read.
  folder.slice = () =>
    ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')) }) as never;
  client.addFiles([folder]);
  const { files } = await until(client, (state) => state.files[0]?.status === 'error');
  expect(files[0]!.error!.message).toContain('If it is a folder');
  expect(route.calls).toHaveLength(0);
});

test('Where there is no route for files, a small file travels in the message, and a large one says why not.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch });
  client.addFiles([csv('a.csv', 'ä,b'), csv('large.csv', 'x'.repeat(5 * 1024 * 1024))]);
  for (let count = 0; count < 2; count += 1)
    (await route.next('POST /files')).respond(new Response('Not found', { status: 404 }));
  const { files } = await until(client, (state) =>
    state.files.every(({ status }) => /done|error/.test(status)),
  );
  expect(files.map(({ status }) => status)).toEqual(['done', 'error']);
  client.removeFile(files[1]!.id);
  void client.submit();
  const { body } = await route.next('POST ');
  const [part] = (body as { message: { parts: { url: string }[] } }).message.parts;
  expect(part).toMatchObject({ mediaType: 'text/csv', filename: 'a.csv' });
  expect(await (await fetch(part!.url)).text()).toBe('ä,b');
});
