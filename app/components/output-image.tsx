import { Download, Maximize2, X } from 'lucide-react';
import { useRef } from 'react';

/** An image that the run made, shown in place; a click shows it large. */
export function OutputImage({ url, name, detail }: { url: string; name: string; detail?: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <figure className="w-fit max-w-full overflow-hidden rounded-2xl border border-line bg-surface">
      <button
        type="button"
        aria-label={`Enlarge ${name}`}
        onClick={() => dialog.current?.showModal()}
        className="group relative block bg-white -outline-offset-2"
      >
        <img src={url} alt={name} className="max-h-[26rem] min-h-24 w-auto max-w-full object-contain" />
        <span
          aria-hidden="true"
          className="absolute top-2.5 right-2.5 grid size-8 place-items-center rounded-lg bg-black/60 text-white opacity-0 transition-opacity group-hover:opacity-100 group-focus-visible:opacity-100"
        >
          <Maximize2 size={15} />
        </span>
      </button>
      <figcaption className="flex items-center gap-3 border-t border-line px-4 py-2.5 text-[13px]">
        <span className="min-w-0 truncate font-medium">{name}</span>
        {detail && <span className="flex-none text-faint">{detail}</span>}
        <span className="flex-1" />
        <a
          href={url}
          download={name}
          aria-label={`Download ${name}`}
          className="-my-1 -mr-1.5 grid size-8 flex-none place-items-center rounded-lg text-soft hover:bg-sunken hover:text-ink"
        >
          <Download size={15} aria-hidden="true" />
        </a>
      </figcaption>
      <dialog
        ref={dialog}
        aria-label={name}
        onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
        className="m-auto max-h-[94dvh] max-w-[min(94vw,90rem)] overflow-hidden rounded-2xl bg-white p-0 shadow-2xl backdrop:bg-black/70"
      >
        <img src={url} alt={name} className="block max-h-[94dvh] w-[min(94vw,70rem)] object-contain" />
        <button
          type="button"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
          className="absolute top-3 right-3 grid size-9 place-items-center rounded-full bg-black/65 text-white hover:bg-black/85"
        >
          <X size={17} aria-hidden="true" />
        </button>
      </dialog>
    </figure>
  );
}
