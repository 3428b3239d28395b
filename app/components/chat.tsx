'use client';

import { useAssistant } from '@use-assistant/react';
import type { ReactNode } from 'react';
import { useThreadUrl } from '../lib/use-thread-url.ts';
import { ChatView } from './chat-view.tsx';

interface ChatProps {
  /** The thread that the address names. */
  threadId: string | undefined;
  badge: ReactNode;
  note: string;
}

/** The demo: one hook, one page. */
export function Chat({ threadId, badge, note }: ChatProps) {
  const assistant = useAssistant({ threadId });
  useThreadUrl(assistant.threadId, assistant.setThreadId);
  return <ChatView assistant={assistant} badge={badge} note={note} />;
}
