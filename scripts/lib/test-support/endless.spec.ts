import { it } from 'vitest';

it('goes on until it is ended', () => new Promise(() => {}), 600_000);
