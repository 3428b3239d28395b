import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ContenderName } from './contenders.ts';
import type { UpstreamPace } from './upstream.ts';

/** What a server has used so far. */
export interface RouteUsage {
  /** Microseconds, before garbage was collected and after it. */
  cpu: { before: number; after: number };
  /** Bytes that live, after garbage was collected. */
  memory: number;
  /** How many deltas it has taken from upstream. */
  taken: number;
}

/** A contender behind HTTP. */
export interface RouteServer {
  /** Asks for a stream over a connection of its own; nothing is read of it yet. */
  ask(pace: UpstreamPace): Promise<Socket>;
  usage(): Promise<RouteUsage>;
  stop(): Promise<void>;
}

/** Starts a contender in a process of its own. */
export async function startRouteServer(name: ContenderName): Promise<RouteServer> {
  const program = fileURLToPath(new URL('./server-process.ts', import.meta.url));
  const child = fork(program, [name], {
    execArgv: ['--conditions=@use-assistant/source', '--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    async ask(pace) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      const path = `/?pace=${encodeURIComponent(JSON.stringify(pace))}`;
      socket.write(`GET ${path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n`);
      return socket;
    },
    async usage() {
      child.send('usage');
      const [usage] = (await once(child, 'message')) as [RouteUsage];
      return usage;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const lastChunk = Buffer.from('0\r\n\r\n');

/** Reads to the end of the answer; gives how many bytes came. Some answers keep their connection. */
export async function drain(socket: Socket, onPiece?: (piece: Buffer) => void): Promise<number> {
  let size = 0;
  socket.on('data', (piece: Buffer) => {
    size += piece.length;
    onPiece?.(piece);
    if (piece.subarray(-lastChunk.length).equals(lastChunk)) socket.destroy();
  });
  await once(socket, 'close');
  return size;
}
