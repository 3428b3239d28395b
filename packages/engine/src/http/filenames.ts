/** The last part of whatever path the client sent, without what no file name should hold. */
export function toFilename(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  // oxlint-disable-next-line no-control-regex -- they are what is being taken out
  const clean = base.replaceAll(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '').slice(0, 255);
  return clean === '' || clean === '.' || clean === '..' ? 'file' : clean;
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
