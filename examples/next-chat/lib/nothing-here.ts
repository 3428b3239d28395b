import { Problem } from 'example-assistants';

/** Somebody else's things and none at all are told apart by nobody. */
export const nothingHere = (): Problem => new Problem(404, 'There is nothing here.');
