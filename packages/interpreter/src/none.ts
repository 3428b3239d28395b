import type { CodeInterpreter, CodeInterpreterSession } from './port.ts';

const sentence = 'No code interpreter is configured on this server, so Python cannot be run here.';

/** No interpreter: every request for a session fails with a sentence that says so. */
export function none(): CodeInterpreter {
  return {
    name: 'none',
    description: sentence,
    session: (): Promise<CodeInterpreterSession> => Promise.reject(new Error(sentence)),
    close: () => Promise.resolve(),
  };
}
