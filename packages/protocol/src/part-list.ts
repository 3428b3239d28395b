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

/** The place of a part in the list. Its part is replaced when it changes after it was published. */
export interface Slot {
  part: Part;
  isPublished: boolean;
}

/**
 * The parts of one message, copied on the first write after they were published: what was handed out never changes,
 * a part that nobody touched keeps its identity, and a delta between two snapshots is a plain append.
 */
export class PartList {
  #slots: Slot[];
  /** Those written since the last snapshot. */
  #written: Slot[] = [];
  #stepStart: number;
  /** Texts that deltas may still come for; text and reasoning have ids of their own. */
  #open = new Map<string, Slot>();
  #dataById = new Map<string, Slot>();
  #hasChanged = false;

  constructor(parts: readonly Part[]) {
    this.#slots = parts.map((part) => ({ part, isPublished: true }));
    this.#stepStart = parts.findLastIndex((part) => part.type === 'step-start') + 1;
    this.#indexData();
  }

  /** Whether a snapshot would differ from the one before. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  add(part: Part): Slot {
    const slot: Slot = { part, isPublished: false };
    this.#slots.push(slot);
    this.#written.push(slot);
    this.#hasChanged = true;
    return slot;
  }

  /** The part of a slot, made safe to change. */
  write(slot: Slot): Part {
    if (slot.isPublished) {
      slot.part = { ...slot.part };
      slot.isPublished = false;
      this.#written.push(slot);
      this.#hasChanged = true;
    }
    return slot.part;
  }

  open(part: TextPart, id: string): void {
    this.#open.set(part.type + id, this.add(part));
  }

  writeOpen(kind: TextPart['type'], id: string): TextPart {
    const slot = this.#open.get(kind + id);
    if (!slot) throw orderError(`The ${kind} "${id}" has not been started.`);
    return this.write(slot) as TextPart;
  }

  close(kind: TextPart['type'], id: string): void {
    this.#open.delete(kind + id);
  }

  /** Replaces the data of the part with the same type and id, or adds a part. */
  putData(chunk: { type: string; id?: string; data: unknown }): void {
    const { type, id, data } = chunk;
    const hasId = id !== undefined && id !== null;
    const key = dataKey(type, id);
    const existing = hasId && this.#dataById.get(key);
    if (existing) this.write(existing)['data'] = data;
    else {
      const slot = this.add(hasId ? { type, id, data } : { type, data });
      if (hasId) this.#dataById.set(key, slot);
    }
  }

  startStep(): void {
    this.add({ type: 'step-start' });
    this.#stepStart = this.#slots.length;
  }

  /** Takes back all that the current step has added: the model tries it again. */
  resetStep(): void {
    this.#open.clear();
    if (this.#slots.length === this.#stepStart) return;
    this.#slots.length = this.#stepStart;
    this.#hasChanged = true;
    this.#indexData();
  }

  /** All slots, and where the current step begins. */
  entries(): { slots: readonly Slot[]; stepStart: number } {
    return { slots: this.#slots, stepStart: this.#stepStart };
  }

  /** The parts as they are now; from here on they are not written any more, but replaced. */
  publish(): Part[] {
    for (const slot of this.#written) slot.isPublished = true;
    this.#written = [];
    this.#hasChanged = false;
    return this.#slots.map((slot) => slot.part);
  }

  #indexData(): void {
    this.#dataById.clear();
    for (const slot of this.#slots) {
      const { type, id } = slot.part;
      if (!type.startsWith('data-') || typeof id !== 'string') continue;
      const key = dataKey(type, id);
      if (!this.#dataById.has(key)) this.#dataById.set(key, slot);
    }
  }
}

function dataKey(type: string, id: unknown): string {
  return JSON.stringify([type, id]);
}

/** An error about chunks that came in an impossible order. */
export function orderError(message: string): AssistantError {
  return new AssistantError('stream_protocol', message);
}
