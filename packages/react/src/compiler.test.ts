/// <reference types="node" />
import { readFileSync } from 'node:fs';
// @ts-expect-error -- it comes without types
import { transformSync } from '@babel/core';
import { expect, test } from 'vitest';

const names = ['use-assistant.ts', 'use-threads.ts', 'v4/use-assistant.ts'];

test.each(names)('The React Compiler takes %s as it is.', (name) => {
  const source = readFileSync(new URL(name, import.meta.url), 'utf8');
  const result = transformSync(source, {
    filename: name,
    babelrc: false,
    configFile: false,
    parserOpts: { plugins: ['typescript', 'jsx'] },
    // Anything that breaks a rule of React is an error, not a function left as it was.
    plugins: [['babel-plugin-react-compiler', { panicThreshold: 'all_errors' }]],
  });
  expect(result?.code).toContain('react/compiler-runtime');
});
