import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Which workspace packages each package may import, and whether it may import Node. The design fixes these. */
const rules: Record<string, { workspace: string[]; node: boolean }> = {
  protocol: { workspace: [], node: false },
  client: { workspace: ['protocol'], node: false },
  react: { workspace: ['client', 'protocol'], node: false },
  server: { workspace: ['protocol'], node: false },
  engine: { workspace: ['interpreter'], node: true },
  interpreter: { workspace: [], node: true },
};

/** The one file of the server that may import Node: its entry for Node's own http. */
const nodeEntries = new Set(['server/src/node.ts']);

const builtins = new Set(builtinModules);
const isTest = (file: string): boolean => /\.test(-d)?\.tsx?$|\/test-support\//.test(file);

function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
  const pattern = /(?:from|import|require|import\.meta\.resolve)\s*\(?\s*(['"])([^'"\n]+)\1/g;
  return [...source.matchAll(pattern)].map((match) => match[2]!);
}

function violations(name: string): string[] {
  const rule = rules[name]!;
  const found: string[] = [];
  const files = globSync(`packages/${name}/src/**/*.{ts,tsx}`, { cwd: root }).filter((file) => !isTest(file));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    for (const specifier of importsOf(file)) {
      const workspace = /^@use-assistant\/([\w-]+)/.exec(specifier)?.[1];
      const isNode = specifier.startsWith('node:') || builtins.has(specifier.split('/')[0]!);
      const mayUseNode = rule.node || nodeEntries.has(file.slice('packages/'.length));
      if (workspace && workspace !== name && !rule.workspace.includes(workspace))
        found.push(`${file}: ${specifier}`);
      if (isNode && !mayUseNode) found.push(`${file}: ${specifier}`);
      if (
        specifier.startsWith('.') &&
        !resolve(root, file, '..', specifier).startsWith(join(root, 'packages', name))
      ) {
        found.push(`${file}: ${specifier}`);
      }
    }
  }
  return found;
}

describe('import boundaries', () => {
  for (const name of Object.keys(rules)) {
    it(`${name} imports only its neighbours`, () => {
      expect(violations(name)).toEqual([]);
    });

    it(`${name} declares only its neighbours as dependencies`, () => {
      const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
      const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
      const allowed = new Set(rules[name]!.workspace.map((neighbour) => `@use-assistant/${neighbour}`));
      const foreign = declared.filter(
        (dependency) => dependency.startsWith('@use-assistant/') && !allowed.has(dependency),
      );
      expect(foreign).toEqual([]);
    });
  }
});
