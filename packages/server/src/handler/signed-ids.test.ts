import { describe, expect, it, vi } from 'vitest';
import { createSecret } from './secret.ts';
import { createSignedIds } from './signed-ids.ts';

const ids = createSignedIds(createSecret('one secret'));

it('takes an empty secret for none: everybody knows it', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.stubEnv('ASSISTANT_SECRET', '');
  const signed = await createSignedIds(createSecret('')).sign('file-abc', 'a');
  const material = await crypto.subtle.importKey('raw', new Uint8Array(), 'HKDF', false, ['deriveKey']);
  const info = new TextEncoder().encode('use-assistant file ids');
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  const algorithm = { name: 'HMAC', hash: 'SHA-256', length: 256 };
  const key = await crypto.subtle.deriveKey(parameters, material, algorithm, false, ['sign']);
  const forger = createSignedIds({ key: async () => key });
  expect(signed).not.toBe(await forger.sign('file-abc', 'a'));
  expect(warn).toHaveBeenCalledOnce();
  vi.unstubAllEnvs();
  warn.mockRestore();
});

describe('signed file ids', () => {
  it('are good for their owner only', async () => {
    const signed = await ids.sign('file-abc', 'owner-a');
    expect(signed).toMatch(/^file-abc~[\w-]{24}$/);
    expect(await ids.verify(signed, ['owner-a'])).toBe('file-abc');
    expect(await ids.verify(signed, ['owner-b'])).toBeUndefined();
    expect(await ids.verify(signed, ['owner-b', 'owner-a'])).toBe('file-abc');
  });

  it('are the same each time, so that links in the history stay', async () => {
    expect(await ids.sign('file-abc', 'a')).toBe(
      await createSignedIds(createSecret('one secret')).sign('file-abc', 'a'),
    );
  });

  it('are refused when any character differs, and under another secret', async () => {
    const signed = await ids.sign('file-abc', 'owner-a');
    for (let index = 0; index < signed.length; index += 1) {
      const other = signed[index] === 'A' ? 'B' : 'A';
      const forged = signed.slice(0, index) + other + signed.slice(index + 1);
      expect([forged, await ids.verify(forged, ['owner-a'])]).toEqual([forged, undefined]);
    }
    const others = createSignedIds(createSecret('another secret'));
    expect(await others.verify(signed, ['owner-a'])).toBeUndefined();
    for (const bad of ['', 'file-abc', 'file-abc~', `${signed}A`, signed.slice(0, -1), `~${signed}`]) {
      expect([bad, await ids.verify(bad, ['owner-a'])]).toEqual([bad, undefined]);
    }
  });
});
