/** What a session asks of its Python process. */
export type SessionRequest =
  /** Put a file under `/mnt/data`. */
  | { type: 'put'; name: string; bytes: Uint8Array }
  /** Run code; the process ends itself when that takes longer and nobody else has ended it. */
  | { type: 'run'; id: number; code: string; milliseconds: number };

/** What a Python process may say while code runs. Nothing in it is to be believed before `parseRunMessage`. */
export type RunMessage =
  /** Said before the code is handed to Python: without it, nothing of the code was carried out. */
  | { type: 'began'; id: number }
  | { type: 'output'; id: number; stream: 'stdout' | 'stderr'; text: string }
  /** What follows of the output is left out. */
  | { type: 'cut'; id: number }
  | { type: 'file'; id: number; name: string; bytes: Uint8Array }
  | ResultMessage;

/** The end of a run whose process lives on. */
export interface ResultMessage {
  type: 'result';
  id: number;
  value: string | undefined;
  traceback: string | undefined;
  /** Bytes of output that were not sent. */
  omittedBytes: number;
  /** Files that are gone since the last run. */
  removed: string[];
  /** Files that could not be carried out, each with its reason. */
  refused: { name: string; reason: string }[];
}

const textLimit = 1_000_000;
const nameLimit = 4_096;
const listLimit = 20_000;

/** Reads a message; undefined means that the process does not keep to the contract. */
export function parseRunMessage(message: unknown): RunMessage | undefined {
  if (!isRecord(message)) return undefined;
  const { type, id } = message;
  if (!Number.isSafeInteger(id)) return undefined;
  const run = id as number;
  if (type === 'began' || type === 'cut') return { type, id: run };
  if (type === 'output') {
    const { stream, text } = message;
    return (stream === 'stdout' || stream === 'stderr') && isText(text)
      ? { type, id: run, stream, text }
      : undefined;
  }
  if (type === 'file') {
    const { name, bytes } = message;
    return isText(name, nameLimit) && isBytes(bytes) ? { type, id: run, name, bytes } : undefined;
  }
  return type === 'result' ? parseResult(message, run) : undefined;
}

function parseResult(message: Record<string, unknown>, id: number): ResultMessage | undefined {
  const { value, traceback, omittedBytes, removed, refused } = message;
  if (value !== undefined && !isText(value)) return undefined;
  if (traceback !== undefined && !isText(traceback)) return undefined;
  if (!Number.isSafeInteger(omittedBytes) || (omittedBytes as number) < 0) return undefined;
  if (!isList(removed, (name) => isText(name, nameLimit))) return undefined;
  if (!isList(refused, isRefusal)) return undefined;
  return {
    type: 'result',
    id,
    // Python's texts may hold halves of characters, which nothing after this can store.
    value: value?.toWellFormed(),
    traceback: traceback?.toWellFormed(),
    omittedBytes: omittedBytes as number,
    removed: removed as string[],
    refused: refused as ResultMessage['refused'],
  };
}

function isRefusal(value: unknown): boolean {
  return isRecord(value) && isText(value.name, nameLimit) && isText(value.reason, nameLimit);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown, limit: number = textLimit): value is string {
  return typeof value === 'string' && value.length <= limit;
}

export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isList(value: unknown, holds: (item: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.length <= listLimit && value.every(holds);
}
