import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const demo = join(import.meta.dirname, 'demo.mjs');
let folder: string;

function runDemo(args: string[], env: Record<string, string> = {}) {
  const result = spawnSync(process.execPath, [demo, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ASSISTANT_DATA: join(folder, 'data'), ...env },
    timeout: 15_000,
  });
  return { code: result.status, said: result.stderr.trim() };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'use-assistant-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('npm run demo', () => {
  it('says in one line that the port is busy and how to choose another', async () => {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, () => ready()));
    const { port } = server.address() as AddressInfo;
    const { code, said } = runDemo(['--port', String(port)]);
    server.close();
    expect(code).toBe(1);
    expect(said).toBe(
      `✗ Port ${port} is busy. Stop what uses it, or choose another: npm run demo -- --port ${port + 1}`,
    );
  });

  it('says in one line that a file is in the way of the data folder', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, said } = runDemo(['--port', '0'], { ASSISTANT_DATA: file });
    expect(code).toBe(1);
    expect(said).toBe(
      `✗ Cannot keep data in ${file}: a file is in the way. Move it, or name another folder in ASSISTANT_DATA.`,
    );
  });

  it('says in one line what a port is', () => {
    expect(runDemo(['--port', 'three']).said).toBe('✗ --port takes a number from 0 to 65535, not "three".');
  });
});
