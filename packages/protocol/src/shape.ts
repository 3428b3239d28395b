import type { AssistantChunk, OutputFileData, RunStatusData } from './chunks.ts';

/** What a value off the wire turned out to be. */
export type ChunkShape = 'chunk' | 'unknown' | 'malformed';

type Check = (value: unknown) => boolean;
type KnownType = Exclude<AssistantChunk['type'], `data-${string}`>;

const isString: Check = (value) => typeof value === 'string';
const isBoolean: Check = (value) => typeof value === 'boolean';

/** Whether a value is an object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the fields that readers rely on hold, whatever chunk they stand in. */
const checks = new Map<string, Check>();
const hold = (check: Check, names: string) => {
  for (const name of names.split(' ')) checks.set(name, check);
};
hold(
  isString,
  'id delta toolCallId toolName inputTextDelta errorText url mediaType approvalId reason signature sourceId title ' +
    'filename kind messageId finishReason code',
);
hold(isBoolean, 'providerExecuted dynamic isAutomatic approved preliminary transient');
hold(isRecord, 'toolMetadata');
hold((value) => value === 'json' || value === 'text', 'inputEncoding');
hold((value) => isRecord(value) && Object.values(value).every(isRecord), 'providerMetadata');
hold(
  (value) => Array.isArray(value) && value.every((item) => isRecord(item) && isRecord(item['source'])),
  'citations',
);
hold(
  (value) =>
    Array.isArray(value) &&
    value.every(
      (part) =>
        isRecord(part) && (isString(part['text']) || (isString(part['url']) && isString(part['mediaType']))),
    ),
  'parts',
);

/**
 * The fields that each chunk type must have. A table by type instead of a schema union: a union tries its members in
 * turn, which made a data part cost 46 microseconds in the AI SDK.
 */
const requiredByType: Record<KnownType, string> = {
  'text-start': 'id',
  'text-delta': 'id delta',
  'text-end': 'id',
  'reasoning-start': 'id',
  'reasoning-delta': 'id delta',
  'reasoning-end': 'id',
  'reasoning-file': 'url mediaType',
  'tool-input-start': 'toolCallId toolName',
  'tool-input-delta': 'toolCallId inputTextDelta',
  'tool-input-available': 'toolCallId toolName',
  'tool-input-error': 'toolCallId toolName errorText',
  'tool-approval-request': 'toolCallId approvalId',
  'tool-approval-response': 'approvalId approved',
  'tool-output-available': 'toolCallId',
  'tool-output-error': 'toolCallId errorText',
  'tool-output-denied': 'toolCallId',
  'source-url': 'sourceId url',
  'source-document': 'sourceId mediaType title',
  file: 'url mediaType',
  custom: 'kind',
  'steering-message': 'id parts',
  'start-step': '',
  'finish-step': '',
  'reset-step': '',
  'message-metadata': '',
  start: '',
  finish: '',
  abort: '',
  error: 'errorText',
};

const required = new Map<string, readonly string[]>(
  Object.entries(requiredByType).map(([type, names]) => [type, names.split(' ').filter(Boolean)]),
);

/**
 * Says whether a parsed value is a chunk: `unknown` for a type of a later version, which readers ignore,
 * `malformed` for a known type whose fields are not what its readers rely on, or for no chunk at all.
 */
export function chunkShape(value: unknown): ChunkShape {
  if (!isRecord(value)) return 'malformed';
  const { type } = value;
  if (!isString(type)) return 'malformed';
  const names = (type as string).startsWith('data-') ? [] : required.get(type as string);
  if (!names) return 'unknown';
  for (const name of names) if (!isThere(value[name])) return 'malformed';
  for (const name in value) {
    const check = isThere(value[name]) && checks.get(name);
    if (check && !check(value[name])) return 'malformed';
  }
  return 'chunk';
}

/** Some servers write null where they mean nothing. */
function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Whether the data of a `data-status` chunk is ours: other servers use the same name for other things. */
export function isRunStatusData(data: unknown): data is RunStatusData {
  return isRecord(data) && isString(data['threadId']) && isString(data['runId']) && isString(data['status']);
}

/** Whether the data of a `data-file` part is ours: other servers use the same name for other things. */
export function isOutputFileData(data: unknown): data is OutputFileData {
  return (
    isRecord(data) &&
    isString(data['id']) &&
    isString(data['name']) &&
    isString(data['mediaType']) &&
    typeof data['size'] === 'number' &&
    isString(data['url'])
  );
}
