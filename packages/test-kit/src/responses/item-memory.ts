import { Refusal } from './containers.ts';

/** An item of a request's input, as far as it is looked at. */
export interface InputItem {
  type?: string;
  id?: string;
  call_id?: string;
  role?: string;
  name?: string;
  arguments?: string;
  output?: unknown;
  content?: unknown;
}

/** What the server has said before: requests may refer to it, and are held to the rules for that. */
export class ItemMemory {
  /** Which item followed which in its answer. */
  readonly #next = new Map<string, string | undefined>();
  readonly #before = new Map<string, string | undefined>();
  #count = 0;

  id(prefix: string): string {
    return `${prefix}_${++this.#count}`;
  }

  /** Keeps the items of an answer, in order. */
  keep(ids: string[]): void {
    for (const [index, id] of ids.entries()) {
      this.#next.set(id, ids[index + 1]);
      this.#before.set(id, ids[index - 1]);
    }
  }

  /** Refuses an input that OpenAI refuses: unknown items, orphaned reasoning, orphaned outputs. */
  check(input: InputItem[]): void {
    const calls = new Set(input.flatMap((item) => (item.type === 'function_call' ? item.call_id : [])));
    const outputs = new Set(
      input.flatMap((item) => (item.type === 'function_call_output' ? item.call_id : [])),
    );
    const seen = new Set<string>();
    for (const [index, { type, id, call_id }] of input.entries()) {
      if (id !== undefined && seen.has(id)) throw new Refusal(400, `Duplicate item found with id ${id}.`);
      if (id !== undefined) seen.add(id);
      if (type === 'item_reference' && !this.#next.has(id!)) {
        throw new Refusal(404, `Item with id '${id}' not found.`);
      }
      const before = id === undefined ? undefined : this.#before.get(id);
      if (before?.startsWith('rs_') && input[index - 1]?.id !== before) {
        throw new Refusal(
          400,
          `Item '${id}' was provided without its required 'reasoning' item: '${before}'.`,
        );
      }
      if (type === 'function_call' && !outputs.has(call_id)) {
        throw new Refusal(400, `No tool output found for function call ${call_id}.`);
      }
      if (type === 'function_call_output' && !calls.has(call_id)) {
        throw new Refusal(400, `No tool call found for function call output with call_id ${call_id}.`);
      }
      if (id?.startsWith('rs_')) {
        const follower = input[index + 1];
        const expected = this.#next.get(id);
        const isFollowed = follower?.id === expected || follower?.type === 'function_call';
        if (!isFollowed) {
          throw new Refusal(
            400,
            `Item '${id}' of type 'reasoning' was provided without its required following item.`,
          );
        }
      }
    }
  }
}
