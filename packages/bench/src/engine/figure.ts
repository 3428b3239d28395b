/** A row of a table of figures. */
export type FigureRow = Record<string, string | number>;

/** Something that is measured in its own terms, not against a peer. */
export interface Figure {
  title: string;
  measure: () => Promise<FigureRow[]>;
}

/** The value below which this share of the samples lies. */
export function percentile(samples: number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** CPU milliseconds of this process since the usage was taken. */
export function cpuMilliseconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
