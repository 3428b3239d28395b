import { describe, expect, it } from 'vitest';
import { resolveModel } from './resolve-model.ts';

describe('resolveModel', () => {
  it('gives the offline model, by its honest name, when no variable is set', () => {
    for (const env of [{}, { OPENAI_API_KEY: '', OPENAI_BASE_URL: ' ' }, { ASSISTANT_MODEL: 'gpt-x' }]) {
      const models = resolveModel(env);
      expect(models).toMatchObject({
        name: 'Offline model (rules, no AI)',
        offline: true,
        defaultModelId: 'offline',
      });
      expect(models.resolve('gpt-4')).toMatchObject({ provider: 'use-assistant', modelId: 'offline' });
    }
  });

  it("gives OpenAI's Responses models for a key alone", () => {
    const models = resolveModel({ OPENAI_API_KEY: 'sk-test' });
    expect(models.offline).toBe(false);
    expect(models.resolve('gpt-x')).toMatchObject({ provider: 'openai.responses', modelId: 'gpt-x' });
    expect(models.resolve('offline').modelId).toBe(models.defaultModelId);
    expect(models.resolve('').modelId).toBe(models.defaultModelId);
  });

  it('gives a chat-completions server for a base URL, with or without a key', () => {
    for (const env of [{}, { OPENAI_API_KEY: 'sk-test' }]) {
      const models = resolveModel({
        ...env,
        OPENAI_BASE_URL: 'http://localhost:11434/v1/',
        ASSISTANT_MODEL: 'llama',
      });
      expect(models.name).toBe('llama (localhost:11434)');
      expect(models.resolve('offline')).toMatchObject({
        provider: 'openai-compatible.chat',
        modelId: 'llama',
      });
    }
  });

  it("lets ASSISTANT_MODEL win over the assistant's own model", () => {
    const models = resolveModel({ OPENAI_API_KEY: 'sk-test', ASSISTANT_MODEL: 'gpt-x' });
    expect(models.defaultModelId).toBe('gpt-x');
    expect(models.resolve('gpt-y').modelId).toBe('gpt-x');
  });

  it.each(['localhost:11434', 'not an address', 'ftp://example.com/v1', 'http://'])(
    'says in one sentence what is wrong with %j, and does not repeat it',
    (address) => {
      expect(() => resolveModel({ OPENAI_BASE_URL: address })).toThrow(
        /^OPENAI_BASE_URL must be an http or https address with its path, such as \S+\.$/,
      );
    },
  );
});
