export type {
  CodeInterpreter,
  CodeInterpreterSession,
  CodeRunOptions,
  CodeRunResult,
  RunOutcome,
  SandboxFile,
} from './port.ts';
export { auto } from './auto.ts';
export type { AutoOptions } from './auto.ts';
export { bubblewrap, bubblewrapRefusal } from './bubblewrap/bubblewrap.ts';
export type { BubblewrapInterpreter } from './bubblewrap/bubblewrap.ts';
export type { BubblewrapOptions } from './bubblewrap/options.ts';
export { none } from './none.ts';
export { pyodide, pyodideRefusal } from './pyodide/pyodide.ts';
export type { PyodideInterpreter } from './pyodide/pyodide.ts';
export type { PyodideOptions } from './pyodide/options.ts';
export { commonPackages } from './pyodide/packages/packages.ts';
export type { PackagesOptions, PrefetchedPackage } from './pyodide/packages/packages.ts';
export { prefetchPackages } from './pyodide/packages/prefetch.ts';
export type { PrefetchOptions } from './pyodide/packages/prefetch.ts';
export { e2b } from './remote/e2b.ts';
export type { E2bOptions } from './remote/e2b.ts';
export { remote } from './remote/remote.ts';
export type { RemoteOptions } from './remote/remote.ts';
export { SandboxGone } from './remote/remote-sandbox.ts';
export type { ConnectRemote, RemoteFile, RemoteRun, RemoteSandbox } from './remote/remote-sandbox.ts';
export type { SessionLimits } from './sessions/limits.ts';
