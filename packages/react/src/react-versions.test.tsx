/// <reference types="node" />
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MessageChannel as NodeMessageChannel } from 'node:worker_threads';
import { rolldown } from 'rolldown';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createFakeRoute, toTextEnd, toTextStart } from '../../client/src/test-support/fake-route.ts';
import type { UseAssistantHelpers } from './index.ts';

type PageModule = typeof import('./test-support/page.tsx');

const require = createRequire(import.meta.url);
const folder = (name: string) => dirname(require.resolve(`${name}/package.json`));

/** The page with another React in it: bundled, because react-dom takes the React that stands beside it. */
async function load(react: string, reactDom: string): Promise<PageModule> {
  const at = (name: string, file: string) => join(folder(name), file);
  const files: Record<string, string> = {
    react: at(react, 'index.js'),
    'react/jsx-runtime': at(react, 'jsx-runtime.js'),
    'react-dom': at(reactDom, 'index.js'),
    'react-dom/client': at(reactDom, 'client.js'),
    'react-dom/server': at(reactDom, 'server.browser.js'),
  };
  const build = await rolldown({
    input: join(import.meta.dirname, 'test-support/page.tsx'),
    platform: 'browser',
    resolve: { conditionNames: ['@use-assistant/source', 'browser', 'import', 'default'] },
    transform: { jsx: { runtime: 'automatic' }, define: { 'process.env.NODE_ENV': '"development"' } },
    plugins: [{ name: 'react', resolveId: (id) => files[id] ?? null }],
    onLog: () => {},
  });
  const { output } = await build.generate({
    format: 'iife',
    name: 'page',
    codeSplitting: false,
  });
  await build.close();
  // oxlint-disable-next-line no-new-func, no-implied-eval -- it is our own bundle
  return new Function(`${output[0].code}; return page;`)() as PageModule;
}

const messages = [
  { id: 'a', role: 'user', content: 'Hi' },
  { id: 'b', role: 'assistant', content: 'Good day' },
];

describe.each([
  ['18.2', 'react-18.2', 'react-dom-18.2'],
  ['18.3', 'react-18.3', 'react-dom-18.3'],
  ['19', 'react', 'react-dom'],
  // Pinned, because a registry may keep no other tag than `latest`.
  ['canary', 'react-canary', 'react-dom-canary'],
])('React %s', (version, react, reactDom) => {
  let page: PageModule;
  let last: UseAssistantHelpers | undefined;
  const onRender = (assistant: UseAssistantHelpers) => void (last = assistant);
  beforeAll(async () => {
    vi.stubGlobal('MessageChannel', NodeMessageChannel);
    page = await load(react, reactDom);
  });
  afterEach(() => void vi.restoreAllMocks());

  test('renders on a server in a stream, hydrates without a warning, and streams an answer in StrictMode', async () => {
    expect(page.version).toContain(version);
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
    const route = createFakeRoute();
    const props = { options: { fetch: route.fetch, messages }, onRender };
    const html = await page.renderOnServer(props);
    expect(html).toContain('Good day');
    const container = document.createElement('div');
    container.innerHTML = html;
    document.body.append(container);
    const errors: unknown[] = [];
    const root = page.hydrate(container, props, (error) => errors.push(error));
    await vi.waitFor(() => expect(last).toBeDefined());
    void last!.sendMessage({ text: 'And?' });
    const stream = (await route.next('POST ')).stream();
    stream.send(...toTextStart('Well'));
    const texts = () => Array.from(container.querySelectorAll('p'), ({ textContent }) => textContent);
    await vi.waitFor(() => expect(texts()).toEqual(['Hi', 'Good day', 'And?', 'Well']));
    stream.send(...toTextEnd());
    await vi.waitFor(() => expect(container.querySelector('section')!.dataset['status']).toBe('ready'));
    root.unmount();
    container.remove();
    expect(errors).toEqual([]);
    expect(complain.mock.calls).toEqual([]);
    expect(route.calls).toHaveLength(1);
  });

  test('leaves no timer, listener or request behind, however often it is mounted', async () => {
    const counted = [document, window].map((target) => ({
      add: vi.spyOn(target, 'addEventListener'),
      remove: vi.spyOn(target, 'removeEventListener'),
    }));
    const route = createFakeRoute();
    const timers = vi.spyOn(globalThis, 'setInterval');
    const times = version === '19' ? 1_000 : 50;
    for (let time = 0; time < times; time += 1) {
      const container = document.createElement('div');
      let isRendered = false;
      const root = page.mount(container, {
        options: { fetch: route.fetch, threadId: 'thread_1' },
        onRender: () => void (isRendered = true),
      });
      await vi.waitFor(() => expect(isRendered).toBe(true), { interval: 1 });
      root.unmount();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    const ours = (calls: unknown[][]) =>
      calls.filter(([type]) => ['online', 'visibilitychange', 'pagehide'].includes(String(type))).length;
    for (const { add, remove } of counted) expect(ours(add.mock.calls)).toBe(ours(remove.mock.calls));
    // jsdom makes its frames by an interval; ours watch over connections, and there is none.
    expect(timers.mock.calls.filter(([, delay]) => Number(delay) > 1_000)).toEqual([]);
    expect(route.calls.filter(({ isAborted }) => !isAborted)).toEqual([]);
  }, 120_000);
});
