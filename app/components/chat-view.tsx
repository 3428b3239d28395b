import type { RunStatus, UploadItem, UseAssistantHelpers, UseThreadsHelpers } from '@use-assistant/react';
import { ArrowDown } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { loadSampleFile, samplePrompt } from '../lib/sample-file.ts';
import { retry } from '../lib/retry.ts';
import { useKeepPlace } from '../lib/use-keep-place.ts';
import { useFileDrag } from '../lib/use-file-drag.ts';
import { useStickToBottom } from '../lib/use-stick-to-bottom.ts';
import { Attachments } from './attachments.tsx';
import { ChatHeader } from './chat-header.tsx';
import { Composer } from './composer.tsx';
import { EarlierButton } from './earlier-button.tsx';
import { DropOverlay } from './drop-overlay.tsx';
import { ErrorCard } from './error-card.tsx';
import { MessageList } from './message-list.tsx';
import { RunStatusLine, runStatusSentence } from './run-status.tsx';
import { ThreadPanel } from './thread-panel.tsx';
import { Welcome } from './welcome.tsx';

interface ChatViewProps {
  assistant: UseAssistantHelpers;
  threads: UseThreadsHelpers;
  /** The statuses that the run under way has gone through. */
  statuses: readonly RunStatus[];
  badge: ReactNode;
  /** A line under the composer: what to keep in mind about the answers. */
  note: string;
}

/** The page of one chat, drawn from what `useAssistant` says. */
export function ChatView({ assistant, threads, statuses, badge, note }: ChatViewProps) {
  const { messages, status, run, error, files, input, threadId, isLoadingHistory } = assistant;
  const { setInput, setThreadId, sendMessage, submitMessage, addFiles, removeFile, stop, clearError } =
    assistant;
  const decide = assistant.addToolApprovalResponse;
  const { frame, content, atEnd, scrollToEnd } = useStickToBottom();
  const keepPlace = useKeepPlace(frame, messages[0]?.id);
  const dragging = useFileDrag();
  const [chatsOpen, setChatsOpen] = useState(false);

  const running = status === 'submitted' || status === 'streaming';
  const last = messages.at(-1);
  const answer = status !== 'submitted' && last?.role === 'assistant' ? last : undefined;
  // A first message that could not be sent is in the field again; what went wrong is to be seen all the same.
  const empty = messages.length === 0 && !running && !threadId && !isLoadingHistory && !error;
  const sendable = input.trim() !== '' || files.some((file) => file.status !== 'error');
  const lost = error?.code === 'not_found' && messages.length === 0;
  // The server's word on a stop comes after the answer has ended here.
  const stoppedId = run?.status === 'cancelling' || run?.status === 'cancelled' ? run.id : undefined;
  const progress = {
    statuses,
    sending: files.some(isUploading) ? ('files' as const) : ('message' as const),
    answer,
  };

  function ask(text: string) {
    scrollToEnd();
    void sendMessage({ text });
  }
  function send() {
    scrollToEnd();
    void submitMessage();
  }
  function showEarlier() {
    keepPlace();
    void assistant.loadPrevious();
  }
  async function trySample() {
    addFiles([await loadSampleFile()]);
    setInput(samplePrompt);
    send();
  }

  return (
    <div {...assistant.dropProps} className="flex h-dvh flex-col">
      <ChatHeader
        badge={badge}
        onNewChat={() => setThreadId(undefined)}
        onShowChats={() => setChatsOpen(true)}
      />
      <div className="flex min-h-0 flex-1">
        <ThreadPanel
          list={threads}
          threadId={threadId}
          onOpen={setThreadId}
          open={chatsOpen}
          onClose={() => setChatsOpen(false)}
        />
        <div className="flex min-w-0 flex-1 flex-col">
          <main className="relative min-h-0 flex-1">
            <div ref={frame} className="h-full overflow-x-hidden overflow-y-auto">
              <div ref={content} className="flex min-h-full flex-col">
                {empty ? (
                  <Welcome onAsk={ask} onSample={trySample} />
                ) : (
                  <div className="mx-auto flex w-full max-w-3xl flex-col gap-7 px-4 pt-8 pb-10 sm:px-6">
                    {isLoadingHistory && messages.length === 0 && (
                      <p className="text-sm text-soft">Loading this chat</p>
                    )}
                    {assistant.hasPrevious && (
                      <EarlierButton loading={assistant.isLoadingPrevious} onLoad={showEarlier} />
                    )}
                    <MessageList
                      messages={messages}
                      activeId={running ? answer?.id : undefined}
                      stoppedId={stoppedId}
                      onDecide={decide}
                    />
                    {running && <RunStatusLine {...progress} />}
                    {error &&
                      (lost ? (
                        <ErrorCard
                          message="This chat was not found. It may have been deleted, or it belongs to someone else."
                          action="New chat"
                          onAction={() => setThreadId(undefined)}
                          onDismiss={clearError}
                        />
                      ) : (
                        <ErrorCard
                          message={error.message}
                          action="Try again"
                          onAction={() => retry(assistant)}
                          onDismiss={clearError}
                        />
                      ))}
                  </div>
                )}
              </div>
            </div>
            {!atEnd && (
              <button
                type="button"
                onClick={scrollToEnd}
                className="arrive absolute bottom-3 left-1/2 flex h-9 -translate-x-1/2 items-center gap-1.5 rounded-full border border-line bg-surface px-3.5 text-[13px] font-medium shadow-(--shadow)"
              >
                <ArrowDown size={14} aria-hidden="true" />
                Latest
              </button>
            )}
          </main>
          <div className="mx-auto w-full max-w-3xl flex-none px-3 pb-2 sm:px-6">
            <Composer
              input={input}
              onInput={setInput}
              sendable={sendable}
              running={running}
              onSend={send}
              onStop={stop}
              onFiles={addFiles}
              onPaste={assistant.pasteProps.onPaste}
              chips={<Attachments files={files} onRemove={removeFile} />}
            />
            <p className="px-4 py-2 text-center text-xs text-faint">{note}</p>
          </div>
        </div>
      </div>
      <p role="status" className="sr-only">
        {running ? runStatusSentence(progress) : answer ? 'The answer is complete.' : ''}
      </p>
      {dragging && <DropOverlay />}
    </div>
  );
}

function isUploading({ status }: UploadItem): boolean {
  return status === 'queued' || status === 'uploading';
}
