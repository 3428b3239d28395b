import { vi } from 'vitest';

/**
 * How long a test waits for what must come, in milliseconds. Vitest and Testing Library give up after a second, which a
 * busy machine needs now and then for no fault of ours; what never comes is found as well after fifteen.
 */
export const patience = 15_000;

const { waitFor, waitUntil } = vi;
type Options = Exclude<Parameters<typeof waitFor>[1], number>;
const patient = (options: number | Options = {}): number | Options =>
  typeof options === 'number' ? options : { timeout: patience, ...options };

vi.waitFor = (callback, options) => waitFor(callback, patient(options));
vi.waitUntil = (callback, options) => waitUntil(callback, patient(options));
