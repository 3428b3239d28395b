import { jwtVerify, SignJWT } from 'jose';
import type { Secret } from './secret.ts';
import { toBase64Url } from './secret.ts';

/** Who asks. */
export interface Principal {
  /** What `authorize` gave, or a visitor's random id. */
  id: string;
  /**
   * What threads and files are marked with: hashes, so that no metadata tells who it is. New things get the first one.
   * A browser whose first requests went out together was taken for several visitors; it is all of them.
   */
  owners: readonly [string, ...string[]];
  /** Cookies for the answer, when the caller is new: its own, and the ends of those that are too many. */
  setCookies?: readonly string[];
}

/** Each visitor has a cookie of its own name, so that two answers at once do not overwrite each other's. */
const cookieName = 'assistant_visitor_';
/**
 * So many are looked at and kept. A server without a lasting secret leaves one behind in each browser whenever it starts
 * anew; without an end to that they would fill the request's headers, and hide the one that counts.
 */
const mostCookies = 16;
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
      return typeof id === 'string' && id !== '' ? { id, owners: [await hash(`user:${id}`)] } : null;
    }
    const key = await secret.key(audience);
    const prefix = cookiePrefix(request);
    const cookies = readCookies(request, prefix);
    const known = await provenVisitors(cookies, key);
    if (known[0] !== undefined) {
      return { id: known[0], owners: (await Promise.all(known.map(toOwner))) as [string, ...string[]] };
    }
    const id = crypto.randomUUID();
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(id)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${lifetime}s`)
      .sign(key);
    const name = `${prefix}${id.slice(0, 8)}`;
    const tooMany = cookies.slice(0, -(mostCookies - 1));
    const written = [
      { name, value: token, lifetime },
      ...tooMany.map((old) => ({ name: old.name, value: '', lifetime: 0 })),
    ];
    const setCookies = written.map((cookie) => writeCookie(cookie, isSecure(request)));
    return { id, owners: [await toOwner(id)], setCookies };
  };
}

function toOwner(visitor: string): Promise<string> {
  return hash(`visitor:${visitor}`);
}

interface VisitorCookie {
  name: string;
  value: string;
}

/**
 * `__Host-` is a promise of browsers that no other host has set the cookie. A neighbour, as of another customer's subdomain,
 * could make his own visitor one of ours, and then read what is written for it.
 */
function cookiePrefix(request: Request): string {
  return isSecure(request) ? `__Host-${cookieName}` : cookieName;
}

/** The request's cookies that name visitors, in the order of browsers: the newest last. */
function readCookies(request: Request, prefix: string): VisitorCookie[] {
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('=', 2));
  return pairs.flatMap(([name, value]) => (name?.startsWith(prefix) && value ? [{ name, value }] : []));
}

/** The visitors that these cookies prove, always in the same order. */
async function provenVisitors(cookies: readonly VisitorCookie[], key: CryptoKey): Promise<string[]> {
  const visitors = new Set<string>();
  for (const { value } of cookies.slice(-mostCookies)) {
    try {
      const { payload } = await jwtVerify(value, key, {
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

function writeCookie(cookie: VisitorCookie & { lifetime: number }, secure: boolean): string {
  const { name, value, lifetime: seconds } = cookie;
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

function isSecure(request: Request): boolean {
  const forwarded = request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim();
  return (forwarded ?? new URL(request.url).protocol.slice(0, -1)) === 'https';
}

async function hash(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`use-assistant:${text}`));
  return toBase64Url(new Uint8Array(bytes));
}
