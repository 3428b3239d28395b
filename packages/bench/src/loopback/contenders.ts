import { AssistantResponse } from '@use-assistant/server';
import { AssistantResponse as RemovedAssistantResponse } from 'ai-v4';
import { createUIMessageStream, createUIMessageStreamResponse } from 'ai';
import type { UpstreamEvent } from './upstream.ts';

/** Takes what comes from upstream to the browser. */
export type Answer = (upstream: () => AsyncIterable<UpstreamEvent>, signal: AbortSignal) => Response;

const ids = { threadId: 'thread_1', messageId: 'msg_0' };
type Source = Parameters<Parameters<Parameters<typeof RemovedAssistantResponse>[1]>[0]['forwardStream']>[0];
type OwnSource = AsyncIterable<{ event: string; data: unknown }>;

/** All take the same events from upstream; `ai@7` by the loop that its users write. */
export const contenders = {
  'use-assistant': (upstream, signal) =>
    AssistantResponse({ ...ids, signal }, async ({ forwardStream }) => {
      await forwardStream(upstream() as OwnSource);
    }),
  'ai@7': (upstream) =>
    createUIMessageStreamResponse({
      stream: createUIMessageStream({
        async execute({ writer }) {
          writer.write({ type: 'start', messageId: 'run_1' });
          writer.write({ type: 'text-start', id: 'msg_1:0' });
          for await (const { event, data } of upstream()) {
            if (event !== 'thread.message.delta') continue;
            const delta = data.delta!.content[0]!.text.value;
            writer.write({ type: 'text-delta', id: 'msg_1:0', delta });
          }
          writer.write({ type: 'text-end', id: 'msg_1:0' });
          writer.write({ type: 'finish' });
        },
      }),
    }),
  'use-assistant, v4 wire': (upstream, signal) =>
    AssistantResponse({ ...ids, signal, protocol: 'v4' }, async ({ forwardStream }) => {
      await forwardStream(upstream() as OwnSource);
    }),
  'ai@4 AssistantResponse': (upstream) =>
    RemovedAssistantResponse(ids, async ({ forwardStream }) => {
      await forwardStream(upstream() as unknown as Source);
    }),
  'nothing: the events alone, over the same HTTP': (upstream) =>
    new Response(
      new ReadableStream({
        async start(controller) {
          for await (const { event } of upstream()) void event;
          controller.enqueue(new TextEncoder().encode('done'));
          controller.close();
        },
      }),
    ),
} satisfies Record<string, Answer>;

export type ContenderName = keyof typeof contenders;
