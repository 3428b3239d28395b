import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSandboxLinkRewriter } from './sandbox-links.ts';

const files: Record<string, string> = {
  'a.csv': '/f/1',
  'my file.csv': '/f/2',
  'b(1).png': '/f/3',
  'out/c.csv': '/f/4',
};

function rewrite(pieces: string[]): { shown: string[]; text: string } {
  const rewriter = createSandboxLinkRewriter((name) => files[name]);
  const shown = [...pieces.map((piece) => rewriter.push(piece)), rewriter.end()];
  return { shown, text: shown.join('') };
}

describe('links into the sandbox', () => {
  it.each([
    ['[a](sandbox:/mnt/data/a.csv)', '[a](/f/1)'],
    ['![a](sandbox:/mnt/data/a.csv "the title")', '![a](/f/1 "the title")'],
    ['[a](sandbox:/mnt/data/my file.csv) and more', '[a](/f/2) and more'],
    ['[a](sandbox:/mnt/data/my%20file.csv)', '[a](/f/2)'],
    ['[a](<sandbox:/mnt/data/my file.csv>)', '[a](</f/2>)'],
    ['[b](sandbox:/mnt/data/b(1).png)', '[b](/f/3)'],
    ['[c](sandbox:/mnt/data/out/c.csv)', '[c](/f/4)'],
    ['See sandbox:/mnt/data/a.csv.', 'See /f/1.'],
    ['`sandbox:/mnt/data/a.csv`', '`/f/1`'],
    ['sandbox:/mnt/data/a.csv\nsandbox:/mnt/data/a.csv', '/f/1\n/f/1'],
    ['[x](sandbox:/mnt/data/unknown.csv)', '[x](sandbox:/mnt/data/unknown.csv)'],
    ['a sandbox: and sandbox:/mnt/', 'a sandbox: and sandbox:/mnt/'],
    ['sandbox:/mnt/data/', 'sandbox:/mnt/data/'],
  ])('turns %j into %j', (given, wanted) => {
    expect(rewrite([given]).text).toBe(wanted);
  });

  it('gives the same text however it is cut', () => {
    const text =
      'So, sss [a](sandbox:/mnt/data/a.csv), ![b](sandbox:/mnt/data/b(1).png) and sandbox:/mnt/data/a.csv. Done';
    const whole = rewrite([text]).text;
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
        expect(rewrite(pieces).text).toBe(whole);
      }),
    );
  });

  it('shows text at once that can be no link', () => {
    expect(rewrite(['The answers are ', 'simple ', 'so ']).shown).toEqual([
      'The answers are ',
      'simple ',
      'so ',
      '',
    ]);
  });

  it('waits no longer than a name can be', () => {
    const { shown } = rewrite([`(sandbox:/mnt/data/${'x'.repeat(600)}`]);
    expect(shown[0]).toBe(`(sandbox:/mnt/data/${'x'.repeat(600)}`);
  });

  it('leaves a link alone whose name is too long for a file, whatever stands in it', () => {
    const rewriter = createSandboxLinkRewriter((name) => `/files/${encodeURIComponent(name)}`);
    const text = `(sandbox:/mnt/data/a${'😀'.repeat(300)}) and (sandbox:/mnt/data/b.csv)`;
    const shown = rewriter.push(text) + rewriter.end();
    expect(shown).toBe(text.replace('sandbox:/mnt/data/b.csv', '/files/b.csv'));
  });

  it('says what it replaced, in places of the original text', () => {
    const rewriter = createSandboxLinkRewriter((name) => files[name]);
    rewriter.push('ab (sandbox:/mnt');
    rewriter.push('/data/a.csv) c');
    rewriter.end();
    expect(rewriter.edits).toEqual([{ start: 4, end: 27, length: 4 }]);
  });
});
