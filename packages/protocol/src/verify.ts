import type { AssistantChunk } from './chunks.ts';
import { isAfter, parseCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { AssistantError } from './errors.ts';
import { chunkShape } from './chunk-shape.ts';

/** What the verifier should know beforehand. */
export interface VerifierOptions {
  /**
   * The stream goes on where an earlier one ended: it needs no `start`, and may continue parts and calls that it did
   * not begin. @default false
   */
  isContinuation?: boolean;
}

/** Holds a stream against the protocol. */
export interface Verifier {
  /** Takes the next chunk with the id of its frame; throws `stream_protocol` with a sentence when it may not come now. */
  check(chunk: AssistantChunk, id?: string): void;
  /** Says that the stream is over; throws `stream_protocol` when no terminal chunk was seen. */
  end(): void;
}

type CallState = 'streaming' | 'available' | 'preliminary' | 'settled';

interface Call {
  toolName: string | undefined;
  state: CallState;
  approvals: Map<string, 'open' | 'answered'>;
}

/**
 * Creates a verifier for one stream. It is stricter than any reader: what it refuses, a reader may well survive, but no
 * server of ours may send. Given every chunk of a stream and its continuation after a lost connection, it checks both as one.
 */
export function createVerifier(options: VerifierOptions = {}): Verifier {
  const { isContinuation = false } = options;
  let hasStarted = isContinuation;
  let canStart = true;
  let terminal: string | undefined;
  let isInStep = false;
  const open = { text: new Set<string>(), reasoning: new Set<string>() };
  const ended = { text: new Set<string>(), reasoning: new Set<string>() };
  const calls = new Map<string, Call>();
  const callsInStep = new Set<string>();
  const lastCursors = new Map<string, Cursor>();

  function checkCursor(id: string): void {
    const cursor = parseCursor(id);
    if (!cursor) refuse(`The id "${id}" is not a cursor.`);
    const last = lastCursors.get(cursor.runId);
    if (last && !isAfter(cursor, last)) refuse(`The cursor "${id}" does not stand after the one before it.`);
    lastCursors.set(cursor.runId, cursor);
  }

  function beginPart(kind: 'text' | 'reasoning', id: string): void {
    if (open[kind].has(id)) refuse(`${kind}-start for "${id}", which is open already.`);
    open[kind].add(id);
  }

  function requirePart(kind: 'text' | 'reasoning', chunk: { type: string; id: string }): void {
    if (open[kind].has(chunk.id)) return;
    if (!isContinuation || ended[kind].has(chunk.id))
      refuse(`${chunk.type} for "${chunk.id}", which is not open.`);
    open[kind].add(chunk.id);
  }

  function endPart(kind: 'text' | 'reasoning', chunk: { type: string; id: string }): void {
    requirePart(kind, chunk);
    open[kind].delete(chunk.id);
    ended[kind].add(chunk.id);
  }

  function beginCall(toolCallId: string, toolName: string, state: CallState): void {
    calls.set(toolCallId, { toolName, state, approvals: new Map() });
    callsInStep.add(toolCallId);
  }

  /** The call that a chunk is about; in a continuation, one that an earlier stream has left in `assumed`. */
  function requireCall(chunk: { type: string; toolCallId: string }, assumed: CallState): Call {
    const known = calls.get(chunk.toolCallId);
    if (known) return known;
    if (!isContinuation)
      refuse(`${chunk.type} for the tool call "${chunk.toolCallId}", which has not begun.`);
    const call: Call = { toolName: undefined, state: assumed, approvals: new Map() };
    calls.set(chunk.toolCallId, call);
    return call;
  }

  function checkInput(chunk: { type: string; toolCallId: string; toolName: string }, state: CallState): void {
    const call = calls.get(chunk.toolCallId);
    if (!call) return beginCall(chunk.toolCallId, chunk.toolName, state);
    if (call.state !== 'streaming')
      refuse(`${chunk.type} for "${chunk.toolCallId}", whose input is complete already.`);
    if (call.toolName !== undefined && call.toolName !== chunk.toolName) {
      refuse(`${chunk.type} calls "${chunk.toolCallId}" ${chunk.toolName}, it began as ${call.toolName}.`);
    }
    call.toolName = chunk.toolName;
    call.state = state;
  }

  function checkOutput(chunk: { type: string; toolCallId: string }, state: CallState): void {
    const call = requireCall(chunk, 'available');
    if (call.state === 'streaming')
      refuse(`${chunk.type} for "${chunk.toolCallId}", whose input is not complete.`);
    if (call.state === 'settled')
      refuse(`${chunk.type} for "${chunk.toolCallId}", which has its output already.`);
    call.state = state;
  }

  function checkApprovalResponse(approvalId: string): void {
    for (const call of calls.values()) {
      const approval = call.approvals.get(approvalId);
      if (approval === 'answered')
        refuse(`tool-approval-response for "${approvalId}", which is answered already.`);
      if (approval === 'open') return void call.approvals.set(approvalId, 'answered');
    }
    if (!isContinuation) refuse(`tool-approval-response for "${approvalId}", which was not requested.`);
  }

  function requireNothingOpen(type: string): void {
    for (const kind of ['text', 'reasoning'] as const) {
      const [id] = open[kind];
      if (id !== undefined) refuse(`${type} while the ${kind} part "${id}" is open.`);
    }
    for (const [toolCallId, call] of calls) {
      if (call.state === 'streaming')
        refuse(`${type} while the input of the tool call "${toolCallId}" is streaming.`);
    }
  }

  function check(chunk: AssistantChunk, id?: string): void {
    const shape = chunkShape(chunk);
    if (shape !== 'chunk') refuse(`${JSON.stringify(chunk)} is not a chunk of this protocol.`);
    if (terminal !== undefined) refuse(`${chunk.type} after ${terminal}, which ends the stream.`);
    if (id !== undefined) checkCursor(id);
    const isTransient =
      chunk.type.startsWith('data-') && (chunk as { transient?: boolean }).transient === true;
    if (isTransient) return;
    const canComeFirst = chunk.type === 'start' || chunk.type === 'error' || chunk.type === 'abort';
    if (!hasStarted && !canComeFirst) refuse(`${chunk.type} before start.`);
    checkOrder(chunk);
    canStart = false;
  }

  function checkOrder(chunk: AssistantChunk): void {
    switch (chunk.type) {
      case 'start':
        if (!canStart) refuse('start in the middle of a stream.');
        hasStarted = true;
        break;
      case 'text-start':
        beginPart('text', chunk.id);
        break;
      case 'reasoning-start':
        beginPart('reasoning', chunk.id);
        break;
      case 'text-delta':
        requirePart('text', chunk);
        break;
      case 'reasoning-delta':
        requirePart('reasoning', chunk);
        break;
      case 'text-end':
        endPart('text', chunk);
        break;
      case 'reasoning-end':
        endPart('reasoning', chunk);
        break;
      case 'tool-input-start':
        if (calls.has(chunk.toolCallId))
          refuse(`tool-input-start for "${chunk.toolCallId}", which has begun already.`);
        beginCall(chunk.toolCallId, chunk.toolName, 'streaming');
        break;
      case 'tool-input-delta':
        if (requireCall(chunk, 'streaming').state !== 'streaming') {
          refuse(`tool-input-delta for "${chunk.toolCallId}", whose input is complete already.`);
        }
        break;
      case 'tool-input-available':
        checkInput(chunk, 'available');
        break;
      case 'tool-input-error':
        checkInput(chunk, 'settled');
        break;
      case 'tool-approval-request': {
        const call = requireCall(chunk, 'available');
        if (call.state !== 'available')
          refuse(`tool-approval-request for "${chunk.toolCallId}", which cannot wait now.`);
        if (call.approvals.has(chunk.approvalId))
          refuse(`tool-approval-request "${chunk.approvalId}" came twice.`);
        call.approvals.set(chunk.approvalId, 'open');
        break;
      }
      case 'tool-approval-response':
        checkApprovalResponse(chunk.approvalId);
        break;
      case 'tool-output-available':
        checkOutput(chunk, chunk.preliminary ? 'preliminary' : 'settled');
        break;
      case 'tool-output-error':
      case 'tool-output-denied':
        checkOutput(chunk, 'settled');
        break;
      case 'start-step':
        if (isInStep) refuse('start-step while a step is open.');
        // A call that streams on in a later step would become two parts in the AI SDK's readers.
        requireNothingOpen(chunk.type);
        isInStep = true;
        callsInStep.clear();
        break;
      case 'finish-step':
        if (!isInStep && !isContinuation) refuse('finish-step without start-step.');
        requireNothingOpen(chunk.type);
        isInStep = false;
        break;
      case 'reset-step':
        open.text.clear();
        open.reasoning.clear();
        // The step is tried again and may use the same ids.
        for (const toolCallId of callsInStep) calls.delete(toolCallId);
        callsInStep.clear();
        break;
      case 'finish':
        if (isInStep) refuse('finish while a step is open.');
        requireNothingOpen(chunk.type);
        terminal = chunk.type;
        break;
      case 'error':
      case 'abort':
        terminal = chunk.type;
        break;
    }
  }

  return {
    check,
    end() {
      if (terminal === undefined) refuse('The stream just stopped: no finish, error or abort.');
    },
  };
}

function refuse(sentence: string): never {
  throw new AssistantError('stream_protocol', sentence);
}
