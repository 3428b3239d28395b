import type { LanguageModelV4 } from '@ai-sdk/provider';
/** The model id of the offline model. */
export declare const offlineModelId = "offline";
/** How the offline model speaks. */
export interface OfflineModelOptions {
    /** Milliseconds between two words, so that a person can watch it write. @default 12 */
    wordDelay?: number;
}
/**
 * A rule-based stand-in for a model: no network, no key, no intelligence, and it says so.
 * It makes every path of the engine real by really calling the tools it is offered.
 */
export declare function offlineModel(options?: OfflineModelOptions): LanguageModelV4;
//# sourceMappingURL=offline-model.d.ts.map