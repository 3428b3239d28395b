import { createHash } from 'node:crypto';
import { Problem } from 'example-assistants';
import { visitorCookie } from './visitor-cookie.ts';

const pattern = new RegExp(`(?:^|;\\s*)${visitorCookie}=([\\da-f-]{36})(?:;|$)`);

/** Who asks, as threads and links to files say it: a hash, so that they do not tell the visitor's name. */
export function ownerOf(request: Request): string {
  const name = pattern.exec(request.headers.get('cookie') ?? '')?.[1];
  if (!name) throw new Problem(401, 'Allow cookies for this page, and load it again.');
  return createHash('sha256').update(name).digest('base64url');
}
