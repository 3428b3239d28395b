import { ChevronDown } from 'lucide-react';

interface FoldButtonProps {
  open: boolean;
  /** What it shows and hides: `the code`. */
  what: string;
  /** The id of the element that it shows and hides. */
  controls: string;
  onToggle: () => void;
}

/** Folds a card; the whole head of the card, which must be positioned, takes the click. */
export function FoldButton({ open, what, controls, onToggle }: FoldButtonProps) {
  return (
    <button
      type="button"
      aria-label={`${open ? 'Hide' : 'Show'} ${what}`}
      aria-expanded={open}
      aria-controls={controls}
      onClick={onToggle}
      className="flex-none rounded-md text-faint after:absolute after:inset-0"
    >
      <ChevronDown
        size={15}
        aria-hidden="true"
        className={`transition-transform ${open ? 'rotate-180' : ''}`}
      />
    </button>
  );
}
