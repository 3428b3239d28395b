/** One contender of a comparison. */
export interface Contender {
  name: string;
  /** Does the work once and answers how many deltas it handled. */
  run: () => Promise<number>;
  /** What comes before each run, and is not measured. */
  prepare?: () => Promise<void>;
  /** What comes after each run, and is not measured. */
  clear?: () => Promise<void>;
}

/** What was measured of one contender. */
export interface Measurement {
  name: string;
  /** Microseconds of CPU per delta: the median of the rounds. */
  microseconds: number;
  /** Against the first contender of the comparison. */
  ratio: number;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/**
 * Measures contenders in turns, so that a noisy moment of the machine meets all of them, after one round to warm up.
 * CPU time and not wall time: what a server pays per token is what counts.
 */
export async function measure(contenders: Contender[], rounds = 9): Promise<Measurement[]> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const { name, run, prepare, clear } of contenders) {
      await prepare?.();
      globalThis.gc?.();
      const before = process.cpuUsage();
      const deltas = await run();
      const { user, system } = process.cpuUsage(before);
      await clear?.();
      if (round >= 0) samples.get(name)!.push((user + system) / deltas);
    }
  }
  const first = median(samples.get(contenders[0]!.name)!);
  return contenders.map(({ name }) => {
    const microseconds = median(samples.get(name)!);
    return {
      name,
      microseconds: Number(microseconds.toFixed(2)),
      ratio: Number((microseconds / first).toFixed(2)),
    };
  });
}
