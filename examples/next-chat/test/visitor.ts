import { AssistantClient } from '@use-assistant/react';
import * as message from '../app/api/assistant/route.ts';
import * as file from '../app/api/assistant/files/[id]/route.ts';
import * as files from '../app/api/assistant/files/route.ts';
import * as cancel from '../app/api/assistant/threads/[id]/cancel/route.ts';
import { visitorCookie } from '../lib/visitor-cookie.ts';

type Method = (request: Request, context: { params: Promise<{ id: string }> }) => Promise<Response>;

const routes: [path: RegExp, module: Partial<Record<string, Method>>][] = [
  [/^\/api\/assistant$/, message],
  [/^\/api\/assistant\/files$/, files],
  [/^\/api\/assistant\/files\/([^/]+)$/, file],
  [/^\/api\/assistant\/threads\/([^/]+)\/cancel$/, cancel],
];

/** Somebody with a browser of their own: the routes with a cookie, and what the hook is made of. */
export function createVisitor({ hasCookie = true } = {}) {
  const cookie = hasCookie ? `${visitorCookie}=${crypto.randomUUID()}` : '';

  async function ask(path: string, { signal, ...init }: RequestInit = {}): Promise<Response> {
    const whole = new Request(`http://chat.test${path}`, init);
    const body = init.body ? await whole.arrayBuffer() : null;
    const headers = new Headers(whole.headers);
    headers.set('cookie', cookie);
    if (body) headers.set('content-length', String(body.byteLength));
    for (const [pattern, module] of routes) {
      const [match, id = ''] = pattern.exec(path) ?? [];
      const answer = match !== undefined && module[whole.method];
      if (!answer) continue;
      const request = new Request(whole.url, { method: whole.method, headers, body, signal: signal ?? null });
      return answer(request, { params: Promise.resolve({ id }) });
    }
    return new Response('<h1>Not found</h1>', { status: 404 });
  }

  const fetch = ((path: string, init?: RequestInit) => ask(path, init)) as typeof globalThis.fetch;
  return { ask, open: () => new AssistantClient({ fetch }) };
}
