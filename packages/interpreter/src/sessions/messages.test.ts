import { describe, expect, it } from 'vitest';
import { normaliseName } from './file-store.ts';
import { isImage } from './image.ts';
import { parseRunMessage } from './messages.ts';

describe('parseRunMessage', () => {
  const result = {
    type: 'result',
    id: 1,
    value: undefined,
    traceback: 'x',
    omittedBytes: 0,
    removed: ['a'],
    refused: [{ name: 'b', reason: 'c' }],
  };

  it('takes what the child says and nothing beside it', () => {
    expect(parseRunMessage({ ...result, more: 'than agreed' })).toEqual(result);
    expect(parseRunMessage({ type: 'output', id: 1, stream: 'stdout', text: 'x' })).toBeDefined();
    expect(parseRunMessage({ type: 'file', id: 1, name: 'a', bytes: new Uint8Array(1) })).toBeDefined();
  });

  it.each([
    null,
    'result',
    [],
    {},
    { type: 'exit', id: 1 },
    { type: 'output', id: '1', stream: 'stdout', text: 'x' },
    { type: 'output', id: 1, stream: 'stdin', text: 'x' },
    { type: 'output', id: 1, stream: 'stdout', text: 'x'.repeat(1_000_001) },
    { type: 'file', id: 1, name: 'x'.repeat(5_000), bytes: new Uint8Array(1) },
    { type: 'file', id: 1, name: 'x', bytes: 'text' },
    { type: 'file', id: 1, name: 'x', bytes: { length: 3 } },
    { ...result, omittedBytes: -1 },
    { ...result, removed: [1] },
    { ...result, removed: Array.from({ length: 20_001 }, () => 'x') },
    { ...result, refused: ['x'] },
    { ...result, traceback: 7 },
    { type: 'booted', snapshot: undefined },
  ])('refuses a forged message %#', (message) => expect(parseRunMessage(message)).toBeUndefined());
});

describe('normaliseName', () => {
  it.each([
    ['a.txt', 'a.txt'],
    ['./a//b.txt', 'a/b.txt'],
    ['/mnt/data/ü/数.csv', 'ü/数.csv'],
    ['..a', '..a'],
  ])('reads %j as %j', (name, expected) => expect(normaliseName(name)).toBe(expected));

  it.each([
    '',
    '.',
    '/',
    '/mnt/data',
    '/mnt/database/x',
    '../x',
    '__proto__',
    'a/__proto__/x',
    'a/..',
    '/mnt/data/../x',
    'a\\..\\b',
    'a\u0007',
    '\ud800',
  ])('refuses %j', (name) => expect(normaliseName(name)).toBeUndefined());
});

describe('isImage', () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

  it('asks both the name and the bytes', () => {
    expect(isImage('a.PNG', png)).toBe(true);
    expect(isImage('a.jpg', png)).toBe(false);
    expect(isImage('a.jpeg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).toBe(true);
    expect(isImage('png', png)).toBe(false);
    expect(isImage('constructor', png)).toBe(false);
    expect(isImage('a.svg', new TextEncoder().encode('<?xml version="1.0"?><svg/>'))).toBe(true);
  });
});
