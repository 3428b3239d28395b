/** What a file system takes as a name, in bytes of UTF-8. */
const maxBytes = 255;
/** An ending says what a file is, so it stays when the name is cut; longer ones are no endings. */
const maxEndingBytes = 32;

/** The last part of whatever path the client sent, without what no file name should hold. */
export function toFilename(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).toWellFormed();
  // oxlint-disable-next-line no-control-regex -- they are what is being taken out
  const clean = shorten(base.replaceAll(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, ''));
  return clean === '' || clean === '.' || clean === '..' ? 'file' : clean;
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && Buffer.byteLength(name.slice(dot)) <= maxEndingBytes ? name.slice(dot) : '';
  const stem = new Uint8Array(maxBytes - Buffer.byteLength(ending));
  // Takes whole characters only.
  const { read } = new TextEncoder().encodeInto(name.slice(0, name.length - ending.length), stem);
  return name.slice(0, read) + ending;
}

/** A name as it stands in a form, where browsers and `fetch` write these three characters as escapes. */
export function fromFormFilename(name: string): string {
  return name.replaceAll('%22', '"').replaceAll(/%0[AD]/gi, ' ');
}

/** A name as it may stand in a header. */
export function encodeFilename(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
}
