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
      const write = (controller: ReadableStreamDefaultController<Part>): boolean => {
        if (next === 0) {
          controller.enqueue({ type: 'stream-start', warnings: [] });
          controller.enqueue({ type: 'text-start', id: 'text' });
        }
        if (next < words) {
          controller.enqueue({ type: 'text-delta', id: 'text', delta: `word${next} ` });
          next += 1;
          return false;
        }
        if (hangs) return true;
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
        return true;
      };
      const stream = new ReadableStream<Part>({
        start(controller) {
          abortSignal?.addEventListener('abort', () => {
            clearInterval(timer);
            // Too late when the answer is over.
            if (next < words || hangs) controller.error(abortSignal.reason);
          });
          if (every === 0) return;
          void go.then(() => {
            timer = setTimeout(() => {
              timer = setInterval(() => {
                if (write(controller)) clearInterval(timer);
              }, every);
            }, Math.random() * every);
          });
        },
        pull(controller) {
          if (every > 0) return new Promise<void>(() => {});
          if (write(controller) && hangs) return new Promise<void>(() => {});
          return undefined;
        },
        cancel: () => clearInterval(timer),
      });
      return { stream };
    },
  };
}
