import { z } from 'zod';
import type { Annotation } from '../wire.ts';
import type { FileOrigin, HostedContainers } from './hosted-containers.ts';

/** A place in a text where a provider names a file of a container. */
export interface ContainerCitation {
  containerId: string;
  containerFileId: string;
  name: string;
  start: number;
  end: number;
}

const citationSchema = z.object({
  type: z.literal('container_file_citation'),
  container_id: z.string(),
  file_id: z.string(),
  filename: z.string(),
  start_index: z.number().int().nonnegative(),
  end_index: z.number().int().nonnegative(),
});

/** The citations that came with a text, under whichever name the provider goes. */
export function readCitations(metadata: Record<string, unknown> | undefined): ContainerCitation[] {
  return Object.values(metadata ?? {}).flatMap((options) => {
    const annotations = (options as { annotations?: unknown } | null)?.annotations;
    if (!Array.isArray(annotations)) return [];
    return annotations.flatMap((annotation): ContainerCitation[] => {
      const { data } = citationSchema.safeParse(annotation);
      if (!data) return [];
      const { container_id, file_id, filename: name, start_index: start, end_index: end } = data;
      return [{ containerId: container_id, containerFileId: file_id, name, start, end }];
    });
  });
}

/** A citation whose file is one of ours. */
export interface FileCitation {
  fileId: string;
  name: string;
  start: number;
  end: number;
}

/** Citations of the thread's own container with the files that were copied out of it, now if they were not before. */
export async function ownCitations(
  containers: HostedContainers,
  origin: FileOrigin,
  citations: ContainerCitation[],
  signal: AbortSignal,
): Promise<FileCitation[]> {
  let known = await containers.fileIds(origin.threadId);
  const own = citations.filter(({ containerId }) => containerId === known?.containerId);
  if (!known || own.length === 0) return [];
  if (own.some(({ containerFileId }) => !known?.ids.has(containerFileId))) {
    await containers.collect(origin, signal);
    known = await containers.fileIds(origin.threadId);
  }
  return own.flatMap(({ containerFileId, name, start, end }) => {
    const fileId = known?.ids.get(containerFileId);
    return fileId === undefined ? [] : [{ fileId, name, start, end }];
  });
}

/** What the engine has put into a text of a provider, which does not count it; `at` is its place in the text without such. */
export interface Mark {
  at: number;
  length: number;
}

/**
 * Annotations of a text: those found by its links, and those that were cited, which know the file more exactly. A
 * citation whose place in the text does not name its file has none: the file stands among the attachments all the same.
 */
export function annotate(
  text: string,
  links: Annotation[],
  citations: FileCitation[],
  marks: Mark[] = [],
): Annotation[] {
  const annotations = [...links];
  const plain = citations.length > 0 ? withoutMarks(text, marks) : '';
  for (const citation of citations) {
    const place = findPlace(plain, citation);
    if (!place) continue;
    const [start, end] = [place[0] + marksUntil(marks, place[0]), place[1] + marksUntil(marks, place[1] - 1)];
    const cited: Annotation = {
      type: 'file_path',
      text: text.slice(start, end),
      start_index: start,
      end_index: end,
      file_path: { file_id: citation.fileId },
    };
    const overlaps = annotations.findIndex((other) => other.start_index < end && start < other.end_index);
    if (overlaps === -1) annotations.push(cited);
    else annotations[overlaps] = cited;
  }
  return annotations.sort((a, b) => a.start_index - b.start_index);
}

function withoutMarks(text: string, marks: Mark[]): string {
  let plain = text;
  // What came before a mark is gone by the time it is its turn.
  for (const { at, length } of marks) plain = plain.slice(0, at) + plain.slice(at + length);
  return plain;
}

function marksUntil(marks: Mark[], place: number): number {
  return marks.reduce((sum, { at, length }) => (at <= place ? sum + length : sum), 0);
}

/** Places are counted in whole characters by some servers and in UTF-16 by others: what names the file is right. */
function findPlace(text: string, { name, start, end }: FileCitation): [number, number] | undefined {
  const names = [name, encodeURI(name)];
  const isRight = (from: number, to: number) =>
    from < to && to <= text.length && names.some((written) => text.slice(from, to).includes(written));
  if (isRight(start, end)) return [start, end];
  const letters = Array.from(text);
  const from = letters.slice(0, start).join('').length;
  const to = from + letters.slice(start, end).join('').length;
  return isRight(from, to) ? [from, to] : undefined;
}
