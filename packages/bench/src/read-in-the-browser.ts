import { createReducer, encodeChunk, readStream } from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';
import { parseJsonEventStream, readUIMessageStream, uiMessageChunkSchema } from 'ai';
import type { UIMessageChunk } from 'ai';
import { codeAnswer, textAnswer } from './fixtures.ts';
import type { Contender } from './measure.ts';

const deltas = 2000;
/** A frame of a browser at 60 Hz sees about this many deltas of a quick model. */
const deltasPerFrame = 8;

function bodyOf(chunks: AssistantChunk[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let index = 0;
  return new ReadableStream({
    pull(controller) {
      const frames = chunks.slice(index, (index += deltasPerFrame)).map((chunk) => encodeChunk(chunk));
      if (frames.length > 0) controller.enqueue(encoder.encode(frames.join('')));
      else controller.close();
    },
  });
}

function ours(name: string, chunks: AssistantChunk[]): Contender {
  return {
    name,
    async run() {
      const reducer = createReducer();
      let count = 0;
      await readStream(bodyOf(chunks), {
        onFrame({ chunk }) {
          reducer.apply(chunk);
          if ((count += 1) % deltasPerFrame === 0) reducer.message();
        },
      });
      reducer.message();
      return deltas;
    },
  };
}

function theirs(name: string, chunks: AssistantChunk[]): Contender {
  return {
    name,
    async run() {
      const schema = uiMessageChunkSchema;
      const stream = parseJsonEventStream({ stream: bodyOf(chunks), schema }).pipeThrough(
        new TransformStream<{ success: boolean; value?: UIMessageChunk }, UIMessageChunk>({
          transform(result, controller) {
            if (result.success) controller.enqueue(result.value!);
          },
        }),
      );
      for await (const message of readUIMessageStream({ stream })) void message;
      return deltas;
    },
  };
}

/** From bytes to messages, as the hook does it, beside ai@7's own reader. */
export const readInTheBrowser: { title: string; contenders: Contender[] }[] = [
  {
    title: 'Read a text answer, CPU per delta',
    contenders: [ours('use-assistant', textAnswer(deltas)), theirs('ai@7', textAnswer(deltas))],
  },
  {
    title: 'Read Python being written, CPU per delta',
    contenders: [ours('use-assistant', codeAnswer(deltas)), theirs('ai@7', codeAnswer(deltas))],
  },
];
