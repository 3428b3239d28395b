import { expect, it } from 'vitest';
import * as protocol from './index.ts';

it('exports these names', () => {
  expect(Object.keys(protocol).sort()).toMatchInlineSnapshot(`
    [
      "AssistantError",
      "createDecoder",
      "createReducer",
      "createVerifier",
      "decodeStream",
      "doneFrame",
      "encodeChunk",
      "encodeComment",
      "formatCursor",
      "isAfter",
      "isOutputFileData",
      "isRunStatusData",
      "parseCursor",
      "parseJson",
      "streamHeaders",
    ]
  `);
});
