/**
 * Names that reach a prototype when a careless reader merges or assigns the value. `JSON.parse` makes them plain own
 * properties, harmless until then. Letters may come escaped, so escapes of ASCII letters are suspicious too.
 */
const suspicious = /__proto__|constructor|\\u00[4-7]/i;

/**
 * Parses JSON from outside, without keys that could pollute a prototype: `__proto__`, and `constructor` where it
 * holds a `prototype`. Throws a SyntaxError like `JSON.parse`.
 */
export function parseJson(text: string): unknown {
  return suspicious.test(text) ? JSON.parse(text, withoutPollution) : JSON.parse(text);
}

function withoutPollution(key: string, value: unknown): unknown {
  const isHostile =
    key === '__proto__' ||
    (key === 'constructor' && (value as { prototype?: unknown } | null)?.prototype !== undefined);
  return isHostile ? undefined : value;
}
