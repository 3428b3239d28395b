import { codeInterpreterName } from './conversation.js';
/** Runs a program through the code interpreter, then answers from its output. */
export function withPython(conversation, plan) {
    const outcome = conversation.outcomes.findLast((each) => each.toolName === codeInterpreterName);
    if (outcome) {
        if (outcome.failure !== undefined)
            return { text: describeFailure(outcome.failure) };
        const { output, error, files } = readCodeResult(outcome.value);
        if (error !== undefined)
            return { text: describeFailure(error, output) };
        return { text: plan.answer(output, files) ?? showOutput(output) };
    }
    if (!conversation.canRunCode) {
        return {
            text: 'I would work this out in Python, but this assistant has no code interpreter, so I cannot run code here. Add the tool `code_interpreter` to the assistant and ask again.',
        };
    }
    return { calls: [{ toolName: codeInterpreterName, input: { code: plan.code } }] };
}
/** A text as a Python string literal. JSON's escapes are Python's too; what could end a line is escaped. */
export function pythonString(text) {
    return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, (character) => {
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
}
/** Output as it was printed, in a fence that it cannot close. */
export function showOutput(output) {
    if (output.trim() === '')
        return 'The code ran and printed nothing.';
    return `The code ran. It printed:\n\n${fence(output)}`;
}
/** A code fence longer than any run of backticks inside. */
export function fence(text, language = '') {
    const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
    const ticks = '`'.repeat(longest + 1);
    return `${ticks}${language}\n${text.trimEnd()}\n${ticks}`;
}
function readCodeResult(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        return { output: typeof value === 'string' ? value : JSON.stringify(value), error: undefined, files: [] };
    }
    const { output, error, files } = value;
    return {
        output: typeof output === 'string' ? output : '',
        error: typeof error === 'string' && error.trim() !== '' ? error : undefined,
        files: Array.isArray(files) ? files.filter((file) => typeof file === 'string') : [],
    };
}
const advice = [
    [/^ZeroDivisionError/, 'Something was divided by zero: check the divisor.'],
    [/^(ModuleNotFoundError|ImportError)/, 'This Python has no such module: try one of the standard library.'],
    [/^FileNotFoundError/, 'The file is not in the sandbox: attach it again.'],
    [/^NameError/, 'A name is used before it has a value: define it, or check its spelling.'],
    [
        /^(SyntaxError|IndentationError|TabError)/,
        'Python could not read the code: check brackets, quotes and indentation.',
    ],
    [/^(KeyError|IndexError)/, 'A key or a position does not exist: check it against the data.'],
    [
        /^(TypeError|ValueError|UnicodeDecodeError)/,
        'A value is not of the kind the code expects: check the data.',
    ],
    [/memory/i, 'Try it with less data.'],
    [/time/i, 'Try something that needs less work.'],
];
/** Says what went wrong: the line of a traceback that names the exception says it best. */
function describeFailure(error, output = '') {
    const lines = error.trimEnd().split('\n');
    const last = (lines.findLast((line) => /^[\w.]+(?:Error|Exception|Exit|Interrupt|Iteration|Warning)\b/.test(line)) ??
        lines.at(-1)).trim();
    const hint = advice.find(([pattern]) => pattern.test(last))?.[1] ?? 'Change the code or the data and ask again.';
    const paragraphs = [`The code did not run to its end. Python says:`, fence(last)];
    if (output.trim() !== '')
        paragraphs.push('Before that it printed:', fence(output));
    paragraphs.push(`${hint} The conversation can go on.`);
    return paragraphs.join('\n\n');
}
//# sourceMappingURL=with-python.js.map