import { sandboxLink } from '../sandbox-files.js';
import { showOutput, withPython } from '../with-python.js';
/** Python that the user wrote: run as it is. */
export const python = (conversation) => {
    const code = findCode(conversation.question);
    if (code === undefined)
        return undefined;
    return withPython(conversation, {
        code,
        answer: (output, files) => {
            const links = files.map((file) => sandboxLink(file.replace(/^\/mnt\/data\//, '')));
            return links.length === 0
                ? showOutput(output)
                : `${showOutput(output)}\n\nIt wrote ${links.join(', ')}.`;
        },
    });
};
function findCode(text) {
    const fenced = /^[ \t]*(`{3,})[ \t]*(\w*)[^\n`]*\n([\s\S]*?)\n?[ \t]*\1`*[ \t]*$/m.exec(text);
    if (fenced && /^(python3?|py)$/i.test(fenced[2]))
        return fenced[3];
    const isOrder = /\b(run|execute)\b/i.test(text);
    if (fenced && fenced[2] === '' && isOrder)
        return fenced[3];
    const inline = /\b(?:run|execute)\s+(?:this|the following)?(?:\s*(?:python|code|python code))?\s*:\s*([\s\S]+)/i.exec(text);
    return inline?.[1].trim().replace(/^`+([\s\S]*?)`+$/, '$1');
}
//# sourceMappingURL=python.js.map