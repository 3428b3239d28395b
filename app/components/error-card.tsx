import { CircleAlert, X } from 'lucide-react';

interface ErrorCardProps {
  message: string;
  /** What can be done about it. */
  action: string;
  onAction: () => void;
  onDismiss: () => void;
}

/** What went wrong, in words, and a way on. */
export function ErrorCard({ message, action, onAction, onDismiss }: ErrorCardProps) {
  return (
    <div
      role="alert"
      className="arrive flex items-start gap-3 rounded-2xl border border-danger/30 bg-danger-wash px-4 py-3.5 text-sm"
    >
      <CircleAlert size={17} aria-hidden="true" className="mt-0.5 flex-none text-danger" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">That did not work</p>
        <p className="mt-0.5 leading-relaxed wrap-anywhere text-soft">{message}</p>
        <button
          type="button"
          onClick={onAction}
          className="mt-3 flex h-8 items-center rounded-full border border-danger/40 px-3.5 text-[13px] font-medium text-danger transition-colors hover:bg-danger/10"
        >
          {action}
        </button>
      </div>
      <button
        type="button"
        aria-label="Dismiss"
        onClick={onDismiss}
        className="-mt-1 -mr-1.5 grid size-8 flex-none place-items-center rounded-full text-soft hover:bg-danger/10"
      >
        <X size={15} aria-hidden="true" />
      </button>
    </div>
  );
}
