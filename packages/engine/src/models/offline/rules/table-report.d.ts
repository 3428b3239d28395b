import type { TableTask } from './table-program.ts';
interface NumericColumn {
    column: string;
    count: number;
    unreadable: number;
    mean: number;
    median: number;
    sum: number;
    min: number;
    max: number;
    slope: number | null;
}
interface TextColumn {
    column: string;
    count: number;
    distinct: number;
}
/** What the table program printed, a JSON object a line. */
export interface TableReport {
    rows: number;
    kept: number;
    blank: number;
    numeric: NumericColumn[];
    text: TextColumn[];
    chart?: string;
    plotted: string[];
    cleaned?: string;
}
/** Reads the printed lines; undefined when they are not the program's. */
export declare function readReport(output: string): TableReport | undefined;
/** The answer: what was asked for first, then what was done, then the files. */
export declare function describeTable(report: TableReport, task: TableTask, question: string): string;
export {};
//# sourceMappingURL=table-report.d.ts.map