/** The names under which the engine offers its own tools. */
export const codeInterpreterName = 'code_interpreter';
export const fileSearchName = 'file_search';
// A question is short; what lies beyond this is quoted material that no rule needs to look at.
const questionLimit = 20_000;
/** Reads the options of a model call. Nothing is remembered between calls: the prompt is all there is. */
export function readConversation(options) {
    const { prompt } = options;
    const lastUser = prompt.findLastIndex((message) => message.role === 'user');
    // Messages that follow each other without an answer between them are one question.
    const lastAnswer = prompt.findLastIndex((message, index) => index < lastUser && message.role === 'assistant');
    let question = '';
    const files = [];
    const earlierFiles = [];
    for (const [index, message] of prompt.entries()) {
        if (message.role !== 'user')
            continue;
        const { text, attached } = readUserMessage(message);
        if (index > lastAnswer) {
            files.push(...attached);
            if (text !== '')
                question = text;
        }
        else {
            earlierFiles.unshift(...attached);
        }
    }
    const choice = options.toolChoice ?? { type: 'auto' };
    const offered = (options.tools ?? []).filter((tool) => tool.type === 'function' &&
        choice.type !== 'none' &&
        (choice.type !== 'tool' || choice.toolName === tool.name));
    return {
        question: question.slice(0, questionLimit),
        files: [...new Set(files)],
        earlierFiles: [...new Set(earlierFiles)],
        functions: offered.filter((tool) => tool.name !== codeInterpreterName && tool.name !== fileSearchName),
        canRunCode: offered.some((tool) => tool.name === codeInterpreterName),
        mustCallTool: choice.type === 'required' || choice.type === 'tool',
        callLimit: options.providerOptions?.['openai']?.['parallelToolCalls'] === false ? 1 : 16,
        outcomes: readOutcomes(prompt.slice(lastUser + 1)),
    };
}
const listItem = '- /mnt/data/';
/** The engine lists attached files in a text part of its own: a heading, then one path a line. */
function readUserMessage(message) {
    const lines = [];
    const attached = [];
    for (const part of message.content) {
        if (part.type !== 'text')
            continue;
        let inList = false;
        for (const line of part.text.split('\n')) {
            const path = line.startsWith(listItem) ? line.slice(listItem.length).trimEnd() : '';
            if (/^Attached files:\s*$/.test(line))
                inList = true;
            else if (inList && path !== '')
                attached.push(path);
            else {
                inList = false;
                lines.push(line);
            }
        }
    }
    return { text: lines.join('\n').trim(), attached };
}
function readOutcomes(messages) {
    const inputs = new Map();
    const outcomes = [];
    for (const message of messages) {
        if (message.role !== 'assistant' && message.role !== 'tool')
            continue;
        for (const part of message.content) {
            if (part.type === 'tool-call')
                inputs.set(part.toolCallId, part.input);
            if (part.type !== 'tool-result')
                continue;
            outcomes.push({
                toolName: part.toolName,
                input: inputs.get(part.toolCallId),
                ...readOutput(part.output),
            });
        }
    }
    return outcomes;
}
function readOutput(output) {
    switch (output.type) {
        case 'json':
            return { value: output.value };
        case 'text':
            return { value: parseIfJson(output.value) };
        case 'error-text':
            return { value: null, failure: output.value };
        case 'error-json':
            return { value: null, failure: JSON.stringify(output.value) };
        case 'execution-denied':
            return { value: null, failure: output.reason ?? 'the call was not approved' };
        case 'content':
            return { value: output.value.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n') };
    }
}
/** Function results travel as text, whatever they are. */
function parseIfJson(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return text;
    }
}
//# sourceMappingURL=conversation.js.map