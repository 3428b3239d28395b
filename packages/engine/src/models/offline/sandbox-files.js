/** The last part of a file's name, in lower case and without the dot. */
export function extensionOf(name) {
    return /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}
/**
 * The file that a question is about: one it names, else one that came with it, else, when it speaks of such files at
 * all, the newest of the thread. `isMine` says which files the rule can read.
 */
export function chooseFile({ question, files, earlierFiles }, isMine, speaksOfIt) {
    const asked = question.toLowerCase();
    const attached = files.filter(isMine);
    const earlier = earlierFiles.filter(isMine);
    return ([...attached, ...earlier].find((name) => asked.includes(name.toLowerCase())) ??
        attached[0] ??
        (speaksOfIt.test(question) ? earlier[0] : undefined));
}
/** A markdown link to a file in the sandbox, as the Assistants API's models write it; plain text where no link can be. */
export function sandboxLink(name) {
    return /^[\p{L}\p{N}_./+-]+$/u.test(name) ? `[${name}](sandbox:/mnt/data/${name})` : `“${name}”`;
}
//# sourceMappingURL=sandbox-files.js.map