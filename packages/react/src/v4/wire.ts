import { parseJson } from '@use-assistant/protocol';
import type { JSONValue } from './types.ts';

/** One line of the removed `AssistantResponse`. */
export type V4Part =
  | { type: 'text'; text: string }
  | { type: 'error'; message: string }
  | { type: 'assistant_message'; id: string; text: string }
  | { type: 'assistant_control_data'; threadId: string; messageId: string }
  | { type: 'data_message'; id: string | undefined; data: JSONValue };

type Fields = Partial<Record<string, unknown>>;

/** Reads a line. Throws in the words of the removed parser. */
export function parseV4Line(line: string): V4Part {
  const separator = line.indexOf(':');
  if (separator < 0) throw new Error('Failed to parse stream string. No separator found.');
  const code = line.slice(0, separator);
  const read = (readers as Record<string, (value: unknown) => V4Part>)[code];
  if (!read || !Object.hasOwn(readers, code))
    throw new Error(`Failed to parse stream string. Invalid code ${code}.`);
  return read(parseJson(line.slice(separator + 1)));
}

const readers = {
  0(value: unknown): V4Part {
    if (typeof value !== 'string') throw new Error('"text" parts expect a string value.');
    return { type: 'text', text: value };
  },
  3(value: unknown): V4Part {
    if (typeof value !== 'string') throw new Error('"error" parts expect a string value.');
    return { type: 'error', message: value };
  },
  4(value: unknown): V4Part {
    const { id, role, content } = toFields(value);
    if (typeof id !== 'string' || role !== 'assistant' || !Array.isArray(content) || !content.every(isText))
      throw new Error(
        '"assistant_message" parts expect an object with an "id", "role", and "content" property.',
      );
    return { type: 'assistant_message', id, text: content.map(({ text }) => text.value).join('') };
  },
  5(value: unknown): V4Part {
    const { threadId, messageId } = toFields(value);
    if (typeof threadId !== 'string' || typeof messageId !== 'string')
      throw new Error(
        '"assistant_control_data" parts expect an object with a "threadId" and "messageId" property.',
      );
    return { type: 'assistant_control_data', threadId, messageId };
  },
  6(value: unknown): V4Part {
    const { id, role, data } = toFields(value);
    if (role !== 'data' || data === undefined)
      throw new Error('"data_message" parts expect an object with a "role" and "data" property.');
    return { type: 'data_message', id: typeof id === 'string' ? id : undefined, data: data as JSONValue };
  },
};

function toFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function isText(item: unknown): item is { text: { value: string } } {
  const { type, text } = toFields(item);
  return type === 'text' && typeof toFields(text)['value'] === 'string';
}

/**
 * Reads a body line by line, each as soon as it is complete, the last also without its line feed. Ends when the signal
 * says so, also with a body that does not hear it.
 */
export async function readV4Stream(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onPart: (part: V4Part) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const cancel = () => void reader.cancel().catch(() => {});
  let rest: string[] = [];
  const take = (line: string) => {
    if (line.trim() !== '' && !signal.aborted) onPart(parseV4Line(line));
  };
  signal.addEventListener('abort', cancel);
  try {
    for (;;) {
      if (signal.aborted) return;
      const { done, value } = await reader.read();
      const [first = '', ...more] = decoder.decode(value, { stream: !done }).split('\n');
      rest.push(first);
      for (const next of more) {
        take(rest.join(''));
        rest = [next];
      }
      if (!done) continue;
      take(rest.join(''));
      return;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}
