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
  // Grows without being looked at; to search it anew with every piece would cost the square of its length.
  let rest = '';
  let data: string | undefined;
  let event: string | undefined;
  let id: string | undefined;

  function takeLine(line: string): void {
    if (line === '') {
      const dispatched = data;
      const ended = { event, id };
      data = event = id = undefined;
      if (dispatched !== undefined) onEvent({ data: dispatched, ...ended });
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
      if (text === '') return;
      let start = text[0] === skipped ? 1 : 0;
      skipped = text.endsWith('\r') ? '\n' : '';
      const find = (character: string) => {
        const index = text.indexOf(character, start);
        return index < 0 ? text.length : index;
      };
      let lineFeed = find('\n');
      let carriageReturn = find('\r');
      for (;;) {
        if (lineFeed < start) lineFeed = find('\n');
        if (carriageReturn < start) carriageReturn = find('\r');
        const end = Math.min(lineFeed, carriageReturn);
        if (end === text.length) break;
        const line = rest + text.slice(start, end);
        start = end + (end === carriageReturn && lineFeed === end + 1 ? 2 : 1);
        rest = '';
        takeLine(line);
      }
      rest += text.slice(start);
    },
    get rest() {
      return rest;
    },
    get held() {
      return rest.length + (data?.length ?? 0);
    },
  };
}
