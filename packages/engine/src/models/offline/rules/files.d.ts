import type { Rule } from '../turn.ts';
/** Any other attached file: the first lines of a text, or the size and kind of what is none. */
export declare const files: Rule;
//# sourceMappingURL=files.d.ts.map