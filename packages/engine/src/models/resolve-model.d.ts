import type { LanguageModelV4 } from '@ai-sdk/provider';
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
export declare function resolveModel(env: Record<string, string | undefined>): ResolvedModels;
//# sourceMappingURL=resolve-model.d.ts.map