import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { round } from '../engine/figure.ts';
import type { Figure } from '../engine/figure.ts';
import { contenders } from './contenders.ts';

const count = 10_000;
const script = fileURLToPath(new URL('memory-process.ts', import.meta.url));
const inMegabytes = (bytes: number) => round(bytes / 1024 / 1024, 2);

/** What a hook holds beside the messages that it was given: once they are in, and after an answer of 2,000 deltas. */
export const memoryFigures: Figure[] = [
  {
    title: `Memory of a thread of ${count.toLocaleString('en')} messages, in MB`,
    async measure() {
      const rows = [];
      for (const { name } of contenders) {
        const args = ['--conditions=@use-assistant/source', '--expose-gc', script, name, String(count)];
        const { stdout } = await promisify(execFile)(process.execPath, args);
        const { messages, hook, answered } = JSON.parse(stdout) as Record<
          'messages' | 'hook' | 'answered',
          number
        >;
        rows.push({
          hook: name,
          'the messages': inMegabytes(messages),
          'the hook beside them': inMegabytes(hook),
          'after an answer': inMegabytes(answered),
        });
      }
      return rows;
    },
  },
];
