import { firstToken } from './first-token.ts';
import type { Figure } from './figure.ts';
import { growth } from './growth.ts';
import { streams } from './streams.ts';
import { throughput } from './throughput.ts';

/** What the engine can do, in its own terms: there is no peer to hold it against. */
export const engineFigures: Figure[] = [...throughput, ...firstToken, ...streams, ...growth];
