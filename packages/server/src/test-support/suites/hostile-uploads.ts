import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRuntimeChat } from '../runtime-chat.ts';
import type { RuntimeChat } from '../runtime-chat.ts';
import type { Runtime } from '../runtimes.ts';

const maxFileSize = 100_000;
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const png = '\u0089PNG\r\n\u001a\n\0\0\0\rIHDR\0\0\0\u0001\0\0\0\u0001\b\u0006\0\0\0\u001f\u0015\u00c4\u0089';
const gif = 'GIF89a\u0001\0\u0001\0\u0080\0\0\0\0\0\u00ff\u00ff\u00ff!\u00f9\u0004\u0001\0\0\0\0,';
const zip = 'PK\u0003\u0004\u0014\0\0\0\b\0';

/** A file part as a client writes it; names are UTF-8. */
const part = (filename: string, content: string, headers = ''): string =>
  `--b\r\nContent-Disposition: form-data; name="file"; filename="${utf8(filename)}"\r\n${headers}\r\n${content}\r\n`;
const utf8 = (text: string) => String.fromCodePoint(...new TextEncoder().encode(text));
const field = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const end = '--b--\r\n';
const file = (filename: string, content = 'hello'): string => part(filename, content) + end;

interface Sent {
  /** Each letter is a byte. */
  body: string | ReadableStream<Uint8Array>;
  type?: string;
  headers?: Record<string, string>;
}

/** The body in pieces of this size; counts what was taken. */
function pieces(text: string, size: number): { body: ReadableStream<Uint8Array>; taken: () => number } {
  const whole = bytes(text);
  let position = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (position >= whole.length) return controller.close();
        controller.enqueue(whole.slice(position, position + size));
        position += size;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken: () => position };
}

/** What is taken, and under which name. */
const taken: [title: string, sent: () => Sent, name: string | RegExp, mediaType?: string][] = [
  ['a way up', () => ({ body: file('../../../etc/passwd') }), 'passwd'],
  ['a way up of Windows', () => ({ body: file('..\\..\\boot.ini') }), 'boot.ini'],
  ['an absolute path', () => ({ body: file('/etc/cron.d/job') }), 'job'],
  ['a drive', () => ({ body: file('C:\\Users\\a.txt') }), 'a.txt'],
  ['nothing but dots', () => ({ body: file('..') }), 'file'],
  ['nothing but a path', () => ({ body: file('a/b/') }), 'file'],
  ['nothing', () => ({ body: file('') }), 'file'],
  ['blanks', () => ({ body: file('   ') }), 'file'],
  ['an encoded NUL, which stays letters', () => ({ body: file('a.php%00.txt') }), 'a.php%00.txt'],
  ['a real NUL', () => ({ body: file('a.txt\0.exe') }), 'a.txt.exe'],
  ['an escape of a terminal', () => ({ body: file('a\u001b[31m.txt') }), 'a[31m.txt'],
  ['a turned direction', () => ({ body: file('invoice\u202Egnp.exe') }), 'invoicegnp.exe'],
  ['invisible letters', () => ({ body: file('a\u200Bb\uFEFF.txt') }), 'ab.txt'],
  ['two extensions', () => ({ body: file('a.png.html', 'hello') }), 'a.png.html', 'text/plain'],
  ['a thousand letters', () => ({ body: file(`${'x'.repeat(1000)}.txt`) }), /^x{120}\.txt$/],
  ['a thousand letters behind a dot', () => ({ body: file(`a.${'x'.repeat(1000)}`) }), /^a\.x{19}$/],
  ['letters of four bytes', () => ({ body: file(`${'😀'.repeat(300)}.txt`) }), /^(😀){120}\.txt$/u],
  ['quotes behind backslashes', () => ({ body: file('say \\"hi\\".txt') }), 'say "hi".txt'],
  ['quotes as browsers write them', () => ({ body: file('say %22hi%22.txt') }), 'say "hi".txt'],
  ['a parameter of a header', () => ({ body: file('a; filename=b.txt') }), 'a; filename=b.txt'],
  ['a name of the prototype', () => ({ body: file('__proto__') }), '__proto__'],
  ['a name that every object has', () => ({ body: file('a.constructor') }), 'a.constructor'],
  ['a device', () => ({ body: file('CON') }), 'CON'],
  ['a flag', () => ({ body: file('-rf.txt') }), '-rf.txt'],
  [
    'half of a letter',
    () => ({ body: part('x', 'hello').replace('"x"', '"\u00c3.txt"') + end }),
    '\uFFFD.txt',
  ],
  [
    'a type that is a lie',
    () => ({ body: part('a.txt', 'plain', 'Content-Type: text/html\r\n') + end }),
    'a.txt',
    'text/plain',
  ],
  ['a picture that calls itself a page', () => ({ body: file('a.html', png) }), 'a.html', 'image/png'],
  ['a picture and an archive at once', () => ({ body: file('a.gif', gif + zip) }), 'a.gif', 'image/gif'],
  [
    'a script in a PDF',
    () => ({ body: file('a.pdf', '%PDF-1.7\n/OpenAction << /S /JavaScript >>') }),
    'a.pdf',
    'application/pdf',
  ],
  [
    'an encoding that nobody decodes',
    () => ({ body: part('a.txt', 'aGk=', 'Content-Transfer-Encoding: base64\r\n') + end }),
    'a.txt',
  ],
  [
    'fields around it',
    () => ({ body: field('purpose', 'fine-tune') + part('a.txt', 'hello') + field('__proto__', 'x') + end }),
    'a.txt',
  ],
  ['one byte at a time', () => ({ body: pieces(file('a.txt'), 1).body }), 'a.txt'],
  ['almost the boundary in it', () => ({ body: file('a.txt', '\r\n--\r\n-b\r\n--a\r\n\r\r\n--') }), 'a.txt'],
  ['words behind the end', () => ({ body: `${file('a.txt')}more` }), 'a.txt'],
  ['words before the beginning', () => ({ body: `Hello\r\n${file('a.txt')}` }), 'a.txt'],
  ['exactly the limit', () => ({ body: file('a.txt', 'x'.repeat(maxFileSize)) }), 'a.txt'],
  [
    'a quoted boundary',
    () => ({ body: file('a.txt'), type: 'Multipart/Form-Data; charset=utf-8; boundary="b"' }),
    'a.txt',
  ],
  [
    'a header over two lines',
    () => ({ body: file('x').replace('form-data; name', 'form-data;\r\n name') }),
    'x',
  ],
];

const form = 'multipart/form-data; boundary=b';
const refused: [title: string, sent: () => Sent, status: number, code: string][] = [
  [
    'a page as a picture',
    () => ({ body: file('a.png', '<!doctype html><script>alert(1)</script>') }),
    415,
    'file_type_refused',
  ],
  [
    'a page behind a comment',
    () => ({ body: file('a.txt', '<!-- x -->\n<html><body>') }),
    415,
    'file_type_refused',
  ],
  [
    'a page behind a mark of byte order',
    () => ({ body: file('a.txt', '\u00ef\u00bb\u00bf<script>alert(1)</script>') }),
    415,
    'file_type_refused',
  ],
  [
    'a drawing with a script',
    () => ({ body: file('a.png', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>') }),
    415,
    'file_type_refused',
  ],
  [
    'a drawing behind a declaration',
    () => ({ body: file('a.txt', '<?xml version="1.0"?><!-- x --><svg/>') }),
    415,
    'file_type_refused',
  ],
  [
    'an entity that grows',
    () => ({ body: file('a.xml', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>') }),
    415,
    'file_type_refused',
  ],
  [
    'a program of Windows',
    () => ({ body: file('a.txt', 'MZ\u0090\0\u0003\0\0\0\u0004\0\0\0\u00ff\u00ff\0\0') }),
    415,
    'file_type_refused',
  ],
  [
    'a program of Linux',
    () => ({ body: file('a.csv', '\u007fELF\u0002\u0001\u0001\0\0\0\0\0\0\0\0\0') }),
    415,
    'file_type_refused',
  ],
  ['an archive', () => ({ body: file('a.png', `${zip}${'\0'.repeat(40)}`) }), 415, 'file_type_refused'],
  [
    'an archive that grows',
    () => ({ body: file('bomb.txt', `\u001f\u008b\b\0\0\0\0\0\0\u0003${'\0'.repeat(100)}`) }),
    415,
    'file_type_refused',
  ],
  ['bytes of no kind', () => ({ body: file('a.txt', '\0\u0001\u0002\u00ff') }), 415, 'file_type_refused'],
  [
    'a page in UTF-16',
    () => ({ body: file('a.txt', '\u00ff\u00fe<\0h\0t\0m\0l\0>\0') }),
    415,
    'file_type_refused',
  ],
  ['a script by its name', () => ({ body: file('a.js', 'alert(1)') }), 415, 'file_type_refused'],
  ['nothing in it', () => ({ body: file('a.txt', '') }), 400, 'bad_request'],
  ['no file', () => ({ body: field('file', 'hello') + end }), 400, 'bad_request'],
  ['no part', () => ({ body: end }), 400, 'bad_request'],
  ['no body', () => ({ body: '' }), 400, 'bad_request'],
  ['two files', () => ({ body: part('a.txt', 'a') + part('b.txt', 'b') + end }), 413, 'too_many_files'],
  ['a hundred files', () => ({ body: part('a.txt', 'a').repeat(100) + end }), 413, 'too_many_files'],
  [
    'one byte more than the limit',
    () => ({ body: file('a.txt', 'x'.repeat(maxFileSize + 1)) }),
    413,
    'file_too_large',
  ],
  [
    'a length that is a lie',
    () => ({ body: file('a.txt', 'x'.repeat(maxFileSize + 1)), headers: { 'content-length': '10' } }),
    413,
    'file_too_large',
  ],
  [
    'a length beyond all',
    () => ({ body: file('a.txt'), headers: { 'content-length': '99999999999999999999' } }),
    413,
    'file_too_large',
  ],
  ['a thousand fields', () => ({ body: field('a', 'b').repeat(1000) + file('a.txt') }), 400, 'bad_request'],
  [
    'a field that is a file in disguise',
    () => ({ body: field('a', 'x'.repeat(90_000)) + file('a.txt') }),
    413,
    'file_too_large',
  ],
  ['too much before it', () => ({ body: 'x'.repeat(90_000) + file('a.txt') }), 413, 'file_too_large'],
  [
    'too many fields behind it',
    () => ({ body: part('a.txt', 'a') + field('a', 'b').repeat(1000) + end }),
    400,
    'bad_request',
  ],
  [
    'a header without end',
    () => ({ body: part('a.txt', 'x', `X-Long: ${'x'.repeat(20_000)}\r\n`) + end }),
    400,
    'bad_request',
  ],
  ['no end', () => ({ body: part('a.txt', 'hello') }), 400, 'bad_request'],
  [
    'an end in the middle of the file',
    () => ({ body: part('a.txt', 'hello').slice(0, -4) }),
    400,
    'bad_request',
  ],
  ['an end in the middle of a header', () => ({ body: '--b\r\nContent-Dispo' }), 400, 'bad_request'],
  [
    'another boundary',
    () => ({ body: file('a.txt'), type: 'multipart/form-data; boundary=c' }),
    400,
    'bad_request',
  ],
  ['no boundary', () => ({ body: file('a.txt'), type: 'multipart/form-data' }), 400, 'bad_request'],
  [
    'an empty boundary',
    () => ({ body: file('a.txt'), type: 'multipart/form-data; boundary=""' }),
    400,
    'bad_request',
  ],
  [
    'a boundary without end',
    () => ({ body: file('a.txt'), type: `multipart/form-data; boundary=${'b'.repeat(71)}` }),
    400,
    'bad_request',
  ],
  ['lines that end as on Unix', () => ({ body: file('a.txt').replaceAll('\r\n', '\n') }), 400, 'bad_request'],
  [
    'a part without a disposition',
    () => ({ body: `--b\r\nContent-Type: text/plain\r\n\r\nx\r\n${end}` }),
    400,
    'bad_request',
  ],
  ['a part without headers', () => ({ body: `--b\r\n\r\nx\r\n${end}` }), 400, 'bad_request'],
  [
    'a part without a name',
    () => ({ body: `--b\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx\r\n${end}` }),
    400,
    'bad_request',
  ],
  [
    'another disposition',
    () => ({ body: file('a.txt').replace('form-data', 'attachment') }),
    400,
    'bad_request',
  ],
  [
    'an answer to a boundary with rubbish',
    () => ({ body: file('a.txt').replace('--b\r\n', '--bx\r\n') }),
    400,
    'bad_request',
  ],
  [
    'parts of a letter',
    () => ({ body: file('a.txt'), type: 'multipart/mixed; boundary=b' }),
    400,
    'bad_request',
  ],
  [
    'a form of another kind',
    () => ({ body: 'file=hello', type: 'application/x-www-form-urlencoded' }),
    400,
    'bad_request',
  ],
  ['JSON', () => ({ body: '{"file":"hello"}', type: 'application/json' }), 400, 'bad_request'],
  ['no type', () => ({ body: file('a.txt'), type: 'x' }), 400, 'bad_request'],
];

/** Uploads that want more than to be a file. */
export function hostileUploads(runtime: Runtime): void {
  let chat: RuntimeChat;
  beforeAll(async () => {
    chat = await startRuntimeChat(runtime, {
      turns: [],
      limits: {
        maxFileSize,
        accept: ['text/plain', 'text/csv', 'image/png', 'image/jpeg', 'image/gif', 'application/pdf'],
      },
    });
  });
  afterAll(() => chat.close());

  const stored = async () => (await chat.engine.openai().files.list()).data.length;

  const send = ({ body, type = form, headers = {} }: Sent): Promise<Response> =>
    chat.send('POST', '/files', {
      user: 'mallory',
      body: typeof body === 'string' ? bytes(body) : body,
      headers: { 'content-type': type, ...headers },
    });

  it.each(taken)(
    'with %s is taken, under a name that is only a name',
    async (_, sent, name, mediaType = 'text/plain') => {
      const response = await send(sent());
      const answer = (await response.json()) as { id: string; name: string; mediaType: string };
      const expected = typeof name === 'string' ? name : (name.exec(answer.name)?.[0] ?? name.source);
      expect([response.status, answer]).toMatchObject([201, { name: expected, mediaType }]);
      expect(answer.name).not.toMatch(/[/\\\p{Cc}\p{Cf}]/u);
      const download = await chat.send('GET', `/files/${answer.id}`, { user: 'mallory' });
      expect(download.headers.get('content-disposition')).toMatch(/^attachment; filename/);
      expect(download.headers.get('x-content-type-options')).toBe('nosniff');
      expect((await download.arrayBuffer()).byteLength).toBeGreaterThan(0);
    },
  );

  // Where HTTP lies between, the length of a body is what HTTP counts.
  const possible = refused.filter(
    ([, sent]) => runtime.isDirect || sent().headers?.['content-length'] === undefined,
  );
  it.each(possible)('with %s is refused, and leaves nothing behind', async (_, sent, status, code) => {
    const before = await stored();
    const response = await send(sent());
    expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }]);
    expect(await stored()).toBe(before);
  });

  it('is tried in many ways', () => {
    expect(taken.length + refused.length).toBeGreaterThanOrEqual(60);
    expect(new Set([...taken, ...refused].map(([title]) => title)).size).toBe(taken.length + refused.length);
  });

  it('that was taken has the same bytes in the engine, wherever the network cut it', async () => {
    const content = Array.from({ length: 9000 }, (_, index) => String.fromCodePoint(97 + (index % 26))).join(
      '',
    );
    for (const size of [1, 2, 3, 7, 64, 4096, 4099, 4100, 4101, 65_536]) {
      const some = content.slice(0, 3000 * size);
      const response = await send({ body: pieces(file('a.txt', some), size).body });
      const { id } = (await response.json()) as { id: string };
      expect(await (await chat.send('GET', `/files/${id}`, { user: 'mallory' })).text()).toBe(some);
    }
  });

  // What HTTP reads ahead, and the handler does not ask for, can only be counted without HTTP.
  it.runIf(runtime.isDirect).each([1000, 16_384, 65_536])(
    'is read no further than 64 KB beyond the limit, in pieces of %i bytes',
    async (size) => {
      const { body, taken: read } = pieces(part('a.txt', 'x'.repeat(5_000_000)), size);
      expect((await send({ body })).status).toBe(413);
      expect(read()).toBeLessThanOrEqual(maxFileSize + 65_536 + 4096);
    },
  );
}
