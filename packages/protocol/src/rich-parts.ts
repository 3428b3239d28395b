import { chunkShape } from './chunk-shape.ts';
import type { AssistantChunk } from './chunks.ts';
import { AssistantError } from './errors.ts';
import type { Part, PartList } from './part-list.ts';
import { isRecord } from './shape.ts';
import { ToolParts } from './tool-parts.ts';
import type { ToolChunk } from './tool-parts.ts';

/** Fields of the chunks that become a part as they are: a chunk may bring more than belongs into a message. */
const copiedFields = new Map([
  ['file', ['mediaType', 'url', 'providerMetadata']],
  ['reasoning-file', ['mediaType', 'url', 'providerMetadata']],
  ['source-url', ['sourceId', 'url', 'title', 'providerMetadata']],
  ['source-document', ['sourceId', 'mediaType', 'title', 'filename', 'providerMetadata']],
  ['custom', ['kind', 'providerMetadata']],
  ['steering-message', ['id', 'parts']],
]);

/** Everything but text in the parts of one message: files, sources, data and tool calls. */
export class RichParts {
  readonly #parts: PartList;
  readonly #tools: ToolParts;
  readonly #dataById = new Map<string, number>();

  constructor(parts: PartList) {
    this.#parts = parts;
    this.#tools = new ToolParts(parts);
    this.#indexData();
  }

  /** Takes a chunk; one of a type that is not known yet changes nothing. */
  apply(chunk: AssistantChunk): void {
    const { type } = chunk;
    if (chunkShape(chunk) === 'malformed')
      throw new AssistantError(
        'stream_protocol',
        `A ${type} chunk of the stream is not what its type says.`,
        {
          isRetryable: true,
        },
      );
    if (type.startsWith('tool-')) this.#tools.apply(chunk as ToolChunk);
    else if (type.startsWith('data-')) this.#putData(chunk as { type: string; id?: string; data: unknown });
    else if (type === 'reset-step') this.#resetStep();
    else this.#copy(chunk as unknown as Part);
  }

  startStep(): void {
    this.#tools.startStep();
  }

  /** Brings what is only read when somebody looks into the parts. */
  readInputs(): void {
    this.#tools.readInputs();
  }

  #copy(chunk: Part): void {
    const fields = copiedFields.get(chunk.type);
    if (!fields) return;
    const part: Part = { type: chunk.type };
    for (const field of fields) {
      if (chunk[field] !== undefined && chunk[field] !== null) part[field] = chunk[field];
    }
    const filename = chunk.type === 'file' && filenameOf(chunk['providerMetadata']);
    if (filename) part['filename'] = filename;
    this.#parts.add(part);
  }

  /** Replaces the data of the part with the same type and id, or adds a part. */
  #putData({ type, id, data }: { type: string; id?: string; data: unknown }): void {
    const hasId = id !== undefined && id !== null;
    const existing = hasId ? this.#dataById.get(dataKey(type, id)) : undefined;
    if (existing !== undefined) this.#parts.write(existing)['data'] = data;
    else {
      const index = this.#parts.add(hasId ? { type, id, data } : { type, data });
      if (hasId) this.#dataById.set(dataKey(type, id), index);
    }
  }

  /** Takes back all that the current step has added: the model tries it again. */
  #resetStep(): void {
    const { parts, texts } = this.#parts;
    const length = parts.findLastIndex(({ type }) => type === 'step-start') + 1;
    this.#parts.hasChanged ||= parts.length > length;
    parts.length = length;
    // With them go the texts that deltas may still come for.
    texts.clear();
    this.#indexData();
    this.#tools.reindex();
  }

  #indexData(): void {
    this.#dataById.clear();
    this.#parts.parts.forEach(({ type, id }, index) => {
      if (!type.startsWith('data-') || typeof id !== 'string') return;
      const key = dataKey(type, id);
      if (!this.#dataById.has(key)) this.#dataById.set(key, index);
    });
  }
}

function dataKey(type: string, id: string): string {
  return JSON.stringify([type, id]);
}

function filenameOf(providerMetadata: unknown): string | undefined {
  const ours = isRecord(providerMetadata) ? providerMetadata['assistant'] : undefined;
  const filename = isRecord(ours) ? ours['filename'] : undefined;
  return typeof filename === 'string' ? filename : undefined;
}
