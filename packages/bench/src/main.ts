// npm run bench: every comparison in one run, as a table and, after it, as one line of JSON.
import { cpus } from 'node:os';
import { measure } from './measure.ts';
import { readInTheBrowser } from './read-in-the-browser.ts';
import { writeOnTheServer } from './write-on-the-server.ts';

const report = {
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  results: {} as Record<string, unknown>,
};
for (const { title, contenders } of [...readInTheBrowser, ...writeOnTheServer]) {
  const measurements = await measure(contenders);
  report.results[title] = measurements;
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      measurements.map(({ name, microseconds, ratio }) => [name, { µs: microseconds, ratio }]),
    ),
  );
}
console.log(JSON.stringify(report));
