import { listMadeFiles, type Database } from '../storage/records.ts';
import type { Annotation } from '../wire.ts';

const scheme = 'sandbox:/mnt/data/';

/**
 * The links of a text to files that Python made in the thread, such as `sandbox:/mnt/data/trend.svg`: each becomes an
 * annotation with the newest file of that name. Costs nothing for a text without such a link.
 */
export async function linkFiles(database: Database, threadId: string, text: string): Promise<Annotation[]> {
  let start = text.indexOf(scheme);
  if (start === -1) return [];
  const files = await listMadeFiles(database, { threadId });
  // Of `a.csv` and `a.csv.gz` the longer fits.
  const names = files
    .flatMap(({ id, name }) => spellings(name).map((written) => ({ id, written })))
    .sort((a, b) => b.written.length - a.written.length);
  const annotations: Annotation[] = [];
  for (; start !== -1; start = text.indexOf(scheme, start + scheme.length)) {
    const link = names.find(({ written }) => text.startsWith(written, start + scheme.length));
    if (!link) continue;
    const end = start + scheme.length + link.written.length;
    annotations.push({
      type: 'file_path',
      text: text.slice(start, end),
      start_index: start,
      end_index: end,
      file_path: { file_id: link.id },
    });
  }
  return annotations;
}

/** A link is written as the name is, or encoded more or less thoroughly. */
function spellings(name: string): string[] {
  const segments = name.split('/').map(encodeURIComponent).join('/');
  const thorough = segments.replaceAll(
    /['()!*~]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return [...new Set([name, encodeURI(name), segments, thorough])];
}
