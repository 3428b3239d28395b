import type { MessageContentPartParam, MessageCreateParams } from 'openai/resources/beta/threads/messages';
import { fromDataUrl } from '../data-url.ts';
import { readFileFacts } from '../output-files.ts';
import { refusal } from '../public-errors.ts';
import type { KnownAssistant } from './assistant.ts';
import { decodeSegment } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import type { FilePart } from './request-body.ts';
import { checkFile, keepFile } from './uploads.ts';

const defaultMaxFiles = 10;

/** A file of a message, as the engine has it. */
export interface MessageFile {
  fileId: string;
  name: string;
  mediaType: string;
}

/** The files of one message. */
export interface MessageFiles {
  all: MessageFile[];
  /** Deletes those that came with the message, which was refused in the end. */
  drop(): Promise<void>;
}

/**
 * The files that a message names: uploaded before, or carried in it as data URLs. Nothing is fetched from elsewhere. Each is
 * checked before the first is stored.
 */
export async function readFiles(
  context: HandlerContext,
  call: Call,
  parts: FilePart[],
): Promise<MessageFiles> {
  const { maxFiles = defaultMaxFiles } = context.options.limits ?? {};
  if (parts.length > maxFiles) throw refusal('too_many_files', `A message takes ${maxFiles} files.`);
  const files = await Promise.all(
    parts.map(async ({ url, filename }) => {
      if (url.startsWith('data:')) {
        const bytes = fromDataUrl(url);
        if (!bytes) throw refusal('bad_request', 'A data URL of the message cannot be read.');
        return { carried: await checkFile(context, bytes, filename ?? 'file') };
      }
      const signedId = /\/files\/([^/?#]+)$/.exec(url)?.[1];
      const fileId = signedId && (await context.signedIds.verify(decodeSegment(signedId), call.owners));
      if (!fileId) throw refusal('not_found', 'A file of the message was not found.');
      return { known: await readFileFacts(call.client, fileId) };
    }),
  );
  const made: string[] = [];
  const drop = async (): Promise<void> => {
    await Promise.allSettled(made.splice(0).map((id) => call.client.files.delete(id)));
  };
  const stored = await Promise.allSettled(
    files.map(async ({ known, carried }): Promise<MessageFile> => {
      if (known) return known;
      const kept = await keepFile(context, call, carried);
      made.push(kept.fileId);
      return kept;
    }),
  );
  const failed = stored.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') {
    await drop();
    throw failed.reason;
  }
  return { all: stored.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])), drop };
}

/** The content and the attachments of a message with these files. */
export function toMessageParams(
  text: string,
  files: MessageFile[],
  assistant: KnownAssistant,
): Pick<MessageCreateParams, 'content' | 'attachments'> {
  return {
    content: toContent(text, files),
    attachments: files.map((file) => ({ file_id: file.fileId, tools: toolsFor(file, assistant) })),
  };
}

function toContent(text: string, files: MessageFile[]): MessageContentPartParam[] {
  const images = files.filter(({ mediaType }) => visible.has(mediaType));
  return [
    // Assistants refuse a message without text.
    { type: 'text', text: text.trim() === '' ? files.map(({ name }) => name).join(', ') : text },
    ...images.map(({ fileId }) => ({ type: 'image_file' as const, image_file: { file_id: fileId } })),
  ];
}

/** Images that models can look at. */
const visible = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

type AttachmentTools = NonNullable<NonNullable<MessageCreateParams['attachments']>[number]['tools']>;

function toolsFor({ mediaType }: MessageFile, assistant: KnownAssistant): AttachmentTools {
  const tools: AttachmentTools = [];
  if (assistant.toolTypes.has('code_interpreter')) tools.push({ type: 'code_interpreter' });
  if (assistant.toolTypes.has('file_search') && isSearchable(mediaType)) tools.push({ type: 'file_search' });
  return tools.length > 0 ? tools : [{ type: 'code_interpreter' }];
}

/** Types that file search reads as prose; tables, pictures and archives are for the code interpreter. */
function isSearchable(mediaType: string): boolean {
  if (mediaType === 'text/csv' || mediaType === 'text/tab-separated-values') return false;
  return /^text\/|\/(pdf|json|msword|typescript|xml)$|wordprocessingml|presentationml/.test(mediaType);
}
