import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { spawn } from '@lydell/node-pty';

const root = resolve(import.meta.dirname, '../../..');

/** The program as a person has it: its one command, in a terminal. */
export class Terminal {
  readonly exit: Promise<number>;
  /** Everything that was shown, without colours. */
  text = '';
  readonly #pty;
  #changed = Promise.withResolvers<void>();

  constructor(args: string[]) {
    this.#pty = spawn('npm', ['run', '--silent', 'example', 'cli-chat', '--', ...args], {
      cwd: root,
      cols: 160,
      rows: 50,
      env: { PATH: process.env['PATH']!, HOME: process.env['HOME']!, TERM: 'xterm-256color' },
    });
    this.#pty.onData((data) => {
      this.text += stripVTControlCharacters(data);
      this.#change();
    });
    this.exit = new Promise((exited) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        const code = signal ? 128 + signal : exitCode;
        exited(code);
        this.text += `\n[exit ${code}]`;
        this.#change();
      });
    });
  }

  /** Waits until a text is shown, at or after a place. */
  async shows(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text.slice(from));
      if (found) return found;
      if (/\[exit \d+\]$/.test(this.text))
        throw new Error(`It ended without ${pattern}:\n${this.text.slice(from)}`);
      await this.#changed.promise;
    }
  }

  /** Writes a line when it is asked for, and waits for what it brings. */
  async say(line: string, pattern: RegExp): Promise<RegExpExecArray> {
    await this.prompts();
    const from = this.text.length;
    this.press(`${line}\r`);
    return this.shows(pattern, from);
  }

  /** Waits until a line is asked for. */
  prompts(): Promise<unknown> {
    return this.shows(/\? > ?$/);
  }

  press(keys: string): void {
    this.#pty.write(keys);
  }

  async close(): Promise<void> {
    this.#pty.kill();
    await this.exit;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
