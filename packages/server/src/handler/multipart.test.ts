import { describe, expect, it } from 'vitest';
import { boundaryOf, readParts } from './multipart.ts';
import { readChunks } from './read-body.ts';

const encoder = new TextEncoder();

async function* chunks(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function parse(
  ...pieces: Uint8Array[]
): Promise<[name: string, filename: string | undefined, text: string][]> {
  const parts: [string, string | undefined, string][] = [];
  for await (const { name, filename, body } of readParts(chunks(...pieces), 'b')) {
    const decoder = new TextDecoder();
    let text = '';
    for await (const piece of body) text += decoder.decode(piece, { stream: true });
    parts.push([name, filename, text + decoder.decode()]);
  }
  return parts;
}

describe('a form', () => {
  const form = encoder.encode(
    '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--b\r\n' +
      'content-disposition: form-data; name="file"; filename="Grüße.txt"\r\nContent-Type: x\r\n\r\n' +
      'é\r\n--\r\n--a\r\n\r--b\r\n\r\n--b--\r\n',
  );
  const parts = [
    ['a', undefined, ''],
    ['file', 'Grüße.txt', 'é\r\n--\r\n--a\r\n\r--b\r\n'],
  ];

  it('says the same wherever it is cut, in two and in three', async () => {
    expect(await parse(form)).toEqual(parts);
    for (let first = 0; first <= form.length; first += 1) {
      expect([first, await parse(form.slice(0, first), form.slice(first))]).toEqual([first, parts]);
      for (let second = first; second <= form.length; second += 7) {
        const pieces = [form.slice(0, first), form.slice(first, second), form.slice(second)];
        expect([first, second, await parse(...pieces)]).toEqual([first, second, parts]);
      }
    }
  });

  it('that ends too early is no form, wherever it ends', async () => {
    const end = form.length - '\r\n'.length;
    for (let length = 0; length < end; length += 1) {
      await expect(parse(form.slice(0, length))).rejects.toMatchObject({ code: 'bad_request' });
    }
    expect(await parse(form.slice(0, end))).toEqual(parts);
  });

  it('can be passed over part by part, and lets its source go when nobody wants the rest', async () => {
    const names: string[] = [];
    for await (const { name } of readParts(chunks(form), 'b')) names.push(name);
    expect(names).toEqual(['a', 'file']);
    let isLetGo = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield form;
      } finally {
        isLetGo = true;
      }
    }
    for await (const part of readParts(source(), 'b')) if (part.name === 'a') break;
    expect(isLetGo).toBe(true);
  });

  it.each([
    ['multipart/form-data; boundary=b', 'b'],
    ['Multipart/Form-Data;boundary="a b"', 'a b'],
    ['multipart/form-data; charset=utf-8; boundary=b; x=y', 'b'],
    ['multipart/form-data', undefined],
    ['multipart/form-data; boundary=', undefined],
    ['multipart/form-data; boundary=a b', undefined],
    ['text/plain; boundary=b', undefined],
    [`multipart/form-data; boundary=${'b'.repeat(71)}`, undefined],
  ])('of type %s has the boundary %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});

describe('a body', () => {
  it('whose sender falls silent is given up, and let go', async () => {
    const { promise: letGo, resolve } = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode('some')),
      cancel: () => resolve(),
    });
    const request = new Request('http://chat.test', { method: 'POST', body, duplex: 'half' } as RequestInit);
    const read = readChunks(request, 20);
    expect((await read.next()).value).toEqual(encoder.encode('some'));
    await expect(read.next()).rejects.toMatchObject({ code: 'bad_request', status: 408 });
    await letGo;
  });
});
