/** A name without path, control characters and direction tricks, short enough for every file system. */
export function toFileName(given: string): string {
  const name = given
    .replace(/^.*[/\\]/s, '')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .trim();
  if (name === '' || /^\.+$/.test(name)) return 'file';
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot, dot + 20) : '';
  const stem = dot > 0 ? name.slice(0, dot) : name;
  // By characters: half of a surrogate pair is no text.
  return Array.from(stem).slice(0, 120).join('') + extension;
}
