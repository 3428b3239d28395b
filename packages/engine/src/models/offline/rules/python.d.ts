import type { Rule } from '../turn.ts';
/** Python that the user wrote: run as it is. */
export declare const python: Rule;
//# sourceMappingURL=python.d.ts.map