import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  codeInterpreterTool,
  converse,
  pythonExecutor,
  streamTurn,
  userMessage,
  type Run,
} from '../test-support/converse.ts';
import { LocalPython } from '../test-support/local-python.ts';

const sales = `Month; Region ;Units;Revenue (USD);Zip
2024-03;North;120;"$1.234,50";01234
2024-01;North;100;"$1.000,00";01234
2024-02;North;110;;01234

2024-02;North;110;;01234
2024-04;  North  ;n/a;"$1.400,25";01234
2024-05;North;oops;"$1.500,25";01234
2024-06;North;150;(1);01234
2024-07;North;150;1600;01234
`;

describe.skipIf(!LocalPython.isInstalled())('the table rule', () => {
  let python: LocalPython;
  beforeAll(() => {
    python = new LocalPython();
  });
  afterAll(() => python.close());
  beforeEach(() => {
    for (const name of readdirSync(python.folder)) rmSync(join(python.folder, name));
  });

  function ask(question: string, name: string, content: string | Uint8Array): Promise<Run> {
    writeFileSync(join(python.folder, name), content);
    return converse(
      [userMessage(question, [name])],
      [codeInterpreterTool],
      pythonExecutor((code) => python.run(code)),
    );
  }
  const made = (name: string): string => readFileSync(join(python.folder, name), 'utf8');

  it('draws the trend, cleans the table and links the cleaned one', async () => {
    const run = await ask('plot the trend and give me the cleaned data', 'sales.csv', sales);
    expect(run.turns).toHaveLength(1);
    expect(made('sales-cleaned.csv').split(/\r?\n/)).toEqual([
      'Month,Region,Units,Revenue (USD),Zip',
      '2024-01,North,100,1000,01234',
      '2024-02,North,110,,01234',
      '2024-03,North,120,1234.5,01234',
      '2024-04,North,,1400.25,01234',
      '2024-05,North,,1500.25,01234',
      '2024-06,North,150,-1,01234',
      '2024-07,North,150,1600,01234',
      '',
    ]);
    expect(JSON.parse(made('sales-trend.svg'))).toMatchObject({
      kind: 'line',
      x: ['2024-01', '2024-02', '2024-03', '2024-04', '2024-05', '2024-06', '2024-07'],
      y: { 'Revenue (USD)': [1000, null, 1234.5, 1400.25, 1500.25, -1, 1600] },
      xlabel: 'Month',
      trend: true,
    });
    expect(run.text).toContain(
      '**sales.csv** has 8 rows of data in 5 columns. I left out 1 blank line and 1 repeated row.',
    );
    expect(run.text).toContain('| Units | 5 | 126 | 120 | 100 | 150 |');
    expect(run.text).toContain('[sales-cleaned.csv](sandbox:/mnt/data/sales-cleaned.csv)');
    expect(run.results[0]).toMatchObject({ value: { files: ['sales-cleaned.csv', 'sales-trend.svg'] } });
  });

  it('prints what a person can read', async () => {
    const run = await ask('plot the trend and give me the cleaned data', 'sales.csv', sales);
    expect(run.results[0]).toMatchObject({
      value: {
        output: `Rows before cleaning: 8, after: 7
Blank lines: 1, repeated rows: 1, unreadable numbers: 1

column         count  different     mean   median  min   max  trend per row
Month              7          7        -        -    -     -              -
Region             7          1        -        -    -     -              -
Units              5          4      126      120  100   150           8.81
Revenue (USD)      6          6  1122.33  1317.38   -1  1600          -7.75
Zip                7          1        -        -    -     -              -

Chart: sales-trend.svg  Revenue (USD)

Cleaned file: sales-cleaned.csv
`,
      },
    });
  });

  it('writes a program that can be read while it is written', async () => {
    const run = await ask('plot the trend and give me the cleaned data', 'sales.csv', sales);
    const lines = String(run.turns[0]![0]!.input['code']).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(85);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(105);
  });

  it('tells no trend of a single value, and nothing of a line that was cut off', async () => {
    expect((await ask('plot it', 'one.csv', 'day,a\nMonday,5\n')).text).not.toMatch(/rises|falls/);
    const { text } = await converse([userMessage('', ['a.csv'])], [codeInterpreterTool], async () => ({
      type: 'text',
      value: `Rows before cleaning: 2, after: 2
Blank lines: 0, repeated rows: 0, unreadable numbers: 0

column  count  different  mean  median  min  max  trend per row
a           2          2     1       1    0    2              2
b           2          2     1`,
    }));
    expect(text).toContain('| a | 2 | 1 | 1 | 0 | 2 |');
    expect(text).not.toMatch(/\bb\b/);
  });

  it('totals a column when asked', async () => {
    const run = await ask('What is the total of the units?', 'sales.csv', sales);
    expect(run.text.split('\n')[0]).toBe('The sum of **Units** is **630** (5 values).');
  });

  it('keeps column names that repeat or look like the rest of the output', async () => {
    const run = await ask('', 'odd.csv', 'a,a 3,a,column,Chart: x.svg\n1,2,3,4,no\n2,3,4,5,yes\n');
    for (const line of [
      '| a | 2 | 1.5 |',
      '| a 3 | 2 | 2.5 |',
      '| a 3 3 | 2 | 3.5 |',
      '| column | 2 | 4.5 |',
      '**Chart: x.svg**: 2 values',
    ])
      expect(run.text).toContain(line);
  });

  it('draws the column that the question names', async () => {
    await ask('Plot the units, please', 'sales.csv', sales);
    expect(JSON.parse(made('sales-trend.svg'))).toMatchObject({
      y: { Units: [100, 110, 120, null, null, 150, 150] },
      ylabel: 'Units',
    });
    await ask('A bar chart of revenue', 'sales.csv', sales);
    expect(JSON.parse(made('sales-bars.svg'))).toMatchObject({ kind: 'bar', ylabel: 'Revenue (USD)' });
    await ask('Scatter plot of units versus revenue', 'sales.csv', sales);
    expect(JSON.parse(made('sales-scatter.svg'))).toMatchObject({ kind: 'scatter', x: [100, 120, 150, 150] });
  });

  it.each([
    [
      'How many rows does it have?',
      '**sales.csv** has **8 rows** of data below its header, 1 of them repeated.',
    ],
    ['What is the average of the units?', 'The mean of **Units** is **126** (5 values).'],
    ['Highest revenue?', 'The highest value of **Revenue (USD)** is **1,600** (6 values).'],
  ])('answers %j with the number asked for', async (question, answer) => {
    const run = await ask(question, 'sales.csv', sales);
    expect(run.text.split('\n')[0]).toBe(answer);
    expect(readdirSync(python.folder)).toEqual(['sales.csv']);
  });

  it('describes a table that comes without a question', async () => {
    const run = await ask('', 'sales.csv', sales);
    expect(run.text).toContain('| Units | 5 |');
    expect(run.text).toContain('**Region**: 7 values, 1 different');
  });

  it('takes a first column that only grows as the axis', async () => {
    await ask('plot it', 'growth.csv', 'year,a,b\n2001,1,10\n2002,2,9\n2004,4,7\n');
    expect(JSON.parse(made('growth-trend.svg'))).toMatchObject({ x: [2001, 2002, 2004], xlabel: 'year' });
  });

  it('reads tables without a header, with repeated names, tabs, other encodings and broken rows', async () => {
    expect((await ask('describe', 'bare.csv', '1,2\n3,4\n')).text).toContain('| column 1 | 2 | 2 |');
    expect((await ask('describe', 'twice.csv', 'a,a\n3,4\n')).text).toContain('| a 2 | 1 | 4 |');
    expect((await ask('describe', 'tabs.tsv', 'a\tb\nx\t4\ny\n')).text).toContain('| b | 1 | 4 |');
    expect((await ask('describe', 'old.csv', Buffer.from('Größe\n1\n', 'latin1'))).text).toContain(
      '| Größe | 1 |',
    );
    expect((await ask('describe', 'quoted.csv', '"a ""b""","c\nd"\nx,1\n')).text).toContain(
      '| c d | 1 | 1 |',
    );
  });

  it.each(['', '\n\n', 'only,a,header\n'])('says what is wrong with %j', async (content) => {
    const run = await ask('plot the trend', 'empty.csv', content);
    expect(run.text).toContain('empty.csv has no rows of data');
  });

  it('says when there is nothing to draw', async () => {
    const run = await ask('plot the trend and clean it', 'names.csv', 'first,last\nAda,Lovelace\n');
    expect(run.text).toContain('No column of it holds numbers');
    expect(run.text).toContain('sandbox:/mnt/data/names-cleaned.csv');
  });

  it.each(['it\'s "quoted".csv', 'größe 数据 (1).csv', 'back\\slash\u2028{x}.csv', '$(rm).csv'])(
    'is safe with the file name %j',
    async (name) => {
      const run = await ask('plot the trend and clean the data', name, 'a,b\n1,2\n2,3\n');
      expect(run.results[0]).not.toHaveProperty('value.error');
      expect(run.text).toMatch(
        /\[[\p{L}\w.-]+-cleaned\.csv\]\(sandbox:\/mnt\/data\/[\p{L}\w.-]+-cleaned\.csv\)/u,
      );
    },
  );

  it('finds the table of an earlier message when asked about it, and only then', async () => {
    const earlier = [userMessage('', ['sales.csv']), { role: 'assistant' as const, content: [] }];
    const about = await streamTurn({
      prompt: [...earlier, userMessage('Plot the trend')],
      tools: [codeInterpreterTool],
    });
    expect(about.calls[0]?.input).toContain('/mnt/data/sales.csv');
    const other = await streamTurn({
      prompt: [...earlier, userMessage('Hello')],
      tools: [codeInterpreterTool],
    });
    expect(other.calls).toEqual([]);
  });
});
