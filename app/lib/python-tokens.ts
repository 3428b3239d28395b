/** A piece of Python with the kind of its colour; plain pieces have none. */
export interface PythonToken {
  text: string;
  kind?: 'keyword' | 'string' | 'number' | 'comment' | 'call';
}

const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from ' +
    'global if import in is lambda nonlocal not or pass raise return try while with yield match case'
  ).split(' '),
);

// One pass, each alternative linear; an unfinished string runs to its line's end, or to the end when triple-quoted.
const pattern = new RegExp(
  [
    /(?<comment>#[^\n]*)/,
    /(?<string>(?:\b[rbfu]{1,2})?(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))/,
    /(?<number>\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?j?\b)/,
    /(?<word>[A-Za-z_]\w*)/,
  ]
    .map((part) => part.source)
    .join('|'),
  'gi',
);

/** Splits Python into coloured pieces: a light reading for the eye, not a parser. The pieces join to the input. */
export function pythonTokens(code: string): PythonToken[] {
  const tokens: PythonToken[] = [];
  let end = 0;
  const plain = (text: string) => {
    const last = tokens.at(-1);
    if (last && !last.kind) last.text += text;
    else if (text) tokens.push({ text });
  };
  for (const match of code.matchAll(pattern)) {
    const text = match[0];
    plain(code.slice(end, match.index));
    end = match.index + text.length;
    const groups = match.groups ?? {};
    if (groups['comment']) tokens.push({ text, kind: 'comment' });
    else if (groups['string']) tokens.push({ text, kind: 'string' });
    else if (groups['number']) tokens.push({ text, kind: 'number' });
    else if (keywords.has(text)) tokens.push({ text, kind: 'keyword' });
    else if (code[end] === '(') tokens.push({ text, kind: 'call' });
    else plain(text);
  }
  plain(code.slice(end));
  return tokens;
}
