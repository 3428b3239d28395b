import { expect, it } from 'vitest';
import * as main from './index.ts';
import * as next from './next.ts';
import * as node from './node.ts';

it('exports what it promises, and nothing by accident', () => {
  expect(Object.keys(main).sort()).toEqual([
    'AssistantResponse',
    'StreamData',
    'createAssistantHandler',
    'createAssistantsTranslator',
    'createRateLimit',
    'runThread',
    'toFunctionDefinitions',
  ]);
  expect(Object.keys(next)).toEqual(['createAssistantHandler', 'createRateLimit']);
  expect(Object.keys(node).sort()).toEqual(['toFastifyPlugin', 'toNodeListener']);
});
