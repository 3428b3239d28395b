'use client';

import dynamic from 'next/dynamic';
import { useState } from 'react';
import { keepThread } from '../lib/keep-thread.ts';

// The component wants a window as soon as it loads. Made here, once: inside a component it would be a new one each time.
const DeepChat = dynamic(async () => (await import('deep-chat-react')).DeepChat, {
  ssr: false,
  loading: () => <p>Loading the chat …</p>,
});

const connect = { url: '/api/chat', stream: true };
// The server keeps the conversation: only what is new goes to it.
const limits = { maxMessages: 1 };
const errors = { displayServiceErrorMessages: true };
// With a font of its own it does not ask Google for one.
const style = { width: '100%', height: '70dvh', borderRadius: '12px', fontFamily: 'system-ui' };
const textInput = { placeholder: { text: 'Ask, or attach a file' } };

export function Chat() {
  const [interceptors] = useState(keepThread);
  return (
    <DeepChat
      connect={connect}
      requestBodyLimits={limits}
      errorMessages={errors}
      mixedFiles
      textInput={textInput}
      style={style}
      {...interceptors}
    />
  );
}
