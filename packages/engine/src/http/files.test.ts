import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { scriptedModel } from '@use-assistant/test-kit';
import fc from 'fast-check';
import OpenAI from 'openai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { startEngine, until } from '../test-support/start-engine.ts';
import { startProcess } from '../test-support/start-process.ts';

const megabyte = 2 ** 20;

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'engine-files-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const blobsIn = (path: string) => (existsSync(join(path, 'files')) ? readdirSync(join(path, 'files')) : []);

function start() {
  const path = folder();
  return {
    ...startEngine({ storage: sqlite(path), model: scriptedModel([]) }),
    blobs: () => blobsIn(path),
  };
}

async function startOutside() {
  const path = folder();
  return { ...(await startProcess(path)), blobs: () => blobsIn(path) };
}

/** A form as clients send it: the file first, made piece by piece as it is read. */
function form(size: number, options: { breakOffAt?: number; field?: string } = {}) {
  const boundary = 'a-boundary-of-the-test';
  const { breakOffAt = Number.POSITIVE_INFINITY, field = 'file' } = options;
  const piece = new Uint8Array(256 * 1024).map((_, index) => index % 251);
  let sent = 0;
  async function* pieces() {
    yield Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="large.bin"\r\ncontent-type: application/octet-stream\r\n\r\n`,
    );
    while (sent < size) {
      if (sent >= breakOffAt) throw new Error('broken off');
      const next = piece.subarray(0, Math.min(piece.length, size - sent));
      sent += next.length;
      yield next;
    }
    yield Buffer.from(
      `\r\n--${boundary}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--${boundary}--\r\n`,
    );
  }
  return {
    sent: () => sent,
    init: {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: (ReadableStream as unknown as { from(pieces: AsyncIterable<Uint8Array>): ReadableStream }).from(
        pieces(),
      ),
      duplex: 'half',
    } as RequestInit,
  };
}

// The limit itself, 512 MB, takes ten seconds and the same memory, 70 MB: less of it shows as well that nothing is held.
test('a large file goes to disk and comes back without being held in memory', async () => {
  const { url, openai, peak, blobs } = await startOutside();
  // What every upload needs once, such as compiled code, is not the file's.
  await openai.files.create({ file: new File(['warm'], 'warm.txt'), purpose: 'assistants' });
  const before = await peak();
  const size = 192 * megabyte;
  const response = await fetch(`${url}/files`, form(size).init);
  const file = (await response.json()) as OpenAI.FileObject;
  expect(file).toMatchObject({ object: 'file', bytes: size, filename: 'large.bin', purpose: 'assistants' });
  expect(blobs()).toHaveLength(2);

  const download = await openai.files.content(file.id);
  expect(download.headers.get('content-length')).toBe(String(size));
  let received = 0;
  for await (const chunk of download.body!) received += chunk.byteLength;
  expect(received).toBe(size);
  expect((await peak()) - before).toBeLessThan(128 * megabyte);
  await openai.files.delete(file.id);
  expect(blobs()).toHaveLength(1);
});

test('an upload that is broken off leaves nothing behind, over HTTP and in one process', async () => {
  const { url, openai, blobs } = await startOutside();
  const half = form(64 * megabyte, { breakOffAt: 8 * megabyte });
  await expect(fetch(`${url}/files`, half.init)).rejects.toThrow('fetch failed');
  await until(() => blobs().length === 0);
  expect((await openai.files.list()).data).toEqual([]);

  const here = start();
  const leaving = new AbortController();
  const slow = form(64 * megabyte);
  const upload = here.engine.fetch('http://engine.local/v1/files', { ...slow.init, signal: leaving.signal });
  await until(() => here.blobs().length === 1);
  leaving.abort();
  await upload.catch(() => {});
  expect(slow.sent()).toBeLessThan(64 * megabyte);
  await until(() => here.blobs().length === 0);
});

test('a form that breaks after its file leaves nothing behind either', async () => {
  const { engine, blobs } = start();
  const send = (body: string) =>
    engine.fetch('http://engine.local/v1/files', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body,
    });
  const file = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc\r\n';
  const purpose = '--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n';
  for (const body of [`${file}--x\r\ncontent-disposition: form-data; na`, file.slice(0, -5), '', 'nothing']) {
    const response = await send(body);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { message: 'We could not parse the multipart form of your request.' } },
    ]);
  }
  expect((await send(`${file}--x--\r\n`)).status).toBe(400);
  expect((await send(`${purpose}--x--\r\n`)).status).toBe(400);
  expect(blobs()).toEqual([]);
  expect((await send(`${purpose}${file}--x--\r\n`)).status).toBe(200);
  expect(blobs()).toHaveLength(1);
});

test('no form, however garbled, does more than be refused', async () => {
  const { engine, openai, blobs } = start();
  const whole = Buffer.from(
    '--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n' +
      '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\nabc\r\n' +
      '--x\r\ncontent-disposition: form-data; name="__proto__"\r\n\r\n1\r\n--x--\r\n',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length),
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
      async (length, changes) => {
        const body = Uint8Array.from(whole);
        for (const [index, byte] of changes) body[index] = byte;
        const response = await engine.fetch('http://engine.local/v1/files', {
          method: 'POST',
          headers: { 'content-type': 'multipart/form-data; boundary=x' },
          body: body.subarray(0, length),
        });
        expect([200, 400]).toContain(response.status);
        await response.json();
      },
    ),
    { numRuns: 300 },
  );
  // Every byte that lies there belongs to a file that was taken.
  expect(blobs().toSorted()).toEqual((await openai.files.list()).data.map(({ id }) => id).toSorted());
});

test('a file that is too large gets a 413: unread when its length is announced, else at the limit', async () => {
  const { url, openai, blobs } = await startOutside();
  const announced = await new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
    const headers = {
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': 513 * megabyte,
    };
    const sending = request(`${url}/files`, { method: 'POST', headers }, async (response) => {
      resolve({ status: response.statusCode, body: await json(response) });
      sending.destroy();
    }).on('error', reject);
    sending.write('--x');
  });
  expect(announced).toMatchObject({
    status: 413,
    body: { error: { message: 'The file is larger than the 512 MB that are allowed.' } },
  });
  const upload = await openai.uploads.create({
    bytes: megabyte,
    filename: 'a',
    mime_type: 'text/plain',
    purpose: 'assistants',
  });
  const endless = form(Number.POSITIVE_INFINITY, { field: 'data' });
  const response = await fetch(`${url}/uploads/${upload.id}/parts`, endless.init);
  expect([response.status, await response.json()]).toMatchObject([
    413,
    { error: { message: 'The file is larger than the 64 MB that are allowed.' } },
  ]);
  expect(endless.sent()).toBeLessThan(80 * megabyte);
  expect(blobs()).toEqual([]);
});

test('files are listed by purpose, page by page, in both orders', async () => {
  const { openai, engine } = start();
  const ids: string[] = [];
  for (let index = 0; index < 5; index++) {
    const purpose = index === 2 ? 'vision' : 'assistants';
    ids.push((await openai.files.create({ file: new File(['x'], 'x'), purpose })).id);
  }
  const walked: string[] = [];
  for await (const { id } of openai.files.list({ limit: 2, order: 'asc' })) walked.push(id);
  expect(walked).toEqual(ids);
  const page = await openai.files.list({ purpose: 'assistants', after: ids[4]! });
  expect(page.data.map(({ id }) => id)).toEqual([ids[3], ids[1], ids[0]]);
  expect((await engine.fetch('http://engine.local/v1/files?limit=10000')).status).toBe(200);
  await expect(openai.files.list({ limit: 10_001 })).rejects.toMatchObject({ status: 400, param: 'limit' });
  await expect(openai.files.list({ limit: 0 })).rejects.toMatchObject({ status: 400, param: 'limit' });
});

test('a file that expires vanishes with its bytes when its time is over', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { openai, blobs } = start();
  const create = (seconds: number) =>
    openai.files.create({
      file: new File(['x'], 'x'),
      purpose: 'assistants',
      expires_after: { anchor: 'created_at', seconds },
    });
  const file = await create(3600);
  const later = await create(7200);
  expect(file.expires_at).toBe(file.created_at + 3600);
  await expect(create(60)).rejects.toMatchObject({ status: 400, param: 'expires_after.seconds' });
  vi.advanceTimersByTime(3_600_001);
  await expect(openai.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 });
  await expect(openai.files.content(file.id)).rejects.toMatchObject({ status: 404 });
  expect((await openai.files.list()).data.map(({ id }) => id)).toEqual([later.id]);
  await until(() => blobs().length === 1);
  vi.advanceTimersByTime(3_600_000);
  await until(() => blobs().length === 0);
});

test('what expired while no engine ran is gone when the next one opens the folder', async () => {
  const path = folder();
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const first = startEngine({ storage: sqlite(path), model: scriptedModel([]) });
  await first.openai.files.create({
    file: new File(['x'], 'x'),
    purpose: 'assistants',
    expires_after: { anchor: 'created_at', seconds: 3600 },
  });
  await first.engine.close();
  vi.setSystemTime(Date.now() + 3_600_001);
  const second = startEngine({ storage: sqlite(path), model: scriptedModel([]) });
  await second.engine.ready();
  expect(blobsIn(path)).toEqual([]);
});

test('bytes that a killed process left half written are gone once nobody can be writing them', async () => {
  const path = folder();
  mkdirSync(join(path, 'files'));
  for (const name of ['file-dead.part', 'file-alive.part', 'file-whole']) {
    writeFileSync(join(path, 'files', name), 'x');
  }
  const twoHoursAgo = Date.now() / 1000 - 7200;
  utimesSync(join(path, 'files', 'file-dead.part'), twoHoursAgo, twoHoursAgo);
  utimesSync(join(path, 'files', 'file-whole'), twoHoursAgo, twoHoursAgo);
  const { engine } = startEngine({ storage: sqlite(path), model: scriptedModel([]) });
  await engine.ready();
  expect(blobsIn(path)).toEqual(['file-alive.part', 'file-whole']);
});

test('a deleted file is taken out of the lists of assistants and threads', async () => {
  const { openai } = start();
  const upload = () => openai.files.create({ file: new File(['x'], 'x'), purpose: 'assistants' });
  const [gone, kept] = [await upload(), await upload()];
  const tool_resources = { code_interpreter: { file_ids: [gone.id, kept.id] } };
  const assistant = await openai.beta.assistants.create({ model: 'm', tool_resources });
  const thread = await openai.beta.threads.create({ tool_resources });
  await openai.files.delete(gone.id);
  await expect(openai.files.delete(gone.id)).rejects.toMatchObject({ status: 404 });
  for (const object of [
    await openai.beta.assistants.retrieve(assistant.id),
    await openai.beta.threads.retrieve(thread.id),
  ]) {
    expect(object.tool_resources?.code_interpreter).toEqual({ file_ids: [kept.id] });
  }
});
