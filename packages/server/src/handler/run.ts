import type { MessageContentPartParam, MessageCreateParams } from 'openai/resources/beta/threads/messages';
import type { Thread } from 'openai/resources/beta/threads/threads';
import { fromDataUrl } from '../data-url.ts';
import { userMessageIdKey } from '../from-assistants.ts';
import { readFileFacts } from '../output-files.ts';
import { refusal } from '../public-errors.ts';
import { runThread } from '../run-thread.ts';
import type { KnownAssistant } from './assistant.ts';
import { clientIdKey, decodeSegment, noTextKey, ownerKey, readThread, titleKey } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { toTitle } from './public-thread.ts';
import { readRunRequest } from './request-body.ts';
import type { FilePart, RunRequest } from './request-body.ts';
import { respondTo } from './respond-to.ts';
import { rewind } from './rewind.ts';
import { whenFree } from './runs.ts';
import { touchThread } from './thread-list.ts';
import { continueRun } from './tool-outputs.ts';
import { keepFile } from './uploads.ts';

const defaultMaxFiles = 10;

/** `POST /`: adds the user's message and streams the run that answers it. */
export async function run(context: HandlerContext, call: Call): Promise<Response> {
  const asked = await readRunRequest(call.request);
  if (asked.answered) {
    if (asked.threadId === undefined) throw refusal('bad_request', 'No message names its thread.');
    return continueRun(context, call, await readThread(call, asked.threadId), asked.answered);
  }
  const assistant = await context.assistant(call.client);
  // All that can be refused is looked at before anything is made: what a refused request leaves behind is nobody's.
  const known = asked.threadId === undefined ? undefined : await readThread(call, asked.threadId);
  if (!known && !asked.message) throw refusal('not_found', 'There is no message to answer anew.');
  const files = await readFiles(context, call, asked.message?.files ?? []);
  const thread = known ?? (await createThread(call, asked));
  const userMessageId = await whenFree(call.client, thread.id, () =>
    addMessage(call, thread, asked, files, assistant),
  );
  await touchThread(context, thread);
  return respondTo(
    context,
    call,
    thread,
    userMessageId,
    async ({ forwardStream, sendToolOutput, signal }) => {
      const { tools, toolTimeout, onError } = context.options;
      await runThread({
        openai: call.client,
        threadId: thread.id,
        assistantId: assistant.id,
        tools,
        toolTimeout,
        onError,
        onProgress: (toolCallId, output) => sendToolOutput(toolCallId, output, { preliminary: true }),
        run: { metadata: { [userMessageIdKey]: userMessageId } },
        forwardStream,
        // A client that leaves before the run began still has its question answered, unless the policy is to cancel.
        signal: context.options.onDisconnect === 'cancel' ? signal : undefined,
      });
    },
    { protocol: asked.protocol },
  );
}

async function createThread(call: Call, asked: RunRequest): Promise<Thread> {
  const { text = '', files = [] } = asked.message ?? {};
  const title = toTitle(text.trim() === '' ? files.map(({ filename }) => filename ?? '').join(', ') : text);
  return call.client.beta.threads.create({
    metadata: { [ownerKey]: call.owners[0], ...(title !== '' && { [titleKey]: title }) },
  });
}

/** Adds the message, or goes back to the one that is to be answered anew; gives the engine's id of the user's message. */
async function addMessage(
  call: Call,
  thread: Thread,
  asked: RunRequest,
  files: MessageFile[],
  assistant: KnownAssistant,
): Promise<string> {
  if (asked.trigger === 'regenerate-message' || asked.messageId !== undefined) {
    const keeps = asked.trigger === 'regenerate-message';
    const kept = await rewind(call.client, thread.id, { messageId: asked.messageId, keeps });
    if (keeps) {
      if (kept === undefined) throw refusal('not_found', 'There is no message to answer anew.');
      return kept;
    }
  }
  const { message } = asked;
  if (!message) throw refusal('bad_request', 'message is missing.');
  const created = await call.client.beta.threads.messages.create(thread.id, {
    role: 'user',
    content: toContent(message.text, files),
    attachments: files.map((file) => ({ file_id: file.fileId, tools: toolsFor(file, assistant) })),
    metadata: {
      ...(message.id !== undefined && { [clientIdKey]: message.id }),
      ...(message.text.trim() === '' && { [noTextKey]: 'true' }),
    },
  });
  return created.id;
}

interface MessageFile {
  fileId: string;
  name: string;
  mediaType: string;
}

/** The files that a message names: uploaded before, or carried in it as data URLs. Nothing is fetched from elsewhere. */
async function readFiles(context: HandlerContext, call: Call, parts: FilePart[]): Promise<MessageFile[]> {
  const { maxFiles = defaultMaxFiles } = context.options.limits ?? {};
  if (parts.length > maxFiles) throw refusal('too_many_files', `A message takes ${maxFiles} files.`);
  return Promise.all(
    parts.map(async ({ url, filename }): Promise<MessageFile> => {
      if (url.startsWith('data:')) {
        const bytes = fromDataUrl(url);
        if (!bytes) throw refusal('bad_request', 'A data URL of the message cannot be read.');
        return keepFile(context, call, bytes, filename ?? 'file');
      }
      const signedId = /\/files\/([^/?#]+)$/.exec(url)?.[1];
      const fileId = signedId && (await context.signedIds.verify(decodeSegment(signedId), call.owners));
      if (!fileId) throw refusal('not_found', 'A file of the message was not found.');
      return readFileFacts(call.client, fileId);
    }),
  );
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
