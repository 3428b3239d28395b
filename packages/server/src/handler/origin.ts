/**
 * Whether a page of another site sent this request. Browsers say so themselves; a program that says nothing carries no
 * visitor's cookie either.
 */
export function isForeign(request: Request, allowedOrigins: readonly string[] = []): boolean {
  const origin = request.headers.get('origin');
  if (origin !== null && allowedOrigins.includes(origin)) return false;
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  if (origin === null) return false;
  const host = hostOf(origin);
  const own = [
    new URL(request.url).host,
    request.headers.get('host'),
    request.headers.get('x-forwarded-host'),
  ];
  return host === undefined || !own.includes(host);
}

/** Whether the request names a host that the server does not go by. */
export function isForStrangeHost(request: Request, allowedHosts: readonly string[] | undefined): boolean {
  if (!allowedHosts) return false;
  const address = `http://${request.headers.get('host') ?? new URL(request.url).host}`;
  if (!URL.canParse(address)) return true;
  const { hostname, username } = new URL(address);
  return username !== '' || !allowedHosts.includes(hostname);
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
