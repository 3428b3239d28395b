import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CommandError } from './command-error.ts';
import { prefetchPackages } from './prefetch-command.ts';

const cache = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'prefetch-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};
const run = async (args: string[]): Promise<string[]> => {
  const lines: string[] = [];
  await prefetchPackages(args, (line) => lines.push(line));
  return lines;
};

test('help says what is fetched and from where', async () => {
  const [text] = await run(['--help']);
  for (const word of ['numpy, pandas', '--source', '--cache', 'lock file']) expect(text).toContain(word);
});

test('offline it says in one line what could not be had, and what to do', async () => {
  const failing = run(['sympy', '--source', 'http://127.0.0.1:9/', '--cache', cache()]);
  await expect(failing).rejects.toThrow(CommandError);
  await expect(failing).rejects.toThrow(
    /^mpmath could not be fetched: 127\.0\.0\.1:9 could not be reached \(.*name a folder[^\n]*$/,
  );
});

test('what a source sends is held to the lock file of Pyodide', async () => {
  const server = createServer((_, response) => void response.end('something else'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const folder = cache();
  const source = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await expect(run(['six', '--source', source, '--cache', folder])).rejects.toThrow(
    'something else than six-',
  );
  expect(readdirSync(folder)).toEqual([]);
});

test.each([[['--colour']], [['no-such-package']]])('%j is refused with one line', async (args) => {
  await expect(run(args)).rejects.toThrow(CommandError);
  await expect(run(args)).rejects.toThrow(/^[^\n]+$/);
});
