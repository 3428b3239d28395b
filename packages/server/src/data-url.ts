/** Bytes as a `data:` URL. */
export function toDataUrl(bytes: Uint8Array, mediaType: string): string {
  let binary = '';
  for (let index = 0; index < bytes.length; index += 0x80_00) {
    binary += String.fromCodePoint(...bytes.subarray(index, index + 0x80_00));
  }
  return `data:${mediaType};base64,${btoa(binary)}`;
}

/** The bytes of a `data:` URL; undefined when it is none. */
export function fromDataUrl(url: string): Uint8Array<ArrayBuffer> | undefined {
  const comma = url.indexOf(',');
  if (!url.startsWith('data:') || comma === -1) return undefined;
  try {
    if (!/;\s*base64$/i.test(url.slice(0, comma))) {
      return new TextEncoder().encode(decodeURIComponent(url.slice(comma + 1)));
    }
    return Uint8Array.from(atob(url.slice(comma + 1)), (character) => character.codePointAt(0)!);
  } catch {
    return undefined;
  }
}
