import { pythonString } from '../with-python.js';
/** The Python for a table: read and clean, describe, then draw and write what was asked for. */
export function tableProgram(task) {
    const sections = [read(task), clean, describe];
    if (task.chart)
        sections.push(draw(task.chart, task.words));
    if (task.clean)
        sections.push(write);
    return `${sections.join('\n\n')}\n`;
}
function read({ file, chart }) {
    return String.raw `import csv, io, json, re, statistics
from pathlib import Path
${chart ? 'import charts\n' : ''}
source = Path(${pythonString(`/mnt/data/${file}`)})
try:
    text = source.read_text(encoding="utf-8-sig")
except UnicodeDecodeError:
    text = source.read_text(encoding="cp1252", errors="replace")

def number(cell):
    """Reads 1,234.50 and 1.234,50 and $12 and 7% and (3); None for anything else."""
    digits = re.sub(r"[\s$€£¥%']", "", cell).replace("−", "-")
    digits = re.sub(r"^\((.+)\)$", r"-\1", digits)
    if digits.rfind(",") > digits.rfind(".") and not re.fullmatch(r"-?\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(".", "").replace(",", ".")
    digits = digits.replace(",", "")
    plain = re.fullmatch(r"[-+]?((0|[1-9]\d{0,14})(\.\d+)?|\.\d+)(e[-+]?\d{1,2})?", digits, re.IGNORECASE)
    return float(digits) if plain else None

# The delimiter is the one that the first line uses most.
delimiter = max(",;\t|", key=text.lstrip().split("\n")[0].count)
lines = [[" ".join(cell.split()) for cell in line] for line in csv.reader(io.StringIO(text), delimiter=delimiter)]
rows = [line for line in lines if any(line)]
if len(rows) < 2:
    raise ValueError(f"{source.name} has no rows of data")
header, *body = rows
if any(number(cell) is not None and not re.fullmatch(r"(19|20)\d\d", cell) for cell in header):
    header, body = [""] * len(rows[0]), rows
header = [
    name if name and name not in header[:place] else f"{name or 'column'} {place + 1}"
    for place, name in enumerate(header)
]`;
}
const clean = String.raw `# Clean: unify missing values, drop repeated rows, sort by date.
missing, width = {"-", "?", "na", "n/a", "nan", "null", "none"}, len(header)
body = [tuple("" if cell.lower() in missing else cell for cell in (row + [""] * width)[:width]) for row in body]
kept = list(dict.fromkeys(body)) if width > 1 else body
dates = [place for place in range(width) if all(re.match(r"\d{4}-\d\d", row[place]) for row in kept)]
if dates:
    kept.sort(key=lambda row: row[dates[0]])
print(json.dumps({"rows": len(body), "kept": len(kept), "blank": len(lines) - len(rows)}))`;
const describe = String.raw `# Describe: a column is numeric when four of five filled cells are numbers.
numeric, labels = {}, None
for place, name in enumerate(header):
    cells = [row[place] for row in kept]
    values = [number(cell) for cell in cells]
    known = [value for value in values if value is not None]
    filled = sum(map(bool, cells))
    if not known or len(known) < 0.8 * filled:
        labels = labels or (name, cells)
        print(json.dumps({"column": name, "count": filled, "distinct": len(set(filter(None, cells)))}))
        continue
    numeric[name] = values
    points = [(step, value) for step, value in enumerate(values) if value is not None]
    slope = statistics.linear_regression(*zip(*points)).slope if len(points) > 1 else None
    print(json.dumps({
        "column": name, "count": len(known), "unreadable": filled - len(known),
        "mean": statistics.fmean(known), "median": statistics.median(known), "sum": sum(known),
        "min": min(known), "max": max(known), "slope": slope,
    }))`;
function draw(kind, words) {
    const asked = words.length === 0
        ? 'plotted = []'
        : `asked = {${words.map(pythonString).join(', ')}}
plotted = [column for column in numeric if asked & set(re.findall(r"\\w+", column.lower()))]`;
    const start = String.raw `# Draw: a first column that only grows counts the rows, so it becomes the axis.
first = numeric.get(header[0], [])
if len(numeric) > 1 and first and None not in first and all(a < b for a, b in zip(first, first[1:])):
    labels = labels or (header[0], first)
    del numeric[header[0]]
name, axis = labels or ("row", list(range(1, len(kept) + 1)))
${asked}`;
    const stem = String.raw `re.sub(r"[^\w.-]+", "-", source.stem)`;
    if (kind === 'scatter') {
        return String.raw `${start}
plotted = (plotted + [column for column in numeric if column not in plotted])[:2]
if len(plotted) < 2:
    raise ValueError("a scatter chart needs two columns of numbers")
pairs = [pair for pair in zip(numeric[plotted[0]], numeric[plotted[1]]) if None not in pair]
chart = source.with_name(${stem} + "-scatter.svg")
x, y = zip(*pairs)
charts.scatter(str(chart), list(x), list(y), title=source.stem, xlabel=plotted[0], ylabel=plotted[1])
print(json.dumps({"chart": chart.name, "plotted": plotted}))`;
    }
    const suffix = kind === 'line' ? 'trend' : 'bars';
    const trend = kind === 'line' ? ', trend=True' : '';
    return String.raw `${start}
if not plotted:
    # Columns of like size can share an axis.
    size = {column: max(abs(value) for value in values if value is not None) for column, values in numeric.items()}
    plotted = [column for column in numeric if size[column] * 5 >= max(size.values())][:4]
if plotted:
    chart = source.with_name(${stem} + "-${suffix}.svg")
    charts.${kind}(
        str(chart), axis, {column: numeric[column] for column in plotted},
        title=f"{', '.join(plotted)} by {name}", xlabel=name, ylabel=", ".join(plotted)${trend},
    )
    print(json.dumps({"chart": chart.name, "plotted": plotted}))`;
}
const write = String.raw `# Write the cleaned table, numbers in plain notation.
cleaned = source.with_name(re.sub(r"[^\w.-]+", "-", source.stem) + "-cleaned.csv")
with cleaned.open("w", encoding="utf-8", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(header)
    for step, row in enumerate(kept):
        writer.writerow(
            ("" if numeric[name][step] is None else f"{numeric[name][step]:.15g}") if name in numeric else cell
            for name, cell in zip(header, row)
        )
print(json.dumps({"cleaned": cleaned.name}))`;
//# sourceMappingURL=table-program.js.map