import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CodeInterpreterSession } from '../port.ts';
import { bubblewrap, bubblewrapRefusal } from './bubblewrap.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

// One process that imports all of it is enough.
const interpreter = bubblewrap({ warmProcesses: 0 });
let session: CodeInterpreterSession;
let hasPackages = false;

describe.skipIf(bubblewrapRefusal() !== undefined)('figures in bubblewrap', () => {
  beforeAll(async () => {
    session = await interpreter.session('main');
    hasPackages =
      (await session.run('import numpy, pandas, matplotlib.pyplot as plt, sympy')).outcome === 'completed';
  });
  afterAll(() => interpreter.close());

  const draw = async (code: string): Promise<string[]> => {
    const result = await session.run(code);
    expect(result.traceback).toBeUndefined();
    expect(result.images.map(({ name }) => name)).toEqual(result.files.map(({ name }) => name));
    return result.files.map(({ name }) => name);
  };

  it('are saved by plt.show() and at the end, each once, under names that are free', async ({ skip }) => {
    skip(!hasPackages, 'numpy, pandas, matplotlib and sympy are not installed');
    expect(await draw('plt.plot([1, 2]); plt.show(); plt.plot([2, 1])')).toEqual([
      'figure-1.png',
      'figure-2.png',
    ]);
    expect(await draw("open('figure-3.png', 'rb') if False else None\nplt.bar(['a'], [1])")).toEqual([
      'figure-3.png',
    ]);
    expect(await draw('1')).toEqual([]);
    const png = await session.readFile('figure-1.png');
    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    const size = new DataView(png.buffer, png.byteOffset);
    expect(size.getUint32(16)).toBeGreaterThan(300);
  });

  it('that were saved by name are not saved again, unless they changed since', async ({ skip }) => {
    skip(!hasPackages);
    expect(await draw("plt.plot([1, 2]); plt.savefig('mine.png'); plt.show()")).toEqual(['mine.png']);
    expect(await draw("plt.plot([1, 2]); plt.savefig('old.png'); plt.title('new'); plt.show()")).toEqual([
      'figure-4.png',
      'old.png',
    ]);
    expect(await draw("import io; plt.plot([1, 2]); plt.savefig(io.BytesIO(), format='png')")).toEqual([
      'figure-5.png',
    ]);
  });

  it('come from data frames too', async ({ skip }) => {
    skip(!hasPackages);
    await session.writeFile('sales.csv', new TextEncoder().encode('month,north\n1,10\n2,30\n'));
    const result = await session.run(
      "import pandas\nframe = pandas.read_csv('sales.csv')\nframe.plot(x='month')\nframe['north'].mean()",
    );
    expect(result).toMatchObject({ value: '20.0', images: [{ name: 'figure-6.png' }] });
  });

  it('can be drawn without any package too', async () => {
    const { images } = await session.run(
      "import charts\ncharts.line('trend.svg', [1, 2, 3], [2, 4, 5], trend=True)",
    );
    expect(images.map(({ name }) => name)).toEqual(['trend.svg']);
  });
});
