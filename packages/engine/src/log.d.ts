/** How grave an entry of the engine's log is. */
export type LogLevel = 'info' | 'warn' | 'error';
/** Takes what the engine has to say to its operator. Never called with message content or keys. */
export type EngineLog = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;
/** Writes warnings and errors to standard error, one line each. */
export declare const consoleLog: EngineLog;
//# sourceMappingURL=log.d.ts.map
