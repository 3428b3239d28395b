import { readStream as readFrames, streamHeaders } from '@use-assistant/protocol';
import { readUIMessageStream, safeValidateUIMessages, tool, uiMessageChunkSchema } from 'ai';
import type { UIMessage, UIMessageChunk } from 'ai';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { startChat } from './test-support/chat.ts';
import type { Chat } from './test-support/chat.ts';
import { readStream } from './test-support/read-stream.ts';

let chat: Chat | undefined;
afterEach(() => chat?.close());

it('the AI SDK reads our stream as we do, files, tools and all', async () => {
  const inputSchema = z.object({ room: z.string() });
  chat = startChat({
    turns: [
      { parts: [{ call: 'temperature', input: { room: 'hall' } }] },
      { parts: [{ call: 'code_interpreter', input: { code: 'plot()' } }] },
      { parts: [{ text: ['See the [data](sandbox:/mnt/data/', 'clean.csv).'] }] },
    ],
    tools: { temperature: tool({ inputSchema, execute: async () => ({ degrees: 20 }) }) },
    python: (_code, write, files) => {
      write('ok\n');
      files.set('clean.csv', new TextEncoder().encode('a,b\n'));
      files.set('trend.svg', new TextEncoder().encode('<svg></svg>'));
    },
  });
  const [forUs, forThem] = (await chat.say('Hi')).body!.tee();
  const schema = uiMessageChunkSchema();
  const stream = new ReadableStream<UIMessageChunk>({
    async start(controller) {
      await readFrames(forThem, {
        onFrame: async ({ chunk }) => {
          expect(await schema.validate!(chunk)).toMatchObject({ success: true });
          controller.enqueue(chunk as UIMessageChunk);
        },
      });
      controller.close();
    },
  });
  let theirs: UIMessage | undefined;
  for await (const message of readUIMessageStream({ stream })) theirs = message;
  const { message: ours } = await readStream(new Response(forUs, { headers: streamHeaders }));
  const withoutNames = ours.parts.map((part) => {
    if (part.type !== 'file') return part;
    const { filename: _, ...rest } = part;
    return rest;
  });
  expect(JSON.parse(JSON.stringify(theirs))).toEqual(
    JSON.parse(JSON.stringify({ ...ours, parts: withoutNames })),
  );
  expect(await safeValidateUIMessages({ messages: [ours] })).toMatchObject({ success: true });
});
