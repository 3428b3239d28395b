const silent = new Set(['script', 'style', 'noscript', 'template', 'svg', 'math', 'iframe', 'object']);
const paragraphs = new Set(
  'address article aside blockquote body caption dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table title tr ul'.split(
    ' ',
  ),
);
const ignore = () => {};

/**
 * What a reader of the page would see, one paragraph after the other. Read token by token: a parser that keeps a stack of
 * open elements takes time that grows with the square of their depth.
 */
export async function htmlToText(html: string): Promise<string> {
  const { Tokenizer } = await import('htmlparser2');
  const pieces: string[] = [];
  /** How many elements are open whose text nobody sees, by name. */
  const hidden = new Map<string, number>();
  let preformatted = 0;
  const nameAt = (start: number, end: number) => html.slice(start, end).toLowerCase();
  const count = (name: string, step: 1 | -1) => {
    const open = (hidden.get(name) ?? 0) + step;
    if (open > 0) hidden.set(name, open);
    else hidden.delete(name);
  };
  const write = (text: string) => {
    if (hidden.size === 0) pieces.push(preformatted > 0 ? text : text.replaceAll(/\s+/g, ' '));
  };
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      onopentagname(start, end) {
        const name = nameAt(start, end);
        if (silent.has(name)) count(name, 1);
        if (name === 'pre') preformatted += 1;
        if (name === 'br') pieces.push('\n');
        else if (name === 'td' || name === 'th') pieces.push('\t');
        else if (paragraphs.has(name)) pieces.push('\n\n');
      },
      onclosetag(start, end) {
        const name = nameAt(start, end);
        if (silent.has(name)) count(name, -1);
        if (name === 'pre') preformatted = Math.max(0, preformatted - 1);
        if (paragraphs.has(name)) pieces.push('\n\n');
      },
      ontext: (start, end) => write(html.slice(start, end)),
      ontextentity: (code) => write(String.fromCodePoint(code)),
      onattribdata: ignore,
      onattribend: ignore,
      onattribentity: ignore,
      onattribname: ignore,
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onend: ignore,
      onopentagend: ignore,
      onprocessinginstruction: ignore,
      onselfclosingtag: ignore,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return pieces
    .join('')
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
