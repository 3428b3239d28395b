import { configure } from '@testing-library/react';
import { patience } from '../../../../scripts/lib/test-support/patience.ts';

configure({ asyncUtilTimeout: patience });
