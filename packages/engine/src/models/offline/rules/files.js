import { chooseFile } from '../sandbox-files.js';
import { fence, pythonString, withPython } from '../with-python.js';
const linesShown = 12;
/** Any other attached file: the first lines of a text, or the size and kind of what is none. */
export const files = (conversation) => {
    const file = chooseFile(conversation, () => true, /\b(file|document|attachment|upload(ed)?)\b/i);
    if (file === undefined)
        return undefined;
    return withPython(conversation, {
        code: program(file),
        answer: (output) => {
            const [first, ...rest] = output.split('\n');
            const text = /^Text: ([\d,]+) lines, ([\d,]+) words, ([\d,]+) bytes$/.exec(first ?? '');
            const other = /^Not text: ([\d,]+) bytes, (\S+)$/.exec(first ?? '');
            if (other) {
                return `**${file}** is no text: ${other[1]} bytes of type \`${other[2]}\`. As the offline model I cannot look inside; I can tell its size and type, and I can read text and CSV files.`;
            }
            if (!text)
                return undefined;
            const summary = `**${file}** is a text of ${text[1]} lines, ${text[2]} words and ${text[3]} bytes.`;
            const quote = rest.join('\n').trimEnd();
            if (quote === '')
                return `${summary} There is nothing in it to quote.`;
            const isWhole = Number(text[1].replaceAll(',', '')) <= linesShown;
            return `${summary} ${isWhole ? 'It reads' : 'It begins'}:\n\n${fence(quote)}\n\nI am a handful of rules and cannot understand it; a real model can.`;
        },
    });
};
function program(file) {
    return String.raw `import mimetypes
from pathlib import Path

source = Path(${pythonString(`/mnt/data/${file}`)})
data = source.read_bytes()
try:
    text = data.decode("utf-8-sig")
except UnicodeDecodeError:
    text = None

if text is None or "\0" in text:
    kinds = {b"%PDF": "application/pdf", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"PK\x03\x04": "application/zip"}
    by_content = next((kind for start, kind in kinds.items() if data.startswith(start)), None)
    by_name = mimetypes.guess_type(source.name)[0]
    print(f"Not text: {len(data):,} bytes, {by_name or by_content or 'application/octet-stream'}")
else:
    lines = text.splitlines()
    print(f"Text: {len(lines):,} lines, {len(text.split()):,} words, {len(data):,} bytes")
    for line in lines[:${linesShown}]:
        print(line[:200])
`;
}
//# sourceMappingURL=files.js.map