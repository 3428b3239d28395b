import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { pyodide } from './pyodide.ts';
import { escapeAttempts } from './test-support/escape-attempts.ts';

// A first start on a busy machine makes the snapshot, which takes some seconds of computing.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), 'escape-'));
const canary = 'CANARY-6f1f0f7c';
const targets = {
  canaryFile: join(directory, 'canary.txt'),
  writtenFile: join(directory, 'written.txt'),
  port: 0,
  processId: process.pid,
};
let connections = 0;
const server = createServer((socket) => {
  connections += 1;
  socket.end(canary);
});
const interpreter = pyodide({ runTimeout: 10_000 });

beforeAll(async () => {
  writeFileSync(targets.canaryFile, canary);
  process.env.USE_ASSISTANT_CANARY = canary;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  targets.port = (server.address() as AddressInfo).port;
  await (await interpreter.session('escape')).run('None');
}, 60_000);

afterAll(async () => {
  await interpreter.close();
  server.close();
  delete process.env.USE_ASSISTANT_CANARY;
  rmSync(directory, { recursive: true });
});

describe('code that tries to get out', () => {
  // The targets are known only later; the titles are known now.
  const titles = escapeAttempts(targets).map(({ title }) => title);

  it('is tried in at least 60 ways', () => expect(new Set(titles).size).toBeGreaterThanOrEqual(60));

  it.each(titles)('does not reach %s', async (wanted) => {
    const attempt = escapeAttempts(targets).find(({ title }) => title === wanted)!;
    const session = await interpreter.session('escape');
    const result = await session.run(attempt.code);
    const seen = [result.logs, result.value, result.traceback, result.notice].join('\n');
    expect(seen).toMatch(attempt.refused);
    expect(`${result.logs}${result.value}`).not.toContain('ESCAPED');
    expect(seen).not.toContain(canary);
    for (const { name } of await session.listFiles()) {
      expect(Buffer.from(await session.readFile(name)).toString()).not.toContain(canary);
    }
    expect(existsSync(targets.writtenFile)).toBe(false);
    expect(connections).toBe(0);
    expect((await session.run('6 * 7')).value).toBe('42');
  });
});
