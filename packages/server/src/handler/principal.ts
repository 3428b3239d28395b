import { jwtVerify, SignJWT } from 'jose';
import type { Secret } from './secret.ts';
import { toBase64Url } from './secret.ts';

/** Who asks. */
export interface Principal {
  /** What threads and files are marked with: a hash, so that no metadata tells who it is. */
  owner: string;
  /** A cookie for the answer, when the caller is new. */
  setCookie?: string;
}

const cookieName = 'assistant_visitor';
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
      return typeof id === 'string' && id !== '' ? { owner: await hash(`user:${id}`) } : null;
    }
    const key = await secret.key(audience);
    const known = await readCookie(request, key);
    if (known !== undefined) return { owner: await hash(`visitor:${known}`) };
    const id = crypto.randomUUID();
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(id)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${lifetime}s`)
      .sign(key);
    return { owner: await hash(`visitor:${id}`), setCookie: writeCookie(token, isSecure(request)) };
  };
}

async function readCookie(request: Request, key: CryptoKey): Promise<string | undefined> {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name !== cookieName || value === undefined) continue;
    try {
      const { payload } = await jwtVerify(value, key, {
        algorithms: ['HS256'],
        audience,
        requiredClaims: ['exp'],
      });
      if (payload.sub) return payload.sub;
    } catch {
      // A cookie that someone wrote, or an old one: as good as none.
    }
  }
  return undefined;
}

function writeCookie(token: string, secure: boolean): string {
  return `${cookieName}=${token}; Path=/; Max-Age=${lifetime}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

function isSecure(request: Request): boolean {
  const forwarded = request.headers.get('x-forwarded-proto')?.split(',')[0]?.trim();
  return (forwarded ?? new URL(request.url).protocol.slice(0, -1)) === 'https';
}

async function hash(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`use-assistant:${text}`));
  return toBase64Url(new Uint8Array(bytes));
}
