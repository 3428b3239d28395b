import { encodeChunk } from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createResponseWriter } from './response-writer.ts';
import { runEvent } from './test-support/events.ts';

it('writes texts as it writes every other chunk, whatever is in them and in the id of their run', async () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('run_1', 'a\nb', '\ud800', '"\\\0'),
  );
  const text = fc.record({ type: fc.constant('text-delta' as const), id: anything, delta: anything });
  await fc.assert(
    fc.asyncProperty(anything, fc.array(text, { maxLength: 100 }), async (runId, texts) => {
      const writer = createResponseWriter();
      const chunks: AssistantChunk[] = [{ type: 'start', messageId: 'm' }, ...texts];
      writer.writeEvent(chunks, runEvent('created'), runId, 7);
      writer.writeEvent(texts);
      writer.end({ type: 'finish' });
      const frames = [
        ...chunks.map((chunk, index) => encodeChunk(chunk, `${runId}:7.${index}`)),
        ...texts.map((chunk) => encodeChunk(chunk)),
        encodeChunk({ type: 'finish' }),
        'data: [DONE]\n\n',
      ];
      const wire = await new Response(writer.body.stream).text();
      expect(wire).toBe(new TextDecoder().decode(new TextEncoder().encode(frames.join(''))));
    }),
    { numRuns: 50 },
  );
});
