/** One link that was replaced: `[start, end)` of the original text became `length` characters. */
export interface LinkEdit {
  start: number;
  end: number;
  length: number;
}

/** Rewrites links into the sandbox while the text streams by. */
export interface SandboxLinkRewriter {
  /** Takes a piece of text and returns what can be shown of it already. */
  push(text: string): string;
  /** Returns what was held back, when no more text comes. */
  end(): string;
  /** The replacements so far, in text order. */
  readonly edits: readonly LinkEdit[];
}

const marker = 'sandbox:/mnt/data/';
/** A name that is longer than this is no file name; the text must not wait for its end. */
const longestName = 512;

/**
 * Replaces `sandbox:/mnt/data/NAME` by `resolve(NAME)` in streamed text. Streamed text cannot be taken back, so a link is
 * held until its end is seen. Cost is O(piece): only the held tail is looked at again.
 * A name for which `resolve` answers undefined stays as it was.
 */
export function createSandboxLinkRewriter(
  resolve: (name: string) => string | undefined,
): SandboxLinkRewriter {
  const edits: LinkEdit[] = [];
  let held = '';
  let before = '';
  /** Where `held` begins in the original text. */
  let offset = 0;

  function take(text: string, isEnd: boolean): string {
    let out = '';
    let rest = text;
    for (;;) {
      const start = rest.indexOf(marker);
      if (start === -1) {
        const tail = isEnd ? rest.length : partialMarker(rest);
        out += rest.slice(0, tail);
        hold(rest, tail);
        return out;
      }
      const opener = start > 0 ? rest[start - 1]! : before;
      const nameStart = start + marker.length;
      const length = nameLength(rest, nameStart, opener, isEnd);
      if (length === undefined) {
        out += rest.slice(0, start);
        hold(rest, start);
        return out;
      }
      const end = nameStart + length;
      const link = rest.slice(start, end);
      const url = length === 0 ? undefined : resolve(decodeName(rest.slice(nameStart, end)));
      out += rest.slice(0, start) + (url ?? link);
      if (url !== undefined) edits.push({ start: offset + start, end: offset + end, length: url.length });
      hold(rest, end);
      rest = held;
    }
  }

  function hold(text: string, from: number): void {
    if (from > 0) before = text[from - 1]!;
    offset += from;
    held = text.slice(from);
  }

  return {
    edits,
    push: (text) => take(held === '' ? text : held + text, false),
    end: () => take(held, true),
  };
}

/** The index from which `text` may be the beginning of the marker; its length when it cannot. */
function partialMarker(text: string): number {
  let index = text.indexOf('s', Math.max(0, text.length - marker.length + 1));
  while (index !== -1) {
    if (marker.startsWith(text.slice(index))) return index;
    index = text.indexOf('s', index + 1);
  }
  return text.length;
}

/** How long the name is that begins at `from`, 0 when it is none; undefined while its end has not come. */
function nameLength(text: string, from: number, opener: string, isEnd: boolean): number | undefined {
  // Inside `( )` and `< >` a name may hold spaces; bare, it ends at the first character that no link holds.
  const isWrapped = opener === '(' || opener === '<';
  let depth = 0;
  let index = from;
  for (; index < text.length && index - from < longestName; index += 1) {
    const character = text[index]!;
    if (character === '\n' || character === '\r') return trimmed(text, from, index, isWrapped);
    if (opener === '<') {
      if (character === '>') return index - from;
    } else if (character === '(') {
      depth += 1;
    } else if (character === ')') {
      if (depth === 0) return trimmed(text, from, index, isWrapped);
      depth -= 1;
    } else if (isWrapped ? character === '"' : /[\s"'`<>[\]【]/.test(character)) {
      return trimmed(text, from, index, isWrapped);
    }
  }
  if (index - from >= longestName) return 0;
  return isEnd ? trimmed(text, from, index, isWrapped) : undefined;
}

function trimmed(text: string, from: number, to: number, isWrapped: boolean): number {
  const name = text.slice(from, to);
  return (isWrapped ? name.trimEnd() : name.replace(/[.,;:!?*_]+$/, '')).length;
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
