import type { EngineModel } from '@use-assistant/engine';

type V4 = Extract<EngineModel, { specificationVersion: 'v4' }>;
type Part = Awaited<ReturnType<V4['doStream']>>['stream'] extends ReadableStream<infer T> ? T : never;

/** How the model of a measurement writes. */
export interface Pace {
  /** Words of the answer. */
  words: number;
  /** Milliseconds between two words; 0 gives each as soon as it is asked for. */
  every?: number;
  /** Stands still after the words until it is aborted. */
  hangs?: boolean;
}

/**
 * A model that costs as little as a model can, so that what is measured is the engine. Paced words come once `go` says so,
 * each answer at moments of its own.
 */
export function pacedModel(
  { words, every = 0, hangs = false }: Pace,
  go: Promise<void> = Promise.resolve(),
): V4 {
  return {
    specificationVersion: 'v4',
    provider: 'bench',
    modelId: 'paced',
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('The model of the benchmarks only streams.')),
    async doStream({ abortSignal }) {
      let next = 0;
      let timer: NodeJS.Timeout | undefined;
      const isOver = () => next === words && !hangs;
      const write = (controller: ReadableStreamDefaultController<Part>): void => {
        if (next === 0) {
          controller.enqueue({ type: 'stream-start', warnings: [] });
          controller.enqueue({ type: 'text-start', id: 'text' });
        }
        if (next < words) {
          controller.enqueue({ type: 'text-delta', id: 'text', delta: `word${next} ` });
          next += 1;
        }
        if (!isOver()) return;
        clearInterval(timer);
        controller.enqueue({ type: 'text-end', id: 'text' });
        controller.enqueue({
          type: 'finish',
          finishReason: { unified: 'stop', raw: 'stop' },
          usage: {
            inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
            outputTokens: { total: words, text: words, reasoning: 0 },
          },
        });
        controller.close();
      };
      const stream = new ReadableStream<Part>({
        start(controller) {
          abortSignal?.addEventListener('abort', () => {
            clearInterval(timer);
            // Too late when the answer is over.
            if (!isOver()) controller.error(abortSignal.reason);
          });
          if (every === 0) return;
          void go.then(() => {
            // A real one does not wait for us either: words whose time came while this process was busy come together.
            const begin = performance.now() + Math.random() * every;
            timer = setInterval(() => {
              const due = Math.min((performance.now() - begin) / every, words);
              while (next < due) write(controller);
            }, every);
          });
        },
        pull(controller) {
          if (every > 0 || (hangs && next === words)) return new Promise<void>(() => {});
          return write(controller);
        },
        cancel: () => clearInterval(timer),
      });
      return { stream };
    },
  };
}
