import { parseJson } from '@use-assistant/protocol';
import { z } from 'zod';
import { refusal } from '../public-errors.ts';
import { readBytes } from './read-body.ts';

/** What a JSON body may weigh; files in it are data URLs. */
const maxBodySize = 80 * 1024 * 1024;

const id = z.string().min(1).max(256);

const part = z.looseObject({ type: z.string().max(100) });

const messageText = z.string().max(256_000, 'The message is too long.');

const textPart = z.object({ type: z.literal('text'), text: messageText });

const filePart = z.object({
  type: z.literal('file'),
  url: z.string().max(maxBodySize),
  mediaType: z.string().max(200).optional(),
  filename: z.string().max(500).optional(),
});

const message = z.object({
  id: id.optional(),
  role: z.enum(['user', 'assistant', 'system']),
  parts: z.array(part).max(10_000),
  metadata: z.looseObject({ threadId: z.string().optional(), runId: z.string().optional() }).nullish(),
});

const trigger = z.enum(['submit-message', 'append-message', 'regenerate-message']).default('submit-message');

const ourRequest = z.object({
  threadId: id.nullish(),
  message: message.optional(),
  trigger,
  messageId: id.nullish(),
});

const chatRequest = z.object({
  id: id.optional(),
  messages: z.array(message).min(1).max(100_000),
  trigger,
  messageId: id.nullish(),
});

const v4Request = z.object({ threadId: id.nullish(), message: messageText });

const reason = z.string().max(1000);

const toolOutputs = z.object({
  runId: id,
  outputs: z
    .array(
      z.union([
        z.object({ toolCallId: id, approved: z.boolean(), reason: reason.optional() }),
        z.object({ toolCallId: id, output: z.unknown() }),
      ]),
    )
    .max(128),
});

/** What `useChat` keeps of a person's answer in the part of the call. */
const approval = z.object({ approved: z.boolean(), reason: reason.optional() });

const threadChange = z.object({ title: z.string().trim().min(1).max(500) });

/** A file that came with a message. */
export type FilePart = z.infer<typeof filePart>;

/** An answer of the browser to a function call: its output, or whether it may run. */
export type BrowserOutput =
  | { toolCallId: string; output: unknown }
  | { toolCallId: string; approved: boolean; reason?: string | undefined };

/** What a request to run asks for, whichever client wrote it. */
export interface RunRequest {
  threadId: string | undefined;
  /** `append-message` adds the message and asks for no answer. */
  trigger: 'submit-message' | 'append-message' | 'regenerate-message';
  /** The message to answer anew, or to put the new one in the place of. */
  messageId: string | undefined;
  message: { id: string | undefined; text: string; files: FilePart[] } | undefined;
  /** The wire that the client reads. */
  protocol: 'v1' | 'v4';
  /** `useChat` sends the answers of its tools as a message of the assistant. */
  answered: { runId: string; outputs: BrowserOutput[] } | undefined;
}

/** Reads and checks the body of a request to run. */
export async function readRunRequest(request: Request): Promise<RunRequest> {
  const body = await readJson(request);
  const v4 = v4Request.safeParse(body);
  if (v4.success) {
    const text = v4.data.message;
    if (text.trim() === '') throw refusal('bad_request', 'The message is empty.');
    return {
      threadId: v4.data.threadId ?? undefined,
      trigger: 'submit-message',
      messageId: undefined,
      message: { id: undefined, text, files: [] },
      protocol: 'v4',
      answered: undefined,
    };
  }
  const chat = chatRequest.safeParse(body);
  if (chat.success) return fromChat(chat.data);
  const ours = check(ourRequest, body);
  const { threadId, trigger, messageId } = ours;
  if (!ours.message && trigger !== 'regenerate-message') throw refusal('bad_request', 'message is missing.');
  return {
    threadId: threadId ?? undefined,
    trigger,
    messageId: messageId ?? undefined,
    message: ours.message && trigger !== 'regenerate-message' ? toMessage(ours.message) : undefined,
    protocol: 'v1',
    answered: undefined,
  };
}

/** Reads and checks the answers of the browser to function calls. */
export async function readToolOutputs(
  request: Request,
): Promise<{ runId: string; outputs: BrowserOutput[] }> {
  return check(toolOutputs, await readJson(request));
}

/** Reads and checks a change of a thread. */
export async function readThreadChange(request: Request): Promise<{ title: string }> {
  return check(threadChange, await readJson(request));
}

type Message = z.infer<typeof message>;

/** `useChat` sends the whole conversation; its thread is the one that the assistant's messages name. */
function fromChat(body: z.infer<typeof chatRequest>): RunRequest {
  const named = body.messages.findLast(({ metadata }) => metadata?.threadId)?.metadata?.threadId;
  const threadId = named ?? (body.id?.startsWith('thread_') ? body.id : undefined);
  const last = body.messages.at(-1)!;
  const base = {
    threadId,
    trigger: body.trigger,
    messageId: body.messageId ?? undefined,
    protocol: 'v1' as const,
  };
  if (body.trigger === 'regenerate-message') return { ...base, message: undefined, answered: undefined };
  if (last.role === 'user') return { ...base, message: toMessage(last), answered: undefined };
  const outputs = last.parts.flatMap((candidate): BrowserOutput[] => {
    const { toolCallId, state, output, errorText } = candidate;
    if (typeof toolCallId !== 'string') return [];
    if (state === 'approval-responded') {
      return [{ toolCallId, ...check(approval, candidate['approval']) }];
    }
    if (state === 'output-available') return [{ toolCallId, output }];
    return state === 'output-error' ? [{ toolCallId, output: { error: String(errorText) } }] : [];
  });
  const runId = last.metadata?.runId ?? last.id;
  if (runId === undefined) throw refusal('bad_request', 'The last message is not the user’s.');
  return { ...base, message: undefined, answered: { runId, outputs } };
}

function toMessage(given: Message): NonNullable<RunRequest['message']> {
  if (given.role !== 'user') throw refusal('bad_request', 'message.role must be user.');
  const texts: string[] = [];
  const files: FilePart[] = [];
  for (const candidate of given.parts) {
    if (candidate.type === 'text') texts.push(check(textPart, candidate).text);
    else if (candidate.type === 'file') files.push(check(filePart, candidate));
  }
  const text = texts.join('\n\n');
  if (text.trim() === '' && files.length === 0) throw refusal('bad_request', 'The message is empty.');
  return { id: given.id, text, files };
}

async function readJson(request: Request): Promise<unknown> {
  // A form of another site cannot send this type without being asked for permission first.
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\b/i.test(type))
    throw refusal('bad_request', 'The content type must be application/json.');
  const text = new TextDecoder().decode(await readBytes(request, maxBodySize));
  try {
    return parseJson(text);
  } catch {
    throw refusal('bad_request', 'The body is not JSON.');
  }
}

function check<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { path, message: reason } = result.error.issues[0]!;
  throw refusal('bad_request', `${path.map(String).join('.') || 'The body'}: ${reason}`);
}
