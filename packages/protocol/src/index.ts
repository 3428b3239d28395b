export { isOutputFileData } from './chunk-shape.ts';
export type {
  AssistantChunk,
  AssistantDataParts,
  AssistantErrorChunk,
  AssistantMessage,
  AssistantMetadata,
  AssistantTools,
  CodeInterpreterInput,
  CodeInterpreterOutput,
  DataMessageData,
  OutputFileData,
  RunStatus,
  RunStatusData,
  RunUsage,
} from './chunks.ts';
export { formatCursor, isAfter, parseCursor } from './cursor.ts';
export type { Cursor } from './cursor.ts';
export { createReducer } from './create-reducer.ts';
export { createDecoder } from './decode.ts';
export type { DecodedFrame, Decoder, DecoderOptions } from './decode.ts';
export { doneFrame, encodeChunk, encodeComment, streamHeaders } from './encode.ts';
export { AssistantError } from './errors.ts';
export type { AssistantErrorCode, AssistantErrorOptions } from './errors.ts';
export { readStream } from './read-stream.ts';
export type { ReadStreamOptions } from './read-stream.ts';
export { createLeanReducer, isRichChunk } from './reduce.ts';
export type { Reducer } from './reduce.ts';
export { parseJson } from './safe-json.ts';
export { isRunStatusData } from './shape.ts';
export { createVerifier } from './verify.ts';
export type { Verifier, VerifierOptions } from './verify.ts';
