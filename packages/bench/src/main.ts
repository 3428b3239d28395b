// npm run bench: every comparison in one run, as a table and, after it, as one line of JSON. Words after `--` choose
// those whose group or title holds one of them: `npm run bench -- engine`, `npm run bench -- idle`.
import './production.ts';
import { cpus } from 'node:os';
import { engineFigures } from './engine/engine-figures.ts';
import { answers, renders } from './hook/answers.ts';
import { bundleSizes } from './hook/bundle-sizes.ts';
import { memoryFigures } from './hook/memory.ts';
import { interpreterFigures } from './interpreter/interpreter-figures.ts';
import { loopbackFigures } from './loopback/loopback-figures.ts';
import { measure } from './measure.ts';
import { readInTheBrowser } from './read-in-the-browser.ts';
import { writeOnTheServer } from './write-on-the-server.ts';

const report = {
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  results: {} as Record<string, unknown>,
};
const words = process.argv.slice(2).map((word) => word.toLowerCase());
const isWanted = (group: string, title: string): boolean =>
  words.length === 0 || words.some((word) => `${group} ${title}`.toLowerCase().includes(word));

for (const [group, comparisons] of [
  ['browser hook', readInTheBrowser],
  ['browser hook', answers],
  ['server', writeOnTheServer],
] as const) {
  for (const { title, contenders } of comparisons) {
    if (!isWanted(group, title)) continue;
    const measurements = await measure(contenders);
    report.results[title] = measurements;
    console.log(`\n${title}`);
    console.table(
      Object.fromEntries(
        measurements.map(({ name, microseconds, ratio }) => [name, { µs: microseconds, ratio }]),
      ),
    );
  }
}
for (const [title, counts] of Object.entries(renders)) {
  const name = title.replace('CPU per delta', 'renders of 2,000 deltas');
  report.results[name] = counts;
  console.log(`\n${name}`);
  console.table(counts);
}
for (const { group, figures } of [
  { group: 'browser hook', figures: [...memoryFigures, ...bundleSizes] },
  { group: 'server', figures: loopbackFigures },
  { group: 'engine', figures: engineFigures },
  { group: 'interpreter', figures: interpreterFigures },
]) {
  for (const { title, measure: take } of figures) {
    if (!isWanted(group, title)) continue;
    const begin = performance.now();
    const rows = await take();
    report.results[title] = rows;
    console.log(`\n${title} (measured in ${Math.round((performance.now() - begin) / 1000)} s)`);
    console.table(rows);
  }
}
console.log(JSON.stringify(report));
