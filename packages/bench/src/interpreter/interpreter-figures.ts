import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { bubblewrap, bubblewrapRefusal, pyodide, pyodideRefusal } from '@use-assistant/interpreter';
import type { CodeInterpreter, CodeInterpreterSession } from '@use-assistant/interpreter';
import { percentile, round } from '../engine/figure.ts';
import type { Figure, FigureRow } from '../engine/figure.ts';

const rounds = 5;
const charts = "import charts\ncharts.line('plot.svg', [1, 2, 3], [2, 4, 5])";
const matplotlib = 'import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], [2, 4, 5])\nplt.show()';
const lines = 'for i in range(10_000): print("line", i)';

interface Driver {
  name: string;
  create: (warmProcesses: number) => CodeInterpreter;
  refusal: () => string | undefined;
  plot: [label: string, code: string];
}

const drivers: Driver[] = [
  {
    name: 'pyodide',
    create: (warmProcesses) => pyodide({ warmProcesses, outputLimit: 2 ** 20 }),
    refusal: pyodideRefusal,
    plot: ['charts', charts],
  },
  {
    name: 'bubblewrap',
    create: (warmProcesses) => bubblewrap({ warmProcesses, outputLimit: 2 ** 20 }),
    refusal: () => bubblewrapRefusal(),
    plot: ['matplotlib', matplotlib],
  },
];

/** How long people wait for Python, and what a session costs, for each driver that works on this machine. */
export const interpreterFigures: Figure[] = [
  {
    title: 'Python: milliseconds to the end of a run (medians), mebibytes of a session',
    async measure() {
      const rows: FigureRow[] = [];
      for (const driver of drivers) {
        const refusal = driver.refusal();
        rows.push(refusal === undefined ? await measureDriver(driver) : { driver: driver.name, refusal });
      }
      return rows;
    },
  },
];

async function measureDriver({ name, create, plot: [library, plot] }: Driver): Promise<FigureRow> {
  const samples = {
    cold: [] as number[],
    warm: [] as number[],
    plot: [] as number[],
    output: [] as number[],
  };
  const memory: number[] = [];
  // What is made once on a machine and kept, such as a memory snapshot, is no start.
  await withInterpreter(create(0), (session) => session.run('1'));
  for (let index = 0; index < rounds; index += 1) {
    const cold = performance.now();
    await withInterpreter(create(0), async (session) => {
      await session.run('1');
      samples.cold.push(performance.now() - cold);
    });
    const interpreter = create(1);
    await interpreter.warm?.();
    // One process, which the session will take; another will be made ready after it.
    const [sandbox] = children(process.pid);
    if (sandbox !== undefined) await rest(sandbox);
    await withInterpreter(interpreter, async (session) => {
      samples.warm.push(await time(session, '1'));
      if (sandbox !== undefined) memory.push(mebibytes(sandbox));
      samples.plot.push(await time(session, plot));
      samples.output.push(await time(session, lines));
    });
  }
  const median = (values: number[]): number => round(percentile(values, 0.5));
  return {
    driver: name,
    'cold start': median(samples.cold),
    'warm start': median(samples.warm),
    'first plot': median(samples.plot),
    'plotted with': library,
    '10,000 lines': median(samples.output),
    MiB: memory.length === 0 ? 'unknown' : median(memory),
  };
}

async function withInterpreter(
  interpreter: CodeInterpreter,
  work: (session: CodeInterpreterSession) => Promise<unknown>,
): Promise<void> {
  try {
    await work(await interpreter.session('bench'));
  } finally {
    await interpreter.close();
  }
}

async function time(session: CodeInterpreterSession, code: string): Promise<number> {
  const begin = performance.now();
  const { outcome, traceback, notice } = await session.run(code);
  if (outcome !== 'completed') throw new Error(`The code did not run: ${traceback ?? notice}`);
  return performance.now() - begin;
}

/** The processes that a process has started; none where the system does not tell. */
function children(id: number): number[] {
  try {
    return readdirSync(`/proc/${id}/task`).flatMap((task) =>
      readFileSync(`/proc/${id}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** Waits until a process and all below it have nothing more to do: what they load ahead of need is loaded. */
async function rest(id: number): Promise<void> {
  for (let before = -1, now = ticks(id); now - before > 1; now = ticks(id)) {
    before = now;
    await setTimeout(700);
  }
}

/** Hundredths of a second that a process and all below it have computed. */
function ticks(id: number): number {
  const status = readFileSync(`/proc/${id}/stat`, 'utf8');
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return children(id).reduce((sum, child) => sum + ticks(child), Number(fields[11]) + Number(fields[12]));
}

/** Mebibytes of a process and all below it; what several share is divided among them where the system tells. */
function mebibytes(id: number): number {
  let own: number;
  try {
    own = Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))![1]) / 1024;
  } catch {
    own = (Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1]) * 4096) / 2 ** 20;
  }
  return children(id).reduce((sum, child) => sum + mebibytes(child), own);
}
