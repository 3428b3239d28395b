import { useChat } from '@ai-sdk/react';
import { useAssistant as useRemovedAssistant } from '@ai-sdk/react-v4';
import { encodeChunk } from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';
import { useAssistant } from '@use-assistant/react';
import { useAssistant as useV4Assistant } from '@use-assistant/react/v4';
import { DefaultChatTransport } from 'ai';
// @ts-expect-error -- it comes without types
import { JSDOM } from 'jsdom';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { textAnswer } from './fixtures.ts';
import type { Contender } from './measure.ts';

const deltas = 2_000;
/** What one read of a network brings of a quick model. */
const deltasPerPacket = 8;

/** What every hook here has in common. */
interface Chat {
  messages: readonly { id: string; content?: string; parts?: readonly { type: string; text?: string }[] }[];
  /** Sends a message and settles when the answer is over. */
  ask(): Promise<unknown>;
}

/** Renders of the last run, by contender. */
export const renders: Record<string, number> = {};

function toBody(frames: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let index = 0;
  return new ReadableStream({
    async pull(controller) {
      // A packet is a task of its own, as from a network.
      await new Promise((resolve) => setImmediate(resolve));
      const packet = frames.slice(index, (index += deltasPerPacket)).join('');
      if (packet === '') controller.close();
      else controller.enqueue(encoder.encode(packet));
    },
  });
}

const toFrames = (chunks: AssistantChunk[]) => chunks.map((chunk) => encodeChunk(chunk));
const v4Frames = [
  '5:{"threadId":"thread_1","messageId":"msg_user"}\n',
  '4:{"id":"msg_1","role":"assistant","content":[{"type":"text","text":{"value":""}}]}\n',
  ...Array.from({ length: deltas }, (_, index) => `0:"word${index} "\n`),
];

function openPage(): void {
  const { window } = new JSDOM('<div id="root"></div>', { pretendToBeVisual: true });
  Object.assign(globalThis, { window, document: window.document });
  globalThis.requestAnimationFrame = window.requestAnimationFrame.bind(window);
  globalThis.cancelAnimationFrame = window.cancelAnimationFrame.bind(window);
}

/** A page that shows the texts of a hook's messages, and asks it once. */
function contender(
  name: string,
  useHook: (fetch: typeof globalThis.fetch) => Chat,
  frames: string[],
): Contender {
  return {
    name,
    async run() {
      openPage();
      const fetch = (async () => new Response(toBody(frames))) as unknown as typeof globalThis.fetch;
      let chat!: Chat;
      let count = 0;
      const toText = ({ content, parts }: Chat['messages'][number]) =>
        content ?? parts?.map(({ text = '' }) => text).join('');
      function Page() {
        // oxlint-disable react/globals -- the bench looks into its page
        count += 1;
        chat = useHook(fetch);
        // oxlint-enable react/globals
        return chat.messages.map((message) => createElement('p', { key: message.id }, toText(message)));
      }
      const root = createRoot(document.querySelector('#root')!);
      root.render(createElement(Page));
      while (count === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await chat.ask();
      await new Promise((resolve) => setTimeout(resolve, 20));
      const text = document.querySelector('#root')!.lastElementChild?.textContent ?? '';
      if (!text.includes(`word${deltas - 1}`)) throw new Error(`${name} did not show the whole answer.`);
      root.unmount();
      renders[name] = count;
      return deltas;
    },
  };
}

const earlier = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `m${index}`,
    role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
    parts: [{ type: 'text' as const, text: `Message ${index} of an earlier conversation.` }],
  }));

function compare(before: number): Contender[] {
  const messages = earlier(before);
  const frames = toFrames(textAnswer(deltas));
  return [
    contender(
      'use-assistant',
      (fetch) => {
        const { messages: shown, sendMessage } = useAssistant({ fetch, messages });
        return { messages: shown, ask: () => sendMessage({ text: 'Hi' }) };
      },
      frames,
    ),
    contender(
      'useChat of @ai-sdk/react 4',
      (fetch) => {
        const { messages: shown, sendMessage } = useChat({
          messages,
          transport: new DefaultChatTransport({ fetch }),
        });
        return { messages: shown, ask: () => sendMessage({ text: 'Hi' }) };
      },
      frames,
    ),
    ...(before > 0
      ? []
      : [
          contender('use-assistant/v4', (fetch) => useOld(useV4Assistant, fetch), v4Frames),
          contender('useAssistant 1.2.12', (fetch) => useOld(useRemovedAssistant, fetch), v4Frames),
        ]),
  ];
}

function useOld(
  useHook: (options: { api: string; fetch: typeof globalThis.fetch }) => {
    messages: { id: string; content: string }[];
    append(message: { role: 'user'; content: string }): Promise<void>;
  },
  fetch: typeof globalThis.fetch,
): Chat {
  // oxlint-disable-next-line react/hooks -- each page has one and the same
  const { messages, append } = useHook({ api: '/api', fetch });
  return { messages, ask: () => append({ role: 'user', content: 'Hi' }) };
}

/** From bytes to the page, hook beside hook. */
export const hooks: { title: string; contenders: Contender[] }[] = [
  { title: 'Show a text answer in React, CPU per delta', contenders: compare(0) },
  { title: 'Show a text answer after 200 messages, CPU per delta', contenders: compare(200) },
];
