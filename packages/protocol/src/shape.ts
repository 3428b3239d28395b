import type { RunStatusData } from './chunks.ts';

/** What a value off the wire turned out to be. */
export type ChunkShape = 'chunk' | 'unknown' | 'malformed';

export type Check = (value: unknown) => boolean;

export const isString: Check = (value) => typeof value === 'string';
export const isBoolean: Check = (value) => typeof value === 'boolean';

/** Whether a value is an object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isProviderMetadata: Check = (value) => isRecord(value) && Object.values(value).every(isRecord);
const isCitations: Check = (value) =>
  Array.isArray(value) && value.every((item) => isRecord(item) && isRecord(item['source']));

/** What the fields that readers rely on hold, whatever chunk they stand in. */
export const plainChecks: ReadonlyMap<string, Check> = new Map([
  ...'id delta errorText code messageId finishReason'
    .split(' ')
    .map((name): [string, Check] => [name, isString]),
  ['transient', isBoolean],
  ['providerMetadata', isProviderMetadata],
  ['citations', isCitations],
]);

/** The chunks of a plain answer, each with the fields that it must have. */
export const plainFields: readonly string[] = (
  'start,text-start id,text-delta id delta,text-end id,reasoning-start id,reasoning-delta id delta,reasoning-end id,' +
  'start-step,finish-step,message-metadata,finish,abort,error errorText'
).split(',');

/**
 * Looks a value's shape up in tables by type and by field, instead of a schema union: a union tries its members in turn,
 * which made a data part cost 46 microseconds in the AI SDK. A type and the fields that it
 * requires stand in one string, parted by spaces.
 */
export function shapeBy(
  required: readonly string[],
  checks: ReadonlyMap<string, Check>,
): (value: unknown) => ChunkShape {
  const fields = new Map(
    required.map((line) => {
      const [type, ...names] = line.split(' ');
      return [type, names];
    }),
  );
  return (value) => {
    if (!isRecord(value) || !isString(value['type'])) return 'malformed';
    const type = value['type'] as string;
    const names = type.startsWith('data-') ? [] : fields.get(type);
    if (names === undefined) return 'unknown';
    for (const name in value) {
      // Some servers write null where they mean nothing.
      const field = value[name];
      const check = field !== undefined && field !== null && checks.get(name);
      if (check && !check(field)) return 'malformed';
    }
    for (const name of names) {
      const field = value[name];
      if (field === undefined || field === null) return 'malformed';
    }
    return 'chunk';
  };
}

/**
 * Says whether a parsed value is a chunk of a plain answer: `malformed` when its fields are not what its readers rely
 * on, or when it is no chunk at all; `unknown` when it is for `chunkShape` to say.
 */
export const plainShape: (value: unknown) => ChunkShape = shapeBy(plainFields, plainChecks);

/** Whether the data of a `data-status` chunk is ours: other servers use the same name for other things. */
export function isRunStatusData(data: unknown): data is RunStatusData {
  return isRecord(data) && isString(data['threadId']) && isString(data['runId']) && isString(data['status']);
}
