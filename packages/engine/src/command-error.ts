/** The command cannot do what it was asked; the message says why, in one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
