/**
 * Reads the `code` out of the arguments `{"code": "…"}` while they stream in: takes fragments of the JSON text, cut
 * anywhere, and gives back what of the string has become known. Each character is looked at once.
 */
export declare class CodeInputDecoder {
  #private;
  /** The decoded code that this fragment brings; '' when it brings none. */
  push(fragment: string): string;
}
/**
 * The code of a finished call. Models that do not keep to the schema send the Python itself, or the JSON string of it;
 * undefined when nothing of that can be read.
 */
export declare function parseCodeInput(input: string): string | undefined;
//# sourceMappingURL=code-input.d.ts.map
