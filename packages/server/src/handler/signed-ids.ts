import type { Secret } from './secret.ts';
import { toBase64Url } from './secret.ts';

/** File ids for the browser: the engine's id with a proof of who may use it. */
export interface SignedIds {
  /** `file-abc` of this owner as `file-abc~signature`. */
  sign(fileId: string, owner: string): Promise<string>;
  /** The engine's id, if one of these owners was given it; undefined for all else. */
  verify(signedId: string, owners: readonly string[]): Promise<string | undefined>;
}

/** 144 bits of HMAC-SHA-256: beyond guessing, and 24 characters. */
const signatureBytes = 18;

/** Makes the signer of file ids. */
export function createSignedIds(secret: Secret): SignedIds {
  const encoder = new TextEncoder();

  async function signatureOf(fileId: string, owner: string): Promise<string> {
    const key = await secret.key('use-assistant file ids');
    const mac = await crypto.subtle.sign('HMAC', key, encoder.encode(`${owner}\n${fileId}`));
    return toBase64Url(new Uint8Array(mac, 0, signatureBytes));
  }

  return {
    async sign(fileId, owner) {
      return `${fileId}~${await signatureOf(fileId, owner)}`;
    },
    async verify(signedId, owners) {
      const match = /^([\w-]{1,128})~([\w-]{24})$/.exec(signedId);
      if (!match) return undefined;
      const [, fileId, given] = match as unknown as [string, string, string];
      const right = await Promise.all(owners.map((owner) => signatureOf(fileId, owner)));
      return right.some((signature) => isEqual(given, signature)) ? fileId : undefined;
    },
  };
}

/** Compares in a time that says nothing of where the texts differ. */
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1)
    difference |= a.codePointAt(index)! ^ (b.codePointAt(index) ?? 0);
  return difference === 0;
}
