import type { AssistantChunk } from '@use-assistant/protocol';

/** A text answer of `count` deltas, as every contender gets it. */
export function textAnswer(count: number): AssistantChunk[] {
  const chunks: AssistantChunk[] = [
    { type: 'start', messageId: 'run_1' },
    { type: 'text-start', id: 'text' },
  ];
  for (let index = 0; index < count; index += 1)
    chunks.push({ type: 'text-delta', id: 'text', delta: `word${index} ` });
  chunks.push({ type: 'text-end', id: 'text' }, { type: 'finish' });
  return chunks;
}

/** A call of the code interpreter whose Python arrives in `count` deltas. */
export function codeAnswer(count: number): AssistantChunk[] {
  const toolCallId = 'call_1';
  const tool = { toolCallId, toolName: 'code_interpreter', providerExecuted: true, dynamic: true } as const;
  const lines = Array.from({ length: count }, (_, index) => `x${index} = 1\n`);
  return [
    { type: 'start', messageId: 'run_1' },
    { type: 'tool-input-start', ...tool, inputEncoding: 'text' },
    ...lines.map((inputTextDelta): AssistantChunk => ({
      type: 'tool-input-delta',
      toolCallId,
      inputTextDelta,
    })),
    { type: 'tool-input-available', ...tool, input: { code: lines.join('') } },
    {
      type: 'tool-output-available',
      toolCallId,
      output: { outputs: [] },
      providerExecuted: true,
      dynamic: true,
    },
    { type: 'finish' },
  ];
}
