// @ts-expect-error -- it comes without types
import { JSDOM } from 'jsdom';
import { createElement, memo, useEffect } from 'react';
import { createRoot } from 'react-dom/client';

/** What one read of a network brings of a quick model. */
const deltasPerPacket = 8;

/** A message of any of the hooks. */
export interface Message {
  id: string;
  role: 'user' | 'assistant';
  content: string;
  parts: { type: 'text'; text: string }[];
}

/** What every hook here has in common. */
export interface Chat {
  messages: readonly { id: string; content?: string; parts?: readonly { type: string; text?: string }[] }[];
  setMessages(messages: Message[]): void;
  /** Sends a message and settles when the answer is over. */
  ask(): Promise<unknown>;
}

/** A hook, and what its route answers. */
export interface HookContender {
  name: string;
  frames: string[];
  useHook: (fetch: typeof globalThis.fetch) => Chat;
}

/** A page with one hook on it. */
export interface HookPage {
  /** Puts other messages in the place of all. */
  show(messages: Message[]): Promise<void>;
  ask(): Promise<void>;
  /** The text that the page shows last. */
  lastText(): string;
  renders(): number;
  close(): void;
}

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

function openWindow(): void {
  const { window } = new JSDOM('<div id="root"></div>', { pretendToBeVisual: true });
  Object.assign(globalThis, { window, document: window.document });
  globalThis.requestAnimationFrame = window.requestAnimationFrame.bind(window);
  globalThis.cancelAnimationFrame = window.cancelAnimationFrame.bind(window);
}

type Shown = Chat['messages'][number];

const toText = ({ content, parts }: Shown) => content ?? parts?.map(({ text = '' }) => text).join('') ?? '';

/** As a careful page has it: rendered anew only when its message is another. */
const Row = memo(function Row({ message }: { message: Shown }) {
  return createElement('p', null, toText(message));
});

/** Opens a page without messages. It will show all it has or, with `isBare`, the last alone. */
export async function openPage(
  { useHook, frames }: HookContender,
  { isBare = false } = {},
): Promise<HookPage> {
  openWindow();
  const fetch = (async () => new Response(toBody(frames))) as unknown as typeof globalThis.fetch;
  let chat!: Chat;
  let renders = 0;
  let wanted = { length: 0, shown: Promise.withResolvers<void>() };
  function Page() {
    // oxlint-disable react/globals -- the bench looks into its page
    renders += 1;
    chat = useHook(fetch);
    // oxlint-enable react/globals
    const { length } = chat.messages;
    useEffect(() => {
      if (length === wanted.length) wanted.shown.resolve();
    });
    const shown = isBare ? chat.messages.slice(-1) : chat.messages;
    return shown.map((message) => createElement(Row, { key: message.id, message }));
  }
  const root = createRoot(document.querySelector('#root')!);
  root.render(createElement(Page));
  await wanted.shown.promise;
  return {
    async show(messages) {
      wanted = { length: messages.length, shown: Promise.withResolvers() };
      chat.setMessages(messages);
      if (messages.length > 0) await wanted.shown.promise;
      renders = 0;
    },
    async ask() {
      await chat.ask();
      // What comes with the last frame.
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
    lastText: () => document.querySelector('#root')!.lastElementChild?.textContent ?? '',
    renders: () => renders,
    close() {
      root.unmount();
      window.close();
    },
  };
}

/** An earlier conversation. */
export function earlier(count: number): Message[] {
  return Array.from({ length: count }, (_, index) => {
    const content = `Message ${index} of an earlier conversation. ${'It goes on for a while. '.repeat(8)}`;
    return {
      id: `m${index}`,
      role: index % 2 === 0 ? 'user' : 'assistant',
      content,
      parts: [{ type: 'text', text: content }],
    };
  });
}
