interface EarlierButtonProps {
  loading: boolean;
  onLoad: () => void;
}

/** Brings the messages in front of those that are shown: a long chat comes in parts. */
export function EarlierButton({ loading, onLoad }: EarlierButtonProps) {
  return (
    <button
      type="button"
      aria-disabled={loading}
      onClick={onLoad}
      className="h-9 self-center rounded-full border border-line bg-surface px-4 text-[13px] font-medium hover:bg-sunken"
    >
      {loading ? 'Loading earlier messages' : 'Show earlier messages'}
    </button>
  );
}
