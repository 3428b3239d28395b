import type { LanguageModelV4FilePart, LanguageModelV4TextPart } from '@ai-sdk/provider';
import type { EngineContext } from '../engine-context.ts';
import { findObject } from '../storage/records.ts';
import type { FileObject, Message } from '../wire.ts';
import type { RunFile } from './run-files.ts';

type UserPart = LanguageModelV4TextPart | LanguageModelV4FilePart;

/** The names of those files that the message gives Python. */
export function attachedNames(message: Message, files: RunFile[]): string[] {
  return message.attachments.flatMap(({ file_id, tools }) => {
    const file =
      tools.some(({ type }) => type === 'code_interpreter') && files.find(({ id }) => id === file_id);
    return file ? [file.name] : [];
  });
}

/** The names of the files that messages gave file search, by id. */
export async function searchableNames(
  context: EngineContext,
  messages: { message: Message }[],
): Promise<Map<string, string>> {
  const ids = messages.flatMap(({ message }) =>
    message.attachments.flatMap(({ file_id, tools }) =>
      tools.some(({ type }) => type === 'file_search') ? [file_id] : [],
    ),
  );
  if (ids.length === 0) return new Map();
  const rows = await context.database
    .selectFrom('files')
    .select(['id', 'body'])
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, body }) => [id, (JSON.parse(body) as FileObject).filename]));
}

/** A message of the user as the model sees it; `names` are files that lie ready for Python. */
export async function userParts(
  context: EngineContext,
  message: Message,
  names: string[],
  searchable: Map<string, string>,
): Promise<UserPart[]> {
  const parts: UserPart[] = [];
  for (const block of message.content) {
    if (block.type === 'text') parts.push({ type: 'text', text: block.text.value });
    else if (block.type === 'image_url') parts.push(imageFromUrl(block.image_url.url));
    else if (block.type === 'image_file') {
      const part = await imageFromFile(context, block.image_file.file_id);
      if (part) parts.push(part);
    }
  }
  if (names.length > 0) {
    const list = names.map((name) => `- /mnt/data/${name}`).join('\n');
    parts.push({ type: 'text', text: `Attached files:\n${list}` });
  }
  const found = message.attachments.flatMap(({ file_id }) => searchable.get(file_id) ?? []);
  if (found.length > 0) {
    const list = found.map((name) => `- ${name}`).join('\n');
    parts.push({ type: 'text', text: `Files to search:\n${list}` });
  }
  return parts;
}

function imageFromUrl(url: string): LanguageModelV4FilePart {
  const data = /^data:([\w.+/-]+);base64,/.exec(url);
  if (data) {
    return { type: 'file', mediaType: data[1]!, data: { type: 'data', data: url.slice(data[0].length) } };
  }
  // Never fetched here: the provider gets the address.
  return { type: 'file', mediaType: 'image', data: { type: 'url', url: new URL(url) } };
}

async function imageFromFile(
  context: EngineContext,
  fileId: string,
): Promise<LanguageModelV4FilePart | undefined> {
  const row = await context.database
    .selectFrom('files')
    .select('body')
    .where('id', '=', fileId)
    .executeTakeFirst();
  if (!row) return undefined;
  const { filename } = JSON.parse(row.body) as FileObject;
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();
  const mediaType = { png: 'image/png', gif: 'image/gif', webp: 'image/webp' }[extension] ?? 'image/jpeg';
  const bytes = await context.blobs.read(fileId).catch(async (error: unknown) => {
    // Deleted at this very moment, or lost?
    if (await findObject(context.database, 'files', fileId)) throw error;
  });
  if (!bytes) return undefined;
  return { type: 'file', filename, mediaType, data: { type: 'data', data: bytes } };
}
