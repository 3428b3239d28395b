import type OpenAI from 'openai';
import type { AssistantTool } from 'openai/resources/beta/assistants';
import type { FunctionTools } from '../function-tools.ts';
import type { OnError } from '../public-errors.ts';
import type { RateLimit } from './rate-limit.ts';
import type { AssistantsClient } from '../run-thread.ts';

/** The client of an Assistants v2 server, with what streamed uploads need: the official SDK's. */
export type HandlerClient = AssistantsClient & Pick<OpenAI, 'post'>;

/** An assistant that is found by its name, made when there is none, and kept as it is written here. */
export interface AssistantDefinition {
  name: string;
  /** @default 'default': whatever model the engine is set up with */
  model?: string;
  instructions?: string;
  description?: string;
  /** Hosted tools; the functions of the handler's `tools` are added. */
  tools?: AssistantTool[];
}

/** What an upload may be. */
export interface UploadLimits {
  /** Bytes of one file. @default 50 MB */
  maxFileSize?: number;
  /** Files of one message. @default 10 */
  maxFiles?: number;
  /** Media types that are accepted, by content: `image/*`, `text/csv`. @default all */
  accept?: readonly string[];
}

/**
 * Where threads are found by their owner, for servers that cannot list them by metadata. Ours can, and needs none.
 * Owners are hashes of callers' ids. Whatever it says is checked: a thread of somebody else is left out.
 */
export interface ThreadIndex {
  /** The thread was made, or something was said in it: it goes to the top of its owner's list. */
  touch(owner: string, threadId: string): void | Promise<void>;
  /** The thread was deleted. */
  remove(owner: string, threadId: string): void | Promise<void>;
  /** A page of threads, the last touched first; `next` is the `after` of the following page. Times in milliseconds. */
  list(
    owners: readonly string[],
    page: { limit: number; after?: string },
  ): Promise<{ threads: readonly { id: string; updatedAt?: number }[]; next: string | null }>;
}

/** How to make the back end of a chat. */
export interface AssistantHandlerOptions<Tools extends FunctionTools = FunctionTools> {
  /** The SDK's client, or a function that makes it when it is first needed. */
  openai: HandlerClient | (() => HandlerClient | Promise<HandlerClient>);
  /** The id of an assistant, or what it shall be. */
  assistant: string | AssistantDefinition;
  /** Functions that the assistant may call. Without `execute` the browser answers. */
  tools?: Tools | undefined;
  /**
   * Whether the parts of file searches show the passages that were found, beside the names of the files. Whoever may ask the
   * assistant can also ask it to quote. @default true
   */
  showPassages?: boolean | undefined;
  /** Milliseconds that one tool call may take. @default 30000 */
  toolTimeout?: number | undefined;
  /** The caller's id, or null for 401. @default a signed, http-only cookie with a random id */
  authorize?: ((request: Request) => string | null | Promise<string | null>) | undefined;
  /** Where the routes begin. @default '/api/assistant' */
  basePath?: string | undefined;
  /** Signs cookies and file ids. @default the environment's ASSISTANT_SECRET, else random for this process */
  secret?: string | undefined;
  onError?: OnError | undefined;
  /** What a client that leaves does to the run: it can come back and resume. @default 'continue' */
  onDisconnect?: 'cancel' | 'continue' | undefined;
  limits?: UploadLimits | undefined;
  /** @default the engine’s own list by metadata */
  threads?: ThreadIndex | undefined;
  /** Decides how many requests a caller may send; see `createRateLimit`. @default no limit */
  rateLimit?: RateLimit | undefined;
  /** Runs that one caller may have at once, as far as this process knows. @default no limit */
  maxConcurrentRuns?: number | undefined;
  /**
   * Seconds that the platform gives a function. A stream ends a second before, and the reader comes back for the rest.
   * @default no limit
   */
  maxDuration?: number | undefined;
  /**
   * Host names, without ports, that this server goes by. A page can point its own name at any address, also at one behind a
   * firewall, and is then no other site to browsers. Needed where the network decides who may ask, as on a developer's machine.
   * @default any
   */
  allowedHosts?: readonly string[] | undefined;
  /** Other origins whose pages may change something here. */
  allowedOrigins?: readonly string[] | undefined;
  /** Keeps a serverless function alive for work that outlives the response. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}
