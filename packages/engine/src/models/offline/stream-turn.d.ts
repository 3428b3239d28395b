import type { LanguageModelV4CallOptions, LanguageModelV4Content, LanguageModelV4FinishReason, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import type { Turn } from './turn.ts';
/** One turn as a model reports it, whole. */
export interface Reply {
    content: LanguageModelV4Content[];
    finishReason: LanguageModelV4FinishReason;
    usage: LanguageModelV4Usage;
}
/** Gives a turn the shape of a model's reply, within the limit on output tokens. */
export declare function toReply(turn: Turn, options: LanguageModelV4CallOptions): Reply;
/** The parts of a reply as they are streamed: text word by word, arguments in small pieces. */
export declare function toParts(reply: Reply): Generator<LanguageModelV4StreamPart>;
//# sourceMappingURL=stream-turn.d.ts.map