import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { z } from 'zod';
import { fileSearchName, type FileSearchSettings } from '../tools/file-search.ts';
import { isStoreGone } from './hosted-errors.ts';
import { replaceFunction, type HostedTool } from './hosted-model.ts';
import { placeCitations } from './place-citations.ts';
import { lostFailure, type StoreMirrors } from './store-mirrors.ts';

/** A passage that OpenAI found, of a file of our own. */
export interface HostedPassage {
  fileId: string;
  filename: string;
  score: number;
  text: string;
}

const foundSchema = z.object({
  results: z
    .array(z.object({ fileId: z.string(), filename: z.string(), score: z.number(), text: z.string() }))
    .nullish(),
});

/**
 * OpenAI's file search: each call brings the mirrors of the run's stores. Where there are no files to be searched, our
 * own function stays, and says so. What comes back names files by our own ids.
 */
export function hostedFileSearch(
  mirrors: StoreMirrors,
  run: { storeIds: () => Promise<string[]>; settings: FileSearchSettings | undefined },
): HostedTool {
  let isFirst = true;
  let vectorStoreIds: string[] = [];
  return {
    name: 'file search',
    isGone: isStoreGone,
    goneFailure: lostFailure,
    renew: () => mirrors.forget(vectorStoreIds),
    async prepare(options, signal) {
      if (!options.tools?.some(({ name }) => name === fileSearchName)) return options;
      vectorStoreIds = await mirrors.open(await run.storeIds(), { isFirst, signal });
      isFirst = false;
      if (vectorStoreIds.length === 0) return options;
      const { max_num_results: maxNumResults, ranking_options: ranking } = run.settings ?? {};
      const args = {
        vectorStoreIds,
        ...(maxNumResults !== undefined && { maxNumResults }),
        ...(ranking && {
          ranking: {
            scoreThreshold: ranking.score_threshold,
            ...(ranking.ranker !== undefined && { ranker: ranking.ranker }),
          },
        }),
      };
      return {
        ...replaceFunction(options, fileSearchName, 'openai.file_search', args),
        providerOptions: withResults(options.providerOptions),
        // Where a text cites a file, only OpenAI's own events tell in time. JSON has no room for markers.
        includeRawChunks: options.responseFormat?.type !== 'json',
      };
    },
    read: (stream) => placeCitations(stream.pipeThrough(ownResults(mirrors)), mirrors),
  };
}

/** The passages of a result that has been through `ownResults`. */
export function readPassages(result: unknown): HostedPassage[] {
  return foundSchema.safeParse(result).data?.results ?? [];
}

/** Without being asked, OpenAI does not tell what it found. */
function withResults(
  given: LanguageModelV4CallOptions['providerOptions'],
): NonNullable<LanguageModelV4CallOptions['providerOptions']> {
  return { ...given, openai: { ...given?.['openai'], include: ['file_search_call.results'] } };
}

/** Results with our own files. */
function ownResults(
  mirrors: StoreMirrors,
): TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart> {
  return new TransformStream({
    async transform(part, controller) {
      if (part.type !== 'tool-result' || part.toolName !== fileSearchName) {
        controller.enqueue(part);
        return;
      }
      const found = readPassages(part.result);
      const own = await mirrors.ownFiles([...new Set(found.map(({ fileId }) => fileId))]);
      const results = found.flatMap(({ fileId, score, text }) => {
        const file = own.get(fileId);
        return file ? [{ fileId: file.fileId, filename: file.filename, score, text }] : [];
      });
      controller.enqueue({ ...part, result: { results } });
    },
  });
}
