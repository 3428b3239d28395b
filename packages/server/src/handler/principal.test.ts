import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createPrincipals } from './principal.ts';
import { createSecret } from './secret.ts';

const secret = createSecret('one secret');
const principals = createPrincipals({ secret, authorize: undefined });
const address = 'https://chat.test/api/assistant';

function withCookie(value: string): Request {
  return new Request(address, { headers: { cookie: `other=1; __Host-assistant_visitor_x=${value}` } });
}

describe('a visitor', () => {
  it('is given a cookie that scripts and other sites cannot use, and is known by it', async () => {
    const first = await principals(new Request(address));
    expect(first?.setCookies?.[0]).toMatch(/; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
    const value = /^__Host-assistant_visitor_\w+=([^;]+)/.exec(first!.setCookies![0]!)![1]!;
    const second = await principals(withCookie(value));
    expect(second).toEqual({ id: first!.id, owners: first!.owners });
    const plain = await principals(new Request(address.replace('https', 'http')));
    expect(plain?.setCookies?.[0]).toMatch(/^assistant_visitor_\w+=(?!.*Secure)/);
  });

  it('whose first requests went out together is whoever the answers took it for', async () => {
    const [first, second] = await Promise.all([
      principals(new Request(address)),
      principals(new Request(address)),
    ]);
    const cookies = [first, second].map((visitor) => visitor!.setCookies![0]!.split(';')[0]!);
    const names = new Set(cookies.map((cookie) => cookie.split('=')[0]));
    expect(names.size).toBe(2);
    const both = await principals(new Request(address, { headers: { cookie: cookies.join('; ') } }));
    const turned = await principals(
      new Request(address, { headers: { cookie: cookies.toReversed().join('; ') } }),
    );
    expect(both?.owners.toSorted()).toEqual([...first!.owners, ...second!.owners].sort());
    expect(turned?.owners).toEqual(both?.owners);
  });

  it('is not whom a page of a neighbouring address plants a cookie of', async () => {
    const attacker = await principals(new Request(address));
    const [, value] = /=([^;]+)/.exec(attacker!.setCookies![0]!)!;
    // Only the name keeps other hosts of the domain from setting it.
    const cookie = `assistant_visitor_a=${value}`;
    const victim = await principals(new Request(address, { headers: { cookie } }));
    expect(victim!.owners).not.toContain(attacker!.owners[0]);
    expect(victim!.setCookies).toHaveLength(1);
  });

  it('is a new one with a cookie that is forged, unsigned or expired', async () => {
    const claims = { sub: 'someone', aud: 'use-assistant visitor' };
    const otherKey = await createSecret('another').key('use-assistant visitor');
    const key = await secret.key('use-assistant visitor');
    const sign = (expires: string, by: CryptoKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(expires).sign(by);
    const good = await sign('1h', key);
    expect((await principals(withCookie(good)))?.setCookies).toBeUndefined();
    const unsigned = new UnsecuredJWT(claims).setExpirationTime('1h').encode();
    for (const bad of [
      await sign('1h', otherKey),
      await sign('-1h', key),
      unsigned,
      `${good.slice(0, -2)}AA`,
      'x',
    ]) {
      expect((await principals(withCookie(bad)))?.setCookies).toBeDefined();
    }
  });
});

describe('a browser that a server without a lasting secret has met many times', () => {
  it('is still known after the next start, and its old cookies come to an end', async () => {
    const jar = new Map<string, string>();
    const send = () =>
      new Request(address, { headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') } });
    for (let start = 0; start < 30; start += 1) {
      const visit = createPrincipals({ secret: createSecret(`secret ${start}`), authorize: undefined });
      const met = await visit(send());
      for (const cookie of met!.setCookies!) {
        const [, name, value, age] = /^([^=]+)=([^;]*);.*Max-Age=(\d+)/.exec(cookie)!;
        if (age === '0') jar.delete(name!);
        else jar.set(name!, value!);
      }
      expect(await visit(send())).toEqual({ id: met!.id, owners: met!.owners });
      expect(jar.size).toBeLessThanOrEqual(16);
    }
  });
});

describe('authorize', () => {
  it('names the caller, whose id is nowhere written', async () => {
    const named = createPrincipals({ secret, authorize: () => 'user-1' });
    const caller = await named(new Request(address));
    expect(caller?.owners[0]).not.toContain('user-1');
    expect(caller?.setCookies).toBeUndefined();
  });

  it('that gives null turns the caller away', async () => {
    const nobody = createPrincipals({ secret, authorize: () => null });
    expect(await nobody(new Request(address))).toBeNull();
  });
});
