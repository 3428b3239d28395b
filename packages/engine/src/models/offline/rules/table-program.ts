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
  if (task.chart) sections.push(draw(task.chart, task.words));
  if (task.clean) sections.push(write);
  return `${sections.join('\n\n')}\n`;
}

function read({ file, chart }: TableTask): string {
  return String.raw`import csv, io, re, statistics
from pathlib import Path
${chart ? 'import charts\n' : ''}
def number(cell):
    """Reads 1,234.50 and 1.234,50 and $12 and 7% and (3); None for anything else."""
    digits = re.sub(r"^\((.+)\)$", r"-\1", re.sub(r"[\s$€£¥%']", "", cell).replace("−", "-"))
    if digits.rfind(",") > digits.rfind(".") and not re.fullmatch(r"-?\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(".", "").replace(",", ".")
    digits = digits.replace(",", "")
    if re.fullmatch(r"[-+]?((0|[1-9]\d{0,14})(\.\d+)?|\.\d+)(e[-+]?\d{1,2})?", digits, re.I):
        return int(float(digits)) if float(digits).is_integer() else float(digits)

# Read: the delimiter is the one that the first line uses most.
source = Path(${pythonString(`/mnt/data/${file}`)})
try:
    text = source.read_text(encoding="utf-8-sig")
except UnicodeDecodeError:
    text = source.read_text(encoding="cp1252", errors="replace")
delimiter = max(",;\t|", key=text.lstrip().split("\n")[0].count)
reader = csv.reader(io.StringIO(text), delimiter=delimiter)
lines = [[" ".join(cell.split()) for cell in line] for line in reader]
header, *rows = filter(any, lines) if any(map(any, lines)) else [[]]
blank = len(lines) - len(rows) - 1
if any(number(cell) is not None and not re.fullmatch(r"(19|20)\d\d", cell) for cell in header):
    header, rows = [""] * len(header), [header, *rows]
for place, name in enumerate(header):
    while not name or name in header[:place]:
        name = f"{name or 'column'} {place + 1}"
    header[place] = name
if not rows:
    raise ValueError(f"{source.name} has no rows of data")`;
}

const clean = String.raw`# Clean: empty the cells that stand for nothing, drop repeated rows, sort by date.
missing, width, before = {"-", "?", "na", "n/a", "nan", "null", "none"}, len(header), len(rows)
rows = [["" if cell.lower() in missing else cell for cell in row] for row in rows]
rows = [tuple(row[:width] + [""] * (width - len(row))) for row in rows]
if width > 1:
    rows = list(dict.fromkeys(rows))
dates = [place for place in range(width) if all(re.match(r"\d{4}-\d\d", row[place]) for row in rows)]
rows.sort(key=lambda row: row[dates[0]] if dates else 0)`;

function describe(sum: boolean): string {
  return String.raw`# Describe: a column is numeric when four of five filled cells are numbers.
def short(value):
    return f"{value:.3g}" if abs(value) < 1 else f"{round(value, 2):.15g}"

def show(table):
    widths = [max(map(len, cells)) for cells in zip(*table)]
    for name, *cells in table:
        print(name.ljust(widths[0]), *map(str.rjust, cells, widths[1:]), sep="  ")

mean, median = statistics.fmean, statistics.median
measures = {"count": len, "mean": mean, "median": median, "min": min, "max": max${sum ? ', "sum": sum' : ''}}
numbers, texts = [["column", *measures, "trend per row"]], [["text column", "count", "different"]]
numeric, labels, unreadable = {}, {}, 0
for name, cells in zip(header, zip(*rows)):
    values, filled = [number(cell) for cell in cells], [cell for cell in cells if cell]
    known = {row: value for row, value in enumerate(values) if value is not None}
    if len(known) < max(1, 0.8 * len(filled)):
        labels[name] = cells
        texts.append([name, str(len(filled)), str(len(set(filled)))])
    else:
        numeric[name] = values
        unreadable += len(filled) - len(known)
        x, y = list(known), list(known.values())
        slope = short(statistics.linear_regression(x, y).slope) if len(known) > 1 else "-"
        numbers.append([name, *(short(measure(y)) for measure in measures.values()), slope])
print(f"Rows before cleaning: {before}, after: {len(rows)}")
print(f"Blank lines: {blank}, repeated rows: {before - len(rows)}, unreadable numbers: {unreadable}")
for table in (numbers, texts):
    if len(table) > 1:
        print()
        show(table)`;
}

const fileStem = String.raw`re.sub(r"[^\w.-]+", "-", source.stem)`;

function draw(kind: 'line' | 'bar' | 'scatter', words: string[]): string {
  const suffix = { line: 'trend', bar: 'bars', scatter: 'scatter' }[kind];
  const start = String.raw`# Draw: a first column that only grows counts the rows, so it becomes the axis.
series, axes, first = dict(numeric), dict(labels), numeric.get(header[0], [None])
if len(series) > 1 and None not in first and first == sorted(set(first)):
    axes[header[0]] = series.pop(header[0])
name, axis = next(iter(axes.items()), ("row", list(range(1, len(rows) + 1))))
asked = {${words.map(pythonString).join(', ') || '""'}}
drawn = [column for column in series if asked & set(re.findall(r"\w+", column.lower()))]
chart = source.with_name(${fileStem} + "-${suffix}.svg")`;
  const end = String.raw`print(f"\nChart: {chart.name}", *drawn, sep="  ")`;
  if (kind === 'scatter') {
    return String.raw`${start}
drawn = (drawn + [column for column in series if column not in drawn])[:2]
if len(drawn) < 2:
    raise ValueError("a scatter chart needs two columns of numbers")
x, y = zip(*(pair for pair in zip(series[drawn[0]], series[drawn[1]]) if None not in pair))
charts.scatter(str(chart), list(x), list(y), title=source.stem, xlabel=drawn[0], ylabel=drawn[1])
${end}`;
  }
  return String.raw`${start}
if not drawn:  # Columns of like size can share an axis.
    size = {column: max(abs(value or 0) for value in values) for column, values in series.items()}
    drawn = [column for column in series if size[column] * 5 >= max(size.values())][:4]
if drawn:
    lines, ylabel = {column: series[column] for column in drawn}, ", ".join(drawn)
    title = f"{ylabel} by {name}"
    charts.${kind}(str(chart), axis, lines, title=title, xlabel=name, ylabel=ylabel${kind === 'line' ? ', trend=True' : ''})
    ${end}`;
}

const write = String.raw`# Write the cleaned table.
columns, cleaned = {**labels, **numeric}, source.with_name(${fileStem} + "-cleaned.csv")
with cleaned.open("w", encoding="utf-8", newline="") as file:
    csv.writer(file).writerows([header, *zip(*(columns[name] for name in header))])
print(f"\nCleaned file: {cleaned.name}")`;
