import { useChat } from '@ai-sdk/react';
import { useAssistant as useRemovedAssistant } from '@ai-sdk/react-v4';
import { encodeChunk } from '@use-assistant/protocol';
import { useAssistant } from '@use-assistant/react';
import { useAssistant as useV4Assistant } from '@use-assistant/react/v4';
import { DefaultChatTransport } from 'ai';
import { textAnswer } from '../fixtures.ts';
import type { Chat, HookContender, Message } from './page.ts';

/** Deltas of the answer that every hook is given. */
export const deltas = 2_000;

const v1Frames = textAnswer(deltas).map((chunk) => encodeChunk(chunk));

/** The same answer in the wire of the removed hook. */
export const v4Frames: string[] = [
  '5:{"threadId":"thread_1","messageId":"msg_user"}\n',
  '4:{"id":"msg_1","role":"assistant","content":[{"type":"text","text":{"value":""}}]}\n',
  ...Array.from({ length: deltas }, (_, index) => `0:"word${index} "\n`),
];

function useOld(
  useHook: (options: { api: string; fetch: typeof globalThis.fetch }) => {
    messages: { id: string; content: string }[];
    setMessages(messages: Message[]): void;
    append(message: { role: 'user'; content: string }): Promise<void>;
  },
  fetch: typeof globalThis.fetch,
): Chat {
  // oxlint-disable-next-line react/hooks -- each page has one and the same
  const { messages, setMessages, append } = useHook({ api: '/api', fetch });
  return { messages, setMessages, ask: () => append({ role: 'user', content: 'Hi' }) };
}

/** Ours and theirs, each with the same answer in its own wire. */
export const contenders: HookContender[] = [
  {
    name: 'use-assistant',
    frames: v1Frames,
    useHook(fetch) {
      const { messages, setMessages, sendMessage } = useAssistant({ fetch });
      return { messages, setMessages, ask: () => sendMessage({ text: 'Hi' }) };
    },
  },
  {
    name: 'useChat of @ai-sdk/react 4',
    frames: v1Frames,
    useHook(fetch) {
      const { messages, setMessages, sendMessage } = useChat({
        transport: new DefaultChatTransport({ fetch }),
      });
      return { messages, setMessages, ask: () => sendMessage({ text: 'Hi' }) };
    },
  },
  { name: 'use-assistant/v4', frames: v4Frames, useHook: (fetch) => useOld(useV4Assistant, fetch) },
  { name: 'useAssistant 1.2.12', frames: v4Frames, useHook: (fetch) => useOld(useRemovedAssistant, fetch) },
];
