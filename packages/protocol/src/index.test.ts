import { expect, it } from 'vitest';
import * as protocol from './index.ts';

it('exports these names', () => {
  expect(Object.keys(protocol).sort()).toMatchInlineSnapshot(`
    [
      "AssistantError",
      "createDecoder",
      "createLeanReducer",
      "createReducer",
      "createVerifier",
      "doneFrame",
      "encodeChunk",
      "encodeComment",
      "formatCursor",
      "isAfter",
      "isOutputFileData",
      "isRichChunk",
      "isRunStatusData",
      "parseCursor",
      "parseJson",
      "readStream",
      "streamHeaders",
    ]
  `);
});
