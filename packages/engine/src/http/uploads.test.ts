import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { scriptedModel } from '@use-assistant/test-kit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { startEngine, until } from '../test-support/start-engine.ts';

/** An engine on a folder of its own, and the names of the blobs that lie there. */
function start() {
  const folder = mkdtempSync(join(tmpdir(), 'engine-uploads-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const started = startEngine({ storage: sqlite(folder), model: scriptedModel([]) });
  const blobs = () =>
    existsSync(join(folder, 'files')) ? readdirSync(join(folder, 'files')).toSorted() : [];
  return { ...started, uploads: started.openai.uploads, blobs };
}

const settings = { filename: 'data.csv', mime_type: 'text/csv', purpose: 'assistants' } as const;
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

test('a file is put together from parts that came in any order, and its parts are gone', async () => {
  const { openai, uploads, blobs } = start();
  const upload = await uploads.create({ ...settings, bytes: 11 });
  expect(upload).toMatchObject({
    id: expect.stringMatching(/^upload_\w{24}$/),
    object: 'upload',
    bytes: 11,
    filename: 'data.csv',
    purpose: 'assistants',
    status: 'pending',
    expires_at: upload.created_at + 3600,
  });
  const [second, first] = await Promise.all(
    ['world', 'Hello '].map((text) => uploads.parts.create(upload.id, { data: new File([text], 'part') })),
  );
  expect(first).toMatchObject({
    id: expect.stringMatching(/^part_\w{24}$/),
    object: 'upload.part',
    upload_id: upload.id,
  });
  const completed = await uploads.complete(upload.id, {
    part_ids: [first!.id, second!.id],
    md5: md5('Hello world').toUpperCase(),
  });
  expect(completed).toMatchObject({ id: upload.id, status: 'completed' });
  expect(completed.file).toMatchObject({ filename: 'data.csv', bytes: 11, purpose: 'assistants' });
  expect(await (await openai.files.content(completed.file!.id)).text()).toBe('Hello world');
  expect(await openai.files.retrieve(completed.file!.id)).toEqual(completed.file);
  expect(blobs()).toEqual([completed.file!.id]);
});

test('bytes, checksum and parts must be those that were announced; then nothing has happened', async () => {
  const { uploads, blobs } = start();
  const upload = await uploads.create({ ...settings, bytes: 4 });
  const part = await uploads.parts.create(upload.id, { data: new File(['abcd'], 'part') });
  const other = await uploads.create({ ...settings, bytes: 4 });
  const foreign = await uploads.parts.create(other.id, { data: new File(['abcd'], 'part') });
  const complete = (body: OpenAI.UploadCompleteParams) => uploads.complete(upload.id, body);
  await expect(complete({ part_ids: [] })).rejects.toMatchObject({ status: 400, param: 'part_ids' });
  await expect(complete({ part_ids: [foreign.id] })).rejects.toMatchObject({
    status: 400,
    param: 'part_ids[0]',
    message: `400 No such Part object: ${foreign.id}`,
  });
  await expect(complete({ part_ids: [part.id, part.id] })).rejects.toMatchObject({ param: 'part_ids[1]' });
  await expect(complete({ part_ids: [part.id], md5: md5('other') })).rejects.toMatchObject({ param: 'md5' });
  const more = await uploads.parts.create(upload.id, { data: new File(['e'], 'part') });
  await expect(complete({ part_ids: [part.id, more.id] })).rejects.toThrow(
    'The parts have 5 bytes together; the upload was created for 4.',
  );
  expect(blobs()).toEqual([foreign.id, more.id, part.id].toSorted());
  expect(await complete({ part_ids: [part.id], md5: md5('abcd') })).toMatchObject({ status: 'completed' });
});

test('what is over takes nothing more: cancelled, completed or unknown', async () => {
  const { uploads, blobs } = start();
  const upload = await uploads.create({ ...settings, bytes: 4 });
  const part = await uploads.parts.create(upload.id, { data: new File(['abcd'], 'part') });
  expect(await uploads.cancel(upload.id)).toMatchObject({ id: upload.id, status: 'cancelled' });
  expect(blobs()).toEqual([]);
  const message = `400 Upload ${upload.id} is cancelled: nothing can be done with it any more.`;
  await expect(uploads.cancel(upload.id)).rejects.toMatchObject({ message });
  await expect(uploads.complete(upload.id, { part_ids: [part.id] })).rejects.toMatchObject({ message });
  await expect(uploads.parts.create(upload.id, { data: new File(['x'], 'part') })).rejects.toMatchObject({
    message,
  });
  await expect(uploads.cancel('upload_x')).rejects.toMatchObject({
    status: 404,
    message: '404 No such Upload object: upload_x',
  });
  expect(blobs()).toEqual([]);
});

test('of requests that complete an upload at once one makes the file, and all hear of it', async () => {
  const { openai, uploads, blobs } = start();
  const upload = await uploads.create({ ...settings, bytes: 4 });
  const { id } = await uploads.parts.create(upload.id, { data: new File(['abcd'], 'part') });
  const [first, ...others] = await Promise.all(
    Array.from({ length: 5 }, () => uploads.complete(upload.id, { part_ids: [id] })),
  );
  for (const other of others) expect(other).toEqual(first);
  const { data } = await openai.files.list();
  expect(blobs()).toEqual(data.map((file) => file.id));
  expect(data).toHaveLength(1);
});

test('a client that did not hear that its upload is complete may ask again, for the same parts', async () => {
  const { openai, uploads } = start();
  const upload = await uploads.create({ ...settings, bytes: 4 });
  const a = await uploads.parts.create(upload.id, { data: new File(['ab'], 'part') });
  const b = await uploads.parts.create(upload.id, { data: new File(['cd'], 'part') });
  const completed = await uploads.complete(upload.id, { part_ids: [b.id, a.id] });
  expect(await uploads.complete(upload.id, { part_ids: [b.id, a.id] })).toEqual(completed);
  for (const part_ids of [[a.id, b.id], [a.id], ['part_x', a.id]]) {
    await expect(uploads.complete(upload.id, { part_ids })).rejects.toThrow(/^400 Upload .* is completed/);
  }
  await expect(uploads.cancel(upload.id)).rejects.toThrow(/ is completed/);
  expect((await openai.files.list()).data).toEqual([completed.file]);
});

test('an upload expires after an hour, and its parts with it', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { uploads, blobs } = start();
  const upload = await uploads.create({ ...settings, bytes: 4 });
  const part = await uploads.parts.create(upload.id, { data: new File(['abcd'], 'part') });
  expect(blobs()).toEqual([part.id]);
  vi.advanceTimersByTime(3_600_001);
  await until(() => blobs().length === 0);
  await expect(uploads.complete(upload.id, { part_ids: [part.id] })).rejects.toThrow(/ is expired/);
});

test.each([
  [{ ...settings }, 'bytes'],
  [{ ...settings, bytes: 9 * 2 ** 30 }, 'bytes'],
  [{ ...settings, bytes: 1, purpose: 'mischief' }, 'purpose'],
  [{ ...settings, bytes: 1, expires_after: { anchor: 'created_at', seconds: 5 } }, 'expires_after.seconds'],
])('%j is refused', async (body, param) => {
  const { uploads } = start();
  await expect(uploads.create(body as OpenAI.UploadCreateParams)).rejects.toMatchObject({
    status: 400,
    param,
  });
});
