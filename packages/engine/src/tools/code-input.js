/**
 * Reads the `code` out of the arguments `{"code": "…"}` while they stream in: takes fragments of the JSON text, cut
 * anywhere, and gives back what of the string has become known. Each character is looked at once.
 */
export class CodeInputDecoder {
  /** Where we are: outside, in a key, after a key, in the code, in another string, past the code. */
  #state = 'outside';
  /** An escape that has begun: what stands after the backslash so far. */
  #escape;
  #key = '';
  /** The first half of a surrogate pair: text is given out in whole characters. */
  #half = '';
  /** Open braces and brackets; the code is a member of the outermost object. */
  #depth = 0;
  /** The decoded code that this fragment brings; '' when it brings none. */
  push(fragment) {
    let out = '';
    for (let index = 0; index < fragment.length; index++) {
      const letter = fragment[index];
      if (this.#state === 'key' || this.#state === 'code' || this.#state === 'skip') {
        const text = this.#inString(letter);
        if (text === undefined) continue;
        if (this.#state === 'code') out += this.#whole(text);
        else if (this.#state === 'key') this.#key += text;
      } else {
        this.#outside(letter);
      }
    }
    return out;
  }
  /** One character inside a string: what it decodes to, or undefined when it is part of something longer. */
  #inString(letter) {
    if (this.#escape === undefined) {
      if (letter === '\\') this.#escape = '';
      else if (letter === '"') this.#endString();
      else return letter;
      return undefined;
    }
    this.#escape += letter;
    if (this.#escape[0] === 'u') {
      if (this.#escape.length < 5) return undefined;
      const unit = Number.parseInt(this.#escape.slice(1), 16);
      this.#escape = undefined;
      return String.fromCharCode(unit);
    }
    this.#escape = undefined;
    return escapes[letter] ?? letter;
  }
  #endString() {
    if (this.#state === 'key') this.#state = 'outside';
    else this.#state = this.#state === 'code' ? 'done' : 'outside';
  }
  #outside(letter) {
    if (letter === '{' || letter === '[') {
      this.#depth += 1;
      this.#state = 'outside';
    } else if (letter === '}' || letter === ']') {
      this.#depth -= 1;
    } else if (letter === ':') {
      this.#state = 'value';
    } else if (letter === ',') {
      this.#state = 'outside';
      this.#key = '';
    } else if (letter === '"') {
      if (this.#state === 'done') return;
      if (this.#state === 'value') this.#state = this.#key === 'code' && this.#depth === 1 ? 'code' : 'skip';
      else {
        this.#key = '';
        this.#state = 'key';
      }
    }
  }
  #whole(text) {
    const joined = this.#half + text;
    const last = joined.charCodeAt(joined.length - 1);
    const isHalf = last >= 0xd800 && last <= 0xdbff;
    this.#half = isHalf ? joined.slice(-1) : '';
    return isHalf ? joined.slice(0, -1) : joined;
  }
}
const escapes = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
/**
 * The code of a finished call. Models that do not keep to the schema send the Python itself, or the JSON string of it;
 * undefined when nothing of that can be read.
 */
export function parseCodeInput(input) {
  try {
    const value = JSON.parse(input);
    if (typeof value === 'string') return value;
    const code = typeof value === 'object' && value !== null ? value.code : undefined;
    return typeof code === 'string' ? code : undefined;
  } catch {
    return input.trimStart().startsWith('{') || input.trim() === '' ? undefined : input;
  }
}
//# sourceMappingURL=code-input.js.map
