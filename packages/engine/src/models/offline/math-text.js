/** Rewrites the notations of chats and textbooks as plain characters: `\frac{1}{2} \cdot x` becomes `((1)/(2)) * x`. */
export function plainMath(text) {
    let plain = text
        .replace(/\\(?:left|right|displaystyle)(?![a-z])/g, '')
        .replace(/\\[,;:! ]/g, ' ')
        .replace(/\\(?:cdot|times)(?![a-z])/g, '*')
        .replace(/\\div(?![a-z])/g, '/')
        .replace(/\\sqrt(?![a-z[])/g, 'sqrt')
        .replace(/\\[()[\]]|\$/g, ' ; ')
        .replace(/[−–]/g, '-')
        .replace(/[×·⋅∙]/g, '*')
        .replace(/÷/g, '/')
        .replace(/½/g, '(1/2)')
        .replace(/¼/g, '(1/4)')
        .replace(/¾/g, '(3/4)')
        .replace(/²/g, '^2')
        .replace(/³/g, '^3')
        .replace(/√/g, 'sqrt');
    // The innermost fractions first; the count bounds what a hostile text can ask for.
    for (let depth = 0; depth < 8; depth++) {
        const next = plain.replace(/\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}/g, '(($1)/($2))');
        if (next === plain)
            break;
        plain = next;
    }
    return plain.replace(/\{/g, '(').replace(/\}/g, ')');
}
const tokenPattern = /(?<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:[.,]\d+)?|\.\d+)|(?<root>\bsqrt\b)|(?<word>[\p{L}_]+)|(?<symbol>\*\*|[-+*/^()%])|(?<other>\S|\n)/gu;
/** Splits plain text into tokens. White space within a line separates; a line break is an `other` token. */
export function tokenize(text) {
    const tokens = [];
    for (const match of text.matchAll(tokenPattern)) {
        const { number, root, word, symbol } = match.groups;
        let kind = 'other';
        let written = match[0];
        if (number !== undefined) {
            kind = 'number';
            const grouped = /^\d{1,3}(,\d{3})+(\.|$)/.test(number);
            written = grouped ? number.replaceAll(',', '') : number.replace(',', '.');
        }
        else if (root !== undefined)
            kind = 'root';
        else if (word !== undefined && /^[A-Za-z]$/.test(word))
            kind = 'name';
        else if (symbol !== undefined) {
            kind = 'symbol';
            if (symbol === '**')
                written = '^';
        }
        tokens.push({ kind, text: written, start: match.index, end: match.index + match[0].length });
    }
    return tokens;
}
//# sourceMappingURL=math-text.js.map