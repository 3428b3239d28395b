import type { TextUIPart } from 'ai';
import { AssistantError } from './errors.ts';

/** A part while it is built; only the reducer's own code sees it so loosely. */
export interface Part {
  type: string;
  [field: string]: unknown;
}

/** A part that grows by deltas. */
export interface TextPart extends Part {
  type: 'text' | 'reasoning';
  text: string;
  state: 'streaming' | 'done';
  providerMetadata?: NonNullable<TextUIPart['providerMetadata']>;
  citations?: NonNullable<TextUIPart['citations']>;
}

/**
 * The parts of one message, copied on the first write after they were published: what was handed out never changes,
 * a part that nobody touched keeps its identity, and a delta between two snapshots is a plain append.
 */
export class PartList {
  /** Not to be written into but by `write`. */
  readonly parts: Part[];
  /** Whether a snapshot would differ from the one before. */
  hasChanged = false;
  /** The parts that were not published yet. */
  readonly #own = new Set<Part>();
  /** Texts that deltas may still come for, by kind and id; text and reasoning have ids of their own. */
  readonly texts = new Map<string, number>();

  constructor(parts: readonly Part[]) {
    this.parts = parts.slice();
  }

  /** Adds a part and answers its index. */
  add(part: Part): number {
    this.#own.add(part);
    this.hasChanged = true;
    return this.parts.push(part) - 1;
  }

  /** The part at an index, made safe to change. */
  write(index: number): Part {
    const part = this.parts[index]!;
    if (this.#own.has(part)) return part;
    const copy = { ...part };
    this.#own.add(copy);
    this.hasChanged = true;
    return (this.parts[index] = copy);
  }

  writeOpen(kind: TextPart['type'], id: string): TextPart {
    const index = this.texts.get(kind + id);
    if (index === undefined) throw orderError(`The ${kind} "${id}" has not been started.`);
    return this.write(index) as TextPart;
  }

  /** The parts as they are now; from here on they are not written any more, but replaced. */
  publish(): Part[] {
    this.#own.clear();
    this.hasChanged = false;
    return this.parts.slice();
  }
}

/** An error about chunks that came in an impossible order. */
export function orderError(message: string): AssistantError {
  return new AssistantError('stream_protocol', message);
}
