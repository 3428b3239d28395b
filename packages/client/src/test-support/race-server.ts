import { encodeChunk, formatCursor, isAfter, parseCursor } from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';
import type fc from 'fast-check';

/** A run, as the server keeps it. */
export interface Run {
  id: string;
  threadId: string;
  status: 'in_progress' | 'requires_action' | 'completed' | 'cancelled' | 'failed';
  userMessage: { id: string; role: string; parts: { type: string; text?: string; url?: string }[] };
  events: AssistantChunk[];
  text: string;
  /** The part that is being written. */
  textId: string;
  /** Calls that the browser is to answer. */
  waiting: Set<string>;
  /** To answer a message was asked for: not for another answer, nor for one to an edited message. */
  isPlain: boolean;
  /** Who has asked for it had left before the request arrived. */
  isForgotten: boolean;
  /** Told of every event. */
  connections: Set<() => void>;
}

interface Body {
  threadId?: string | null;
  message?: Run['userMessage'];
  trigger?: string;
  messageId?: string;
  runId?: string;
  outputs?: { toolCallId: string; output?: unknown; approved?: boolean }[];
}

const encoder = new TextEncoder();

/** The end of a stream, and not of its run: it is no event of that. */
const pause = encodeChunk({ type: 'finish', messageMetadata: { runStatus: 'requires_action' } });

/**
 * A route small enough to be right by looking at it, and a network. Whatever takes time is a task of the scheduler: the
 * way of a request and that of its answer, each word of a run, the bytes of each connection, the progress of an upload.
 * What the scheduler cannot do, namely lose something, is drawn from `fates` when its task comes. Each word of a run names
 * its thread, so that a word in the wrong thread can be told.
 */
export class RaceServer {
  readonly runs: Run[] = [];
  /** The requests to run that were sent, by the message's id. */
  readonly posts: { messageId: string; trigger: string | undefined }[] = [];
  /** What was given for each tool call. */
  readonly answers = new Map<string, unknown>();
  readonly files = new Set<string>();
  /** From now on nothing is lost. */
  isWell = false;
  /** Tasks that are not done. */
  pending = 0;
  #threads = 0;
  #files = 0;
  readonly #scheduler: fc.Scheduler;
  readonly #fates: Iterator<number>;

  /** `fates` are numbers from 0 to 99. */
  constructor(scheduler: fc.Scheduler, fates: Iterator<number>) {
    this.#scheduler = scheduler;
    this.#fates = fates;
  }

  /** Does something when its turn comes. */
  later(label: string, task: () => void): void {
    this.pending += 1;
    void this.#scheduler.schedule(Promise.resolve(), label).then(() => {
      this.pending -= 1;
      task();
    });
  }

  readonly fetch = (input: unknown, { method = 'GET', headers, body, signal }: RequestInit = {}) =>
    new Promise<Response>((resolve, reject) => {
      const path = String(input).replace('/api/assistant', '');
      const parsed = (typeof body === 'string' ? JSON.parse(body) : {}) as Body;
      const isPost = method === 'POST' && path === '';
      if (isPost) this.posts.push({ messageId: parsed.message!.id, trigger: parsed.trigger });
      const lose = () => reject(new TypeError('fetch failed'));
      signal?.addEventListener('abort', () => reject(signal.reason));
      this.later(`${method} ${path || '/'} arrives`, () => {
        if (this.#isOneIn(10)) return lose();
        const lastEventId = new Headers(headers).get('last-event-id');
        const response = isPost
          ? this.#start(parsed, signal?.aborted ?? false)
          : this.#answer(method, path, parsed, lastEventId);
        this.later(`${method} ${path || '/'} is answered ${response.status}`, () => {
          const isLost = this.#isOneIn(10);
          // A connection that nobody has is closed.
          if (isLost || signal?.aborted) response.body?.cancel().catch(() => {});
          if (isLost) lose();
          else resolve(response);
        });
      });
    });

  /** Sends a file in a few pieces; answers with undefined when the network fails. */
  upload(onProgress: (progress: number) => void, onEnd: (file: { id: string } | undefined) => void): void {
    let sent = 0;
    const send = () => {
      if (this.#isOneIn(10)) return onEnd(undefined);
      sent += 1;
      onProgress(sent / 3);
      if (sent < 3) return this.later(`a part of a file arrives`, send);
      const id = `file_${(this.#files += 1)}`;
      this.files.add(`/files/${id}`);
      this.later(`${id} is answered`, () => onEnd(this.#isOneIn(10) ? undefined : { id }));
    };
    this.later('a part of a file arrives', send);
  }

  get threadIds(): string[] {
    return Array.from({ length: this.#threads }, (_, index) => `thread_${index + 1}`);
  }

  /** Ends what is active in a thread, as a stop in another tab does. */
  cancel(threadId: string | undefined): Run | undefined {
    const run = this.runs.findLast((candidate) => candidate.threadId === threadId);
    if (!run || !isActive(run)) return undefined;
    this.#end(run, 'cancelled', { type: 'abort' });
    return run;
  }

  /** Ends the runs whose tools nobody answers. */
  expire(): void {
    for (const { threadId, status } of this.runs) if (status === 'requires_action') this.cancel(threadId);
  }

  #fate(): number {
    return this.#fates.next().value as number;
  }

  /** Whether a misfortune that strikes one in so many has struck. */
  #isOneIn(many: number): boolean {
    return !this.isWell && this.#fate() >= 100 - 100 / many;
  }

  #answer(method: string, path: string, body: Body, lastEventId: string | null): Response {
    if (path.startsWith('/files')) {
      this.files.delete(path);
      return new Response(null, { status: 204 });
    }
    const [, threadId, action] = /^\/threads\/(\w+)(?:\/([\w-]+))?$/.exec(path) ?? [];
    const runs = this.runs.filter((run) => run.threadId === threadId);
    const run = runs.at(-1);
    if (action === 'cancel') {
      const cancelled = this.cancel(threadId);
      return Response.json({ run: cancelled ? { id: cancelled.id, status: cancelled.status } : null });
    }
    if (action === 'tool-outputs') return this.#resume(body);
    if (action === 'stream') {
      const named = runs.find(({ id }) => lastEventId?.startsWith(`${id}:`));
      const followed = named ?? (run && isActive(run) ? run : undefined);
      return followed ? this.#follow(followed, lastEventId) : new Response(null, { status: 204 });
    }
    // A message that is answered anew stands once, with its last answer.
    const answered = runs.filter(
      ({ userMessage }, at) => !runs.slice(at + 1).some((other) => other.userMessage.id === userMessage.id),
    );
    const messages = answered.flatMap(({ id, userMessage, text, events }) => {
      const answer = { id, role: 'assistant', parts: [{ type: 'text', text }] };
      const hasBegun = events.some(({ type }) => /^(?:text-(?:delta|end)|tool-)/.test(type));
      return hasBegun ? [userMessage, answer] : [userMessage];
    });
    return Response.json({
      thread: { id: threadId },
      messages,
      run: run ? { id: run.id, status: run.status } : null,
    });
  }

  #start({ threadId, message, trigger, messageId }: Body, isForgotten: boolean): Response {
    const isPlain = trigger === 'submit-message' && !messageId;
    // A message is answered once; without a thread, it is one that has begun its own.
    const repeated = this.runs.findLast(
      ({ userMessage, threadId: of }, at) =>
        JSON.stringify(userMessage) === JSON.stringify(message) &&
        (threadId ? of === threadId : this.runs.findIndex((run) => run.threadId === of) === at),
    );
    if (repeated && isPlain) {
      repeated.isForgotten = isForgotten;
      return this.#follow(repeated, null);
    }
    const thread = threadId ?? `thread_${(this.#threads += 1)}`;
    if (this.runs.some((run) => run.threadId === thread && isActive(run)))
      return Response.json({ error: { code: 'thread_busy', message: 'Busy.' } }, { status: 409 });
    const id = `run_${this.runs.length + 1}`;
    const run: Run = {
      id,
      threadId: thread,
      status: 'in_progress',
      userMessage: message!,
      events: [],
      text: '',
      textId: '',
      waiting: new Set(),
      isPlain,
      isForgotten,
      connections: new Set(),
    };
    this.runs.push(run);
    this.#add(run, { type: 'start', messageId: id, messageMetadata: { threadId: thread, runId: id } });
    this.#change(run, 'in_progress');
    this.#startText(run);
    return this.#follow(run, null);
  }

  #startText(run: Run): void {
    run.textId = String(run.events.length);
    this.#add(run, { type: 'text-start', id: run.textId });
    this.#goOn(run);
  }

  /** The run's next event, when its time comes. */
  #goOn(run: Run): void {
    this.later(`${run.id} goes on`, () => {
      if (run.status !== 'in_progress') return;
      const fate = this.#fate();
      if (fate < 40) {
        const delta = `${run.threadId}#${run.text.split(' ').length} `;
        run.text += delta;
        this.#add(run, { type: 'text-delta', id: run.textId, delta });
      } else if (fate < 64) {
        this.#add(run, { type: 'text-end', id: run.textId });
        for (let count = fate < 58 ? 1 : 2; count > 0; count -= 1) this.#call(run, fate % 2 === 0);
        this.#change(run, 'requires_action');
      } else if (fate < 67) {
        const failure = { type: 'error', errorText: 'The model failed.', code: 'run_failed' } as const;
        this.#end(run, 'failed', failure);
      } else {
        this.#add(run, { type: 'text-end', id: run.textId });
        this.#end(run, 'completed', { type: 'finish', messageMetadata: { runStatus: 'completed' } });
      }
      if (run.status === 'in_progress') this.#goOn(run);
    });
  }

  #call(run: Run, needsApproval: boolean): void {
    const toolCallId = `${run.id}-${run.events.length}`;
    run.waiting.add(toolCallId);
    this.#add(run, { type: 'tool-input-available', toolCallId, toolName: 'look', input: {} });
    if (needsApproval)
      this.#add(run, { type: 'tool-approval-request', toolCallId, approvalId: `may-${toolCallId}` });
  }

  #resume({ runId, outputs = [] }: Body): Response {
    const run = this.runs.find(({ id }) => id === runId);
    const given = new Set(outputs.map(({ toolCallId }) => toolCallId));
    if (run?.status !== 'requires_action' || Array.from(run.waiting).some((id) => !given.has(id)))
      return Response.json({ error: { code: 'bad_request', message: 'Not waiting.' } }, { status: 400 });
    const event = run.events.length - 1;
    this.#change(run, 'in_progress');
    for (const { toolCallId, output, approved } of outputs) {
      if (!run.waiting.delete(toolCallId)) continue;
      this.answers.set(toolCallId, output ?? approved);
      const chunk = approved === false ? 'tool-output-denied' : 'tool-output-available';
      this.#add(run, { type: chunk, toolCallId, output: output ?? 'allowed' } as AssistantChunk);
    }
    this.#startText(run);
    return this.#follow(run, formatCursor({ runId: run.id, event, chunk: 0 }));
  }

  /** A connection that brings what is after the place, a piece at a time. */
  #follow(run: Run, lastEventId: string | null): Response {
    const after = lastEventId === null ? undefined : parseCursor(lastEventId);
    let place = after
      ? run.events.findLastIndex((_, event) => !isAfter({ runId: run.id, event, chunk: 0 }, after)) + 1
      : 0;
    let isOnItsWay = false;
    let reader!: ReadableStreamDefaultController<Uint8Array>;
    const leave = () => void run.connections.delete(tell);
    const deliver = () => {
      isOnItsWay = false;
      if (!run.connections.has(tell)) return;
      const frames = run.events
        .slice(place)
        .map((chunk, index) =>
          encodeChunk(chunk, formatCursor({ runId: run.id, event: place + index, chunk: 0 })),
        );
      const bytes = encoder.encode(frames.join('') + (run.status === 'requires_action' ? pause : ''));
      place = run.events.length;
      if (this.#isOneIn(12)) {
        // Anywhere, also in the middle of a frame.
        reader.enqueue(bytes.subarray(0, Math.floor((bytes.length * this.#fate()) / 100) + 1));
        reader.error(new TypeError('network error'));
        return leave();
      }
      reader.enqueue(bytes);
      if (run.status === 'in_progress') return;
      reader.close();
      leave();
    };
    const tell = () => {
      if (!isOnItsWay) this.later(`bytes of ${run.id} arrive`, deliver);
      isOnItsWay = true;
    };
    run.connections.add(tell);
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        reader = controller;
      },
      cancel: leave,
    });
    if (place < run.events.length || run.status !== 'in_progress') tell();
    return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
  }

  #add(run: Run, chunk: AssistantChunk): void {
    run.events.push(chunk);
    for (const tell of run.connections) tell();
  }

  #change(run: Run, status: Run['status']): void {
    const { id: runId, threadId } = run;
    run.status = status;
    this.#add(run, { type: 'data-status', data: { threadId, runId, status }, transient: true });
  }

  #end(run: Run, status: Run['status'], chunk: AssistantChunk): void {
    this.#change(run, status);
    this.#add(run, chunk);
  }
}

/** Whether it goes on, or waits to: its thread takes no other. */
export function isActive({ status }: Run): boolean {
  return status === 'in_progress' || status === 'requires_action';
}
