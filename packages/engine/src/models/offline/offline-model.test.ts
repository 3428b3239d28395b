import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { describe, expect, it, vi } from 'vitest';
import { offlineModel } from './offline-model.ts';
import { codeInterpreterTool, streamTurn, userMessage } from './test-support/converse.ts';

const equation = { prompt: [userMessage('Solve 3x + 11 = 14')], tools: [codeInterpreterTool] };

describe('the offline model', () => {
  it('streams a well-formed text turn, word by word', async () => {
    const { text, parts } = await streamTurn({ prompt: [userMessage('Hello')] });
    expect(text).toMatch(/^Hello! I am the offline model: a handful of rules, not an AI\./);
    expect(parts.filter((part) => part.type === 'text-delta').length).toBeGreaterThan(40);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'stop' } });
  });

  it('streams the code in small pieces that never cut an escape', async () => {
    const { parts, calls } = await streamTurn(equation);
    const deltas = parts.flatMap((part) => (part.type === 'tool-input-delta' ? [part.delta] : []));
    expect(deltas.length).toBeGreaterThan(50);
    for (const delta of deltas) expect(delta.replace(/\\(u[\da-f]{4}|[^u])/g, '')).not.toContain('\\');
    expect(calls[0]).toMatchObject({ toolName: 'code_interpreter' });
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'tool-calls' } });
  });

  it('counts tokens, input and output', async () => {
    const { parts } = await streamTurn(equation);
    const finish = parts.at(-1) as Extract<LanguageModelV4StreamPart, { type: 'finish' }>;
    expect(finish.usage.inputTokens.total).toBeGreaterThan(20);
    expect(finish.usage.outputTokens.total).toBeGreaterThan(100);
  });

  it('says the same whole as streamed', async () => {
    const options = { prompt: [userMessage('What can you do?')] };
    const { content } = await offlineModel().doGenerate(options);
    expect(content).toEqual([{ type: 'text', text: (await streamTurn(options)).text }]);
  });

  it('gives every call an id of its own', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await streamTurn(equation)).calls[0]!.toolCallId),
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('stops at the limit on output tokens', async () => {
    const { text, parts } = await streamTurn({ prompt: [userMessage('Hello')], maxOutputTokens: 5 });
    expect(text.length).toBe(20);
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: 'length' } });
    const cut = await streamTurn({ ...equation, maxOutputTokens: 5 });
    expect(cut.calls).toEqual([]);
    expect(cut.parts.at(-1)).toMatchObject({ finishReason: { unified: 'length' } });
  });

  it('stops at once when its signal aborts, in the middle of a pause', async () => {
    vi.useFakeTimers();
    try {
      const controller = new AbortController();
      const { stream } = await offlineModel({ wordDelay: 1000 }).doStream({
        ...equation,
        abortSignal: controller.signal,
      });
      const reader = stream.getReader();
      for (let index = 0; index < 3; index++) await reader.read();
      const delta = reader.read();
      expect(vi.getTimerCount()).toBe(1);
      controller.abort(new Error('enough'));
      await expect(delta).rejects.toThrow('enough');
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses to begin when its signal has aborted already', async () => {
    const abortSignal = AbortSignal.abort(new Error('too late'));
    await expect(offlineModel().doStream({ ...equation, abortSignal })).rejects.toThrow('too late');
    await expect(offlineModel().doGenerate({ ...equation, abortSignal })).rejects.toThrow('too late');
  });

  it('leaves no timer behind when its reader leaves', async () => {
    vi.useFakeTimers();
    try {
      const { stream } = await offlineModel({ wordDelay: 1000 }).doStream(equation);
      const reader = stream.getReader();
      for (let index = 0; index < 3; index++) await reader.read();
      void reader.read();
      await Promise.resolve();
      await reader.cancel();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('answers results with words, whatever the question was', async () => {
    const { calls } = await streamTurn(equation);
    const { toolCallId, toolName } = calls[0]!;
    const { calls: more, text } = await streamTurn({
      tools: equation.tools,
      prompt: [
        ...equation.prompt,
        { role: 'assistant', content: [{ type: 'tool-call', toolCallId, toolName, input: {} }] },
        {
          role: 'tool',
          content: [
            { type: 'tool-result', toolCallId, toolName, output: { type: 'error-text', value: 'It broke.' } },
          ],
        },
      ],
    });
    expect(more).toEqual([]);
    expect(text).toContain('It broke.');
  });
});
