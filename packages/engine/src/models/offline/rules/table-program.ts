import { pythonString } from '../with-python.ts';

/** What the program does with the table beside describing it. */
export interface TableTask {
  /** The file below `/mnt/data`. */
  file: string;
  chart: 'line' | 'bar' | 'scatter' | undefined;
  /** Whether to write the cleaned table. */
  clean: boolean;
  /** Whether the sum of each column is wanted too. */
  sum: boolean;
  /** Words of the question that may name columns. */
  words: string[];
}

/**
 * The Python for a table: read and clean, describe, then draw and write what was asked for.
 * It is watched while it is written, and so is what it prints: both are made to be read by people.
 */
export function tableProgram(task: TableTask): string {
  const sections = [read(task), clean, describe(task.sum)];
  if (task.chart) sections.push(draw(task.file, task.chart, task.words));
  if (task.clean) sections.push(write(task.file));
  return `${sections.join('\n\n')}\n`;
}

function read({ file, chart }: TableTask): string {
  return String.raw`import ${chart ? 'charts, ' : ''}csv, io, re
from pathlib import Path
from statistics import fmean, linear_regression, median

def number(cell):
    """Reads 1,234.50 and 1.234,50 and $12 and 7% and (3); None for anything else."""
    digits = re.sub(r"^\((.+)\)$", r"-\1", re.sub(r"[\s$€£¥%']", "", cell).replace("−", "-"))
    if digits.rfind(",") > digits.rfind(".") and not re.fullmatch(r"-?\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(".", "").replace(",", ".")
    digits = digits.replace(",", "")
    if re.fullmatch(r"[-+]?((0|[1-9]\d{0,14})(\.\d+)?|\.\d+)(e[-+]?\d{1,2})?", digits, re.I):
        return int(float(digits)) if float(digits).is_integer() else float(digits)

# Read, with the delimiter that the first line uses most; a line with numbers is no header.
source = Path(${pythonString(`/mnt/data/${file}`)})
try:
    text = source.read_text(encoding="utf-8-sig")
except UnicodeDecodeError:
    text = source.read_text(encoding="cp1252", errors="replace")
reader = csv.reader(io.StringIO(text), delimiter=max(",;\t|", key=text.lstrip().split("\n")[0].count))
lines = [[" ".join(cell.split()) for cell in line] for line in reader]
header, *rows = [line for line in lines if any(line)] or [[]]
blank = len(lines) - len(rows) - 1
if any(number(cell) is not None and not re.fullmatch(r"(19|20)\d\d", cell) for cell in header):
    header, rows = [""] * len(header), [header, *rows]
for place, name in enumerate(header):
    while not name or name in header[:place]:
        name = f"{name or 'column'} {place + 1}"
    header[place] = name
assert rows, f"{source.name} has no rows of data"`;
}

const clean = String.raw`# Clean: empty the cells that stand for nothing, drop repeated rows, sort by date.
nothing, width, before = re.compile(r"-|\?|n/?a|nan|null|none", re.I), len(header), len(rows)
rows = [(row + [""] * width)[:width] for row in rows]
rows = [tuple("" if nothing.fullmatch(cell) else cell for cell in row) for row in rows]
rows = list(dict.fromkeys(rows)) if width > 1 else rows
dates = [place for place in range(width) if all(re.match(r"\d{4}-\d\d", row[place]) for row in rows)]
rows.sort(key=lambda row: [row[place] for place in dates[:1]])`;

function describe(sum: boolean): string {
  return String.raw`# Describe: a column is numeric when four of five filled cells are numbers.
def short(value):
    return f"{value:.3g}" if abs(value) < 1 else f"{round(value, 2):.15g}"

table = [["column", "count", "different", "mean", "median", "min", "max",${sum ? ' "sum",' : ''} "trend per row"]]
numeric, labels, unreadable = {}, {}, 0
for name, cells in zip(header, zip(*rows)):
    filled, values = [cell for cell in cells if cell], [number(cell) for cell in cells]
    points = [(row, value) for row, value in enumerate(values) if value is not None]
    if len(points) < max(1, 0.8 * len(filled)):
        labels[name] = cells
        table.append([name, str(len(filled)), str(len(set(filled))), *["-"] * (len(table[0]) - 3)])
        continue
    numeric[name] = values
    unreadable += len(filled) - len(points)
    x, y = zip(*points)
    slope = linear_regression(x, y).slope if len(y) > 1 else 0
    measures = len(y), len(set(y)), fmean(y), median(y), min(y), max(y),${sum ? ' sum(y),' : ''} slope
    table.append([name, *map(short, measures)])
print(f"Rows before cleaning: {before}, after: {len(rows)}")
print(f"Blank lines: {blank}, repeated rows: {before - len(rows)}, unreadable numbers: {unreadable}\n")
widths = [max(map(len, cells)) for cells in zip(*table)]
for name, *cells in table:
    print(name.ljust(widths[0]), *map(str.rjust, cells, widths[1:]), sep="  ")`;
}

/** A file beside the table, named after it: links to it need a name without spaces and brackets. */
function beside(file: string, ending: string): string {
  const [, folder = '', name = ''] = /^(.*\/)?(.*)$/su.exec(file) ?? [];
  return `${folder}${name.replace(/(?!^)\.[^.]*$/s, '').replace(/[^\p{L}\p{N}_.-]+/gu, '-')}${ending}`;
}

function draw(file: string, kind: 'line' | 'bar' | 'scatter', words: string[]): string {
  const chart = beside(file, { line: '-trend.svg', bar: '-bars.svg', scatter: '-scatter.svg' }[kind]);
  const path = pythonString(`/mnt/data/${chart}`);
  const report = String.raw`print(${pythonString(`\nChart: ${chart}`)}, *drawn, sep="  ")`;
  // Words are made of letters and digits alone, so they need no escape.
  const asked =
    words.length === 0
      ? 'drawn = []'
      : String.raw`drawn = [column for column in series if re.search(r"\b(${words.join('|')})\b", column, re.I)]`;
  const start = String.raw`# Draw: the axis is the first column of texts, or a first column that only grows.
series, axes, first = {**numeric}, {**labels}, numeric.get(header[0], [None])
if len(series) > 1 and None not in first and first == sorted(set(first)):
    axes[header[0]] = series.pop(header[0])
name, axis = next(iter(axes.items()), ("row", list(range(1, len(rows) + 1))))
${asked}`;
  if (kind === 'scatter') {
    return String.raw`${start}
drawn = (drawn + [column for column in series if column not in drawn])[:2]
if len(drawn) < 2:
    raise ValueError("a scatter chart needs two columns of numbers")
x, y = zip(*(pair for pair in zip(series[drawn[0]], series[drawn[1]]) if None not in pair))
charts.scatter(${path}, x, y, title=source.stem, xlabel=drawn[0], ylabel=drawn[1])
${report}`;
  }
  return String.raw`${start}
if series:  # Columns of like size can share an axis.
    size = {column: max(abs(value or 0) for value in values) for column, values in series.items()}
    drawn = drawn or [column for column in size if size[column] * 5 >= max(size.values())][:4]
    what, lines = ", ".join(drawn), {column: series[column] for column in drawn}
    title = f"{what} by {name}"
    charts.${kind}(${path}, axis, lines, title, name, what${kind === 'line' ? ', trend=True' : ''})
    ${report}`;
}

function write(file: string): string {
  const cleaned = beside(file, '-cleaned.csv');
  return String.raw`# Write the cleaned table.
columns = {**labels, **numeric}
with open(${pythonString(`/mnt/data/${cleaned}`)}, "w", encoding="utf-8", newline="") as file:
    csv.writer(file).writerows([header, *zip(*(columns[name] for name in header))])
print(${pythonString(`\nCleaned file: ${cleaned}`)})`;
}
