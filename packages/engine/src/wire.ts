/**
 * The objects and events of Assistants API v2, as they cross the wire. Our own copy: the types of the `openai` package
 * are deprecated and will go. Field names and their meaning are OpenAI's.
 */

export type Metadata = Record<string, string>;

/** A tool as an assistant or a run names it. */
export type AssistantTool =
  | { type: 'code_interpreter' }
  | {
      type: 'file_search';
      file_search?:
        | {
            max_num_results?: number | undefined;
            ranking_options?: { score_threshold: number; ranker?: string | undefined } | undefined;
          }
        | undefined;
    }
  | { type: 'function'; function: FunctionDefinition };

export interface FunctionDefinition {
  name: string;
  description?: string | undefined;
  parameters?: Record<string, unknown> | undefined;
  strict?: boolean | null | undefined;
}

export interface ToolResources {
  code_interpreter?: { file_ids?: string[] | undefined } | undefined;
  file_search?: { vector_store_ids?: string[] | undefined } | undefined;
}

export type ResponseFormat =
  | 'auto'
  | { type: 'text' }
  | { type: 'json_object' }
  | {
      type: 'json_schema';
      json_schema: {
        name: string;
        description?: string | undefined;
        schema?: Record<string, unknown> | undefined;
        strict?: boolean | null | undefined;
      };
    };

export type ToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { type: 'function'; function: { name: string } }
  | { type: 'code_interpreter' }
  | { type: 'file_search' };

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface Assistant {
  id: string;
  object: 'assistant';
  created_at: number;
  name: string | null;
  description: string | null;
  model: string;
  instructions: string | null;
  tools: AssistantTool[];
  tool_resources: ToolResources | null;
  metadata: Metadata;
  temperature: number | null;
  top_p: number | null;
  response_format: ResponseFormat | null;
}

export interface Thread {
  id: string;
  object: 'thread';
  created_at: number;
  metadata: Metadata;
  tool_resources: ToolResources | null;
}

/** What a place of a text stands for: a file that Python made, or one that a statement rests on. */
export type Annotation = { text: string; start_index: number; end_index: number } & (
  | { type: 'file_path'; file_path: { file_id: string } }
  | { type: 'file_citation'; file_citation: { file_id: string } }
);

export type ImageDetail = 'auto' | 'low' | 'high';

export type MessageContent =
  | { type: 'text'; text: { value: string; annotations: Annotation[] } }
  | { type: 'image_file'; image_file: { file_id: string; detail?: ImageDetail | undefined } }
  | { type: 'image_url'; image_url: { url: string; detail?: ImageDetail | undefined } }
  | { type: 'refusal'; refusal: string };

export interface Attachment {
  file_id: string;
  tools: { type: 'code_interpreter' | 'file_search' }[];
}

export type IncompleteReason =
  | 'content_filter'
  | 'max_tokens'
  | 'run_cancelled'
  | 'run_expired'
  | 'run_failed';

export interface Message {
  id: string;
  object: 'thread.message';
  created_at: number;
  thread_id: string;
  status: 'in_progress' | 'incomplete' | 'completed';
  incomplete_details: { reason: IncompleteReason } | null;
  completed_at: number | null;
  incomplete_at: number | null;
  role: 'user' | 'assistant';
  content: MessageContent[];
  assistant_id: string | null;
  run_id: string | null;
  attachments: Attachment[];
  metadata: Metadata;
}

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

export interface RunError {
  code: 'server_error' | 'rate_limit_exceeded' | 'invalid_prompt';
  message: string;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export interface FunctionCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export interface TruncationStrategy {
  type: 'auto' | 'last_messages';
  last_messages: number | null;
}

export interface Run {
  id: string;
  object: 'thread.run';
  created_at: number;
  thread_id: string;
  assistant_id: string;
  status: RunStatus;
  required_action: {
    type: 'submit_tool_outputs';
    submit_tool_outputs: { tool_calls: FunctionCall[] };
  } | null;
  last_error: RunError | null;
  expires_at: number | null;
  started_at: number | null;
  cancelled_at: number | null;
  failed_at: number | null;
  completed_at: number | null;
  incomplete_details: { reason: 'max_completion_tokens' | 'max_prompt_tokens' } | null;
  model: string;
  instructions: string;
  tools: AssistantTool[];
  metadata: Metadata;
  usage: Usage | null;
  max_prompt_tokens: number | null;
  max_completion_tokens: number | null;
  truncation_strategy: TruncationStrategy;
  tool_choice: ToolChoice;
  parallel_tool_calls: boolean;
  response_format: ResponseFormat;
  temperature: number | null;
  top_p: number | null;
}

export type CodeOutput = { type: 'logs'; logs: string } | { type: 'image'; image: { file_id: string } };

export interface CodeInterpreterStepCall {
  id: string;
  type: 'code_interpreter';
  code_interpreter: { input: string; outputs: CodeOutput[] };
}

export interface FunctionStepCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string; output: string | null };
}

export interface FileSearchStepCall {
  id: string;
  type: 'file_search';
  file_search: {
    ranking_options?: { ranker: string; score_threshold: number };
    results?: {
      file_id: string;
      file_name: string;
      score: number;
      /** Only where it is asked for. */
      content?: { type: 'text'; text: string }[];
    }[];
  };
}

export type StepCall = CodeInterpreterStepCall | FileSearchStepCall | FunctionStepCall;

export interface RunStep {
  id: string;
  object: 'thread.run.step';
  created_at: number;
  assistant_id: string;
  thread_id: string;
  run_id: string;
  type: 'message_creation' | 'tool_calls';
  status: 'in_progress' | 'cancelled' | 'failed' | 'completed' | 'expired';
  step_details:
    | { type: 'message_creation'; message_creation: { message_id: string } }
    | { type: 'tool_calls'; tool_calls: StepCall[] };
  last_error: { code: 'server_error' | 'rate_limit_exceeded'; message: string } | null;
  expired_at: number | null;
  cancelled_at: number | null;
  failed_at: number | null;
  completed_at: number | null;
  metadata: Metadata;
  usage: Usage | null;
}

export interface FileObject {
  id: string;
  object: 'file';
  bytes: number;
  created_at: number;
  filename: string;
  purpose: string;
  status: 'processed';
  /** Only for a file that expires. */
  expires_at?: number;
}

/** A file that comes in parts. */
export interface Upload {
  id: string;
  object: 'upload';
  bytes: number;
  created_at: number;
  filename: string;
  purpose: string;
  status: 'pending' | 'completed' | 'cancelled' | 'expired';
  expires_at: number;
  /** Only of a completed upload. */
  file?: FileObject;
}

export interface UploadPart {
  id: string;
  object: 'upload.part';
  created_at: number;
  upload_id: string;
}

/** A partial content block of a message delta. Arrays merge by `index`, strings concatenate. */
export type MessageContentDelta =
  | {
      index: number;
      type: 'text';
      text: { value?: string; annotations?: (Annotation & { index: number })[] };
    }
  | { index: number; type: 'image_file'; image_file: { file_id: string } }
  | { index: number; type: 'refusal'; refusal: string };

/** A partial tool call of a run step delta. */
export type StepCallDelta =
  | {
      index: number;
      id?: string;
      type: 'code_interpreter';
      code_interpreter: { input?: string; outputs?: (CodeOutput & { index: number })[] };
    }
  | { index: number; id?: string; type: 'file_search'; file_search: object }
  | {
      index: number;
      id?: string;
      type: 'function';
      function: { name?: string; arguments?: string; output?: string | null };
    };

export interface MessageDelta {
  id: string;
  object: 'thread.message.delta';
  delta: { content: MessageContentDelta[] };
}

export interface RunStepDelta {
  id: string;
  object: 'thread.run.step.delta';
  delta: { step_details: { type: 'tool_calls'; tool_calls: StepCallDelta[] } };
}

/** Every event that the log of a run can hold, by name. */
export interface EventData {
  'thread.created': Thread;
  'thread.run.created': Run;
  'thread.run.queued': Run;
  'thread.run.in_progress': Run;
  'thread.run.requires_action': Run;
  'thread.run.completed': Run;
  'thread.run.incomplete': Run;
  'thread.run.failed': Run;
  'thread.run.cancelling': Run;
  'thread.run.cancelled': Run;
  'thread.run.expired': Run;
  'thread.run.step.created': RunStep;
  'thread.run.step.in_progress': RunStep;
  'thread.run.step.delta': RunStepDelta;
  'thread.run.step.completed': RunStep;
  'thread.run.step.failed': RunStep;
  'thread.run.step.cancelled': RunStep;
  'thread.run.step.expired': RunStep;
  'thread.message.created': Message;
  'thread.message.in_progress': Message;
  'thread.message.delta': MessageDelta;
  'thread.message.completed': Message;
  'thread.message.incomplete': Message;
}

export type EventName = keyof EventData;

/** Unix seconds, the unit of every time on this wire. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
