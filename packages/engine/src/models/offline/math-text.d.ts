/** A piece of text that may belong to an expression; `other` never does. */
export interface Token {
    kind: 'number' | 'name' | 'root' | 'symbol' | 'other';
    text: string;
    start: number;
    end: number;
}
/** Rewrites the notations of chats and textbooks as plain characters: `\frac{1}{2} \cdot x` becomes `((1)/(2)) * x`. */
export declare function plainMath(text: string): string;
/** Splits plain text into tokens. White space within a line separates; a line break is an `other` token. */
export declare function tokenize(text: string): Token[];
//# sourceMappingURL=math-text.d.ts.map