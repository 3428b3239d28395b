import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the visitors' cookies and file ids are signed with: `ASSISTANT_SECRET`, or a random one that is made at the first
 * start and kept beside the data, so that a restart locks nobody out of their threads.
 */
export function loadSecret(folder: string): string {
  const given = process.env['ASSISTANT_SECRET'];
  if (given) return given;
  const path = join(folder, 'secret');
  const stored = read(path);
  if (stored) return stored;
  // Written aside and linked into place: of two processes that start together one wins, and both read its secret.
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const secret = read(path);
  if (!secret) throw new Error(`The file ${path} holds no secret. Delete it, and a new one will be made.`);
  return secret;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
