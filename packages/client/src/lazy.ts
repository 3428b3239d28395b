import { AssistantError } from '@use-assistant/protocol';

/** Runs a task with a module that is loaded first where that has not been done: at once when it has. */
export type Lazy<Module> = <Result>(
  task: (module: Module) => Result | Promise<Result>,
) => Result | Promise<Result>;

/** Something of one client that is made when it is first used. */
export interface Part<Instance> {
  /** Whether it has ever been asked for: it may be on its way. */
  isAsked: boolean;
  made: Instance | undefined;
  /** At once when it is there. */
  use: Lazy<Instance>;
}

/** Makes a part of what a module has. */
export function createPart<Module, Instance>(
  withModule: Lazy<Module>,
  create: (module: Module) => Instance,
): Part<Instance> {
  const part: Part<Instance> = {
    isAsked: false,
    made: undefined,
    use(task) {
      part.isAsked = true;
      return withModule((module) => task((part.made ??= create(module))));
    },
  };
  return part;
}

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
  return use;
}

export const withUploads: Lazy<typeof import('./uploads.ts')> = lazy(() => import('./uploads.ts'));
export const withRichParts: Lazy<typeof import('@use-assistant/protocol/rich-parts')> = lazy(
  () => import('@use-assistant/protocol/rich-parts'),
);
export const withToolAnswers: Lazy<typeof import('./tool-answers.ts')> = lazy(async () =>
  withRichParts(() => import('./tool-answers.ts')),
);
export const withLater: Lazy<typeof import('./later.ts')> = lazy(() => import('./later.ts'));

/**
 * Loads what is otherwise loaded when it is first used: uploads, tool calls, the list of threads. For apps that go
 * offline, and for the moment when a page has nothing better to do.
 */
export async function preload(): Promise<void> {
  const all: Lazy<unknown>[] = [withUploads, withRichParts, withToolAnswers, withLater];
  await Promise.all(all.map((use) => use(() => {})));
}
