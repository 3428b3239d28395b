import type { AssistantMessage } from './chunks.ts';
import { createLeanReducer } from './reduce.ts';
import type { Reducer } from './reduce.ts';
import { RichParts } from './rich-parts.ts';

/** Creates a reducer that has all it needs; see `createLeanReducer`. */
export function createReducer(message?: AssistantMessage): Reducer {
  return createLeanReducer(message, () => RichParts);
}
