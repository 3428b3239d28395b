import { describe, expect, it } from 'vitest';
import type { AssistantChunk } from './chunks.ts';
import { AssistantError } from './errors.ts';
import { transcript } from './test-support/transcript.ts';
import { createVerifier } from './verify.ts';
import type { VerifierOptions } from './verify.ts';

const start: AssistantChunk = { type: 'start', messageId: 'run_1' };
const finish: AssistantChunk = { type: 'finish' };
const status: AssistantChunk = {
  type: 'data-status',
  data: { threadId: 't', runId: 'r', status: 'queued' },
  transient: true,
};
const step: AssistantChunk = { type: 'start-step' };
const stepEnd: AssistantChunk = { type: 'finish-step' };
const textStart: AssistantChunk = { type: 'text-start', id: 'a' };
const textDelta: AssistantChunk = { type: 'text-delta', id: 'a', delta: 'x' };
const textEnd: AssistantChunk = { type: 'text-end', id: 'a' };
const reasoningStart: AssistantChunk = { type: 'reasoning-start', id: 'a' };
const reasoningEnd: AssistantChunk = { type: 'reasoning-end', id: 'a' };
const call = { toolCallId: 'c', toolName: 'look' };
const inputStart: AssistantChunk = { type: 'tool-input-start', ...call };
const inputDelta: AssistantChunk = { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{}' };
const inputAvailable: AssistantChunk = { type: 'tool-input-available', ...call, input: {} };
const inputError: AssistantChunk = { type: 'tool-input-error', ...call, input: {}, errorText: 'No.' };
const output: AssistantChunk = { type: 'tool-output-available', toolCallId: 'c', output: 1 };
const preliminary: AssistantChunk = { ...output, preliminary: true };
const outputError: AssistantChunk = { type: 'tool-output-error', toolCallId: 'c', errorText: 'No.' };
const denied: AssistantChunk = { type: 'tool-output-denied', toolCallId: 'c' };
const request: AssistantChunk = { type: 'tool-approval-request', toolCallId: 'c', approvalId: 'p' };
const response: AssistantChunk = { type: 'tool-approval-response', approvalId: 'p', approved: true };
const error: AssistantChunk = { type: 'error', errorText: 'No.', code: 'run_failed' };
const abort: AssistantChunk = { type: 'abort' };

function verify(chunks: AssistantChunk[], options?: VerifierOptions): void {
  const verifier = createVerifier(options);
  for (const chunk of chunks) verifier.check(chunk);
  verifier.end();
}

describe('the verifier accepts', () => {
  it.each<[string, AssistantChunk[]]>([
    ['the transcript', transcript],
    ['the shortest stream', [start, finish]],
    ['a status before start', [status, start, status, finish]],
    ['an error before start', [error]],
    ['an abort before start', [abort]],
    ['parts that are open when the run fails', [start, step, textStart, inputStart, error]],
    ['parts that are open when the run is cancelled', [start, step, textStart, inputStart, abort]],
    [
      'a text and a reasoning with the same id',
      [start, textStart, reasoningStart, textEnd, reasoningEnd, finish],
    ],
    [
      'an id that is used again once its part has ended',
      [start, textStart, textEnd, textStart, textEnd, finish],
    ],
    ['an input without its start', [start, inputAvailable, output, finish]],
    [
      'preliminary outputs before the last',
      [start, inputAvailable, preliminary, preliminary, output, finish],
    ],
    ['a call that the browser is to answer', [start, inputStart, inputDelta, inputAvailable, finish]],
    ['a call that waits for approval', [start, inputAvailable, request, finish]],
    ['a call that was approved', [start, inputAvailable, request, response, output, finish]],
    [
      'a step that is tried again',
      [start, step, inputStart, textStart, { type: 'reset-step' }, inputStart, inputError, stepEnd, finish],
    ],
    [
      'a step that is tried again while a call of an earlier one waits',
      [start, step, inputAvailable, stepEnd, step, { type: 'reset-step' }, output, stepEnd, finish],
    ],
  ])('%s', (_, chunks) => {
    expect(() => verify(chunks)).not.toThrow();
  });

  it.each<[string, AssistantChunk[]]>([
    ['a text', [textDelta, textEnd, finish]],
    ['a call', [inputDelta, inputAvailable, output, finish]],
    ['an output', [output, finish]],
    ['an approval', [response, output, finish]],
    ['a step', [stepEnd, finish]],
    ['a start of its own', [start, output, finish]],
  ])('a continuation that goes on with %s', (_, chunks) => {
    expect(() => verify(chunks, { isContinuation: true })).not.toThrow();
    expect(() => verify([start, ...chunks])).toThrow(AssistantError);
  });

  it('a stream and the rest of it after a lost connection, as one', () => {
    const verifier = createVerifier();
    verifier.check(start, 'run_1:0.0');
    verifier.check(textStart, 'run_1:4.0');
    verifier.check(textDelta, 'run_1:5.0');
    verifier.check(status);
    verifier.check(textEnd, 'run_1:5.1');
    verifier.check(finish, 'run_1:10.0');
    expect(() => verifier.end()).not.toThrow();
  });
});

describe('the verifier refuses', () => {
  it.each<[string, AssistantChunk[]]>([
    ['The stream just stopped', []],
    ['The stream just stopped', [start, textStart, textEnd]],
    ['text-start before start', [textStart]],
    ['data-value before start', [{ type: 'data-value', data: 1 }]],
    ['finish before start', [finish]],
    ['start in the middle', [start, start]],
    ['start in the middle', [start, textStart, start]],
    ['text-start for "a", which is open', [start, textStart, textStart]],
    ['text-delta for "a", which is not open', [start, textDelta]],
    ['text-delta for "a", which is not open', [start, textStart, textEnd, textDelta]],
    ['text-delta for "a", which is not open', [start, reasoningStart, textDelta]],
    ['text-end for "a", which is not open', [start, textEnd]],
    ['reasoning-end for "a", which is not open', [start, reasoningEnd]],
    ['finish while the text part "a" is open', [start, textStart, finish]],
    ['finish while the reasoning part "a" is open', [start, reasoningStart, finish]],
    ['finish while the input of the tool call "c" is streaming', [start, inputStart, finish]],
    ['finish while a step is open', [start, step, finish]],
    ['start-step while a step is open', [start, step, step]],
    ['start-step while the text part', [start, textStart, step]],
    ['finish-step without start-step', [start, stepEnd]],
    ['finish-step while the text part', [start, step, textStart, stepEnd]],
    ['tool-input-start for "c", which has begun', [start, inputStart, inputStart]],
    ['tool-input-delta for the tool call "c", which has not begun', [start, inputDelta]],
    ['tool-input-delta for "c", whose input is complete', [start, inputAvailable, inputDelta]],
    ['tool-input-available for "c", whose input is complete', [start, inputAvailable, inputAvailable]],
    [
      'calls "c" sell, it began as look',
      [start, inputStart, { ...inputAvailable, toolName: 'sell' } as AssistantChunk],
    ],
    ['tool-output-available for the tool call "c", which has not begun', [start, output]],
    ['tool-output-available for "c", whose input is not complete', [start, inputStart, output]],
    ['tool-output-available for "c", which has its output', [start, inputAvailable, output, output]],
    ['tool-output-error for "c", which has its output', [start, inputAvailable, output, outputError]],
    ['tool-output-denied for "c", which has its output', [start, inputError, denied]],
    ['tool-approval-request for "c", which cannot wait', [start, inputAvailable, output, request]],
    ['tool-approval-request "p" came twice', [start, inputAvailable, request, request]],
    ['tool-approval-response for "p", which was not requested', [start, inputAvailable, response]],
    [
      'tool-approval-response for "p", which is answered',
      [start, inputAvailable, request, response, response],
    ],
    ['finish after finish', [start, finish, finish]],
    ['data-status after finish', [start, finish, status]],
    ['text-start after error', [start, error, textStart]],
    ['finish after abort', [start, abort, finish]],
    ['is not a chunk of this protocol', [start, { type: 'hologram' } as never]],
    ['is not a chunk of this protocol', [start, { type: 'text-start' } as never]],
    ['is not a chunk of this protocol', [null as never]],
  ])('%s', (sentence, chunks) => {
    expect(() => verify(chunks)).toThrow(
      expect.objectContaining({ code: 'stream_protocol', message: expect.stringContaining(sentence) }),
    );
  });

  it('a continuation that goes on with what it has ended itself', () => {
    const verifyRest = (...chunks: AssistantChunk[]) => verify(chunks, { isContinuation: true });
    expect(() => verifyRest(textDelta, textEnd, textDelta)).toThrow('text-delta for "a", which is not open');
    expect(() => verifyRest(output, output)).toThrow('which has its output already');
    expect(() => verifyRest(textDelta, start)).toThrow('start in the middle');
  });

  it.each([
    ['does not stand after', ['run_1:2.0', 'run_1:1.0']],
    ['does not stand after', ['run_1:2.0', 'run_1:2.0']],
    ['does not stand after', ['run_1:2.1', 'run_1:2.0']],
    ['does not stand after', ['run_1:2.0', 'run_2:0.0', 'run_1:1.0']],
    ['is not a cursor', ['12']],
  ])('an id that %s the one before', (sentence, ids) => {
    const verifier = createVerifier({ isContinuation: true });
    const checkAll = () => ids.forEach((id) => verifier.check(status, id));
    expect(checkAll).toThrow(sentence);
  });
});
