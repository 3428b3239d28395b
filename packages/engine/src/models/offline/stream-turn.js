/** Gives a turn the shape of a model's reply, within the limit on output tokens. */
export function toReply(turn, options) {
    const limit = (options.maxOutputTokens ?? Number.POSITIVE_INFINITY) * charactersPerToken;
    const content = [];
    let length = 0;
    let isCut = false;
    if (turn.text !== undefined && turn.text !== '') {
        isCut = turn.text.length > limit;
        const text = turn.text.slice(0, limit);
        length += text.length;
        content.push({ type: 'text', text });
    }
    for (const { toolName, input } of turn.calls ?? []) {
        const json = JSON.stringify(input);
        // Half a tool call is none.
        isCut ||= length + json.length > limit;
        if (isCut)
            break;
        length += json.length;
        const toolCallId = `call_${crypto.randomUUID().replaceAll('-', '')}`;
        content.push({ type: 'tool-call', toolCallId, toolName, input: json });
    }
    const unified = isCut ? 'length' : turn.calls ? 'tool-calls' : 'stop';
    return { content, finishReason: { unified, raw: unified }, usage: estimateUsage(options, length) };
}
/** The parts of a reply as they are streamed: text word by word, arguments in small pieces. */
export function* toParts(reply) {
    for (const [index, content] of reply.content.entries()) {
        if (content.type === 'text') {
            const id = `text-${index}`;
            yield { type: 'text-start', id };
            for (const delta of content.text.match(/\s*\S+\s*/g) ?? [content.text])
                yield { type: 'text-delta', id, delta };
            yield { type: 'text-end', id };
        }
        else if (content.type === 'tool-call') {
            const { toolCallId: id, toolName } = content;
            yield { type: 'tool-input-start', id, toolName };
            for (const delta of splitJson(content.input))
                yield { type: 'tool-input-delta', id, delta };
            yield { type: 'tool-input-end', id };
            yield content;
        }
    }
    yield { type: 'finish', finishReason: reply.finishReason, usage: reply.usage };
}
/** Pieces of about three words that never cut an escape such as `\n` or `\u2028` in two. */
function splitJson(json) {
    return json.match(/(?:\\u[\da-f]{4}|\\.|[^\\]){1,16}(?:[^\s\\]{0,8}\s)?/gsu) ?? [json];
}
const charactersPerToken = 4;
function estimateUsage(options, outputLength) {
    const input = Math.ceil(JSON.stringify([options.prompt, options.tools ?? []]).length / charactersPerToken);
    const output = Math.ceil(outputLength / charactersPerToken);
    return {
        inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: output, text: output, reasoning: 0 },
    };
}
//# sourceMappingURL=stream-turn.js.map