/** One dispatched event of an event stream. */
export interface StreamEvent {
  data: string;
  /** The name, where there is one. */
  event: string | undefined;
  id: string | undefined;
}

/** What an `EventStreamParser` calls. */
export interface EventStreamParserOptions {
  onEvent(event: StreamEvent): void;
  onComment(): void;
  /** A line that no event stream has: its field is none of the four. */
  onForeign(line: string): void;
}

/** Cuts text into the events of https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export interface EventStreamParser {
  /** Takes the next piece, cut anywhere. Linear also where lines are long and pieces short. */
  feed(text: string): void;
  /** The line that has not ended yet. */
  readonly rest: string;
  /** How many characters of the event that has not ended yet are held. */
  readonly held: number;
}

/** Creates a parser. What is unfinished when the text ends is no event, as the standard has it. */
export function createEventStreamParser({
  onEvent,
  onComment,
  onForeign,
}: EventStreamParserOptions): EventStreamParser {
  /** What does not count at the start of the next piece: a byte order mark, or the line feed of a carriage return. */
  let skipped = '\uFEFF';
  // The line that has not ended yet. It grows without being looked at: to search it anew with every piece would cost the
  // square of its length. Engines add to a string without copying it, and make one of all its pieces when it is read.
  let rest = '';
  let data: string | undefined;
  let event: string | undefined;
  let id: string | undefined;

  function takeLine(line: string): void {
    if (line === '') {
      const ended = data === undefined ? undefined : { data, event, id };
      data = event = id = undefined;
      if (ended) onEvent(ended);
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return onComment();
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (field === 'event') event = value || undefined;
    else if (field === 'id') id = value.includes('\0') ? id : value || undefined;
    else if (field !== 'retry') onForeign(line);
  }

  return {
    feed(text) {
      const { length } = text;
      if (length === 0) return;
      let start = text[0] === skipped ? 1 : 0;
      skipped = text[length - 1] === '\r' ? '\n' : '';
      let lineFeed = find(text, '\n', start);
      let carriageReturn = find(text, '\r', start);
      for (;;) {
        if (lineFeed < start) lineFeed = find(text, '\n', start);
        if (carriageReturn < start) carriageReturn = find(text, '\r', start);
        const end = Math.min(lineFeed, carriageReturn);
        if (end === length) {
          rest += text.slice(start);
          return;
        }
        const line = rest + text.slice(start, end);
        rest = '';
        start = end + (end === carriageReturn && lineFeed === end + 1 ? 2 : 1);
        takeLine(line);
      }
    },
    get rest() {
      return rest;
    },
    get held() {
      return rest.length + (data?.length ?? 0);
    },
  };
}

/** Where the character is; the length of the text where it is not. */
function find(text: string, character: string, start: number): number {
  const index = text.indexOf(character, start);
  return index < 0 ? text.length : index;
}
