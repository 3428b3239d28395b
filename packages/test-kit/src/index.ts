export { startModelServer } from './model-server.ts';
export type { ChatRequest, ModelServer, ModelServerOptions } from './model-server.ts';
export { controlledStream } from './controlled-stream.ts';
export type { ControlledStream, ControlledStreamOptions } from './controlled-stream.ts';
export { readStream } from './read-stream.ts';
export type { ReadStream, ReadStreamOptions } from './read-stream.ts';
export { drip, everyCut, everyPairOfCuts, everySplit, streamOf } from './split-bytes.ts';
export { scriptedModel } from './scripted-model.ts';
export type { ScriptedModel, ScriptedPart, ScriptedTurn, ScriptedTurnSource } from './scripted-model.ts';
export { startResponsesServer } from './responses-server.ts';
export type {
  HostedAnswer,
  RecordedRequest,
  ResponsesRequest,
  ResponsesServer,
  ResponsesServerOptions,
} from './responses-server.ts';
export type { StandInContainer, StandInFile } from './responses/containers.ts';
export type { HostedItem, Quote } from './responses/stream-items.ts';
export type { StandInStore, StandInUpload } from './responses/vector-stores.ts';
