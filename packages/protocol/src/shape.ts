import type { AssistantChunk, OutputFileData, RunStatusData } from './chunks.ts';

/** What a value off the wire turned out to be. */
export type ChunkShape = 'chunk' | 'unknown' | 'malformed';

type Check = (value: unknown) => boolean;
type KnownType = Exclude<AssistantChunk['type'], `data-${string}`>;
type Fields = readonly (readonly [field: string, check: Check])[];

const isString: Check = (value) => typeof value === 'string';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isEncoding: Check = (value) => value === 'json' || value === 'text';

/** Whether a value is an object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isProviderMetadata: Check = (value) => isRecord(value) && Object.values(value).every(isRecord);
const isCitations: Check = (value) =>
  Array.isArray(value) && value.every((item) => isRecord(item) && isRecord(item['source']));
const isSteeringParts: Check = (value) =>
  Array.isArray(value) &&
  value.every(
    (part) =>
      isRecord(part) && (isString(part['text']) || (isString(part['url']) && isString(part['mediaType']))),
  );

/** Some servers write null where they mean nothing. */
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);

const id: Fields[number] = ['id', isString];
const delta: Fields[number] = ['delta', isString];
const toolCallId: Fields[number] = ['toolCallId', isString];
const toolName: Fields[number] = ['toolName', isString];
const errorText: Fields[number] = ['errorText', isString];
const providerMetadata: Fields[number] = ['providerMetadata', optional(isProviderMetadata)];
const file: Fields = [['url', isString], ['mediaType', isString], providerMetadata];
const toolFlags: Fields = [
  ['providerExecuted', optional(isBoolean)],
  ['dynamic', optional(isBoolean)],
  ['title', optional(isString)],
  ['toolMetadata', optional(isRecord)],
  providerMetadata,
];

/**
 * The fields of each chunk type that a reader relies on. A table by type instead of a schema union:
 * a union tries its members in turn, which made a data part cost 46 microseconds in the AI SDK.
 */
const fieldsByType: Record<KnownType, Fields> = {
  'text-start': [id, providerMetadata],
  'text-delta': [id, delta, providerMetadata],
  'text-end': [id, ['citations', optional(isCitations)], providerMetadata],
  'reasoning-start': [id, providerMetadata],
  'reasoning-delta': [id, delta, providerMetadata],
  'reasoning-end': [id, providerMetadata],
  'reasoning-file': file,
  'tool-input-start': [toolCallId, toolName, ['inputEncoding', optional(isEncoding)], ...toolFlags],
  'tool-input-delta': [toolCallId, ['inputTextDelta', isString]],
  'tool-input-available': [toolCallId, toolName, ...toolFlags],
  'tool-input-error': [toolCallId, toolName, errorText, ...toolFlags],
  'tool-approval-request': [
    toolCallId,
    ['approvalId', isString],
    ['reason', optional(isString)],
    ['isAutomatic', optional(isBoolean)],
    ['signature', optional(isString)],
  ],
  'tool-approval-response': [
    ['approvalId', isString],
    ['approved', isBoolean],
    ['reason', optional(isString)],
    ['providerExecuted', optional(isBoolean)],
    providerMetadata,
  ],
  'tool-output-available': [toolCallId, ['preliminary', optional(isBoolean)], ...toolFlags],
  'tool-output-error': [toolCallId, errorText, ...toolFlags],
  'tool-output-denied': [toolCallId],
  'source-url': [['sourceId', isString], ['url', isString], ['title', optional(isString)], providerMetadata],
  'source-document': [
    ['sourceId', isString],
    ['mediaType', isString],
    ['title', isString],
    ['filename', optional(isString)],
    providerMetadata,
  ],
  file,
  custom: [['kind', isString], providerMetadata],
  'steering-message': [id, ['parts', isSteeringParts]],
  'start-step': [],
  'finish-step': [],
  'reset-step': [],
  'message-metadata': [],
  start: [['messageId', optional(isString)]],
  finish: [['finishReason', optional(isString)]],
  abort: [['reason', optional(isString)]],
  error: [errorText, ['code', optional(isString)]],
};

const dataFields: Fields = [
  ['id', optional(isString)],
  ['transient', optional(isBoolean)],
];

const fieldsOf = new Map<string, Fields>(Object.entries(fieldsByType));

/**
 * Says whether a parsed value is a chunk: `unknown` for a type of a later version, which readers ignore,
 * `malformed` for a known type whose fields are not what its readers rely on, or for no chunk at all.
 */
export function chunkShape(value: unknown): ChunkShape {
  if (!isRecord(value)) return 'malformed';
  const { type } = value;
  if (typeof type !== 'string') return 'malformed';
  const fields = type.startsWith('data-') ? dataFields : fieldsOf.get(type);
  if (fields === undefined) return 'unknown';
  for (const [field, check] of fields) if (!check(value[field])) return 'malformed';
  return 'chunk';
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
