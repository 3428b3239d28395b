import { startTransition, useDeferredValue, useEffect, useLayoutEffect, useReducer, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AssistantClient, useAssistant } from './index.ts';

/** Longer than React renders in one go, so that what waits its turn gets it before the next component. */
function useUpTheSlice() {
  const end = performance.now() + 8;
  while (performance.now() < end);
}

/**
 * Renders five components in a transition, and changes the client between the first and the second. Gives what each
 * commit showed, and what was rendered, thrown away or not.
 */
async function renderAround(useInput: (client: AssistantClient) => string) {
  const client = new AssistantClient({ fetch: () => Promise.reject(new Error('not asked')) });
  client.setInput('old');
  const commits: string[][] = [];
  const rendered: string[] = [];
  let begin!: () => void;

  function Reader({ page }: { page: number }) {
    const input = useInput(client);
    // oxlint-disable-next-line react/globals -- the test looks at the renders that are thrown away, too
    if (page === 1 && rendered.push(input) === 1) setImmediate(() => client.setInput('new'));
    // oxlint-disable-next-line react/hooks -- no hook but a verb
    useUpTheSlice();
    return <i>{input}</i>;
  }
  function Page() {
    const [page, setPage] = useState(0);
    useLayoutEffect(() => {
      begin = () => startTransition(() => setPage(1));
      const texts = Array.from(container.querySelectorAll('i'), ({ textContent }) => textContent);
      if (texts.length > 0) commits.push(texts);
    });
    return page === 0 ? null : [1, 2, 3, 4, 5].map((key) => <Reader key={key} page={page} />);
  }

  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', false);
  const container = document.createElement('div');
  const root = createRoot(container);
  onTestFinished(() => {
    root.unmount();
    vi.unstubAllGlobals();
  });
  root.render(<Page />);
  await vi.waitFor(() => expect(begin).toBeDefined());
  begin();
  await vi.waitFor(() =>
    expect(Array.from(container.querySelectorAll('i'), ({ textContent }) => textContent)).toEqual(
      Array.from({ length: 5 }, () => 'new'),
    ),
  );
  return { commits, rendered };
}

test.each([
  ['as it is', (client: AssistantClient) => useAssistant({ client }).input],
  ['as a deferred value', (client: AssistantClient) => useDeferredValue(useAssistant({ client }).input)],
])(
  'When the client changes in the middle of a concurrent render, all components show the same, %s.',
  async (_, useInput) => {
    const { commits, rendered } = await renderAround(useInput);
    // The change came between two components: the first had read the old one.
    expect(rendered[0]).toBe('old');
    expect(rendered).toContain('new');
    for (const texts of commits) expect(new Set(texts).size).toBe(1);
  },
);

test('The page of these tests does tear where a component only looks at the client.', async () => {
  const { commits } = await renderAround((client) => {
    const [, look] = useReducer((count: number) => count + 1, 0);
    useEffect(look, [client, look]);
    return client.getSnapshot().input;
  });
  expect(commits.some((texts) => new Set(texts).size === 2)).toBe(true);
});
