import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRuntimeChat } from '../runtime-chat.ts';
import type { RuntimeChat } from '../runtime-chat.ts';
import type { Runtime } from '../runtimes.ts';

/** Downloads: ranges, and headers that keep a file a file. */
export function downloads(runtime: Runtime): void {
  let chat: RuntimeChat;
  let url = '';
  let etag = '';
  /** The server keeps to whole files. */
  let isWhole = false;
  const content = '0123456789';

  beforeAll(async () => {
    chat = await startRuntimeChat(runtime, {
      turns: [],
      between: (request, real) => {
        const headers = new Headers(request.headers);
        if (isWhole) headers.delete('range');
        return real(isWhole && request.method === 'GET' ? new Request(request, { headers }) : request);
      },
    });
    url = (await chat.upload('digits.txt', content)).url;
    etag = (await get()).headers.get('etag')!;
  });
  afterAll(() => chat.close());

  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    chat.send(method, `http://chat.test${url}`, { headers });

  it.each([
    ['bytes=0-0', '0'],
    ['bytes=0-9', content],
    ['bytes=2-5', '2345'],
    ['bytes=8-', '89'],
    ['bytes=8-100', '89'],
    ['bytes=-3', '789'],
    ['bytes=-100', content],
    ['Bytes=1-1', '1'],
  ])('with the range %s is that piece', async (range, piece) => {
    const response = await get({ range });
    expect([response.status, await response.text()]).toEqual([206, piece]);
    const first = content.indexOf(piece);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-range': `bytes ${first}-${first + piece.length - 1}/10`,
      'content-length': String(piece.length),
      'accept-ranges': 'bytes',
      'content-disposition': expect.stringMatching(/^attachment; filename="?digits.txt"?$/),
      'x-content-type-options': 'nosniff',
    });
    const head = await get({ range }, 'HEAD');
    expect([head.status, [...head.headers]]).toEqual([206, [...response.headers]]);
  });

  it.each(['bytes=10-', 'bytes=10-12', 'bytes=-0', 'bytes=999999999999999-'])(
    'with the range %s has nothing to give, and says how large the file is',
    async (range) => {
      const response = await get({ range });
      expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10']);
      expect(await response.json()).toMatchObject({ error: { code: 'bad_request' } });
    },
  );

  it.each([
    'bytes=5-2',
    'bytes=-',
    'bytes=a-b',
    'bytes=0-1,4-5',
    'items=0-1',
    'bytes=0x1-2',
    '',
    'bytes=1e1-',
  ])('with %j, which is no single range, is whole', async (range) => {
    const response = await get({ range });
    expect([response.status, await response.text()]).toEqual([200, content]);
  });

  it('goes on only with a file that is still the same', async () => {
    const same = await get({ range: 'bytes=5-', 'if-range': etag });
    expect([same.status, await same.text()]).toEqual([206, '56789']);
    for (const other of ['"file-other"', `W/${etag}`, 'Wed, 21 Oct 2025 07:28:00 GMT']) {
      const response = await get({ range: 'bytes=5-', 'if-range': other });
      expect([response.status, await response.text()]).toEqual([200, content]);
    }
  });

  it('that is broken off leaves the rest unread', async () => {
    const large = await chat.upload('large.bin', 'x'.repeat(3_000_000));
    const response = await chat.send('GET', `/files/${large.id}`, {
      headers: { range: 'bytes=1000000-2999999' },
    });
    const reader = response.body!.getReader();
    expect((await reader.read()).value!.byteLength).toBeGreaterThan(0);
    await reader.cancel();
    const whole = await chat.send('GET', `/files/${large.id}`, {
      headers: { range: 'bytes=999999-2000000' },
    });
    expect((await whole.bytes()).byteLength).toBe(1_000_002);
  });

  it('is cut here where the server gives whole files', async () => {
    isWhole = true;
    const response = await get({ range: 'bytes=3-5' });
    isWhole = false;
    expect([response.status, await response.text()]).toEqual([206, '345']);
  });
}
