const encoder = new TextEncoder();

/** What the handler's secret can do. */
export interface Secret {
  /** A key for one purpose only. */
  key(purpose: string): Promise<CryptoKey>;
}

let randomSecret: string | undefined;

/** The secret that was given, or that of the environment, or one for this process alone. */
export function createSecret(given: string | undefined): Secret {
  // An empty one, as of a variable that is not set, is none: everybody could sign with it.
  const text = given || environmentSecret() || processSecret();
  const keys = new Map<string, Promise<CryptoKey>>();
  async function derive(purpose: string): Promise<CryptoKey> {
    const material = await crypto.subtle.importKey('raw', encoder.encode(text), 'HKDF', false, ['deriveKey']);
    const parameters = {
      name: 'HKDF',
      hash: 'SHA-256',
      salt: new Uint8Array(),
      info: encoder.encode(purpose),
    };
    const algorithm = { name: 'HMAC', hash: 'SHA-256', length: 256 };
    return crypto.subtle.deriveKey(parameters, material, algorithm, false, ['sign', 'verify']);
  }
  return {
    key(purpose) {
      const known = keys.get(purpose) ?? derive(purpose);
      keys.set(purpose, known);
      return known;
    },
  };
}

function environmentSecret(): string | undefined {
  const scope = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return scope.process?.env?.['ASSISTANT_SECRET'];
}

function processSecret(): string {
  if (randomSecret === undefined) {
    randomSecret = crypto.randomUUID() + crypto.randomUUID();
    console.warn(
      'use-assistant: no secret is set, so visitors and file links are forgotten when this process ends. ' +
        'Set ASSISTANT_SECRET, or the `secret` option.',
    );
  }
  return randomSecret;
}

/** Bytes as text for URLs and headers. */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
