import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../handler/create-assistant-handler.ts';
import { startRuntimeChat } from '../runtime-chat.ts';
import type { RuntimeChat } from '../runtime-chat.ts';
import type { Runtime } from '../runtimes.ts';

/** Requests that a page of another site can make a browser send, and cookies that are not the visitor’s. */
export function otherSites(runtime: Runtime): void {
  let chat: RuntimeChat;
  let careful: RuntimeChat;
  let visited: RuntimeChat;
  beforeAll(async () => {
    chat = await startRuntimeChat(runtime, {
      turns: [],
      allowedOrigins: ['https://friend.test'],
    });
    careful = await startRuntimeChat(runtime, { turns: [], allowedHosts: ['localhost', '[::1]'] });
    visited = await startRuntimeChat(runtime, { turns: [() => 'Hello.'], hasUsers: false });
  });
  afterAll(() => Promise.all([chat.close(), careful.close(), visited.close()]));

  it.each([
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://other.chat.test' }],
    [{ origin: 'https://evil.test' }],
    [{ origin: 'null' }],
  ])('change nothing: %j', async (headers) => {
    for (const { method, path } of routes.filter((route) => route.method !== 'GET')) {
      const response = await chat.send(method, `/${path}`, { headers });
      expect([path, response.status]).toEqual([path, 403]);
    }
  });

  it.each([
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://chat.test' }],
    [{ origin: 'http://chat.test' }],
    [{ origin: 'https://front.test', 'x-forwarded-host': 'front.test' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://friend.test' }],
  ])('are not those of the own, nor of one that is allowed: %j', async (headers) => {
    const response = await chat.send('POST', '/threads/thread_x/cancel', { headers });
    expect(response.status).toBe(404);
  });

  it('cannot change a thing as a form does, without being asked', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      const body = JSON.stringify({ threadId: null, message: 'Hi' });
      const response = await chat.send('POST', '', { headers: { 'content-type': type }, body });
      expect([type, response.status]).toEqual([type, 400]);
    }
  });

  // Where HTTP lies between, it writes the host itself: there each is a strange one.
  describe.runIf(runtime.isDirect)('under a name', () => {
    const ask = (address: string, method: string, headers: Record<string, string>) =>
      careful.send(method, `${address}/api/assistant/threads/thread_x${method === 'POST' ? '/cancel' : ''}`, {
        headers,
      });
    it.each<[string, Record<string, string>]>([
      ['http://evil.test', { origin: 'http://evil.test', 'sec-fetch-site': 'same-origin' }],
      ['http://localhost:3000', { host: 'evil.test:3000' }],
      ['http://localhost.evil.test', {}],
      ['http://localhost', { host: 'localhost@evil.test' }],
      ['http://localhost', { host: '' }],
    ])('that a page has pointed at the server are refused: %s %j', async (address, headers) => {
      expect((await ask(address, 'GET', headers)).status).toBe(403);
      expect((await ask(address, 'POST', headers)).status).toBe(403);
    });

    it.each<[string, Record<string, string>]>([
      ['http://localhost', {}],
      ['http://localhost:3000', { host: 'localhost:3000' }],
      ['http://LOCALHOST:3000', { host: 'LocalHost:3000' }],
      ['http://[::1]:3000', { host: '[::1]:3000' }],
    ])('of the server are answered, on any port: %s %j', async (address, headers) => {
      expect((await ask(address, 'GET', headers)).status).toBe(404);
      expect((await ask(address, 'POST', headers)).status).toBe(404);
    });
  });

  describe('with a cookie', () => {
    const cookieOf = (response: Response): string => response.headers.get('set-cookie')!;

    it('of the visitor find his thread, which scripts and other sites cannot', async () => {
      const response = await visited.say('Hi');
      expect(cookieOf(response)).toMatch(/; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
      const threadId = /thread_\w+/.exec(await response.text())![0];
      const read = (cookie: string) => visited.send('GET', `/threads/${threadId}`, { headers: { cookie } });
      const cookie = cookieOf(response).split(';')[0]!;
      expect((await read(`other=1; ${cookie}`)).status).toBe(200);
      const [name, value] = cookie.split('=') as [string, string];
      const [header, claims, signature] = value.split('.') as [string, string, string];
      const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
      const forged = [
        '',
        `${name}=`,
        `${name}=x`,
        `${name}=${header}.${claims}.`,
        `${name}=${unsigned}.${claims}.`,
        `${name}=${header}.${claims}.${signature.slice(0, -2)}AA`,
        `${name}=${header}.${Buffer.from('{"sub":"someone"}').toString('base64url')}.${signature}`,
        `session=${value}`,
      ];
      for (const cookie of forged) {
        expect([cookie, (await read(cookie)).status]).toEqual([cookie, 404]);
      }
    });

    it('that is safe over an encrypted connection is bound to its host', async () => {
      const response = await visited.send('GET', 'https://chat.test/api/assistant/threads');
      expect(cookieOf(response)).toMatch(/^__Host-assistant_visitor_\w+=.*; HttpOnly; SameSite=Lax; Secure$/);
    });
  });
}
