import { Problem } from 'example-assistants';

/** What Deep Chat sends: the new message, its files, and the thread that the interceptors remember. */
export interface ChatRequest {
  text: string;
  files: File[];
  threadId: string | undefined;
}

const longestText = 256_000;

const largestRequest = 40 * 1024 ** 2;

/** Reads a request of Deep Chat: JSON, or multipart when files come along. */
export async function readRequest(request: Request): Promise<ChatRequest> {
  if (Number(request.headers.get('content-length')) > largestRequest)
    throw new Problem(413, `At most ${largestRequest / 1024 ** 2} MB can be sent at once.`);
  const isMultipart = /^multipart\/form-data\b/i.test(request.headers.get('content-type') ?? '');
  const read = isMultipart ? await readParts(request) : await readJson(request);
  if (read.text === '' && read.files.length === 0)
    throw new Problem(400, 'The message is empty. Write something, or attach a file.');
  if (read.text.length > longestText)
    throw new Problem(413, `A message has at most ${longestText} characters.`);
  return read;
}

async function readJson(request: Request): Promise<ChatRequest> {
  const body = asObject(await request.json().catch(() => undefined));
  if (!body) throw new Problem(400, 'The request is neither JSON nor multipart.');
  const last = Array.isArray(body['messages']) ? asObject(body['messages'].at(-1)) : undefined;
  return { text: textOf(last), files: [], threadId: asId(body['thread_id']) };
}

async function readParts(request: Request): Promise<ChatRequest> {
  const form = await request.formData().catch(() => undefined);
  if (!form) throw new Problem(400, 'The upload was cut off. Send it again.');
  const read: ChatRequest = { text: '', files: [], threadId: undefined };
  for (const part of form.values()) {
    // By its shape: on edge runtimes a file is an instance of another `File` than the one in scope.
    if (typeof part !== 'string') {
      read.files.push(part);
      continue;
    }
    const value = parse(part);
    if (typeof value === 'string') read.threadId = asId(value);
    else if (asObject(value)) read.text = textOf(asObject(value));
  }
  return read;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'A part of the request is neither a file nor JSON.');
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function textOf(message: Record<string, unknown> | undefined): string {
  return typeof message?.['text'] === 'string' ? message['text'].trim() : '';
}

function asId(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && /^thread_\w{1,100}$/.test(value)) return value;
  throw new Problem(400, 'The id of the thread is none.');
}
