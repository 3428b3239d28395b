/** What the program does with the table beside describing it. */
export interface TableTask {
    /** The file below `/mnt/data`. */
    file: string;
    chart: 'line' | 'bar' | 'scatter' | undefined;
    /** Whether to write the cleaned table. */
    clean: boolean;
    /** Words of the question that may name columns. */
    words: string[];
}
/** The Python for a table: read and clean, describe, then draw and write what was asked for. */
export declare function tableProgram(task: TableTask): string;
//# sourceMappingURL=table-program.d.ts.map