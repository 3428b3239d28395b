import type { AssistantChunk, OutputFileData } from './chunks.ts';
import { isBoolean, isRecord, isString, plainChecks, plainFields, shapeBy } from './shape.ts';
import type { Check, ChunkShape } from './shape.ts';

const isParts: Check = (value) =>
  Array.isArray(value) &&
  value.every(
    (part) =>
      isRecord(part) && (isString(part['text']) || (isString(part['url']) && isString(part['mediaType']))),
  );

const checks = new Map<string, Check>(plainChecks);
const strings =
  'toolCallId toolName inputTextDelta url mediaType approvalId signature sourceId title filename kind';
for (const name of strings.split(' ')) checks.set(name, isString);
const booleans = 'providerExecuted dynamic isAutomatic approved preliminary';
for (const name of booleans.split(' ')) checks.set(name, isBoolean);
checks.set('toolMetadata', isRecord);
checks.set('inputEncoding', (value) => value === 'json' || value === 'text');
checks.set('parts', isParts);

type RichType = Exclude<
  AssistantChunk['type'],
  | `data-${string}`
  | `text-${string}`
  | `reasoning-${'start' | 'delta' | 'end'}`
  | 'start'
  | 'start-step'
  | 'finish'
  | 'finish-step'
  | 'message-metadata'
  | 'abort'
  | 'error'
>;

const richFields: Record<RichType, string> = {
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
  'reset-step': 'type',
};

/**
 * Says whether a parsed value is a chunk: `unknown` for a type of a later version, which readers ignore,
 * `malformed` for a known type whose fields are not what its readers rely on, or for no chunk at all.
 */
export const chunkShape: (value: unknown) => ChunkShape = shapeBy(
  plainFields.concat(Object.entries(richFields).map((entry) => entry.join(' '))),
  checks,
);

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
