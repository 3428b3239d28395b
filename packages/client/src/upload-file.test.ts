import { expect, onTestFinished, test } from 'vitest';
import { uploadFile } from './upload-file.ts';

/** As much of an XMLHttpRequest as an upload uses, in the hands of the test. */
class FakeXhr extends EventTarget {
  static last: FakeXhr;
  readonly upload = new EventTarget();
  readonly headers: Record<string, string> = {};
  withCredentials = false;
  status = 0;
  responseText = '';
  opened: string[] = [];
  sent: unknown;

  open(method: string, url: string) {
    FakeXhr.last = this;
    this.opened = [method, url];
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  send(body: unknown) {
    this.sent = body;
  }
  abort() {
    this.end('abort');
  }
  progress(loaded: number, total: number, lengthComputable = true) {
    this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded, total, lengthComputable }));
  }
  end(type: 'load' | 'error' | 'abort', status = 0, text = '') {
    this.status = status;
    this.responseText = text;
    this.dispatchEvent(new Event(type));
    this.dispatchEvent(new Event('loadend'));
  }
}

function start(signal = new AbortController().signal) {
  const before = globalThis.XMLHttpRequest;
  globalThis.XMLHttpRequest = FakeXhr as unknown as typeof XMLHttpRequest;
  onTestFinished(() => {
    globalThis.XMLHttpRequest = before;
  });
  const progress: number[] = [];
  const uploading = uploadFile(new File(['a,b'], 'a.csv'), {
    url: '/api/assistant/files',
    headers: new Headers({ 'x-app': 'yes' }),
    credentials: 'include',
    fetch: undefined,
    signal,
    onProgress: (value) => progress.push(value),
  });
  return { uploading, progress, xhr: FakeXhr.last };
}

const stored = { id: 'file-1', name: 'a.csv', mediaType: 'text/csv', size: 3, url: '/files/file-1' };

test('Where there is XMLHttpRequest, progress is what has really gone out.', async () => {
  const { uploading, progress, xhr } = start();
  expect(xhr.opened).toEqual(['POST', '/api/assistant/files']);
  expect([xhr.headers['x-app'], xhr.withCredentials]).toEqual(['yes', true]);
  expect((xhr.sent as FormData).get('file')).toHaveProperty('name', 'a.csv');
  xhr.progress(1, 4);
  xhr.progress(0, 0, false);
  xhr.progress(4, 4);
  xhr.end('load', 201, JSON.stringify(stored));
  expect(await uploading).toEqual(stored);
  expect(progress).toEqual([0.25, 1, 1]);
});

test('A refusal carries the server’s code and sentence.', async () => {
  const { uploading, xhr } = start();
  xhr.end('load', 413, JSON.stringify({ error: { code: 'file_too_large', message: 'At most 1 MB.' } }));
  await expect(uploading).rejects.toMatchObject({
    code: 'file_too_large',
    message: 'At most 1 MB.',
    status: 413,
  });
});

test('A lost connection is one that may be tried again.', async () => {
  const { uploading, xhr } = start();
  xhr.end('error');
  await expect(uploading).rejects.toMatchObject({ code: 'network', isRetryable: true });
});

test('The signal ends the upload.', async () => {
  const controller = new AbortController();
  const { uploading } = start(controller.signal);
  controller.abort();
  await expect(uploading).rejects.toMatchObject({ code: 'aborted' });
});
