import { expect, test } from 'vitest';
import * as exported from './index.ts';

test('The package exports these values and no others.', () => {
  expect(Object.keys(exported).sort()).toEqual([
    'AssistantChatTransport',
    'AssistantClient',
    'AssistantError',
    'ThreadList',
    'isToolPart',
    'preload',
    'toStatusText',
    'useAssistant',
    'useThreads',
  ]);
});
