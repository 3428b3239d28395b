import type OpenAI from 'openai';
import type { MessageCreateParams } from 'openai/resources/beta/threads/messages';
import { z } from 'zod';
import { checkLength } from './check-length.ts';
import { verifyFileId } from './file-ids.ts';
import { Problem } from 'example-assistants';

/** What the hook sends for a new message. The ids in it are anybody's until they are checked. */
const body = z.object({
  threadId: z
    .string()
    .regex(/^thread_\w{1,100}$/)
    .nullish(),
  trigger: z.literal('submit-message'),
  message: z.object({
    parts: z
      .array(
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('text'), text: z.string().max(256_000) }),
          z.object({ type: z.literal('file'), url: z.string().max(1000) }),
        ]),
      )
      .min(1)
      .max(20),
  }),
});

/** Images that models can look at, and documents that are searched. */
const visible = /\.(?:gif|jpe?g|png|webp)$/i;
const searchable = /\.(?:docx?|html?|md|pdf|txt)$/i;

/** Reads a message of the hook: the thread that it goes into, and what the Assistants API takes for it. */
export async function readMessage(
  request: Request,
  owner: string,
  openai: OpenAI,
): Promise<{ threadId: string | undefined; message: MessageCreateParams }> {
  checkLength(request, 1024 ** 2);
  const { success, data } = body.safeParse(await request.json().catch(() => undefined));
  if (!success) throw new Problem(400, 'This is not a message that the chat sends.');
  const { parts } = data.message;
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  const files = await Promise.all(
    parts.flatMap((part) => {
      if (part.type !== 'file') return [];
      const signedId = part.url.slice(part.url.lastIndexOf('/') + 1);
      return [openai.files.retrieve(verifyFileId(signedId, owner))];
    }),
  );
  const names = files.map(({ filename }) => filename).join(', ');
  const images = files.filter(({ filename }) => visible.test(filename));
  return {
    threadId: data.threadId ?? undefined,
    message: {
      role: 'user',
      content: [
        // A message of files alone still needs a word.
        { type: 'text', text: text.trim() || `Attached: ${names}` },
        ...images.map(({ id }) => ({ type: 'image_file' as const, image_file: { file_id: id } })),
      ],
      attachments: files.map(({ id, filename }) => ({
        file_id: id,
        tools: [
          { type: 'code_interpreter' },
          ...(searchable.test(filename) ? [{ type: 'file_search' as const }] : []),
        ],
      })),
    },
  };
}
