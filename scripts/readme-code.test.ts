import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
// Below the demo, because that is where every package a reader would install resolves.
const folder = join(root, 'app', 'readme-code');

function blocksOf(readme: string): { language: string; code: string }[] {
  const text = readFileSync(join(root, readme), 'utf8');
  return [...text.matchAll(/^```(tsx?)\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1]!,
    code: match[2]!,
  }));
}

it('every TypeScript block of every README compiles', () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    let count = 0;
    for (const readme of globSync('{README.md,packages/*/README.md,docs/**/*.md,examples/*/README.md}', {
      cwd: root,
    })) {
      for (const { language, code } of blocksOf(readme)) {
        const name = `${readme.replaceAll(/[^\w]+/g, '-')}-${(count += 1)}.${language}`;
        // `export {}` makes a block without imports a module of its own.
        writeFileSync(join(folder, name), `${code}\nexport {};\n`);
      }
    }
    expect(count).toBeGreaterThan(3);
    const options = {
      extends: '../../tsconfig.base.json',
      compilerOptions: {
        noEmit: true,
        jsx: 'react-jsx',
        module: 'ESNext',
        moduleResolution: 'Bundler',
        rewriteRelativeImportExtensions: false,
        customConditions: ['@use-assistant/source'],
        // A package's README imports the package itself and what its users have, which the demo may not depend on.
        paths: {
          '@use-assistant/*': ['../../packages/*/src/index.ts'],
          ai: ['../../examples/shared/node_modules/ai'],
          zod: ['../../examples/shared/node_modules/zod'],
        },
        types: ['node'],
      },
      include: ['.'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    const { stdout } = spawnSync(tsc, ['-p', folder, '--pretty', 'false'], { encoding: 'utf8', cwd: folder });
    expect(stdout).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
