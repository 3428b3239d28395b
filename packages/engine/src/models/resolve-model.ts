import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { offlineModel, offlineModelId } from './offline/offline-model.ts';

/** The models that the environment names. */
export interface ResolvedModels {
  /** What to call it in front of a person. */
  name: string;
  /** Whether answers come from the rule-based stand-in. */
  offline: boolean;
  /** The model id for an assistant that brings none. */
  defaultModelId: string;
  /** The model for an assistant's `model` field. */
  resolve(modelId: string): LanguageModelV4;
}

/** Used when `OPENAI_API_KEY` stands alone and neither `ASSISTANT_MODEL` nor the assistant names a model. */
const defaultOpenAIModelId = 'gpt-5.4-mini';

/**
 * Stands for whatever is configured. Chat-completions servers have no common model; this is also the name most of them
 * map to whatever is loaded.
 */
const anyModelId = 'default';

/**
 * Chooses the models by environment:
 *
 * | variables | models |
 * |---|---|
 * | none | the offline model, whatever id is asked for |
 * | `OPENAI_BASE_URL`, with or without `OPENAI_API_KEY` | a server that speaks chat completions |
 * | `OPENAI_API_KEY` alone | OpenAI's Responses models |
 *
 * `ASSISTANT_MODEL` wins over the assistant's own `model`. Without it the assistant's `model` is used, except for the
 * placeholders `default`, `offline` and the empty id, which stand for "whatever is configured": an assistant made while
 * the offline model was in use keeps working when a key is added.
 *
 * @throws Error with one sentence for the operator, when `OPENAI_BASE_URL` is not an http(s) address.
 */
export function resolveModel(env: Record<string, string | undefined>): ResolvedModels {
  const setting = (name: string): string | undefined => env[name]?.trim() || undefined;
  const baseURL = setting('OPENAI_BASE_URL');
  const apiKey = setting('OPENAI_API_KEY');
  const chosen = setting('ASSISTANT_MODEL');

  if (baseURL === undefined && apiKey === undefined) {
    const model = offlineModel();
    return {
      name: 'Offline model (rules, no AI)',
      offline: true,
      defaultModelId: offlineModelId,
      resolve: () => model,
    };
  }

  let create: (modelId: string) => LanguageModelV4;
  let defaultModelId: string;
  let provider: string;
  if (baseURL !== undefined) {
    const url = parseBaseURL(baseURL);
    const compatible = createOpenAICompatible({
      name: 'openai-compatible',
      baseURL: url.href.replace(/\/+$/, ''),
      includeUsage: true,
      // Without it a schema for the answer would not be sent; those servers that cannot keep to it pass it over.
      supportsStructuredOutputs: true,
      ...(apiKey !== undefined && { apiKey }),
    });
    create = (modelId) => compatible.chatModel(modelId);
    defaultModelId = chosen ?? anyModelId;
    provider = url.host;
  } else {
    // Said outright, for the provider would look for a base URL in the process's environment, not in `env`.
    const openai = createOpenAI({ apiKey: apiKey!, baseURL: 'https://api.openai.com/v1' });
    create = (modelId) => openai.responses(modelId);
    defaultModelId = chosen ?? defaultOpenAIModelId;
    provider = 'OpenAI';
  }
  return {
    name: `${defaultModelId} (${provider})`,
    offline: false,
    defaultModelId,
    resolve: (modelId) =>
      create(chosen ?? (['', anyModelId, offlineModelId].includes(modelId) ? defaultModelId : modelId)),
  };
}

function parseBaseURL(text: string): URL {
  const url = URL.parse(text);
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  // Not the whole value: an address may carry a password, and this sentence is printed.
  throw new Error(
    'OPENAI_BASE_URL must be an http or https address with its path, such as http://localhost:11434/v1.',
  );
}
