import { AssistantError } from '@use-assistant/protocol';

/** Runs a task with a module that is loaded first where that has not been done: at once when it has. */
export type Lazy<Module> = <Result>(
  task: (module: Module) => Result | Promise<Result>,
) => Result | Promise<Result>;

const loads: (() => unknown)[] = [];

/** What is not needed for a page's first answer is not downloaded for it. A load that fails is tried again. */
function lazy<Module>(load: () => Promise<Module>): Lazy<Module> {
  let loaded: Module | undefined;
  let loading: Promise<Module> | undefined;
  const use: Lazy<Module> = (task) => {
    if (loaded) return task(loaded);
    loading ??= load().then(
      (module) => (loaded = module),
      (cause: unknown) => {
        loading = undefined;
        throw new AssistantError('network', 'A part of this page could not be loaded.', {
          isRetryable: true,
          cause,
        });
      },
    );
    return loading.then(task);
  };
  loads.push(() => use(() => {}));
  return use;
}

export const withUploads: Lazy<typeof import('./uploads.ts')> = lazy(() => import('./uploads.ts'));
export const withToolParts: Lazy<typeof import('@use-assistant/protocol/tool-parts')> = lazy(
  () => import('@use-assistant/protocol/tool-parts'),
);
export const withToolAnswers: Lazy<typeof import('./tool-answers.ts')> = lazy(async () => {
  const [answers] = await Promise.all([import('./tool-answers.ts'), withToolParts(() => {})]);
  return answers;
});
export const withThreadControl: Lazy<typeof import('./thread-control.ts')> = lazy(
  () => import('./thread-control.ts'),
);
export const withThreads: Lazy<typeof import('./threads.ts')> = lazy(() => import('./threads.ts'));
export const withHttpErrors: Lazy<typeof import('./http-errors.ts')> = lazy(() => import('./http-errors.ts'));

/**
 * Loads what is otherwise loaded when it is first used: uploads, tool calls, the list of threads. For apps that go
 * offline, and for the moment when a page has nothing better to do.
 */
export async function preload(): Promise<void> {
  await Promise.all(loads.map((load) => load()));
}
