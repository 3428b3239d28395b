import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { Usage } from '../wire.ts';
export declare const noUsage: Usage;
export declare function addUsage(a: Usage, b: Usage): Usage;
export declare function toUsage(usage: LanguageModelV4Usage): Usage;
//# sourceMappingURL=usage.d.ts.map
