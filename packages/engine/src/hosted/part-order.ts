import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { readCitedFile } from './place-citations.ts';

/**
 * Puts the parts of an answer in an order in which one thing is open at a time: a text, a thought, or a call until its
 * end, which for a call that the provider runs is its result. A provider that works on several things at once sends
 * their parts mixed; what belongs to a later thing waits here until its turn comes.
 */
export class PartOrder {
  #open: string | undefined;
  /** Parts of things whose turn has not come, in the order in which these began. */
  readonly #waiting = new Map<string, LanguageModelV4StreamPart[]>();

  /** The parts whose turn has come with this one. */
  push(part: LanguageModelV4StreamPart): LanguageModelV4StreamPart[] {
    const thing = thingOf(part);
    if (thing === undefined) {
      const isLast = part.type === 'finish' || part.type === 'error';
      return isLast ? [...this.rest(), part] : [part];
    }
    if (this.#open !== undefined && this.#open !== thing) {
      const parts = this.#waiting.get(thing);
      if (parts) parts.push(part);
      else this.#waiting.set(thing, [part]);
      return [];
    }
    this.#open = thing;
    return isEnd(part) ? [part, ...this.#next()] : [part];
  }

  /** All that waits, when nothing more will come. */
  rest(): LanguageModelV4StreamPart[] {
    const parts = Array.from(this.#waiting.values()).flat();
    this.#waiting.clear();
    this.#open = undefined;
    return parts;
  }

  #next(): LanguageModelV4StreamPart[] {
    const due: LanguageModelV4StreamPart[] = [];
    this.#open = undefined;
    for (const [thing, parts] of this.#waiting) {
      this.#waiting.delete(thing);
      due.push(...parts);
      if (!parts.some(isEnd)) {
        this.#open = thing;
        break;
      }
    }
    return due;
  }
}

/** The stream in such an order. */
export function inOrder(
  stream: ReadableStream<LanguageModelV4StreamPart>,
): ReadableStream<LanguageModelV4StreamPart> {
  const order = new PartOrder();
  return stream.pipeThrough(
    new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
      transform(part, controller) {
        for (const due of order.push(part)) controller.enqueue(due);
      },
      flush(controller) {
        for (const due of order.rest()) controller.enqueue(due);
      },
    }),
  );
}

/** Names what the part belongs to; undefined for what stands alone. */
function thingOf(part: LanguageModelV4StreamPart): string | undefined {
  switch (part.type) {
    case 'text-start':
    case 'text-delta':
    case 'text-end':
      return `text ${part.id}`;
    case 'reasoning-start':
    case 'reasoning-delta':
    case 'reasoning-end':
      return `reasoning ${part.id}`;
    case 'tool-input-start':
    case 'tool-input-delta':
    case 'tool-input-end':
      return `call ${part.id}`;
    case 'tool-call':
    case 'tool-result':
      return `call ${part.toolCallId}`;
    case 'source': {
      const cited = readCitedFile(part);
      return cited && `text ${cited.blockId}`;
    }
    default:
      return undefined;
  }
}

function isEnd(part: LanguageModelV4StreamPart): boolean {
  switch (part.type) {
    case 'text-end':
    case 'reasoning-end':
      return true;
    case 'tool-call':
      return part.providerExecuted !== true;
    case 'tool-result':
      return part.preliminary !== true;
    default:
      return false;
  }
}
