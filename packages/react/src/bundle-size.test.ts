/// <reference types="node" />
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import type { OutputChunk } from 'rolldown';
import { expect, test } from 'vitest';

/** A page that uses the hook and nothing else of the package. */
const page = {
  name: 'page',
  resolveId: (id: string) => (id === 'page' ? id : null),
  load: (id: string) => (id === 'page' ? `export { useAssistant } from ${JSON.stringify(entry)}` : null),
};
const entry = fileURLToPath(new URL('index.ts', import.meta.url));

async function bundle(isLazy: boolean): Promise<OutputChunk[]> {
  const build = await rolldown({
    input: 'page',
    platform: 'browser',
    external: (id) => /^react(?:$|\/)/.test(id),
    resolve: { conditionNames: ['@use-assistant/source', 'browser', 'import', 'default'] },
    plugins: isLazy ? [page] : [page, withoutLazyChunks],
    // It warns that "use client" is not kept, which costs no byte.
    onLog: () => {},
  });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}

/** Leaves what is loaded later out, so that what is loaded at once is one chunk, as an app's bundler would make it. */
const withoutLazyChunks = {
  name: 'without-lazy-chunks',
  resolveId(id: string, _importer: string | undefined, { kind }: { kind: string }) {
    return kind === 'dynamic-import' ? { id, external: true } : null;
  },
};

const size = ({ code }: OutputChunk) => gzipSync(code, { level: 9 }).length;
const inKib = (bytes: number) => `${(bytes / 1024).toFixed(2)} KiB`;

test('What a page downloads for a first answer, without React, is at most 8 KiB.', async () => {
  const [first] = await bundle(false);
  console.log(`for the first answer: ${inKib(size(first!))}`);
  expect(size(first!)).toBeLessThanOrEqual(8 * 1024);
  expect(first!.imports.filter((id) => !first!.dynamicImports.includes(id))).toEqual(['react']);
});

test('What is used later is loaded later, and nothing of it is in the first chunk.', async () => {
  const chunks = await bundle(true);
  const lazy = chunks.filter(({ isDynamicEntry }) => isDynamicEntry);
  for (const chunk of lazy) console.log(`${chunk.name}, when it is used: ${inKib(size(chunk))}`);
  expect(lazy.map(({ name }) => name).toSorted()).toEqual(['later', 'rich-parts', 'tool-answers', 'uploads']);
  const [first] = await bundle(false);
  const modules = Object.keys(first!.modules).map((id) => id.replace(/.*\//, ''));
  for (const name of [
    'verify',
    'http-errors',
    'uploads',
    'upload-file',
    'threads',
    'tool-parts',
    'partial-json',
    'thread-control',
  ])
    expect(modules).not.toContain(`${name}.ts`);
});
