import { describe } from 'vitest';
import { crashProcess, describeConformance } from '../test-support/conformance.ts';
import { bubblewrap, bubblewrapRefusal } from './bubblewrap.ts';
import { livingProcessIds } from './kernel-process.ts';

const reason = bubblewrapRefusal();

describe.skipIf(reason !== undefined)('bubblewrap()', () => {
  describeConformance({ create: bubblewrap, livingProcessIds, crash: crashProcess });
});
