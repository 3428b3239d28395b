import { Problem } from 'example-assistants';
import { NotFoundError } from 'openai';
import type OpenAI from 'openai';
import type { AssistantStreamEvent } from 'openai/resources/beta/assistants';
import type { MessageCreateParams } from 'openai/resources/beta/threads/messages';
import type { Stream } from 'openai/streaming';
import type { ChatRequest } from './read-request.ts';

const searchable = /\.(?:docx?|html?|md|pdf|txt)$/i;

/** Stores the files, then asks: the first message makes the thread and the run in one call. */
export async function beginRun(
  openai: OpenAI,
  { text, files, threadId }: ChatRequest,
  { assistantId, visitor, signal }: { assistantId: string; visitor: string; signal: AbortSignal },
): Promise<Stream<AssistantStreamEvent>> {
  if (threadId !== undefined) await checkOwner(openai, threadId, visitor, signal);
  const stored = await storeFiles(openai, files, signal);
  try {
    const message = toMessage(text, stored);
    const params = { assistant_id: assistantId, stream: true as const };
    if (threadId === undefined) {
      const thread = { messages: [message], metadata: { visitor } };
      return await openai.beta.threads.createAndRun({ ...params, thread }, { signal });
    }
    await openai.beta.threads.messages.create(threadId, message, { signal });
    return await openai.beta.threads.runs.create(threadId, params, { signal });
  } catch (error) {
    await removeFiles(openai, stored);
    throw error;
  }
}

/** Somebody else's thread and none at all are told apart by nobody. */
async function checkOwner(
  openai: OpenAI,
  threadId: string,
  visitor: string,
  signal: AbortSignal,
): Promise<void> {
  const thread = await openai.beta.threads.retrieve(threadId, { signal }).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  if (thread?.metadata?.['visitor'] !== visitor) {
    throw new Problem(404, 'This conversation is gone. Reload the page to begin a new one.');
  }
}

interface StoredFile {
  id: string;
  name: string;
  isImage: boolean;
}

/** All or none: a message must not go out without a file that the person sees attached to it. */
async function storeFiles(openai: OpenAI, files: File[], signal: AbortSignal): Promise<StoredFile[]> {
  const results = await Promise.allSettled(
    files.map(async (file): Promise<StoredFile> => {
      const isImage = file.type.startsWith('image/');
      const purpose = isImage ? 'vision' : 'assistants';
      const { id } = await openai.files.create({ file, purpose }, { signal });
      return { id, name: file.name, isImage };
    }),
  );
  const stored = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return stored;
  await removeFiles(openai, stored);
  throw failed.reason;
}

async function removeFiles(openai: OpenAI, files: StoredFile[]): Promise<void> {
  await Promise.allSettled(files.map(({ id }) => openai.files.delete(id)));
}

function toMessage(text: string, files: StoredFile[]): MessageCreateParams {
  const images = files.filter(({ isImage }) => isImage);
  const others = files.filter(({ isImage }) => !isImage);
  return {
    role: 'user',
    content: [
      // A message of files alone still needs a word.
      { type: 'text', text: text || `Attached: ${files.map(({ name }) => name).join(', ')}` },
      ...images.map(({ id }) => ({ type: 'image_file' as const, image_file: { file_id: id } })),
    ],
    attachments: others.map(({ id, name }) => ({
      file_id: id,
      tools: [
        { type: 'code_interpreter' },
        ...(searchable.test(name) ? [{ type: 'file_search' as const }] : []),
      ],
    })),
  };
}
