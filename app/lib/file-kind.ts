const byType: Record<string, string> = {
  'text/csv': 'CSV',
  'text/plain': 'Text',
  'text/markdown': 'Markdown',
  'application/json': 'JSON',
  'application/pdf': 'PDF',
  'application/zip': 'ZIP',
  'image/svg+xml': 'SVG image',
  'image/png': 'PNG image',
  'image/jpeg': 'JPEG image',
};

/** Names a kind of file for a person: from its media type, or else from the end of its name. */
export function fileKind(mediaType: string, name: string): string {
  const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  const known = byType[type];
  if (known) return known;
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1];
  if (ending) return ending.toUpperCase();
  return type.startsWith('image/') ? 'Image' : 'File';
}
