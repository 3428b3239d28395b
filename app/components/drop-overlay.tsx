import { FileDown } from 'lucide-react';

/** Covers the page while files are dragged over it. */
export function DropOverlay() {
  return (
    <div className="pointer-events-none fixed inset-0 z-50 grid place-items-center bg-page/85 p-5 backdrop-blur-sm">
      <div className="grid size-full place-items-center rounded-3xl border-2 border-dashed border-accent">
        <div className="flex flex-col items-center gap-3 text-center">
          <span
            aria-hidden="true"
            className="grid size-14 place-items-center rounded-2xl bg-wash text-accent"
          >
            <FileDown size={26} />
          </span>
          <p className="text-lg font-semibold tracking-tight">Drop files to attach them</p>
          <p className="text-sm text-soft">They stay on this server.</p>
        </div>
      </div>
    </div>
  );
}
