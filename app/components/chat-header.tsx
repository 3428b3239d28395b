import { PanelLeft, SquarePen } from 'lucide-react';
import type { ReactNode } from 'react';
import { BrandMark } from './brand-mark.tsx';

interface ChatHeaderProps {
  badge: ReactNode;
  onNewChat: () => void;
  /** Where there is no room for the chats beside this one. */
  onShowChats: () => void;
}

/** The bar on top: whose chat it is, which model answers, the other chats, and a way to start anew. */
export function ChatHeader({ badge, onNewChat, onShowChats }: ChatHeaderProps) {
  return (
    <header className="z-10 flex h-14 flex-none items-center gap-3 border-b border-line bg-page px-4 sm:px-5">
      <button
        type="button"
        onClick={onShowChats}
        aria-label="Chats"
        className="-ml-2 grid size-9 flex-none place-items-center rounded-lg hover:bg-sunken lg:hidden"
      >
        <PanelLeft size={17} aria-hidden="true" />
      </button>
      <BrandMark />
      <h1 className="text-[15px] font-semibold tracking-tight max-sm:sr-only">use-assistant</h1>
      <div className="min-w-0 flex-1">{badge}</div>
      <button
        type="button"
        onClick={onNewChat}
        className="flex h-9 flex-none items-center gap-2 rounded-full border border-line bg-surface px-3.5 text-sm max-sm:px-2.5 font-medium transition-colors hover:bg-sunken"
      >
        <SquarePen size={15} aria-hidden="true" />
        <span className="max-sm:sr-only">New chat</span>
      </button>
    </header>
  );
}
