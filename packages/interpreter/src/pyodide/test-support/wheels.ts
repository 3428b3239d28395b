import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

/** A zip archive without compression. Names are written as they are, also those that no honest archive holds. */
export function zip(files: Record<string, string | Uint8Array>): Uint8Array {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const name = Buffer.from(path);
    const bytes = Buffer.from(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    // The first day that the format knows.
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    locals.push(Buffer.from('PK\u0003\u0004'), common, name, bytes);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    entries.push(Buffer.from('PK\u0001\u0002\u0014\u0000'), common, rest, name);
    offset += 30 + name.length + bytes.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006');
  const count = Object.keys(files).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A wheel of pure Python with these files. */
export function wheel(name: string, files: Record<string, string | Uint8Array>): Uint8Array {
  const info = `${name}-1.0.dist-info`;
  return zip({
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  });
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What a lock file says of a wheel; `change` says it otherwise. */
export function lockEntry(name: string, bytes: Uint8Array, change: Record<string, unknown> = {}): object {
  return {
    name,
    file_name: `${name}-1.0-py3-none-any.whl`,
    sha256: sha256(bytes),
    install_dir: 'site',
    package_type: 'package',
    version: '1.0',
    depends: [],
    imports: [name],
    ...change,
  };
}

/** A source of packages on this machine, which serves what `answer` says and counts what it is asked for. */
export class PackageServer {
  readonly asked: string[] = [];
  readonly #server = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '').slice(1));
    this.asked.push(name);
    this.answer(name, response, request);
  });
  address = '';
  files = new Map<string, Uint8Array>();

  /** How a request is answered; a test may put another in its place. */
  answer: (name: string, response: ServerResponse, request: IncomingMessage) => void = (name, response) =>
    this.serve(name, response);

  serve(name: string, response: ServerResponse): void {
    const bytes = this.files.get(name);
    response.writeHead(bytes === undefined ? 404 : 200, {
      'content-type': 'application/octet-stream',
      ...(bytes === undefined ? {} : { 'content-length': bytes.length }),
    });
    response.end(bytes);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
