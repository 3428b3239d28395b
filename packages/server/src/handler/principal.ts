import { jwtVerify, SignJWT } from 'jose';
import type { Secret } from './secret.ts';
import { toBase64Url } from './secret.ts';

/** Who asks. */
export interface Principal {
  /**
   * What threads and files are marked with: hashes, so that no metadata tells who it is. New things get the first one.
   * A browser whose first requests went out together was taken for several visitors; it is all of them.
   */
  owners: readonly [string, ...string[]];
  /** A cookie for the answer, when the caller is new. */
  setCookie?: string;
}

/** Each visitor has a cookie of its own name, so that two answers at once do not overwrite each other's. */
const cookiePrefix = 'assistant_visitor_';
const mostCookies = 8;
const audience = 'use-assistant visitor';
const lifetime = 60 * 60 * 24 * 365;

/** Finds out who asks: by `authorize`, else by a signed cookie that a new visitor is given. Null means 401. */
export function createPrincipals(settings: {
  secret: Secret;
  authorize: ((request: Request) => string | null | Promise<string | null>) | undefined;
}): (request: Request) => Promise<Principal | null> {
  const { secret, authorize } = settings;
  return async (request) => {
    if (authorize) {
      const id = await authorize(request);
      return typeof id === 'string' && id !== '' ? { owners: [await hash(`user:${id}`)] } : null;
    }
    const key = await secret.key(audience);
    const known = await readCookies(request, key);
    if (known.length > 0) return { owners: (await Promise.all(known.map(toOwner))) as [string, ...string[]] };
    const id = crypto.randomUUID();
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(id)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${lifetime}s`)
      .sign(key);
    return { owners: [await toOwner(id)], setCookie: writeCookie(id, token, isSecure(request)) };
  };
}

function toOwner(visitor: string): Promise<string> {
  return hash(`visitor:${visitor}`);
}

/** The visitors that the request's cookies prove, always in the same order. */
async function readCookies(request: Request, key: CryptoKey): Promise<string[]> {
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('=', 2));
  const tokens = pairs.flatMap(([name, value]) => (name?.startsWith(cookiePrefix) && value ? [value] : []));
  const visitors = new Set<string>();
  for (const token of tokens.slice(0, mostCookies)) {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        audience,
        requiredClaims: ['exp'],
      });
      if (payload.sub) visitors.add(payload.sub);
    } catch {
      // A cookie that someone wrote, or an old one: as good as none.
    }
  }
  return [...visitors].sort();
}

function writeCookie(visitor: string, token: string, secure: boolean): string {
  return `${cookiePrefix}${visitor.slice(0, 8)}=${token}; Path=/; Max-Age=${lifetime}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

function isSecure(request: Request): boolean {
  const forwarded = request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim();
  return (forwarded ?? new URL(request.url).protocol.slice(0, -1)) === 'https';
}

async function hash(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`use-assistant:${text}`));
  return toBase64Url(new Uint8Array(bytes));
}
