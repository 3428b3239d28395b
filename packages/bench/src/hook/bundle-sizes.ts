import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import type { OutputChunk } from 'rolldown';
import { round } from '../engine/figure.ts';
import type { Figure } from '../engine/figure.ts';

/** What a page imports; React is its own. */
const pages: [name: string, code: string][] = [
  ['use-assistant', `export { useAssistant } from '@use-assistant/react'`],
  ['useChat of @ai-sdk/react 4', `export { useChat } from '@ai-sdk/react'`],
  ['use-assistant/v4', `export { useAssistant } from '@use-assistant/react/v4'`],
  ['useAssistant 1.2.12', `export { useAssistant } from '@ai-sdk/react-v4'`],
];

const here = fileURLToPath(import.meta.url);

/** Bundles a page, with what it loads later or without. */
async function bundle(code: string, isLater: boolean): Promise<OutputChunk[]> {
  const build = await rolldown({
    input: 'page',
    platform: 'browser',
    external: (id) => /^react(?:$|\/)/.test(id),
    resolve: { conditionNames: ['@use-assistant/source', 'browser', 'import', 'default'] },
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    plugins: [
      {
        name: 'page',
        resolveId(id, importer, { kind }) {
          if (id === 'page') return id;
          if (kind === 'dynamic-import' && !isLater) return { id, external: true };
          return importer === 'page' ? this.resolve(id, here) : null;
        },
        load: (id) => (id === 'page' ? code : null),
      },
    ],
    onLog: () => {},
  });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}

const gzipped = ({ code }: OutputChunk) => gzipSync(code, { level: 9 }).length;

/** KiB of what is loaded at once, as one file, and of the files that are loaded when they are used. */
async function sizes(code: string): Promise<{ first: number; later: number }> {
  const [first] = await bundle(code, false);
  const chunks = new Map((await bundle(code, true)).map((chunk) => [chunk.fileName, chunk]));
  /** Marks what is reached from a file: by imports alone, or also by what is loaded later. */
  const follow = (name: string, isLater: boolean, found: Set<string>) => {
    const chunk = chunks.get(name);
    if (!chunk || found.has(name)) return found;
    found.add(name);
    for (const next of [...chunk.imports, ...(isLater ? chunk.dynamicImports : [])])
      follow(next, isLater, found);
    return found;
  };
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry)!.fileName;
  const atOnce = follow(entry, false, new Set());
  const later = [...follow(entry, true, new Set())].filter((name) => !atOnce.has(name));
  const laterBytes = later.reduce((sum, name) => sum + gzipped(chunks.get(name)!), 0);
  return { first: round(gzipped(first!) / 1024, 2), later: round(laterBytes / 1024, 2) };
}

/** What each hook costs a page to download. */
export const bundleSizes: Figure[] = [
  {
    title: 'Bundle sizes, minified and gzipped, without React, in KiB',
    async measure() {
      const rows = [];
      for (const [hook, code] of pages) {
        const { first, later } = await sizes(code);
        rows.push({ hook, 'at once': first, 'when it is used': later });
      }
      return rows;
    },
  },
];
