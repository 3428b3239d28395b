import fc from 'fast-check';
import type { AssistantChunk } from '../chunks.ts';

/** What chooses the next chunk; which one it is depends on what is legal then. */
interface Choice {
  pick: number;
  text: string;
  value: fc.JsonValue;
  flag: boolean;
}

interface OpenCall {
  toolCallId: string;
  toolName: string;
  dynamic: boolean;
  isText: boolean;
  /** What is left of the input. */
  rest: string;
  value: fc.JsonValue;
}

// No quotes and braces in keys and no exponents: there the AI SDK's repair of cut JSON goes its own way.
const key = fc.stringMatching(/^[a-z]{1,4}$/);
const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null));
const value: fc.Arbitrary<fc.JsonValue> = fc.letrec<{ value: fc.JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value')),
  ),
})).value;

const choice: fc.Arbitrary<Choice> = fc.record({
  pick: fc.nat(),
  text: fc.string({ unit: 'grapheme', minLength: 1 }),
  value,
  flag: fc.boolean(),
});

/** Streams that the protocol allows, from `start` to a terminal chunk. */
export const legalStream: fc.Arbitrary<AssistantChunk[]> = fc.array(choice, { maxLength: 40 }).map(toStream);

function toStream(choices: Choice[]): AssistantChunk[] {
  const chunks: AssistantChunk[] = [
    { type: 'start', messageId: 'message', messageMetadata: { threadId: 'thread' } },
  ];
  const emit = (chunk: AssistantChunk) => void chunks.push(chunk);
  const texts = new Set<string>();
  const reasonings = new Set<string>();
  const calls = new Map<string, OpenCall>();
  let ready: OpenCall[] = [];
  let approvals: { id: string; call: OpenCall }[] = [];
  let isInStep = false;
  let count = 0;

  const isNothingOpen = () => texts.size + reasonings.size + calls.size === 0;

  function complete(call: OpenCall, flag: boolean): void {
    calls.delete(call.toolCallId);
    const { toolCallId, toolName, dynamic } = call;
    if (flag && call.isText) {
      emit({ type: 'tool-input-error', toolCallId, toolName, input: call.value, errorText: 'No such tool.' });
      return;
    }
    emit({
      type: 'tool-input-available',
      toolCallId,
      toolName,
      input: call.value,
      ...(dynamic && { dynamic }),
    });
    ready.push(call);
  }

  for (const { pick, text, value: data, flag } of choices) {
    count += 1;
    const id = `id-${count}`;
    const metadata = flag ? { providerMetadata: { openai: { itemId: text } } } : {};
    const [openText] = texts;
    const [openReasoning] = reasonings;
    const [openCall] = calls.values();
    const moves: (() => void)[] = [
      () => {
        emit({ type: 'text-start', id, ...metadata });
        texts.add(id);
      },
      () => {
        emit({ type: 'reasoning-start', id, ...metadata });
        reasonings.add(id);
      },
      () => {
        const isText = pick % 3 === 0;
        const call = {
          toolCallId: id,
          toolName: 'plot',
          dynamic: flag,
          isText,
          rest: JSON.stringify(data),
          value: data,
        };
        calls.set(id, call);
        emit({
          type: 'tool-input-start',
          toolCallId: id,
          toolName: 'plot',
          ...(flag && { dynamic: true, title: text, toolMetadata: { text } }),
          ...(isText && { inputEncoding: 'text' as const, providerExecuted: true }),
          ...metadata,
        });
      },
      () => {
        emit({ type: 'tool-input-available', toolCallId: id, toolName: 'look', input: data, ...metadata });
        ready.push({
          toolCallId: id,
          toolName: 'look',
          dynamic: false,
          isText: false,
          rest: '',
          value: data,
        });
      },
      () => emit({ type: 'file', url: `/files/${id}`, mediaType: 'image/png', ...metadata }),
      () => emit({ type: 'reasoning-file', url: `/files/${id}`, mediaType: 'image/png', ...metadata }),
      () =>
        emit({ type: 'source-url', sourceId: id, url: 'https://example.com', ...(flag && { title: text }) }),
      () =>
        emit({ type: 'source-document', sourceId: id, mediaType: 'text/plain', title: text, ...metadata }),
      () => emit({ type: 'custom', kind: 'openai.compaction', ...metadata }),
      () => emit({ type: 'steering-message', id, parts: [{ type: 'text', text }] }),
      () => emit({ type: 'data-value', data, ...(flag && { id: `value-${pick % 3}` }) }),
      () => emit({ type: 'data-value', data, transient: true }),
      () => emit({ type: 'message-metadata', messageMetadata: { usage: data } as never }),
    ];
    const put = (move: () => void) => moves.push(move, move);
    if (openText !== undefined) {
      put(() => emit({ type: 'text-delta', id: openText, delta: text, ...metadata }));
      put(() => {
        const source = {
          type: 'source' as const,
          sourceType: 'url' as const,
          id,
          url: 'https://example.com',
        };
        emit({ type: 'text-end', id: openText, ...(flag && { citations: [{ source, startIndex: 0 }] }) });
        texts.delete(openText);
      });
    }
    if (openReasoning !== undefined) {
      put(() => emit({ type: 'reasoning-delta', id: openReasoning, delta: text, ...metadata }));
      put(() => {
        emit({ type: 'reasoning-end', id: openReasoning, ...metadata });
        reasonings.delete(openReasoning);
      });
    }
    if (openCall) {
      put(() => {
        const length = 1 + (pick % 7);
        const { toolCallId, rest } = openCall;
        emit({ type: 'tool-input-delta', toolCallId, inputTextDelta: rest.slice(0, length) });
        openCall.rest = rest.slice(length);
      });
      put(() => complete(openCall, flag));
    }
    const [call] = ready;
    if (call) {
      const { toolCallId } = call;
      const settle = () => (ready = ready.slice(1));
      put(() => {
        emit({
          type: 'tool-output-available',
          toolCallId,
          output: data,
          ...(flag && { preliminary: true }),
          ...metadata,
        });
        if (!flag) settle();
      });
      put(() => {
        emit({ type: 'tool-output-error', toolCallId, errorText: text, ...metadata });
        settle();
      });
      if (
        !chunks.some((chunk) => chunk.type === 'tool-output-available' && chunk.toolCallId === toolCallId)
      ) {
        put(() => {
          emit({ type: 'tool-approval-request', approvalId: id, toolCallId, ...(flag && { reason: text }) });
          approvals.push({ id, call });
          settle();
        });
      }
    }
    const [approval] = approvals;
    if (approval) {
      put(() => {
        emit({ type: 'tool-approval-response', approvalId: approval.id, approved: flag, ...metadata });
        approvals = approvals.slice(1);
        if (flag) ready.push(approval.call);
        else emit({ type: 'tool-output-denied', toolCallId: approval.call.toolCallId });
      });
    }
    if (isInStep) {
      moves.push(() => {
        emit({ type: 'reset-step' });
        texts.clear();
        reasonings.clear();
        calls.clear();
        // Whether a call was of this step is not tracked here, so none of them is spoken of again.
        ready = [];
        approvals = [];
      });
      if (isNothingOpen()) {
        put(() => {
          emit({ type: 'finish-step' });
          isInStep = false;
        });
      }
    } else if (isNothingOpen()) {
      put(() => {
        emit({ type: 'start-step' });
        isInStep = true;
      });
    }
    moves[pick % moves.length]!();
  }

  for (const id of texts) emit({ type: 'text-end', id });
  for (const id of reasonings) emit({ type: 'reasoning-end', id });
  for (const call of calls.values()) complete(call, false);
  if (isInStep) emit({ type: 'finish-step' });
  emit({ type: 'finish', finishReason: 'stop', messageMetadata: { runStatus: 'completed' } });
  return chunks;
}
