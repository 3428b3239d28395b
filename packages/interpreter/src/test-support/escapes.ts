import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CodeInterpreterSession } from '../port.ts';

/** What attempts aim at on the host. */
export interface EscapeTargets {
  /** A file that holds the canary. */
  canaryFile: string;
  /** A path that must never come to exist. */
  writtenFile: string;
  /** A port of this machine on which nobody may connect. */
  port: number;
  /** The same as a socket with an abstract name, where the system has such. */
  socketName: string;
  /** The test's own process. */
  processId: number;
}

/** Python that tries to get out. It prints ESCAPED when it does; `refused` is what it must meet instead. */
export interface EscapeAttempt {
  title: string;
  code: string;
  refused: RegExp;
}

const canary = 'CANARY-6f1f0f7c';

/** A host with something to find: a file, a variable of the environment, and two sockets. */
export class EscapeHost {
  readonly targets: EscapeTargets;
  readonly #directory = mkdtempSync(join(tmpdir(), 'escape-'));
  readonly #servers: Server[];
  #connections = 0;

  constructor() {
    this.targets = {
      canaryFile: join(this.#directory, 'canary.txt'),
      writtenFile: join(this.#directory, 'written.txt'),
      port: 0,
      socketName: `use-assistant-canary-${process.pid}`,
      processId: process.pid,
    };
    this.#servers = [0, 1].map(() =>
      createServer((socket) => {
        this.#connections += 1;
        socket.end(canary);
      }),
    );
  }

  async open(): Promise<void> {
    writeFileSync(this.targets.canaryFile, canary);
    process.env.USE_ASSISTANT_CANARY = canary;
    const [network, abstract] = this.#servers as [Server, Server];
    await new Promise<void>((resolve) => network.listen(0, '127.0.0.1', resolve));
    this.targets.port = (network.address() as AddressInfo).port;
    if (process.platform === 'linux') {
      await new Promise<void>((resolve) => abstract.listen(`\0${this.targets.socketName}`, resolve));
    }
  }

  close(): void {
    for (const server of this.#servers) server.close();
    delete process.env.USE_ASSISTANT_CANARY;
    rmSync(this.#directory, { recursive: true });
  }

  /**
   * Runs an attempt and answers with the harm it has done, which should be none: a refusal that it did not meet, a
   * canary seen, a file or a connection made, a limit outlasted, a session that does not work afterwards.
   */
  async harm(
    { code, refused }: EscapeAttempt,
    session: CodeInterpreterSession,
    longest: number = Infinity,
  ): Promise<string[]> {
    const { logs, value, traceback, notice, duration } = await session.run(code);
    const seen = [logs, value, traceback, notice].join('\n');
    const harm: string[] = [];
    if (!refused.test(seen)) harm.push(`It met not ${refused} but: ${seen}`);
    if (`${logs}${value}`.includes('ESCAPED')) harm.push(`It escaped: ${seen}`);
    if (seen.includes(canary)) harm.push('It saw the canary.');
    if (duration > longest) harm.push(`It took ${duration} ms.`);
    for (const { name } of await session.listFiles()) {
      if (Buffer.from(await session.readFile(name)).includes(canary))
        harm.push(`It carried the canary in ${name}.`);
    }
    if (existsSync(this.targets.writtenFile)) harm.push('It wrote a file of the host.');
    if (this.#connections > 0) harm.push('It connected.');
    const next = await session.run('6 * 7');
    if (next.value !== '42') harm.push(`The next run was harmed: ${JSON.stringify(next)}`);
    return harm;
  }
}
