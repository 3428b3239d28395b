import { listMadeFiles } from '../storage/records.js';
const scheme = 'sandbox:/mnt/data/';
/**
 * The links of a text to files that Python made in the thread, such as `sandbox:/mnt/data/trend.svg`: each becomes an
 * annotation with the newest file of that name. Costs nothing for a text without such a link.
 */
export async function linkFiles(database, threadId, text) {
  let start = text.indexOf(scheme);
  if (start === -1) return [];
  const files = await listMadeFiles(database, { threadId });
  // A link is written as the name is, or with its spaces and umlauts encoded; of `a.csv` and `a.csv.gz` the longer fits.
  const names = files
    .flatMap(({ id, name }) => [...new Set([name, encodeURI(name)])].map((written) => ({ id, written })))
    .sort((a, b) => b.written.length - a.written.length);
  const annotations = [];
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
//# sourceMappingURL=file-links.js.map
