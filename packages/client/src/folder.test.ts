import { beforeAll, expect, test } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import type { AssistantClientOptions } from './options.ts';
import { createFakeRoute } from './test-support/fake-route.ts';
import { settle } from './test-support/until.ts';
import type { UploadSource } from './wire.ts';

// What happens before the queue is there has tests of its own.
beforeAll(preload);

type Tree = { [name: string]: Tree | string | DOMException };

/** A folder as a browser gives it: by callbacks, and a few entries at a time. */
function folder(name: string, tree: Tree): FileSystemDirectoryEntry {
  const entries = Object.entries(tree).map(([key, value]) => {
    if (typeof value === 'object' && !(value instanceof DOMException)) return folder(key, value);
    return {
      name: key,
      isDirectory: false,
      file: (resolve: (file: File) => void, reject: (error: DOMException) => void) =>
        value instanceof DOMException ? reject(value) : resolve(new File([value], key)),
    };
  });
  const createReader = () => {
    let given = 0;
    return {
      readEntries: (resolve: (some: unknown[]) => void) => resolve(entries.slice(given, (given += 2))),
    };
  };
  return { name, isDirectory: true, createReader } as unknown as FileSystemDirectoryEntry;
}

/** Files as `<input webkitdirectory>` gives them. */
function picked(...paths: string[]): File[] {
  return paths.map((path) =>
    Object.defineProperty(new File(['a'], path.split('/').at(-1)!), 'webkitRelativePath', { value: path }),
  );
}

function setUp(options: AssistantClientOptions = {}) {
  const route = createFakeRoute();
  const sent: string[] = [];
  const client = new AssistantClient({
    fetch: route.fetch,
    async uploadFile({ name }: UploadSource) {
      sent.push(name);
      return { id: `file-${name}`, name, mediaType: 'text/plain', size: 1, url: `/files/${name}` };
    },
    ...options,
  });
  const names = () => client.getSnapshot().files.map(({ name, status }) => `${name} ${status}`);
  const errors = () => client.getSnapshot().files.map(({ error }) => error?.message);
  return { route, client, sent, names, errors };
}

test('All files of a folder and of the folders in it are uploaded, but not what a file manager hides.', async () => {
  const { client, sent, names } = setUp();
  client.addFiles([
    folder('data', {
      'b.csv': 'b',
      'a10.csv': 'a',
      'a9.csv': 'a',
      '.DS_Store': 'x',
      'Thumbs.db': 'x',
      '.git': { config: 'x' },
      deep: { deeper: { 'c.csv': 'c' } },
    }),
    new File(['x'], 'beside.txt'),
  ]);
  expect(names()).toEqual(['data uploading', 'beside.txt uploading']);
  await settle();
  expect(names()).toEqual(
    ['a9.csv', 'a10.csv', 'b.csv', 'c.csv', 'beside.txt'].map((name) => `${name} done`),
  );
  expect(sent.toSorted()).toEqual(['a10.csv', 'a9.csv', 'b.csv', 'beside.txt', 'c.csv']);
});

test('Files of one name are told apart by the folders that they lie in.', async () => {
  const { client, names } = setUp();
  client.addFiles([new File(['x'], 'notes.txt')]);
  client.addFiles([folder('data', { 'notes.txt': 'n', may: { 'x.csv': '5' }, june: { 'x.csv': '6' } })]);
  await settle();
  expect(names()).toEqual([
    'notes.txt done',
    'data-june-x.csv done',
    'data-may-x.csv done',
    'data-notes.txt done',
  ]);
});

test('A folder that was picked is one too, whatever else is picked with it.', async () => {
  const { client, names } = setUp();
  client.addFiles([
    ...picked('data/may/x.csv', 'data/june/x.csv', 'data/.DS_Store'),
    new File(['x'], 'y.csv'),
  ]);
  await settle();
  expect(names()).toEqual(['data-may-x.csv done', 'data-june-x.csv done', 'y.csv done']);
});

test('A folder with more files than the message can carry is refused as a whole, and says how many it can.', async () => {
  const { client, sent, names, errors } = setUp({ maxFiles: 3 });
  client.addFiles([new File(['x'], 'one.txt')]);
  client.addFiles([folder('data', { a: '1', b: '2', c: '3' })]);
  await settle();
  expect(names()).toEqual(['one.txt done', 'data error']);
  expect(errors()[1]).toBe(
    'data holds more files than can go along: a message can carry 3. Add those that matter.',
  );
  expect(sent).toEqual(['one.txt']);
});

test('Without a limit of the app, a folder of more than 500 files is refused.', async () => {
  const { client, sent, errors } = setUp();
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`${index}.txt`, 'x']));
  client.addFiles([folder('data', { below: many })]);
  await settle();
  expect(errors()[0]).toContain('a message can carry 500');
  expect(sent).toEqual([]);
});

test('What of a folder is refused for itself takes no place from the others.', async () => {
  const { client, names } = setUp({ maxFiles: 2, accept: '.csv' });
  client.addFiles([folder('data', { 'a.csv': '1', 'b.csv': '2', 'empty.csv': '', 'read.me': 'x' })]);
  await settle();
  expect(names()).toEqual(['a.csv done', 'b.csv done', 'empty.csv error', 'read.me error']);
});

test('A folder without files says so, also when there is only what is hidden.', async () => {
  const { client, errors } = setUp();
  client.addFiles([folder('empty', { below: {} }), folder('photos', { '.DS_Store': 'x' })]);
  await settle();
  expect(errors()).toEqual(['empty has no files in it.', 'photos has no files in it.']);
});

test('A folder of which a file cannot be read says so, and nothing of it is sent.', async () => {
  const { client, sent, errors } = setUp();
  client.addFiles([folder('data', { a: '1', z: new DOMException('', 'NotReadableError') })]);
  await settle();
  expect(errors()).toEqual([expect.stringContaining('data cannot be read.')]);
  expect(sent).toEqual([]);
});

test('A message that is sent while a folder is read waits for its files.', async () => {
  const { client, route } = setUp();
  client.addFiles([folder('data', { 'a.csv': '1', 'b.csv': '2' })]);
  client.setInput('Look');
  void client.submit();
  const { body } = await route.next('POST ');
  const { parts } = (body as { message: { parts: { filename?: string }[] } }).message;
  expect(parts.map(({ filename }) => filename)).toEqual([undefined, 'a.csv', 'b.csv']);
});

test('A message that waits for a folder which cannot go along stands where it stood, and says why.', async () => {
  const { client, route } = setUp();
  client.addFiles([folder('data', {})]);
  client.setInput('Look');
  await client.submit();
  const { error, input } = client.getSnapshot();
  expect([error!.message, input]).toEqual(['data has no files in it.', 'Look']);
  expect(route.calls).toEqual([]);
});

test('A folder that is taken out while it is read brings no file.', async () => {
  const { client, sent, names } = setUp();
  client.addFiles([folder('data', { a: '1' })]);
  client.removeFile(client.getSnapshot().files[0]!.id);
  await settle();
  expect([names(), sent]).toEqual([[], []]);
});
