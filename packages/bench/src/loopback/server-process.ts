// One contender as a route of an HTTP server, in a process of its own: its CPU and memory are nobody else's.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeListener } from '@use-assistant/server/node';
import { contenders, type ContenderName } from './contenders.ts';
import { upstream, type Taken, type UpstreamPace } from './upstream.ts';

const answer = contenders[process.argv[2] as ContenderName];
const taken: Taken = { deltas: 0 };
const closing = new AbortController();
const server = createServer(
  toNodeListener((request) => {
    const pace = JSON.parse(new URL(request.url).searchParams.get('pace')!) as UpstreamPace;
    return answer(() => upstream(pace, taken, closing.signal), request.signal);
  }),
).listen(0, '127.0.0.1', () => {
  process.send!({ port: (server.address() as AddressInfo).port });
});
process.on('message', () => {
  const before = microseconds();
  // What becomes garbage with one measurement is no cost of the next.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const memory = heapUsed + external;
  process.send!({ cpu: { before, after: microseconds() }, memory, taken: taken.deltas });
});
function microseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
process.on('disconnect', () => process.exit());
