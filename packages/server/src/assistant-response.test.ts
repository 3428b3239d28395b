import { describe, expect, it } from 'vitest';
import { AssistantResponse } from './assistant-response.ts';
import { runEvent, streamOf, textRun, usage } from './test-support/events.ts';
import { readStream } from './test-support/read-stream.ts';

describe('AssistantResponse with a callback', () => {
  it('streams a run as one message that ends with its usage', async () => {
    const response = AssistantResponse(
      { threadId: 'thread_1', messageId: 'msg_user' },
      async ({ forwardStream }) => {
        const run = await forwardStream(streamOf(textRun('Hel', 'lo')));
        expect(run?.status).toBe('completed');
      },
    );
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toContain('no-transform');
    const { message, frames } = await readStream(response);
    expect(message).toMatchObject({
      id: 'run_1',
      metadata: {
        threadId: 'thread_1',
        runId: 'run_1',
        userMessageId: 'msg_user',
        runStatus: 'completed',
        usage,
      },
      parts: [{ type: 'text', text: 'Hello', state: 'done' }],
    });
    expect(frames[0]!.id).toBe('run_1:0.0');
  });

  it('ends with an error when a stream ends before its run', async () => {
    const response = AssistantResponse({ threadId: 'thread_1' }, async ({ forwardStream }) => {
      await forwardStream(streamOf(textRun('Hello').slice(0, -2)));
    });
    const { chunks } = await readStream(response);
    expect(chunks.at(-1)).toMatchObject({ type: 'error', code: 'stream_interrupted' });
  });

  it('tells the browser nothing of an error that the callback throws', async () => {
    const seen: unknown[] = [];
    const response = AssistantResponse(
      { threadId: 'thread_1', onError: (error) => void seen.push(error) },
      () => {
        throw new Error('canary-4711');
      },
    );
    const text = await response.clone().text();
    expect(text).not.toContain('canary-4711');
    expect((await readStream(response)).chunks.at(-1)).toMatchObject({ type: 'error', code: 'server_error' });
    expect(seen).toHaveLength(1);
  });

  it('lets onError say more', async () => {
    const response = AssistantResponse(
      { threadId: 'thread_1', onError: (error) => (error as Error).message },
      async ({ forwardStream }) => {
        const last_error = { code: 'server_error', message: 'The model is not there.' };
        await forwardStream(streamOf([runEvent('created'), runEvent('failed', { last_error })]));
      },
    );
    const { chunks } = await readStream(response);
    expect(chunks.at(-1)).toMatchObject({ code: 'run_failed', errorText: 'The model is not there.' });
  });
});
