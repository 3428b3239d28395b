import { afterEach, expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { until } from './test-support/until.ts';

afterEach(() => void vi.unstubAllGlobals());

const size = 500 * 1024 * 1024;

/** A file of 500 MB that counts how much of it is read, and holds nothing. */
class LargeFile extends File {
  read = 0;

  override get size(): number {
    return size;
  }

  override slice(start = 0, end = size): Blob {
    const length = end - start;
    const count = (read: number) => (this.read += read);
    return Object.assign(new Blob(), {
      arrayBuffer: async () => {
        count(length);
        return new ArrayBuffer(Math.min(length, 1));
      },
      stream: () => {
        count(length);
        return new ReadableStream();
      },
    });
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    this.read += size;
    return new ArrayBuffer(0);
  }

  override async text(): Promise<string> {
    this.read += size;
    return '';
  }

  override stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.read += size;
    return new ReadableStream();
  }
}

/** What a platform does with a body: it takes the bytes as it sends them, which is no concern of the page's memory. */
class FakeXhr extends EventTarget {
  static sent: unknown[] = [];
  readonly upload = new EventTarget();
  status = 201;
  responseText = JSON.stringify({ id: 'f', name: 'a.bin', mediaType: 'a/b', size, url: '/files/f' });

  open(): void {}
  setRequestHeader(): void {}
  abort(): void {}
  send(form: FormData): void {
    FakeXhr.sent.push(form.get('file'));
    const isFirst = FakeXhr.sent.length === 1;
    const progress = { loaded: size / 2, total: size, lengthComputable: true };
    this.upload.dispatchEvent(Object.assign(new Event('progress'), progress));
    setTimeout(() => {
      this.dispatchEvent(new Event(isFirst ? 'error' : 'load'));
      this.dispatchEvent(new Event('loadend'));
    });
  }
}

test('Of a file of 500 MB no more than one byte is read each time that it is sent.', async () => {
  vi.stubGlobal('XMLHttpRequest', FakeXhr);
  const client = new AssistantClient({ retry: { baseDelay: 0, retries: 1 } });
  const progress = new Set<number>();
  client.subscribe(() => progress.add(client.getSnapshot().files[0]?.progress ?? 0));
  const file = new LargeFile(['x'], 'a.bin', { type: 'a/b' });
  client.addFiles([file]);
  await until(client, ({ files }) => files[0]?.status === 'done');
  expect(FakeXhr.sent).toEqual([file, file]);
  expect(file.read).toBeLessThanOrEqual(2);
  expect(Array.from(progress)).toContain(1);
});
