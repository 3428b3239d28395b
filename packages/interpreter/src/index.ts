export type {
  CodeInterpreter,
  CodeInterpreterSession,
  CodeRunOptions,
  CodeRunResult,
  RunOutcome,
  SandboxFile,
} from './port.ts';
export { bubblewrap, bubblewrapRefusal } from './bubblewrap/bubblewrap.ts';
export type { BubblewrapInterpreter } from './bubblewrap/bubblewrap.ts';
export type { BubblewrapOptions } from './bubblewrap/options.ts';
export { none } from './none.ts';
export { pyodide } from './pyodide/pyodide.ts';
export type { PyodideInterpreter } from './pyodide/pyodide.ts';
export type { PyodideOptions } from './pyodide/options.ts';
export type { SessionLimits } from './sessions/limits.ts';
