export { startModelServer } from './model-server.ts';
export type { ChatRequest, ModelServer, ModelServerOptions } from './model-server.ts';
export { controlledStream } from './controlled-stream.ts';
export type { ControlledStream, ControlledStreamOptions } from './controlled-stream.ts';
export { readStream } from './read-stream.ts';
export type { ReadStream, ReadStreamOptions } from './read-stream.ts';
export { drip, everyCut, everyPairOfCuts, everySplit, streamOf } from './split-bytes.ts';
export { scriptedModel } from './scripted-model.ts';
export type { ScriptedModel, ScriptedPart, ScriptedTurn, ScriptedTurnSource } from './scripted-model.ts';
