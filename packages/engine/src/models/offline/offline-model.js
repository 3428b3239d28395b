import { readConversation } from './conversation.js';
import { decide } from './decide.js';
import { toParts, toReply } from './stream-turn.js';
/** The model id of the offline model. */
export const offlineModelId = 'offline';
/**
 * A rule-based stand-in for a model: no network, no key, no intelligence, and it says so.
 * It makes every path of the engine real by really calling the tools it is offered.
 */
export function offlineModel(options = {}) {
    const { wordDelay = 12 } = options;
    return {
        specificationVersion: 'v4',
        provider: 'use-assistant',
        modelId: offlineModelId,
        supportedUrls: {},
        async doGenerate(call) {
            call.abortSignal?.throwIfAborted();
            return { ...reply(call), warnings: warningsFor(call) };
        },
        async doStream(call) {
            call.abortSignal?.throwIfAborted();
            return { stream: streamReply(call, reply(call), wordDelay) };
        },
    };
}
function reply(call) {
    return toReply(decide(readConversation(call)), call);
}
function warningsFor(call) {
    if (call.responseFormat?.type !== 'json')
        return [];
    return [
        { type: 'unsupported', feature: 'responseFormat', details: 'The offline model answers in plain text.' },
    ];
}
/** Parts on demand: a reader that stops reading stops the writing. */
function streamReply(call, content, wordDelay) {
    const signal = call.abortSignal;
    const parts = toParts(content);
    let timer;
    let onAbort;
    const release = () => {
        clearTimeout(timer);
        if (onAbort)
            signal?.removeEventListener('abort', onAbort);
    };
    return new ReadableStream({
        start(controller) {
            onAbort = () => {
                release();
                controller.error(signal?.reason);
            };
            signal?.addEventListener('abort', onAbort, { once: true });
            controller.enqueue({ type: 'stream-start', warnings: warningsFor(call) });
            controller.enqueue({ type: 'response-metadata', modelId: offlineModelId, timestamp: new Date() });
        },
        async pull(controller) {
            const { value } = parts.next();
            if (wordDelay > 0 && value?.type.endsWith('-delta')) {
                // An abort errors the stream and clears the timer; this promise then just falls away with the stream.
                await new Promise((resolve) => {
                    timer = setTimeout(resolve, wordDelay);
                });
            }
            if (value)
                controller.enqueue(value);
            if (!value || value.type === 'finish') {
                release();
                controller.close();
            }
        },
        cancel: release,
    }, { highWaterMark: 0 });
}
//# sourceMappingURL=offline-model.js.map