import { describe, expect, it } from 'vitest';
import { sniffMediaType } from './media-type.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const png = Uint8Array.from(
  atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
  (character) => character.codePointAt(0)!,
);

describe('the media type of a file', () => {
  it.each([
    ['a.csv', bytes('a,b\n1,2\n'), 'text/csv'],
    ['a.txt', bytes('hello'), 'text/plain'],
    ['a.json', bytes('{"a":1}'), 'application/json'],
    ['a.md', bytes('# Title'), 'text/markdown'],
    ['a', bytes('hello'), 'text/plain'],
    ['chart.svg', bytes('<svg xmlns="http://www.w3.org/2000/svg"></svg>'), 'image/svg+xml'],
    ['chart.svg', bytes('<?xml version="1.0"?>\n<!-- made by -->\n<svg ></svg>'), 'image/svg+xml'],
    ['a.png', png, 'image/png'],
    ['bytes.bin', new Uint8Array([0, 1, 2, 3]), 'application/octet-stream'],
    ['chart.svg', bytes('<!-- a --><!--> <!doctype svg ><!-- b -->\n<svg>'), 'image/svg+xml'],
    ['page', bytes('<!-- a --> <!-- <svg> --><HTML>'), 'text/html'],
    ['open.txt', bytes('<!-- <html>'), 'text/plain'],
    // A pattern would try every way to pair the marks, and never end.
    ['comments.txt', bytes('<!---->'.repeat(585)), 'text/plain'],
    ['half.txt', bytes('é').subarray(0, 1), 'text/plain'],
  ])('of %s is what its content says', async (name, content, wanted) => {
    expect(await sniffMediaType(content, name)).toBe(wanted);
  });

  it.each([
    ['image.png', bytes('<!doctype html><script>alert(1)</script>'), 'text/html'],
    ['table.csv', bytes('<html><body></body></html>'), 'text/html'],
    ['image.png', bytes('just text'), 'text/plain'],
    ['notes.txt', png, 'image/png'],
    ['picture.jpg', bytes('<svg onload="alert(1)"></svg>'), 'image/svg+xml'],
  ])('is not what the name %s claims', async (name, content, wanted) => {
    expect(await sniffMediaType(content, name)).toBe(wanted);
  });
});
