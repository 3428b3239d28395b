import { expect, it } from 'vitest';

it('goes on until it is ended', () => expect(new Promise(() => {})).resolves.toBe('never'), 600_000);
