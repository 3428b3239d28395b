import type { UIMessage, UIMessageChunk, UITools } from 'ai';
import type { AssistantErrorCode } from './errors.ts';

/** The statuses of an Assistants v2 run, verbatim. */
export type RunStatus =
  | 'queued'
  | 'in_progress'
  | 'requires_action'
  | 'cancelling'
  | 'cancelled'
  | 'failed'
  | 'completed'
  | 'incomplete'
  | 'expired';

/** Token counts of a run, as the Assistants API reports them. */
export interface RunUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** What every assistant message says about itself; arrives with `start` and is completed with `finish`. */
export interface AssistantMetadata {
  threadId?: string;
  runId?: string;
  assistantId?: string;
  /** The server's id of the user message that this run answers. */
  userMessageId?: string;
  /** Milliseconds since the epoch. */
  createdAt?: number;
  /** How the run ended; present once it has. */
  runStatus?: RunStatus;
  usage?: RunUsage;
}

/** `data-status`, always transient: the run has changed its status. */
export interface RunStatusData {
  threadId: string;
  runId: string;
  status: RunStatus;
}

/** `data-file`: a file that the run made or that the route attached. The part's id is the file's id. */
export interface OutputFileData {
  id: string;
  name: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  /** Where the owner can read it. */
  url: string;
}

/** `data-message`: what `sendDataMessage` sent, the `role: 'data'` message of the removed hook. */
export interface DataMessageData {
  id?: string;
  role: 'data';
  data: unknown;
}

/** The data parts of our streams. A route may add its own under other names. */
export type AssistantDataParts = {
  status: RunStatusData;
  file: OutputFileData;
  message: DataMessageData;
  /** What `StreamData.append` appended. */
  value: unknown;
  /** What `StreamData.appendMessageAnnotation` appended. */
  annotation: unknown;
};

/** The input of the `code_interpreter` tool part. */
export interface CodeInterpreterInput {
  code: string;
}

/** The output of the `code_interpreter` tool part, as the run step reports it. */
export interface CodeInterpreterOutput {
  outputs: ({ type: 'logs'; logs: string } | { type: 'image'; fileId: string; url: string })[];
}

/** The tool parts that the engine itself fills; function tools come beside them. */
export type AssistantTools = UITools & {
  code_interpreter: { input: CodeInterpreterInput; output: CodeInterpreterOutput };
};

/** A message as the hook holds it and as `GET /threads/:id` answers it. */
export type AssistantMessage = UIMessage<AssistantMetadata, AssistantDataParts, UITools>;

/** The end of a run that failed: the AI SDK's `error` chunk with our stable code beside the sentence. */
export interface AssistantErrorChunk {
  type: 'error';
  errorText: string;
  code?: AssistantErrorCode;
}

/** One chunk of UI message stream v1, as the AI SDK types it; only `error` has a field more. */
export type AssistantChunk =
  | Exclude<UIMessageChunk<AssistantMetadata, AssistantDataParts>, { type: 'error' }>
  | AssistantErrorChunk;
