import type { UseThreadsHelpers } from '@use-assistant/react';
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { ThreadList } from './thread-list.tsx';

interface ThreadPanelProps {
  list: UseThreadsHelpers;
  threadId: string | undefined;
  onOpen: (threadId: string | undefined) => void;
  /** Whether it lies over the chat, where there is no room beside it. */
  open: boolean;
  onClose: () => void;
}

/** The chats beside the chat; on a small screen, over it when asked for. */
export function ThreadPanel({ list, threadId, onOpen, open, onClose }: ThreadPanelProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);

  return (
    <>
      <nav
        aria-label="Chats"
        className="hidden w-64 flex-none overflow-y-auto border-r border-line bg-page p-2 lg:block"
      >
        <ThreadList list={list} threadId={threadId} onOpen={onOpen} />
      </nav>
      <dialog
        ref={dialog}
        aria-label="Chats"
        onClose={onClose}
        onClick={(event) => event.target === event.currentTarget && onClose()}
        className="h-dvh max-h-none w-72 max-w-[85vw] border-r border-line bg-page p-2 text-ink backdrop:bg-black/30 lg:hidden"
      >
        <div className="mb-1 flex items-center justify-between pl-3">
          <h2 className="text-sm font-semibold">Chats</h2>
          <button
            type="button"
            onClick={onClose}
            aria-label="Close"
            className="grid size-9 place-items-center rounded-lg hover:bg-sunken"
          >
            <X size={16} aria-hidden="true" />
          </button>
        </div>
        {open && (
          <ThreadList
            list={list}
            threadId={threadId}
            onOpen={(id) => {
              onOpen(id);
              onClose();
            }}
          />
        )}
      </dialog>
    </>
  );
}
