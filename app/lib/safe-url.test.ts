import { expect, it } from 'vitest';
import { isOwnFile, isSafeLink } from './safe-url.ts';

it('takes files of the own route, and nothing that only looks like one', () => {
  expect(isOwnFile('/api/assistant/files/file-abc~c2ln')).toBe(true);
  expect(isOwnFile('/api/assistant/threads/thread_aB1/files/clean%20data%20%282%29.csv')).toBe(true);
  const refused = [
    undefined,
    '',
    'https://evil.example/api/assistant/files/x',
    '//evil.example/api/assistant/files/x',
    '/api/assistant/files/../../../logout',
    '/api/assistant/files//evil.example',
    '/api/assistant/files/\\evil.example',
    '/api/assistant/files/x\n',
    ' /api/assistant/files/x',
    'api/assistant/files/x',
    '/api/assistant/threads/thread_x',
    '/api/assistant/threads/../files/x',
    '/api/assistant/threads/thread_x/files/../../../logout',
    '/api/assistant/threads/thread_x/files/',
    '/api/assistant/threads/thread_x/files/%2e%2E',
    '/api/assistant/threads/thread_x/cancel',
    'data:image/svg+xml,<svg/>',
    'blob:https://here/x',
  ];
  expect(refused.filter((url) => isOwnFile(url))).toEqual([]);
});

it('follows links over https and to own files only', () => {
  expect(isSafeLink('https://example.com/page?x=1')).toBe(true);
  expect(isSafeLink('/api/assistant/files/file-abc~c2ln')).toBe(true);
  const refused = [
    undefined,
    'http://example.com',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '//example.com',
    '/settings',
    'https://',
    'mailto:a@b.example',
  ];
  expect(refused.filter((url) => isSafeLink(url))).toEqual([]);
});
