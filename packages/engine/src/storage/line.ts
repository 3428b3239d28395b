/** Those who wait for a database; the first is served first. */
export interface Line {
  isTaken: boolean;
  readonly waiting: (() => void)[];
}

export function newLine(): Line {
  return { isTaken: false, waiting: [] };
}

/** Lines by file. Kept with the process and not with this module, which a bundler may load more than once. */
const linesKey = Symbol.for('use-assistant.engine.lines');
const lines = ((globalThis as { [linesKey]?: Map<string, { line: Line; users: number }> })[linesKey] ??=
  new Map());

/**
 * The line of all who use this file in this process. SQLite makes the second of two transactions wait by holding the thread:
 * the first, whose thread it is too, could never end.
 */
export function joinLine(file: string): { line: Line; leave: () => void } {
  let known = lines.get(file);
  if (!known) lines.set(file, (known = { line: newLine(), users: 0 }));
  known.users += 1;
  const { line } = known;
  return {
    line,
    leave() {
      known.users -= 1;
      if (known.users === 0) lines.delete(file);
    },
  };
}
