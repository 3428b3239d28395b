import { sandboxLink } from '../sandbox-files.ts';
import type { TableTask } from './table-program.ts';

interface NumericColumn {
  column: string;
  count: number;
  mean: number;
  median: number;
  min: number;
  max: number;
  /** NaN unless it was asked for. */
  sum: number;
  /** The rise of the trend line from row to row; 0 for a single value. */
  slope: number;
}

interface TextColumn {
  column: string;
  count: number;
  distinct: number;
}

/** What the table program printed. */
export interface TableReport {
  rows: number;
  kept: number;
  blank: number;
  repeated: number;
  unreadable: number;
  numeric: NumericColumn[];
  text: TextColumn[];
  chart: string | undefined;
  drawn: string[];
  cleaned: string | undefined;
}

const opening =
  /^Rows before cleaning: (\d+), after: (\d+)\nBlank lines: (\d+), repeated rows: (\d+), unreadable numbers: (\d+)$/;

/** Reads the printed paragraphs; undefined when they are not the program's. */
export function readReport(output: string): TableReport | undefined {
  const [first = '', ...paragraphs] = output.trimEnd().split('\n\n');
  const counts = opening.exec(first)?.slice(1).map(Number);
  if (!counts) return undefined;
  const [rows, kept, blank, repeated, unreadable] = counts as [number, number, number, number, number];
  const report: TableReport = {
    rows,
    kept,
    blank,
    repeated,
    unreadable,
    numeric: [],
    text: [],
    chart: undefined,
    drawn: [],
    cleaned: undefined,
  };
  for (const paragraph of paragraphs) {
    // No cell has two spaces in a row: the program made one of each run of them.
    const [heading = [], ...table] = paragraph.split('\n').map((line) => line.split(/ {2,}/));
    const kind = heading[0] ?? '';
    if (kind.startsWith('Chart: ')) {
      report.chart = kind.slice('Chart: '.length);
      report.drawn = heading.slice(1);
    } else if (kind.startsWith('Cleaned file: ')) report.cleaned = kind.slice('Cleaned file: '.length);
    else if (kind === 'column') {
      for (const cells of table) {
        // Output that was cut at its limit ends in the middle of a line.
        if (cells.length !== heading.length) continue;
        const column = readColumn(heading, cells);
        if ('mean' in column) report.numeric.push(column);
        else report.text.push(column);
      }
    }
  }
  return report;
}

/** A line of the printed table; columns of texts have dashes in place of measures. */
function readColumn(heading: string[], cells: string[]): NumericColumn | TextColumn {
  const find = (name: string): number => Number(cells[heading.indexOf(name)]);
  const column = cells[0] ?? '';
  if (Number.isNaN(find('mean'))) return { column, count: find('count'), distinct: find('different') };
  return {
    column,
    count: find('count'),
    mean: find('mean'),
    median: find('median'),
    min: find('min'),
    max: find('max'),
    sum: find('sum'),
    slope: find('trend per row'),
  };
}

/** The answer: what was asked for first, then what was done, then the files. */
export function describeTable(report: TableReport, task: TableTask, question: string): string {
  const wantsFiles = task.chart !== undefined || task.clean;
  const direct = wantsFiles ? undefined : answerDirectly(report, task, question);
  if (direct !== undefined) return direct;
  const paragraphs = [
    `**${task.file}** has ${count(report.rows, 'row')} of data in ${count(report.numeric.length + report.text.length, 'column')}. ${cleaning(report)}`,
  ];
  if (report.numeric.length > 0) paragraphs.push(statistics(report));
  else paragraphs.push('No column of it holds numbers, so there is nothing to calculate or to draw.');
  if (report.text.length > 0 && !wantsFiles) {
    paragraphs.push(
      report.text
        .map(
          (each) => `- **${plain(each.column)}**: ${count(each.count, 'value')}, ${each.distinct} different`,
        )
        .join('\n'),
    );
  }
  if (report.chart !== undefined) paragraphs.push(trend(report, task));
  if (report.cleaned !== undefined) paragraphs.push(`The cleaned data: ${sandboxLink(report.cleaned)}`);
  if (!wantsFiles)
    paragraphs.push('Ask me to *plot the trend* or to *give you the cleaned data* to get files.');
  return paragraphs.join('\n\n');
}

function cleaning({ blank, repeated, unreadable }: TableReport): string {
  const dropped = [
    blank > 0 && count(blank, 'blank line'),
    repeated > 0 && count(repeated, 'repeated row'),
  ].filter((each) => each !== false);
  const sentences = [
    dropped.length > 0 ? `I left out ${dropped.join(' and ')}.` : 'None of the rows is blank or repeated.',
    unreadable > 0 &&
      `${count(unreadable, 'cell')} among the numbers could not be read as a number and ${unreadable === 1 ? 'is' : 'are'} left out too.`,
  ];
  return sentences.filter(Boolean).join(' ');
}

function statistics({ numeric }: TableReport): string {
  const lines = numeric.map((each) => {
    const cells = [each.count, each.mean, each.median, each.min, each.max].map(format);
    return `| ${plain(each.column)} | ${cells.join(' | ')} |`;
  });
  return [
    '| column | values | mean | median | lowest | highest |',
    '|---|---:|---:|---:|---:|---:|',
    ...lines,
  ].join('\n');
}

function trend(report: TableReport, task: TableTask): string {
  const names = report.drawn.map((name) => `**${plain(name)}**`);
  if (task.chart !== 'line') return `The chart shows ${names.join(' and ')}.`;
  const trends = report.drawn.flatMap((name) => {
    const { slope, count: values } = report.numeric.find((each) => each.column === name) ?? {};
    if (slope === undefined || values === 1) return [];
    if (slope === 0) return [`**${plain(name)}** neither rises nor falls`];
    return [
      `**${plain(name)}** ${slope > 0 ? 'rises' : 'falls'} by about ${format(Math.abs(slope))} per row`,
    ];
  });
  return `The chart shows ${names.join(', ')} with a trend line${trends.length > 1 ? ' each' : ''}.${trends.length > 0 ? ` Over the whole table ${trends.join(', ')}.` : ''}`;
}

const measures: [RegExp, keyof NumericColumn, string][] = [
  [/\b(average|mean)\b/i, 'mean', 'mean'],
  [/\bmedian\b/i, 'median', 'median'],
  [/\b(sum|total|altogether)\b/i, 'sum', 'sum'],
  [/\b(min|minimum|lowest|smallest|least|cheapest)\b/i, 'min', 'lowest value'],
  [/\b(max|maximum|highest|largest|biggest|most|greatest)\b/i, 'max', 'highest value'],
];

/** A question after one number gets that number. */
function answerDirectly(report: TableReport, task: TableTask, question: string): string | undefined {
  if (
    /\bhow many (rows|lines|records|entries)\b|\b(number|count) of (rows|lines|records|entries)\b/i.test(
      question,
    )
  ) {
    return `**${task.file}** has **${count(report.rows, 'row')}** of data below its header${report.repeated > 0 ? `, ${report.repeated} of them repeated` : ''}.`;
  }
  const asked = measures.filter(([pattern]) => pattern.test(question));
  if (asked.length === 0) return undefined;
  const named = report.numeric.filter((each) => {
    return (each.column.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).some((word) =>
      task.words.includes(word),
    );
  });
  const columns = named.length > 0 || report.numeric.length > 1 ? named : report.numeric;
  if (columns.length === 0) return undefined;
  const sentences = columns.flatMap((each) =>
    asked.map(
      ([, measure, label]) =>
        `The ${label} of **${plain(each.column)}** is **${format(Number(each[measure]))}** (${count(each.count, 'value')}).`,
    ),
  );
  return `${sentences.join('\n')}\n\n${cleaning(report)}`;
}

function count(amount: number, noun: string): string {
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;
}

function format(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1 || value === 0
    ? value.toLocaleString('en-US', { maximumFractionDigits: 2 })
    : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** A column's name as text within markdown. */
function plain(name: string): string {
  return name.replace(/[\\|*_`[\]<>]/g, '\\$&');
}
