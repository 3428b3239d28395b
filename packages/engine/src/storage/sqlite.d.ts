import { type Storage } from './port.ts';
/**
 * Keeps everything in one folder: a SQLite database, and the bytes of files beside it. `':memory:'` keeps it all in
 * memory until the engine closes.
 */
export declare function sqlite(directory: string): Storage;
//# sourceMappingURL=sqlite.d.ts.map
