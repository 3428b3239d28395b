import { encodeChunk, formatCursor, isAfter, parseCursor } from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';

interface Run {
  id: string;
  threadId: string;
  status: 'in_progress' | 'requires_action' | 'completed' | 'cancelled';
  userMessage: { id: string; role: string; parts: unknown[] };
  events: AssistantChunk[];
  text: string;
  readers: Set<Reader>;
}

type Reader = ReadableStreamDefaultController<Uint8Array>;

interface Pending {
  method: string;
  path: string;
  body: {
    threadId?: string | null;
    message?: Run['userMessage'];
    trigger?: string;
    runId?: string;
    outputs?: { toolCallId: string }[];
  };
  lastEventId: string | null;
  answer: (response: Response) => void;
  fail: (error: unknown) => void;
}

const encoder = new TextEncoder();

/** The end of a stream, and not of its run: it is no event of that. */
const pause = encoder.encode(
  encodeChunk({ type: 'finish', messageMetadata: { runStatus: 'requires_action' } }),
);

/**
 * A route small enough to be right by looking at it. Each token of a run names its thread, so that a token in the wrong
 * thread can be told. Requests wait until `deliver`, runs move with `tick`: the order of everything is the test's.
 */
export class ModelServer {
  readonly runs: Run[] = [];
  readonly pending: Pending[] = [];
  /** The messages that were taken, and what for. */
  readonly taken: { text: string; trigger: string | undefined }[] = [];
  /** How many requests to run there were. */
  posts = 0;
  /** How many of them were refused: the thread was busy. */
  refusals = 0;
  /** The tool calls that were answered. */
  readonly answered: string[] = [];
  #threads = 0;
  #files = 0;

  readonly fetch = (input: unknown, init: RequestInit = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const pending: Pending = {
        method: init.method ?? 'GET',
        path: String(input).replace('/api/assistant', ''),
        body: typeof init.body === 'string' ? JSON.parse(init.body) : {},
        lastEventId: new Headers(init.headers).get('last-event-id'),
        answer: resolve,
        fail: reject,
      };
      init.signal?.addEventListener('abort', () => {
        // A request that is lost on the way never reaches us; one that waits here does.
        reject(new DOMException('Aborted', 'AbortError'));
      });
      this.pending.push(pending);
    });

  get threadIds(): string[] {
    return Array.from({ length: this.#threads }, (_, index) => `thread_${index + 1}`);
  }

  get isIdle(): boolean {
    return this.pending.length === 0 && this.#active().length === 0;
  }

  /** Lets the nth of the active runs call a tool of the browser, and wait for it. */
  call(index: number): void {
    const active = this.#active();
    const run = active[index % active.length];
    if (!run) return;
    const toolCallId = `${run.id}-${run.events.length}`;
    run.status = 'requires_action';
    this.#add(run, { type: 'tool-input-available', toolCallId, toolName: 'look', input: {} });
    for (const reader of run.readers) reader.enqueue(pause);
    this.#close(run);
  }

  /** Ends the runs whose tools nobody answers. */
  expire(): void {
    for (const run of this.runs) if (run.status === 'requires_action') this.#cancel(run);
  }

  /** Answers the nth of the requests that wait. */
  deliver(index: number): void {
    const [request] = this.pending.splice(index % this.pending.length, 1);
    request?.answer(this.#answer(request));
  }

  /** Loses the nth of the requests that wait, on its way here. */
  lose(index: number): void {
    const [request] = this.pending.splice(index % this.pending.length, 1);
    request?.fail(new TypeError('fetch failed'));
  }

  /** Moves the nth of the active runs by one token, or to its end. */
  tick(index: number, isLast: boolean): void {
    const active = this.#active();
    const run = active[index % active.length];
    if (!run) return;
    if (!isLast) {
      const delta = `${run.threadId}#${run.text.split(' ').length} `;
      run.text += delta;
      return this.#add(run, { type: 'text-delta', id: '0', delta });
    }
    run.status = 'completed';
    this.#add(run, { type: 'text-end', id: '0' });
    this.#add(run, { type: 'finish', messageMetadata: { runStatus: 'completed' } });
    this.#close(run);
  }

  /** Breaks every connection of the nth active run. */
  drop(index: number): void {
    const active = this.#active();
    const run = active[index % active.length];
    for (const reader of run?.readers ?? []) reader.error(new TypeError('network error'));
    run?.readers.clear();
  }

  #active(): Run[] {
    return this.runs.filter(({ status }) => status === 'in_progress');
  }

  #answer({ method, path, body, lastEventId }: Pending): Response {
    if (method === 'POST' && path === '') {
      this.posts += 1;
      return this.#start(body);
    }
    if (path.startsWith('/files')) {
      const id = `file_${(this.#files += 1)}`;
      const facts = { name: id, mediaType: 'text/csv', size: 1, url: `/files/${id}` };
      return method === 'POST' ? Response.json({ id, ...facts }) : new Response(null, { status: 204 });
    }
    const [, threadId, action] = /^\/threads\/(\w+)(?:\/([\w-]+))?$/.exec(path) ?? [];
    const runs = this.runs.filter((run) => run.threadId === threadId);
    const run = runs.at(-1);
    if (action === 'cancel') {
      const active = run && isActive(run) ? run : undefined;
      if (active) this.#cancel(active);
      return Response.json({ run: active ? { id: active.id, status: active.status } : null });
    }
    if (path.endsWith('/tool-outputs')) {
      const waiting = this.runs.find(({ id, status }) => id === body.runId && status === 'requires_action');
      const call = waiting?.events.findLast(({ type }) => type === 'tool-input-available');
      const toolCallId = call && 'toolCallId' in call ? call.toolCallId : '';
      if (!waiting || !body.outputs!.some((output) => output.toolCallId === toolCallId))
        return Response.json({ error: { code: 'bad_request', message: 'Not waiting.' } }, { status: 400 });
      this.answered.push(toolCallId);
      const event = waiting.events.length - 1;
      waiting.status = 'in_progress';
      this.#add(waiting, { type: 'tool-output-available', toolCallId, output: 'seen' });
      return this.#follow(waiting, formatCursor({ runId: waiting.id, event, chunk: 0 }));
    }
    if (action === 'stream') {
      const named =
        lastEventId === null ? undefined : runs.find(({ id }) => lastEventId.startsWith(`${id}:`));
      const followed = named ?? (run && isActive(run) ? run : undefined);
      return followed ? this.#follow(followed, lastEventId) : new Response(null, { status: 204 });
    }
    // A message that is answered anew stands once, with its last answer.
    const answered = runs.filter(
      ({ userMessage }, at) => !runs.slice(at + 1).some((other) => other.userMessage.id === userMessage.id),
    );
    const messages = answered.flatMap(({ id, userMessage, text }) => {
      const answer = { id, role: 'assistant', parts: [{ type: 'text', text }] };
      return text === '' ? [userMessage] : [userMessage, answer];
    });
    return Response.json({
      thread: { id: threadId },
      messages,
      run: run ? { id: run.id, status: run.status } : null,
    });
  }

  #start({ threadId, message, trigger }: Pending['body']): Response {
    const thread = threadId ?? `thread_${(this.#threads += 1)}`;
    if (this.runs.some((run) => run.threadId === thread && isActive(run))) {
      this.refusals += 1;
      return Response.json({ error: { code: 'thread_busy', message: 'Busy.' } }, { status: 409 });
    }
    const id = `run_${this.runs.length + 1}`;
    const run: Run = {
      id,
      threadId: thread,
      status: 'in_progress',
      userMessage: message!,
      events: [],
      text: '',
      readers: new Set(),
    };
    this.taken.push({ text: (message!.parts[0] as { text: string }).text, trigger });
    this.runs.push(run);
    this.#add(run, { type: 'start', messageId: id, messageMetadata: { threadId: thread, runId: id } });
    this.#add(run, { type: 'text-start', id: '0' });
    return this.#follow(run, null);
  }

  #follow(run: Run, lastEventId: string | null): Response {
    const after = lastEventId === null ? undefined : parseCursor(lastEventId);
    let own: Reader | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (reader) => {
        own = reader;
        run.events.forEach((chunk, event) => {
          if (!after || isAfter({ runId: run.id, event, chunk: 0 }, after))
            reader.enqueue(this.#frame(run, event, chunk));
        });
        if (run.status === 'in_progress') return void run.readers.add(reader);
        if (run.status === 'requires_action') reader.enqueue(pause);
        reader.close();
      },
      cancel: () => {
        if (own) run.readers.delete(own);
      },
    });
    return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
  }

  #add(run: Run, chunk: AssistantChunk): void {
    const event = run.events.push(chunk) - 1;
    for (const reader of run.readers) reader.enqueue(this.#frame(run, event, chunk));
  }

  #cancel(run: Run): void {
    run.status = 'cancelled';
    this.#add(run, { type: 'abort' });
    this.#close(run);
  }

  #close(run: Run): void {
    for (const reader of run.readers) reader.close();
    run.readers.clear();
  }

  #frame(run: Run, event: number, chunk: AssistantChunk): Uint8Array {
    return encoder.encode(encodeChunk(chunk, formatCursor({ runId: run.id, event, chunk: 0 })));
  }
}

function isActive({ status }: Run): boolean {
  return status === 'in_progress' || status === 'requires_action';
}
