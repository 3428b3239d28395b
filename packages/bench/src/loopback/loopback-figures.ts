import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { percentile, round, type Figure, type FigureRow } from '../engine/figure.ts';
import { contenders, type ContenderName } from './contenders.ts';
import { drain, startRouteServer, type RouteServer } from './route-server.ts';
import { upstream } from './upstream.ts';

const names = Object.keys(contenders) as ContenderName[];
const baseline = names.at(-1)!;
const peer: ContenderName = 'ai@7';
const endless = 1_000_000;

async function forEach(work: (server: RouteServer) => Promise<FigureRow>): Promise<FigureRow[]> {
  const rows: FigureRow[] = [];
  for (const name of names.slice(0, -1)) {
    const server = await startRouteServer(name);
    try {
      rows.push({ name, ...(await work(server)) });
    } finally {
      await server.stop();
    }
  }
  return rows;
}

/** Microseconds of CPU per delta; the rounds take turns, so that a noisy moment meets all. */
async function cpuPerDelta(burst: number): Promise<FigureRow[]> {
  const deltas = 10_000;
  const servers = new Map<ContenderName, RouteServer>();
  const samples = new Map<ContenderName, number[]>(names.map((name) => [name, []]));
  const bytes = new Map<ContenderName, number>();
  for (const name of names) servers.set(name, await startRouteServer(name));
  for (let turn = -2; turn < 7; turn += 1) {
    for (const [name, server] of servers) {
      const before = await server.usage();
      bytes.set(name, await drain(await server.ask({ deltas, burst })));
      const after = await server.usage();
      if (turn >= 0) samples.get(name)!.push((after.cpu.before - before.cpu.after) / deltas);
    }
  }
  for (const server of servers.values()) await server.stop();
  const cost = (name: ContenderName): number => percentile(samples.get(name)!, 0.5);
  const own = (name: ContenderName): number => cost(name) - cost(baseline);
  return names.map((name) => ({
    name,
    'µs a delta': round(cost(name), 2),
    'against ai@7': round(cost(name) / cost(peer), 2),
    'without the events': round(own(name) / own(peer), 2),
    'bytes a delta': round(bytes.get(name)! / deltas),
  }));
}

async function memoryPerStream(server: RouteServer): Promise<FigureRow> {
  const streams = 400;
  const open = async (): Promise<Socket> => {
    const socket = await server.ask({ deltas: endless, burst: 1, restAfter: 50 });
    let seen = '';
    while (!seen.includes('word49')) seen += String((await once(socket, 'data'))[0]);
    return socket;
  };
  await open();
  const before = await server.usage();
  const sockets = await Promise.all(Array.from({ length: streams }, open));
  const after = await server.usage();
  for (const socket of sockets) socket.destroy();
  return { 'KiB a stream': round((after.memory - before.memory) / streams / 1024) };
}

/** Of the body itself: how much the network between holds is not the route's to say. */
async function takenWithoutReader(): Promise<FigureRow[]> {
  const rows: FigureRow[] = [];
  for (const name of names.slice(0, -1)) {
    const taken = { deltas: 0 };
    const end = new AbortController();
    const pace = { deltas: endless, burst: 64 };
    const { body } = contenders[name](() => upstream(pace, taken, end.signal), new AbortController().signal);
    const reader = body!.getReader();
    await reader.read();
    await wait(1000);
    const stalled = taken.deltas;
    void reader.cancel();
    const left = taken.deltas;
    await wait(500);
    rows.push({ name, 'while the client stalls': stalled, 'after it left': taken.deltas - left });
    end.abort();
  }
  return rows;
}

async function firstByte(server: RouteServer): Promise<FigureRow> {
  const samples: number[] = [];
  for (let turn = -20; turn < 200; turn += 1) {
    const begin = performance.now();
    let first = 0;
    const socket = await server.ask({ deltas: 1, burst: 1 });
    await drain(socket, (piece) => {
      if (first === 0 && piece.includes('word0')) first = performance.now();
    });
    if (turn >= 0) samples.push(first - begin);
  }
  return { 'p50 ms': round(percentile(samples, 0.5), 2), 'p99 ms': round(percentile(samples, 0.99), 2) };
}

/** The route over loopback HTTP, a process for each contender. */
export const loopbackFigures: Figure[] = [
  { title: 'Route: CPU per delta, one at a time', measure: () => cpuPerDelta(1) },
  { title: 'Route: CPU per delta, eight at a time', measure: () => cpuPerDelta(8) },
  { title: 'Route: memory of an open stream', measure: () => forEach(memoryPerStream) },
  { title: 'Route: deltas taken without a reader', measure: takenWithoutReader },
  { title: 'Route: request to first word', measure: () => forEach(firstByte) },
];
