export type {
  CodeInterpreter,
  CodeInterpreterSession,
  CodeRunOptions,
  CodeRunResult,
  RunOutcome,
  SandboxFile,
} from './port.ts';
export { none } from './none.ts';
export { pyodide } from './pyodide/pyodide.ts';
export type { PyodideInterpreter } from './pyodide/pyodide.ts';
export type { PyodideOptions } from './pyodide/options.ts';
