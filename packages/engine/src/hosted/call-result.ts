import { z } from 'zod';
import { toModelResultText } from '../tools/code-interpreter.ts';
import type { CodeOutput } from '../wire.ts';
import type { FileOrigin, HostedContainers } from './hosted-containers.ts';

/** What a call that ran at OpenAI has come to. */
export interface HostedResult {
  /** As a run step shows it. */
  outputs: CodeOutput[];
  /** As another run's model is told of it. */
  text: string;
}

const resultSchema = z.object({
  outputs: z
    .array(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('logs'), logs: z.string() }),
        z.object({ type: z.literal('image'), url: z.string() }),
      ]),
    )
    .nullish(),
});

/** Takes in what a hosted call printed, showed and made: its files become files of our own. */
export async function takeResult(
  containers: HostedContainers,
  origin: FileOrigin,
  result: unknown,
  signal: AbortSignal,
): Promise<HostedResult> {
  const parts = resultSchema.safeParse(result).data?.outputs ?? [];
  const files = await containers.collect(origin, signal);
  const images = files.filter(({ isImage }) => isImage);
  for (const part of parts) {
    const image = part.type === 'image' && decodeImage(part.url);
    // Any other address is one of the container's own files, which lie among those collected: nothing is fetched.
    if (!image) continue;
    const known = await Promise.all(
      images.map(async ({ file }) => {
        return file.bytes === image.bytes.length && image.bytes.equals(await containers.read(file.id));
      }),
    );
    if (!known.includes(true)) images.push(await containers.keepImage(origin, image.bytes, image.extension));
  }
  const logs = parts.flatMap((part) => (part.type === 'logs' && part.logs !== '' ? part : []));
  return {
    outputs: [
      ...logs,
      ...images.map(({ file }): CodeOutput => ({ type: 'image', image: { file_id: file.id } })),
    ],
    text: toModelResultText(
      logs.map((part) => part.logs).join('\n'),
      undefined,
      files.map(({ sandboxName }) => sandboxName),
    ),
  };
}

const extensions: Record<string, string> = { png: 'png', jpeg: 'jpg', gif: 'gif', webp: 'webp' };

function decodeImage(url: string): { bytes: Buffer; extension: string } | undefined {
  const [head, type] = /^data:image\/([\w+.-]+);base64,/.exec(url) ?? [];
  const extension = type && extensions[type];
  if (head === undefined || !extension) return undefined;
  return { bytes: Buffer.from(url.slice(head.length), 'base64'), extension };
}
