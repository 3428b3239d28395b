import { useEffect, useState } from 'react';

/** Whether files are being dragged over the window. */
export function useFileDrag(): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    // Every element under the pointer enters and leaves; the window is left when as many have left as entered.
    let depth = 0;
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onEnter = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth += 1;
      setDragging(true);
    };
    const onLeave = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setDragging(false);
    };
    const onEnd = () => {
      depth = 0;
      setDragging(false);
    };
    // Without this the browser leaves the page for a file that misses the page's own target.
    const keepPage = (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault();
    };
    const ended = new AbortController();
    const { signal } = ended;
    window.addEventListener('dragenter', onEnter, { signal });
    window.addEventListener('dragleave', onLeave, { signal });
    window.addEventListener('dragover', keepPage, { signal });
    window.addEventListener('drop', keepPage, { signal });
    // Capturing, because whoever takes the files may stop the event.
    window.addEventListener('drop', onEnd, { signal, capture: true });
    window.addEventListener('dragend', onEnd, { signal, capture: true });
    return () => ended.abort();
  }, []);
  return dragging;
}
