// What one hook holds of a long thread, in a process of its own: what another has left behind would be in the way.
import '../production.ts';
import { contenders } from './contenders.ts';
import { earlier, openPage } from './page.ts';

const [, , name, count] = process.argv;

/** Bytes that are held, once what nobody holds is gone. */
async function heldBytes(): Promise<number> {
  for (let time = 0; time < 3; time += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc!();
  }
  return process.memoryUsage().heapUsed;
}

const page = await openPage(
  contenders.find((contender) => contender.name === name)!,
  { isBare: true },
);
// What is loaded and compiled once is not the thread's.
await page.show(earlier(1));
await page.ask();
await page.show([]);
const empty = await heldBytes();
const messages = earlier(Number(count));
const given = await heldBytes();
await page.show(messages);
const filled = await heldBytes();
await page.ask();
const answered = await heldBytes();
page.close();
console.log(JSON.stringify({ messages: given - empty, hook: filled - given, answered: answered - given }));
// The messages are held to the end, as a page that has them elsewhere would.
process.exit(messages.length === Number(count) ? 0 : 1);
