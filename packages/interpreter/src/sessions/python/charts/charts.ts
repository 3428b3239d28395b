import { drawingSource } from './drawing.ts';
import { layoutSource } from './layout.ts';
import { ticksSource } from './ticks.ts';
import { valuesSource } from './values.ts';

/**
 * The module `charts` that user code draws with: SVG from the standard library alone.
 * The documents hold presentation attributes only, no style sheet and no script, so they may be shown anywhere.
 */
export const chartsSource: string = String.raw`
"""Draws line, bar and scatter charts as SVG files.

    charts.line("trend.svg", x, y, title="Trend", xlabel="Month", ylabel="Sales", trend=True)
    charts.bar("totals.svg", names, totals)
    charts.scatter("cloud.svg", x, {"first": y1, "second": y2})

x holds numbers, dates (date, datetime or texts such as 2024-03-01) or names; y holds numbers, or is a dict of named
series. None leaves a gap. trend=True adds the least-squares line of each series.
"""

import datetime as _dt
import math as _math
import os as _os
from collections.abc import Mapping as _Mapping
from xml.sax.saxutils import escape as _escape_text

__all__ = ["line", "bar", "scatter"]

_COLOURS = ("#2563eb", "#ea580c", "#0d9488", "#9333ea", "#db2777", "#65a30d", "#0891b2", "#b45309")
_INK, _SOFT, _GRID, _AXIS, _PAPER, _EDGE = "#0f172a", "#64748b", "#e8edf3", "#94a3b8", "#ffffff", "#e2e8f0"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_MOST_MARKS = 4000
_DAY = 86400.0


${valuesSource}


${ticksSource}


${layoutSource}


${drawingSource}


def line(path, x, y, title="", xlabel="", ylabel="", trend=False, width=800, height=450):
    """Draws one line per series and writes it to path."""
    _write(path, _Chart("line", x, y, title, xlabel, ylabel, trend, width, height).draw())


def bar(path, x, y, title="", xlabel="", ylabel="", trend=False, width=800, height=450):
    """Draws one bar per name, or a group of bars where there are several series."""
    _write(path, _Chart("bar", x, y, title, xlabel, ylabel, trend, width, height).draw())


def scatter(path, x, y, title="", xlabel="", ylabel="", trend=False, width=800, height=450):
    """Draws one dot per pair of values."""
    _write(path, _Chart("scatter", x, y, title, xlabel, ylabel, trend, width, height).draw())


def _write(path, svg):
    path = _os.fspath(path)
    extension = _os.path.splitext(path)[1].lower()
    if extension == "":
        path += ".svg"
    elif extension != ".svg":
        raise ValueError(f"charts draws SVG: name the file {_os.path.splitext(path)[0]}.svg, not {path}")
    folder = _os.path.dirname(path)
    if folder:
        _os.makedirs(folder, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(svg)
`;
