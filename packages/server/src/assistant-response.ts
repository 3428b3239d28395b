import type { AssistantMetadata, Cursor, DataMessageData, RunStatus } from '@use-assistant/protocol';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { createForwarder, isActive } from './forward-stream.ts';
import type { Forwarder, ForwardStream } from './forward-stream.ts';
import type { ForwarderOptions } from './forwarding.ts';
import { errorChunk } from './from-assistants.ts';
import { isResponseOver } from './from-responses.ts';
import { isClientTool } from './function-tools.ts';
import { createContainerSearch } from './container-files.ts';
import { createFileLookUp } from './output-files.ts';
import type { FileFacts, FileReference } from './output-files.ts';
import { askOnError, publicText, toPublicError } from './public-errors.ts';
import type { OnError } from './public-errors.ts';
import { createResponseWriter } from './response-writer.ts';
import type { WholeMessage } from './response-writer.ts';
import { runThread } from './run-thread.ts';
import type { AssistantsClient, RunThreadOptions } from './run-thread.ts';
import { dataUrlReference, StreamData } from './stream-data.ts';
import { needsApproval } from './tool-approvals.ts';
import type { NeedsApproval } from './tool-approvals.ts';
import { createV4Writer } from './v4-wire.ts';

/** A whole message of the assistant, as `sendMessage` takes it; a string is short for one text. */
export type SentMessage =
  | string
  | (Pick<WholeMessage, 'content'> & Partial<Pick<WholeMessage, 'id' | 'role'>>);

/** The address of a file, or the address and the id that the browser is given. */
export type FileAddress = string | { id: string; url: string };

/** What both forms of `AssistantResponse` take. */
export interface AssistantResponseSettings {
  threadId?: string | undefined;
  /** The id of the user's message. */
  messageId?: string | undefined;
  /** The request's signal: it says that the client has left. */
  signal?: AbortSignal | undefined;
  /** What a client that leaves does to the run. @default 'cancel' */
  onDisconnect?: 'cancel' | 'continue' | undefined;
  onError?: OnError | undefined;
  /**
   * The wire: UI message stream v1, or what ai@4's `AssistantResponse` wrote, for pages that still have its `useAssistant`.
   * @default 'v1'
   */
  protocol?: 'v1' | 'v4' | undefined;
  headers?: HeadersInit | undefined;
  /**
   * Where the browser can read a file of the engine; and by which id it knows the file, which is also what citations say, if
   * not by the engine's own. @default a data URL with its content
   */
  fileUrl?: ((file: FileFacts) => FileAddress | Promise<FileAddress>) | undefined;
  /** Whether the browser answers calls of this function. */
  isClientTool?: ((name: string) => boolean) | undefined;
  /** Whether a person must allow this call before the server runs it. */
  needsApproval?: NeedsApproval | undefined;
}

/** The first form: you talk to the threads, we carry the streams. */
export interface AssistantResponseOptions extends AssistantResponseSettings {
  /** Needed to look up files, to keep attached ones, and to cancel the run when the client leaves. */
  openai?: AssistantsClient | undefined;
}

/** The second form: the whole run in one call. */
export interface AssistantRunOptions
  extends
    AssistantResponseSettings,
    Omit<RunThreadOptions, 'forwardStream' | 'signal' | 'onError' | 'onProgress'> {}

/** What the callback of the first form is given. */
export interface AssistantResponseContext {
  /** Carries a stream to the browser and resolves with the run, or the response; call it for each stream of the run. */
  forwardStream: ForwardStream;
  /** Sends a whole text as part of the message. */
  sendMessage(message: SentMessage): void;
  /** Sends a `role: 'data'` message. */
  sendDataMessage(message: Omit<DataMessageData, 'role'> & { role?: 'data' }): void;
  /** Tells the page a status of the run; it is shown and not kept. */
  sendStatus(status: RunStatus): void;
  /** Shows what a tool call has given so far, or in the end, where the stream of the run does not tell it. */
  sendToolOutput(toolCallId: string, output: unknown, options?: { preliminary?: boolean }): void;
  /** Values, annotations and files beside the text. */
  data: StreamData;
  /** Aborted when the client has left and the run is to be cancelled. */
  signal: AbortSignal;
}

/** What a response can be given inside this package beside its public settings. */
export interface ResponseInternals {
  openai?: AssistantsClient | undefined;
  reference?: FileReference | undefined;
  after?: Cursor | undefined;
  translation?: Partial<Pick<ForwarderOptions, 'sandboxUrl' | 'isHidden'>>;
  /** What a client that leaves does, in place of `onDisconnect`. */
  onLeave?: (() => 'cancel' | 'detach' | 'continue') | undefined;
  /** Keeps the process alive for work that outlives the response. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** Runs a thread and answers with its stream: the message, the tools, the files. */
export function AssistantResponse(options: AssistantRunOptions): Response;
/** Answers with the streams that the callback forwards. */
export function AssistantResponse(
  options: AssistantResponseOptions,
  callback: (context: AssistantResponseContext) => Promise<void> | void,
): Response;
export function AssistantResponse(
  options: AssistantResponseOptions | AssistantRunOptions,
  callback?: (context: AssistantResponseContext) => Promise<void> | void,
): Response {
  if (callback) return respond(options, callback, { openai: options.openai });
  const {
    fileUrl: _,
    headers: _headers,
    onDisconnect: _policy,
    messageId,
    ...run
  } = options as AssistantRunOptions;
  return respond(
    {
      ...options,
      isClientTool: options.isClientTool ?? ((name) => isClientTool(run.tools, name)),
      needsApproval: options.needsApproval ?? ((call) => needsApproval(call, run.tools, options.onError)),
    },
    async ({ forwardStream, sendToolOutput, signal }) => {
      const metadata = messageId === undefined ? undefined : { user_message_id: messageId };
      await runThread({
        ...run,
        run: { ...run.run, metadata: { ...metadata, ...run.run?.metadata } },
        forwardStream,
        onProgress: (toolCallId, output) => sendToolOutput(toolCallId, output, { preliminary: true }),
        signal,
      });
    },
    { openai: run.openai },
  );
}

/** The machinery of every streamed answer. */
export function respond(
  settings: AssistantResponseSettings,
  callback: (context: AssistantResponseContext) => Promise<void> | void,
  internals: ResponseInternals = {},
): Response {
  const { threadId, messageId, onError, fileUrl, signal: clientSignal } = settings;
  const { openai, after } = internals;
  const controller = new AbortController();
  const { signal } = controller;
  const metadata: AssistantMetadata = {
    ...(threadId !== undefined && { threadId }),
    ...(messageId !== undefined && { userMessageId: messageId }),
  };
  const writer =
    settings.protocol === 'v4'
      ? createV4Writer({ metadata, onCancel: leave })
      : createResponseWriter({ metadata, after, onCancel: leave });
  const reference =
    internals.reference ?? (fileUrl && toReference(fileUrl)) ?? (openai && dataUrlReference(openai));
  const lookUpFiles = openai && reference && createFileLookUp(openai, reference);
  const forwarder = createForwarder({
    ...internals.translation,
    writer,
    signal,
    userMessageId: messageId,
    isClientTool: settings.isClientTool,
    needsApproval: settings.needsApproval,
    rewriteLinks: lookUpFiles !== undefined || internals.translation?.sandboxUrl !== undefined,
    errorText: (error) => askOnError(error, onError) ?? publicText(error.code),
    lookUpFiles,
    findContainerFiles: openai?.containers && reference && createContainerSearch(openai, reference),
  });
  const data = new StreamData({ write: (chunk) => writer.write(chunk), openai, reference });

  const finished = Promise.withResolvers<void>();
  let hasLeft = false;
  function leave(): void {
    if (hasLeft) return;
    hasLeft = true;
    const policy = internals.onLeave?.() ?? settings.onDisconnect ?? 'cancel';
    if (policy === 'continue') return;
    controller.abort();
    if (policy === 'cancel' && openai) {
      keep(cancelForwarded(openai).catch((error: unknown) => askOnError(error, onError)));
    }
  }

  async function cancelForwarded(client: AssistantsClient): Promise<void> {
    if (!forwarder.run && !forwarder.response) await Promise.race([forwarder.known, finished.promise]);
    const { run, response } = forwarder;
    if (run) await cancelRun(client, run);
    // All others end with their connection.
    else if (response?.background && !isResponseOver(response)) await client.responses?.cancel(response.id);
  }

  function keep(work: Promise<unknown>): void {
    try {
      internals.waitUntil?.(work);
    } catch (error) {
      // The work has begun: its reader shall have it.
      askOnError(error, onError);
    }
  }

  async function run(): Promise<void> {
    try {
      await callback({
        forwardStream: forwarder.forward,
        data,
        signal,
        sendMessage: (message) => {
          const whole: Exclude<SentMessage, string> =
            typeof message === 'string'
              ? { content: [{ type: 'text' as const, text: { value: message } }] }
              : message;
          writer.writeMessage({
            ...whole,
            id: whole.id ?? crypto.randomUUID(),
            role: whole.role ?? 'assistant',
          });
        },
        sendDataMessage: (message) => {
          writer.write({ type: 'data-message', data: { ...message, role: 'data' } });
        },
        sendToolOutput: (toolCallId, output, { preliminary = false } = {}) => {
          // The next one takes its place: a tool that hurries shall not fill the memory of a slow reader.
          if (preliminary && writer.body.isFull) return;
          writer.write({
            type: 'tool-output-available',
            toolCallId,
            output,
            ...(preliminary && { preliminary }),
            providerExecuted: true,
          });
        },
        sendStatus: (status) => {
          const runId = forwarder.run?.id ?? '';
          const id = threadId ?? forwarder.run?.thread_id ?? '';
          writer.write({ type: 'data-status', transient: true, data: { threadId: id, runId, status } });
        },
      });
      await data.close().catch(() => undefined);
      writer.end(fallbackEnd(forwarder, signal));
    } catch (error) {
      if (signal.aborted) return writer.end({ type: 'abort' });
      const { code, message } = toPublicError(error, onError);
      writer.end(errorChunk(code, message));
    } finally {
      clientSignal?.removeEventListener('abort', leave);
      finished.resolve();
    }
  }

  clientSignal?.addEventListener('abort', leave, { once: true });
  if (clientSignal?.aborted) leave();
  keep(run());
  const headers = new Headers(writer.headers);
  for (const [name, value] of new Headers(settings.headers)) headers.set(name, value);
  return new Response(writer.body.stream, { headers });
}

function toReference(fileUrl: NonNullable<AssistantResponseSettings['fileUrl']>): FileReference {
  return async (file) => {
    const address = await fileUrl(file);
    return typeof address === 'string' ? { id: file.fileId, url: address } : address;
  };
}

/** What ends a stream whose run has not said how it ended. */
function fallbackEnd(forwarder: Forwarder, signal: AbortSignal) {
  const { run } = forwarder;
  if (signal.aborted) return { type: 'abort' as const };
  if (run?.status === 'requires_action') {
    return {
      type: 'finish' as const,
      finishReason: 'tool-calls' as const,
      messageMetadata: { runStatus: run.status },
    };
  }
  return run === undefined || isActive(run)
    ? { type: 'finish' as const, finishReason: 'stop' as const }
    : undefined;
}

/** Asks the engine to cancel a run, unless it is over. */
export async function cancelRun(openai: AssistantsClient, run: Run): Promise<Run> {
  if (!isActive(run) || run.status === 'cancelling') return run;
  return openai.beta.threads.runs.cancel(run.id, { thread_id: run.thread_id });
}
