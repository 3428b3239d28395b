import { codeInterpreterName, fileSearchName } from '../conversation.js';
import { readArguments } from './tool-arguments.js';
import { fitness, topicOf } from './tool-words.js';
/** Function tools: the one whose name and description fit the question is called, as often as the question asks. */
export const tools = (conversation) => {
    const { question, functions, mustCallTool, callLimit } = conversation;
    const outcomes = conversation.outcomes.filter((each) => each.toolName !== codeInterpreterName && each.toolName !== fileSearchName);
    const ranked = functions
        .map((tool) => ({ tool, fit: fitness(tool, question) }))
        .filter(({ fit }) => fit > 0 || mustCallTool)
        .sort((a, b) => b.fit - a.fit);
    const best = ranked[0]?.tool;
    const read = best && readArguments(best, question);
    if (read && 'inputs' in read) {
        // Calls are counted, not compared: each turn goes on where the last one stopped, and the end is sure.
        const inputs = read.inputs.slice(outcomes.length, outcomes.length + callLimit);
        if (inputs.length > 0 && (outcomes.length === 0 || callLimit === 1)) {
            return { calls: inputs.map((input) => ({ toolName: best.name, input })) };
        }
    }
    if (outcomes.length > 0)
        return { text: tellOutcomes(outcomes, question) };
    if (!read || 'inputs' in read)
        return undefined;
    const choices = read.choices.length > 0 ? ` I know ${listOf(read.choices)}.` : '';
    return { text: `I can use \`${best.name}\` for that, but which ${topicOf(read.missing)}?${choices}` };
};
function tellOutcomes(outcomes, question) {
    const told = new Set();
    for (const name of new Set(outcomes.map((each) => each.toolName))) {
        const same = outcomes.filter((each) => each.toolName === name);
        const numbers = same.filter((each) => each.failure === undefined && isFigure(each.value));
        if (numbers.length > 0)
            told.add(tellFigures(name, numbers));
        for (const each of same)
            if (!numbers.includes(each))
                told.add(tellOne(each));
        const extreme = numbers.length > 1 ? tellExtreme(numbers, question) : undefined;
        if (extreme)
            told.add(extreme);
    }
    return told.size > 3 ? [...told].map((each) => `- ${each}`).join('\n') : [...told].join(' ');
}
/** Figures of one tool in one sentence: "The stock price is 100 for AAPL and 233 for META." */
function tellFigures(toolName, outcomes) {
    const topic = topicOf(toolName);
    const [first] = outcomes;
    if (outcomes.length === 1)
        return `The ${topic}${forSubject(first)} is ${String(first.value)}.`;
    return `The ${topic} is ${listOf(outcomes.map((each) => `${String(each.value)}${forSubject(each)}`))}.`;
}
function forSubject(outcome) {
    const subject = subjectOf(outcome);
    return subject && ` for ${subject}`;
}
function tellOne({ toolName, input, value, failure }) {
    const subject = subjectOf({ input });
    const what = topicOf(toolName) + forSubject({ input });
    if (failure !== undefined)
        return `I could not get the ${what}: ${failure.replace(/\.?$/, '.')}`;
    // A tool that answers with a sentence has said it best.
    if (typeof value === 'string' && /\s\S+\s/.test(value.trim()))
        return asSentence(value.trim());
    if (value === null || value === true || value === '' || value === 'ok')
        return `Done: ${what}.`;
    if (value === false)
        return `The answer for the ${what} is no.`;
    if (typeof value === 'object')
        return asSentence(`${subject || topicOf(toolName)}: ${describe(value)}`);
    return `The ${what} is ${describe(value)}.`;
}
function tellExtreme(outcomes, question) {
    const most = /\b(warmest|hottest|highest|most|largest|biggest|maximum)\b/i.exec(question)?.[1];
    const least = /\b(coldest|coolest|lowest|least|smallest|cheapest|minimum)\b/i.exec(question)?.[1];
    const word = most ?? least;
    if (!word)
        return undefined;
    const sorted = outcomes.toSorted((a, b) => Number.parseFloat(String(b.value)) - Number.parseFloat(String(a.value)));
    const winner = subjectOf(most ? sorted[0] : sorted.at(-1));
    return winner && `So the ${word.toLowerCase()} is ${winner}.`;
}
function asSentence(text) {
    return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
function isFigure(value) {
    return (typeof value === 'number' ||
        (typeof value === 'string' && /^[^\p{L}\s]?\s?-?[\d.,]+\s?\S{0,3}$/u.test(value)));
}
/** What a call was about: the texts among its arguments, else its numbers. */
function subjectOf({ input }) {
    if (typeof input !== 'object' || input === null)
        return '';
    const values = Object.entries(input).filter(([, value]) => ['string', 'number'].includes(typeof value));
    const texts = values.filter(([, value]) => typeof value === 'string');
    return listOf((texts.length > 0 ? texts : values).map(([name, value]) => {
        // What is written small is a thing, "the kitchen", unless its parameter takes names: "oslo".
        const isThing = /^\p{Ll}/u.test(String(value)) && !/name|user|person|city|location|place|country|symbol/i.test(name);
        return isThing ? `the ${value}` : String(value);
    }));
}
function describe(value) {
    if (Array.isArray(value))
        return listOf(value.map(describe));
    if (typeof value !== 'object' || value === null)
        return String(value);
    const pairs = Object.entries(value);
    return listOf(pairs.map(([key, each]) => `${topicOf(key)} ${describe(each)}`));
}
function listOf(items) {
    return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
//# sourceMappingURL=tools.js.map