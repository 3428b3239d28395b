'use client';

import { useAssistant, useThreads } from '@use-assistant/react';
import type { ReactNode } from 'react';
import { useRunStatuses } from '../lib/use-run-statuses.ts';
import { useThreadUrl } from '../lib/use-thread-url.ts';
import { ChatView } from './chat-view.tsx';

interface ChatProps {
  /** The thread that the address names. */
  threadId: string | undefined;
  badge: ReactNode;
  note: string;
}

/** As many as the route takes with one message: said before they are sent. */
const maxFiles = 10;

/** The demo: one hook, one page. */
export function Chat({ threadId, badge, note }: ChatProps) {
  const { statuses, onStatus, onFinish } = useRunStatuses();
  const assistant = useAssistant({ threadId, onStatus, onFinish, maxFiles });
  useThreadUrl(assistant.threadId, assistant.setThreadId);
  const threads = useThreads(assistant);
  return <ChatView assistant={assistant} threads={threads} statuses={statuses} badge={badge} note={note} />;
}
