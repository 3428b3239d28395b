import { afterAll, describe, expect, it, vi } from 'vitest';
import { pyodide } from './pyodide.ts';

// A first start on a busy machine makes the snapshot, which takes some seconds of computing.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const interpreter = pyodide({ warmProcesses: 0, outputLimit: 1_000_000 });
const session = interpreter.session('charts');
afterAll(() => interpreter.close());

interface Element {
  tag: string;
  attributes: Record<string, string>;
  text: string;
}

/** Python's XML parser has no part in drawing, and refuses what is not well-formed. */
const readBack = `
import json, xml.etree.ElementTree
def plain(name): return name.split('}')[-1]
print(json.dumps([dict(tag=plain(element.tag), attributes=element.attrib, text=element.text or '')
    for element in xml.etree.ElementTree.parse('chart.svg').iter()]))`;

/** Runs code that writes `chart.svg`, and reads it as XML. */
async function draw(code: string): Promise<{ elements: Element[]; source: string; texts: string[] }> {
  const open = await session;
  const result = await open.run(`import charts\n${code}`);
  expect(result.traceback).toBeUndefined();
  expect(result.images.map(({ name }) => name)).toEqual(['chart.svg']);
  const source = new TextDecoder().decode(await open.readFile('chart.svg'));
  const reading = await open.run(readBack);
  expect(reading.traceback).toBeUndefined();
  const elements = JSON.parse(reading.logs) as Element[];
  expect(elements[0]?.tag).toBe('svg');
  return { elements, source, texts: elements.filter(({ tag }) => tag === 'text').map(({ text }) => text) };
}

function count(elements: Element[], tag: string, attributes: Record<string, string> = {}): number {
  return elements.filter(
    (element) =>
      element.tag === tag &&
      Object.entries(attributes).every(([name, value]) => element.attributes[name] === value),
  ).length;
}

describe('charts', () => {
  it('draws a line over months with its trend, as an image of the run', async () => {
    const { elements, texts } = await draw(
      "charts.line('chart.svg', ['2024-01', '2024-02', '2024-03', '2024-04'], [10, 12, 14, 16], title='Sales', xlabel='Month', ylabel='Units', trend=True)",
    );
    expect(texts).toEqual(expect.arrayContaining(['Sales', 'Month', 'Units', 'Jan', '2024', 'Feb']));
    expect(texts.join('\n')).toMatch(/^Trend, \+2\.0\d per month$/m);
    expect(count(elements, 'circle')).toBe(4);
    expect(count(elements, 'line', { 'stroke-dasharray': '7 6' })).toBe(1);
    expect(elements[0]?.attributes).toMatchObject({
      viewBox: '0 0 800 450',
      width: '800',
      height: '450',
      role: 'img',
    });
  });

  it('draws named series with a legend, and gaps where values are missing', async () => {
    const { elements, texts } = await draw(
      "charts.line('chart.svg', [1, 2, 3, 4, 5], {'north': [1, 2, None, 4, 5], 'south': [5, 4, 3, 2, 1]})",
    );
    expect(texts).toEqual(expect.arrayContaining(['north', 'south']));
    expect(count(elements, 'path', { fill: 'none' })).toBe(3);
  });

  it('draws bars from zero, also below it', async () => {
    const { elements, texts } = await draw("charts.bar('chart.svg', ['a', 'b', 'c'], [1250, -40, '1,000'])");
    expect(count(elements, 'path')).toBe(3);
    expect(texts).toEqual(expect.arrayContaining(['a', 'b', 'c', '1,250', '−40', '1,000', '0']));
  });

  it('draws dots with dates, numbers and a single value', async () => {
    expect(count((await draw("charts.scatter('chart.svg', [1, 2, 3], [3, 1, 2])")).elements, 'circle')).toBe(
      3,
    );
    expect((await draw("charts.scatter('chart.svg', ['only'], [7])")).texts).toContain('only');
    const dated = await draw(
      "import datetime\ncharts.scatter('chart.svg', [datetime.datetime(2024, 5, 1, hour) for hour in range(24)], range(24))",
    );
    expect(dated.texts).toEqual(expect.arrayContaining(['1 May', '06:00']));
  });

  it('keeps every coordinate finite and inside, whatever the values', async () => {
    for (const values of [
      '[0, 0, 0]',
      '[5, 5, 5]',
      '[-1e-9, 1e-9, 0]',
      '[1e15, 2e15, -3e15]',
      "[float('nan'), 1, float('inf')]",
    ]) {
      for (const kind of ['line', 'bar', 'scatter']) {
        const { source, elements } = await draw(
          `charts.${kind}('chart.svg', [3, 1, 2], ${values}, trend=True)`,
        );
        expect(source, `${kind} of ${values}`).not.toMatch(/nan|inf(?!o)/i);
        for (const { attributes } of elements.filter(({ tag }) => tag === 'circle')) {
          expect(Number(attributes.cy)).toBeGreaterThan(0);
          expect(Number(attributes.cy)).toBeLessThan(450);
        }
      }
    }
  });

  it('escapes every text, and holds neither script nor style', async () => {
    const evil = '</text></svg><script>alert(1)</script><style>*{}</style>&\\"\\\' onload=\\x00';
    const { elements, source, texts } = await draw(
      `evil = "${evil}"\ncharts.line('chart.svg', [evil, 'b'], {evil: [1, 2], 'b': [2, 3]}, title=evil, xlabel=evil, ylabel=evil, trend=True)`,
    );
    expect([...new Set(elements.map(({ tag }) => tag))].sort()).toEqual([
      'circle',
      'line',
      'path',
      'rect',
      'svg',
      'text',
      'title',
    ]);
    expect(source).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=["']|href/i);
    expect(texts.filter((text) => text.startsWith('</text>')).length).toBeGreaterThan(2);
  });

  it('stays small however many values there are', async () => {
    const { source } = await draw(
      "charts.line('chart.svg', list(range(60_000)), [(i * 7919) % 1000 for i in range(60_000)], title='Many')",
    );
    expect(source.length).toBeLessThan(150_000);
  });

  it.each([
    ["charts.line('chart.png', [1], [2])", /ValueError: charts draws SVG: name the file chart\.svg/],
    ["charts.line('c.svg', [1, 2], [2])", /ValueError: x has 2 values and y has 1/],
    ["charts.bar('c.svg', ['a'], ['many'])", /ValueError: y must hold numbers, and 'many' is none/],
    ["charts.bar('c.svg', [], [])", /ValueError: there is nothing to draw/],
  ])('explains what is wrong with %s', async (code, message) => {
    expect((await (await session).run(`import charts\n${code}`)).traceback).toMatch(message);
  });
});
