import { choicesOf, placeOf, topicOf, wordsOf } from './tool-words.js';
const inputLimit = 16;
/** Fills a tool's parameters from the question; a question about several things makes several calls. */
export function readArguments(tool, question) {
    const properties = Object.entries(tool.inputSchema.properties ?? {});
    const required = tool.inputSchema.required ?? [];
    const values = [];
    for (const [name, schema] of properties) {
        if (typeof schema === 'boolean')
            continue;
        const found = readValues(name, schema, question, wordsOf(topicOf(tool.name)));
        if (found.length > 0)
            values.push([name, found]);
        else if (required.includes(name))
            return { missing: name, choices: choicesOf(schema).map(String) };
    }
    // "The kitchen to 21 and the bedroom to 19" pairs its lists up; "the kitchen and the bedroom to 20" shares the one.
    const calls = Math.min(inputLimit, Math.max(1, ...values.map(([, found]) => found.length)));
    const inputs = Array.from({ length: calls }, (_, index) => {
        return Object.fromEntries(values.map(([name, found]) => [name, found[Math.min(index, found.length - 1)]]));
    });
    return { inputs };
}
function readValues(name, schema, question, topic) {
    const choices = choicesOf(schema);
    if (choices.length > 0)
        return readChoices(choices, question);
    const types = new Set([schema.type].flat());
    if (types.has('number') || types.has('integer'))
        return readNumbers(question, types.has('number'));
    if (types.has('boolean'))
        return readBoolean(question);
    if (types.has('string') || schema.type === undefined)
        return readStrings(name, schema, question, topic);
    return [];
}
/** The choices that the question names, in its order; all of them for "every", "each" or "which". */
function readChoices(choices, question) {
    const named = choices
        .map((choice) => ({ choice, place: placeOf(choice, question) }))
        .filter(({ place }) => place >= 0)
        .sort((a, b) => a.place - b.place)
        .map(({ choice }) => choice);
    if (named.length > 0)
        return named;
    return /\b(all|every|each|which|everywhere|warmest|coldest|hottest|highest|lowest)\b/i.test(question)
        ? choices
        : [];
}
function readNumbers(question, fractions) {
    const found = question.match(/(?<![\p{L}\d.])[-−]?\d+(?:\.\d+)?/gu) ?? [];
    const numbers = found.map((text) => Number(text.replace('−', '-')));
    return fractions ? numbers : numbers.filter((value) => Number.isInteger(value));
}
function readBoolean(question) {
    if (/\b(off|no|false|disable|without|not)\b/i.test(question))
        return [false];
    return /\b(on|yes|true|enable|with)\b/i.test(question) ? [true] : [];
}
const tickers = new Map([
    ['apple', 'AAPL'],
    ['meta', 'META'],
    ['facebook', 'META'],
    ['microsoft', 'MSFT'],
    ['google', 'GOOGL'],
    ['alphabet', 'GOOGL'],
    ['amazon', 'AMZN'],
    ['tesla', 'TSLA'],
    ['nvidia', 'NVDA'],
    ['netflix', 'NFLX'],
    ['intel', 'INTC'],
    ['ibm', 'IBM'],
]);
const noTickers = new Set(['I', 'USD', 'EUR', 'GBP', 'AI', 'OK', 'US', 'UK', 'PLEASE', 'AND']);
const wholeText = new Set(['query', 'question', 'text', 'prompt', 'message', 'input', 'content']);
const noNames = new Set(['it', 'me', 'you', 'this', 'that', 'there', 'us', 'them', 'moment', 'like']);
function readStrings(name, schema, question, topic) {
    const meaning = wordsOf(`${name} ${schema.description ?? ''}`);
    if (meaning.some((word) => word === 'symbol' || word === 'symbols' || word === 'ticker'))
        return readTickers(question);
    const quoted = [
        ...question.matchAll(/["“`]([^"”`]{1,200})["”`]|(?<![\p{L}\d])'([^']{1,200})'(?![\p{L}\d])/gu),
    ];
    if (quoted.length > 0)
        return quoted.map((match) => match[1] ?? match[2]);
    if (wholeText.has(meaning.find((word) => wordsOf(name).at(-1) === word) ?? ''))
        return [question];
    const proper = readProperNames(question);
    if (proper.length > 0)
        return proper;
    // "in the kitchen and the living room" names two rooms; what the tool is about names none.
    const after = /\b(?:in|for|of|at|to|from|about|name is|named|called|on)\s+(?:the\s+|my\s+|our\s+)?(\p{L}[\p{L} ]{0,80}?)(?=\s*(?:[?!.,;]|$|\bto\b|\bat\b|\bnow\b|\bright now\b|\btoday\b|\bplease\b|\d))/giu;
    return [...question.matchAll(after)]
        .flatMap((match) => match[1].split(/\s+and\s+(?:in\s+)?(?:the\s+)?/i))
        .map((phrase) => phrase.trim())
        .filter((phrase) => {
        const words = wordsOf(phrase);
        return (words.length > 0 &&
            words.length <= 4 &&
            !words.some((word) => topic.includes(word) || noNames.has(word)));
    });
}
/** Company names and what stands in capitals, in the order of the question and without repetition. */
function readTickers(question) {
    const found = (question.match(/\p{L}+/gu) ?? []).flatMap((word) => {
        const known = tickers.get(word.toLowerCase());
        if (known)
            return [known];
        return /^[A-Z]{2,5}$/.test(word) && !noTickers.has(word) ? [word] : [];
    });
    return [...new Set(found)];
}
/** Capitalised names inside a sentence, of one or several words: "San Francisco", "Tokyo". */
function readProperNames(question) {
    const inside = question.replace(/(^|[.!?]\s+)\p{Lu}[\p{L}'’]*/gu, '$1');
    return [...inside.matchAll(/\b\p{Lu}[\p{L}\p{M}’-]*(?:\s+(?:de |la |of )?\p{Lu}[\p{L}\p{M}’-]*){0,4}/gu)]
        .map((match) => match[0].replace(/’s$/, ''))
        .filter((name) => !/^(I|I’m|OK|Can|Could|Please)$/.test(name));
}
//# sourceMappingURL=tool-arguments.js.map