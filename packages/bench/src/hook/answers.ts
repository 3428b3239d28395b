import { processAssistantStream } from '@ai-sdk/ui-utils';
import { readV4Stream } from '../../../react/src/v4/wire.ts';
import type { Contender } from '../measure.ts';
import { contenders, deltas, v4Frames } from './contenders.ts';
import { earlier, openPage } from './page.ts';
import type { HookContender, HookPage } from './page.ts';

/** Renders of the last answer, by title and contender. */
export const renders: Record<string, Record<string, number>> = {};

function show(title: string, contender: HookContender, before: number): Contender {
  const { name } = contender;
  const messages = earlier(before);
  let page: HookPage;
  return {
    name,
    async prepare() {
      page = await openPage(contender);
      await page.show(messages);
    },
    async run() {
      await page.ask();
      return deltas;
    },
    async clear() {
      if (!page.lastText().includes(`word${deltas - 1}`))
        throw new Error(`${name} did not show the whole answer.`);
      (renders[title] ??= {})[name] = page.renders();
      page.close();
    },
  };
}

function compare(title: string, before: number): { title: string; contenders: Contender[] } {
  return { title, contenders: contenders.map((contender) => show(title, contender, before)) };
}

const v4Bytes = new TextEncoder().encode(v4Frames.join(''));
const v4Packet = 128;

/** The old wire as a network brings it. */
function v4Body(): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= v4Bytes.length) controller.close();
      else controller.enqueue(v4Bytes.subarray(offset, (offset += v4Packet)));
    },
  });
}

/** What a reader must have read of the old wire. */
function readV4(name: string, read: (onText: (text: string) => void) => Promise<void>): Contender {
  return {
    name,
    async run() {
      let count = 0;
      await read(() => (count += 1));
      if (count !== deltas) throw new Error(`${name} read ${count} deltas of ${deltas}.`);
      return deltas;
    },
  };
}

/** From bytes to the page, hook beside hook. */
export const answers: { title: string; contenders: Contender[] }[] = [
  compare('Show a text answer in React, CPU per delta', 0),
  compare('Show a text answer after 200 messages, CPU per delta', 200),
  {
    title: 'Read the wire of ai@4, CPU per delta',
    contenders: [
      readV4('use-assistant/v4', (onText) =>
        readV4Stream(v4Body(), new AbortController().signal, (part) => {
          if (part.type === 'text') onText(part.text);
        }),
      ),
      readV4('@ai-sdk/ui-utils 1.2.11', (onText) =>
        processAssistantStream({ stream: v4Body(), onTextPart: onText }),
      ),
    ],
  },
];
