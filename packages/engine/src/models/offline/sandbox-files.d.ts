import type { Conversation } from './conversation.ts';
/** The last part of a file's name, in lower case and without the dot. */
export declare function extensionOf(name: string): string;
/**
 * The file that a question is about: one it names, else one that came with it, else, when it speaks of such files at
 * all, the newest of the thread. `isMine` says which files the rule can read.
 */
export declare function chooseFile({ question, files, earlierFiles }: Conversation, isMine: (name: string) => boolean, speaksOfIt: RegExp): string | undefined;
/** A markdown link to a file in the sandbox, as the Assistants API's models write it; plain text where no link can be. */
export declare function sandboxLink(name: string): string;
//# sourceMappingURL=sandbox-files.d.ts.map