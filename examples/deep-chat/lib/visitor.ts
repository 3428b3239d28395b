const cookie = 'deep-chat-visitor';

/** Who asks: a secret that the browser keeps and scripts cannot read. Threads carry its hash. */
export interface Visitor {
  hash: string;
  /** To be set when the visitor is new. */
  setCookie: string | undefined;
}

/** Reads the visitor's cookie, or makes one. */
export async function readVisitor(request: Request): Promise<Visitor> {
  const known = new RegExp(`(?:^|;\\s*)${cookie}=([\\w-]{36})(?:;|$)`).exec(
    request.headers.get('cookie') ?? '',
  )?.[1];
  const secret = known ?? crypto.randomUUID();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret)));
  const secure = new URL(request.url).protocol === 'https:' ? '; Secure' : '';
  return {
    hash: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    setCookie: known
      ? undefined
      : `${cookie}=${secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000${secure}`,
  };
}
