import type { AssistantMessage } from '@use-assistant/react';
import { memo } from 'react';
import type { Decide } from '../lib/message-parts.ts';
import { AssistantMessageRow } from './assistant-message.tsx';
import { UserMessageRow } from './user-message.tsx';

interface MessageListProps {
  messages: readonly AssistantMessage[];
  /** The id of the answer that is being written. */
  activeId: string | undefined;
  /** The id of the answer that has just been stopped; older ones say so themselves. */
  stoppedId: string | undefined;
  onDecide: Decide;
}

/** The conversation. Rows keep their identity, so a token renders one row and nothing else. */
export const MessageList = memo(function MessageList({
  messages,
  activeId,
  stoppedId,
  onDecide,
}: MessageListProps) {
  return messages.map((message) =>
    message.role === 'user' ? (
      <UserMessageRow key={message.id} message={message} />
    ) : (
      <AssistantMessageRow
        key={message.id}
        message={message}
        active={message.id === activeId}
        stopped={message.id === stoppedId || message.metadata?.runStatus === 'cancelled'}
        onDecide={onDecide}
      />
    ),
  );
});
