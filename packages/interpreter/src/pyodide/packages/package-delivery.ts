import type { ParentMessage } from '../messages.ts';
import { PackageUnavailable } from './package-cache.ts';
import type { Packages } from './packages.ts';

/** Requests that a process may make: what honest code never reaches. */
const mostRequests = 2_000;

/** Answers what one process wants to import. Each file goes to it once, and all of them within a limit. */
export class PackageDelivery {
  readonly #packages: Packages;
  readonly #send: (message: ParentMessage) => Promise<void>;
  readonly #given = new Set<string>();
  readonly #ended = new AbortController();
  #tail: Promise<void> = Promise.resolve();
  #requests = 0;
  givenBytes = 0;

  constructor(packages: Packages, send: (message: ParentMessage) => Promise<void>) {
    this.#packages = packages;
    this.#send = send;
  }

  /** One request after the other, so that none is given what another is being given; throws when there are too many. */
  answer(id: number, module: string): void {
    this.#requests += 1;
    if (this.#requests > mostRequests) throw new RangeError('It asked for more modules than any code needs.');
    this.#tail = this.#tail.then(async () => {
      const problem = await this.#give(id, module);
      await this.#send({ type: 'imported', id, problem });
    });
    this.#tail.catch(() => {});
  }

  /** The process has ended. */
  close(): void {
    this.#ended.abort(new Error('The process has ended.'));
  }

  async #give(id: number, module: string): Promise<string | undefined> {
    try {
      const files = (await this.#packages.forModule(module, this.#given, this.#ended.signal)) ?? [];
      const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (this.givenBytes + size > this.#packages.totalSizeLimit) {
        return `The package of ${module} does not fit: packages may have ${this.#packages.totalSizeLimit.toLocaleString('en')} bytes together.`;
      }
      this.givenBytes += size;
      for (const file of files) {
        this.#given.add(file.fileName);
        await this.#send({ type: 'package', id, ...file });
      }
      return undefined;
    } catch (error) {
      if (error instanceof PackageUnavailable) return error.message;
      throw error;
    }
  }
}
