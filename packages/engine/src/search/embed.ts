import type { EmbeddingModelV2, EmbeddingModelV3, EmbeddingModelV4 } from '@ai-sdk/provider';
import { abortable } from '../runs/abortable.ts';

/** An embedding model object of the AI SDK, of any provider. */
export type EngineEmbeddingModel = EmbeddingModelV4 | EmbeddingModelV3 | EmbeddingModelV2<string>;

/** Longest wait for the embeddings of one batch. */
const timeout = 60_000;

/** Turns texts into embeddings as SQLite keeps them: 32-bit floats. */
export class Embedder {
  readonly #model: EngineEmbeddingModel;
  /** Tells embeddings of one model from those of another, with which they cannot be compared. */
  readonly id: string;

  constructor(model: EngineEmbeddingModel) {
    this.#model = model;
    this.id = `${model.provider}/${model.modelId}`;
  }

  async embed(texts: string[], signal: AbortSignal): Promise<Uint8Array[]> {
    const { embedMany } = await import('ai');
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    // A provider that does not listen to the signal must not hold up the end.
    const { embeddings } = await abortable(
      embedMany({ model: this.#model, values: texts, abortSignal }),
      abortSignal,
    );
    return embeddings.map((embedding) => new Uint8Array(Float32Array.from(embedding).buffer));
  }
}
