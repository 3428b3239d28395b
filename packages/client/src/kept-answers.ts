import type { AssistantChunk } from '@use-assistant/protocol';
import type { AssistantClientOptions } from './options.ts';
import { toJson } from './requests.ts';
import { hasId, isRecord } from './wire.ts';
import type { ToolOutput } from './wire.ts';

/** What a tool call was answered with, until the server has it. */
export interface KeptAnswer {
  /** Of the call. */
  id: string;
  threadId: string;
  /** What shows it in the message. */
  chunk: AssistantChunk;
  output: ToolOutput;
}

/** Answers that the server has not taken: they outlive a switch of threads, and with a storage also a reload. */
export class KeptAnswers {
  readonly #getOptions: () => AssistantClientOptions;
  readonly #answers = new Map<string, KeptAnswer>();

  constructor(getOptions: () => AssistantClientOptions) {
    this.#getOptions = getOptions;
    let kept: unknown;
    this.#withStorage((storage, key) => {
      kept = toJson(storage.getItem(key) ?? '');
    });
    if (Array.isArray(kept))
      for (const answer of kept) if (isAnswer(answer)) this.#answers.set(answer.id, answer);
  }

  get(id: string): KeptAnswer | undefined {
    return this.#answers.get(id);
  }

  of(threadId: string | undefined): KeptAnswer[] {
    return Array.from(this.#answers.values()).filter((answer) => answer.threadId === threadId);
  }

  add(answer: KeptAnswer): void {
    this.#answers.set(answer.id, answer);
    this.#save();
  }

  delete(answers: readonly KeptAnswer[]): void {
    if (answers.length === 0) return;
    // One that was given anew meanwhile stays.
    for (const answer of answers) if (this.get(answer.id) === answer) this.#answers.delete(answer.id);
    this.#save();
  }

  #save(): void {
    this.#withStorage((storage, key) => {
      if (this.#answers.size === 0) storage.removeItem(key);
      else storage.setItem(key, JSON.stringify(Array.from(this.#answers.values())));
    });
  }

  #withStorage(
    task: (storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, key: string) => void,
  ): void {
    try {
      const { id = '', storage = sessionStorage } = this.#getOptions();
      task(storage, `use-assistant:${id}:answers`);
    } catch {
      // It is full, forbidden, or not there at all: then the tools are asked anew after a reload.
    }
  }
}

function isAnswer(value: unknown): value is KeptAnswer {
  return (
    hasId(value) &&
    typeof value['threadId'] === 'string' &&
    isRecord(value['output']) &&
    isRecord(value['chunk']) &&
    /^tool-(?:output-|approval-response)/.test(String(value['chunk']['type']))
  );
}
