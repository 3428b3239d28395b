import type { Files } from './files.mts';
import { exitProcess, hasParent, send } from './parent.mts';

/** Milliseconds between two looks at the files that a run has finished. */
const fileInterval = 500;

/** The output of the current run: cut at the limit, sent in batches when there is much of it. */
export class Output {
  readonly #limit: number;
  #run = 0;
  #sent = 0;
  #omitted = 0;
  #stream: 'stdout' | 'stderr' = 'stdout';
  #pending = '';
  #windowStart = 0;
  #windowCount = 0;
  #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  constructor(limit: number) {
    this.#limit = limit;
  }

  begin(run: number): void {
    this.#run = run;
    this.#sent = 0;
    this.#omitted = 0;
    this.#pending = '';
    this.#decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  }

  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): number {
    const room = this.#limit - this.#sent;
    const kept = bytes.length <= room ? bytes : bytes.subarray(0, Math.max(0, room));
    if (kept.length < bytes.length) {
      if (this.#omitted === 0) send({ type: 'cut', id: this.#run });
      this.#omitted += bytes.length - kept.length;
    }
    this.#sent += kept.length;
    if (kept.length === 0) return bytes.length;
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    this.#pending += this.#decoders[stream].decode(kept, { stream: true });
    if (this.#pending.length >= 4096 || (this.#pending.endsWith('\n') && this.#mayFlush())) this.flush();
    return bytes.length;
  }

  /** A line leaves at once, unless lines come faster than anyone could read them. */
  #mayFlush(): boolean {
    const now = performance.now();
    if (now - this.#windowStart > 100) {
      this.#windowStart = now;
      this.#windowCount = 0;
    }
    this.#windowCount += 1;
    return this.#windowCount <= 20;
  }

  flush(): void {
    if (this.#pending === '') return;
    send({ type: 'output', id: this.#run, stream: this.#stream, text: this.#pending });
    this.#pending = '';
  }

  end(): number {
    this.flush();
    return this.#omitted;
  }
}

/**
 * Python looks at `[0]` of this "interrupt buffer" every few thousand instructions, also in the busiest loop, while
 * no timer and no message of the event loop comes through. So here the child notices that its parent is gone, that
 * its time is long over, and that output and finished files wait. The parent's SIGKILL does not depend on it.
 */
export class Watch {
  readonly #output: Output;
  readonly #files: Files;
  #run = 0;
  #deadline = Infinity;
  #next = 0;
  #nextFiles = 0;

  constructor(output: Output, files: Files) {
    this.#output = output;
    this.#files = files;
  }

  begin(run: number, milliseconds: number): void {
    this.#run = run;
    this.#deadline = performance.now() + milliseconds;
    this.#nextFiles = performance.now() + fileInterval;
  }

  end(): void {
    this.#deadline = Infinity;
  }

  get 0(): number {
    const now = performance.now();
    if (now >= this.#next) {
      this.#next = now + 16;
      this.#output.flush();
      if (now > this.#deadline || !hasParent()) exitProcess(1);
      if (now >= this.#nextFiles && this.#deadline !== Infinity) this.#saveFiles(now);
    }
    return 0;
  }

  #saveFiles(start: number): void {
    this.#files.carryOutEarly(this.#run);
    const end = performance.now();
    // A tenth of the time at most, however many files there are.
    this.#nextFiles = end + Math.max(fileInterval, 9 * (end - start));
  }

  set 0(_value: number) {
    // Python acknowledges a signal by writing zero.
  }
}
