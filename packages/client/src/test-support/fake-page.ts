import { vi } from 'vitest';
import type { RaceServer } from './race-server.ts';

/** What a page gives to a client beside `fetch`: uploads that tell their progress, and word of the network. */
export interface FakePage {
  /** What listens to `online`. */
  readonly listeners: Set<() => void>;
}

/** Puts a page into the globals, whose uploads go to this server. */
export function stubPage(server: RaceServer): FakePage {
  const listeners = new Set<() => void>();
  vi.stubGlobal('fetch', server.fetch);
  vi.stubGlobal('addEventListener', (_: string, listener: () => void) => listeners.add(listener));
  vi.stubGlobal('removeEventListener', (_: string, listener: () => void) => listeners.delete(listener));
  vi.stubGlobal(
    'XMLHttpRequest',
    class extends EventTarget {
      readonly upload = new EventTarget();
      status = 0;
      responseText = '';
      #isOver = false;

      open(): void {}

      setRequestHeader(): void {}

      abort(): void {
        this.#end('abort');
      }

      send(): void {
        const progress = (loaded: number) =>
          this.upload.dispatchEvent(
            Object.assign(new Event('progress'), { lengthComputable: true, loaded, total: 1 }),
          );
        server.upload(progress, (file) => {
          if (!file) return this.#end('error');
          this.status = 200;
          this.responseText = JSON.stringify({
            ...file,
            name: 'a.csv',
            mediaType: 'text/csv',
            size: 1,
            url: `/files/${file.id}`,
          });
          this.#end('load');
        });
      }

      #end(type: string): void {
        if (this.#isOver) return;
        this.#isOver = true;
        this.dispatchEvent(new Event(type));
        this.dispatchEvent(new Event('loadend'));
      }
    },
  );
  return { listeners };
}
