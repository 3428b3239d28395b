import type { UseThreadsHelpers } from '@use-assistant/react';
import { Check, Pencil, Trash2, X } from 'lucide-react';
import { useState, type SyntheticEvent } from 'react';

interface ThreadListProps {
  list: UseThreadsHelpers;
  /** The thread that is open. */
  threadId: string | undefined;
  onOpen: (threadId: string | undefined) => void;
}

/** The chats of this visitor, the last active first: open, rename, delete. */
export function ThreadList({ list, threadId, onOpen }: ThreadListProps) {
  const [renaming, setRenaming] = useState<string>();
  const { threads, isLoading, error, hasMore } = list;

  function rename(id: string, event: SyntheticEvent<HTMLFormElement>) {
    event.preventDefault();
    const title = String(new FormData(event.currentTarget).get('title')).trim();
    if (title !== '') void list.rename(id, title);
    setRenaming(undefined);
  }
  function remove(id: string) {
    void list.delete(id);
    if (id === threadId) onOpen(undefined);
  }

  return (
    <>
      {error && <p className="px-3 py-2 text-[13px] text-danger">{error.message}</p>}
      {threads.length === 0 && !isLoading && (
        <p className="px-3 py-2 text-[13px] text-faint">Your chats will be listed here.</p>
      )}
      <ul aria-label="Chats" className="flex flex-col gap-0.5">
        {threads.map(({ id, title }) => (
          <li key={id} className="group relative">
            {renaming === id ? (
              <form onSubmit={(event) => rename(id, event)} className="flex items-center gap-1 p-1">
                <input
                  name="title"
                  aria-label="Title"
                  defaultValue={title ?? ''}
                  maxLength={200}
                  autoFocus
                  onKeyDown={(event) => event.key === 'Escape' && setRenaming(undefined)}
                  className="h-8 min-w-0 flex-1 rounded-lg border border-line bg-surface px-2 text-sm"
                />
                <IconButton label="Save the title" submit icon={<Check size={15} aria-hidden="true" />} />
                <IconButton
                  label="Keep the old title"
                  onClick={() => setRenaming(undefined)}
                  icon={<X size={15} aria-hidden="true" />}
                />
              </form>
            ) : (
              <>
                <button
                  type="button"
                  aria-current={id === threadId ? 'page' : undefined}
                  onClick={() => onOpen(id)}
                  className="h-9 w-full truncate rounded-lg pr-19 pl-3 pointer-fine:pr-3 pointer-fine:group-focus-within:pr-19 pointer-fine:group-hover:pr-19 text-left text-sm hover:bg-sunken aria-[current]:bg-sunken aria-[current]:font-medium"
                >
                  {title ?? 'New chat'}
                </button>
                <span className="absolute inset-y-0 right-1 flex items-center pointer-fine:opacity-0 pointer-fine:group-focus-within:opacity-100 pointer-fine:group-hover:opacity-100">
                  <IconButton
                    label={`Rename ${title ?? 'New chat'}`}
                    onClick={() => setRenaming(id)}
                    icon={<Pencil size={14} aria-hidden="true" />}
                  />
                  <IconButton
                    label={`Delete ${title ?? 'New chat'}`}
                    onClick={() => remove(id)}
                    icon={<Trash2 size={14} aria-hidden="true" />}
                  />
                </span>
              </>
            )}
          </li>
        ))}
      </ul>
      {hasMore && (
        <button
          type="button"
          disabled={isLoading}
          onClick={() => void list.loadMore()}
          className="mt-1 h-9 w-full rounded-lg text-[13px] text-soft hover:bg-sunken"
        >
          Show more
        </button>
      )}
    </>
  );
}

interface IconButtonProps {
  label: string;
  icon: React.ReactNode;
  submit?: boolean;
  onClick?: () => void;
}

function IconButton({ label, icon, submit = false, onClick }: IconButtonProps) {
  return (
    <button
      type={submit ? 'submit' : 'button'}
      aria-label={label}
      title={label}
      onClick={onClick}
      className="grid size-8 flex-none place-items-center rounded-lg text-soft hover:bg-surface hover:text-ink"
    >
      {icon}
    </button>
  );
}
