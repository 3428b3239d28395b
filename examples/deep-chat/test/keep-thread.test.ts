import { expect, it } from 'vitest';
import { keepThread } from '../lib/keep-thread.ts';

it('carries the thread in JSON and in multipart, and never loses it to an error', () => {
  const { requestInterceptor, responseInterceptor } = keepThread();
  expect(requestInterceptor({ body: { messages: [] } }).body).toEqual({ messages: [] });
  responseInterceptor({ text: 'Hello', thread_id: 'thread_1' });
  expect(responseInterceptor({ error: 'Broken' })).toEqual({ error: 'Broken' });
  expect(requestInterceptor({ body: { messages: [] } }).body).toEqual({
    messages: [],
    thread_id: 'thread_1',
  });
  const form = requestInterceptor({ body: new FormData() }).body as FormData;
  expect(form.get('thread_id')).toBe('"thread_1"');
});
