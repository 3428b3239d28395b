import type { Rule } from '../turn.ts';
/** Comma-separated tables: described, cleaned and drawn by Python, told from what Python printed. */
export declare const table: Rule;
//# sourceMappingURL=table.d.ts.map