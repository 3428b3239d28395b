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


# Reading values


def _number(value):
    """A float, or None for a gap; texts such as "1,234.5" or "12 %" are read too."""
    if value is None or isinstance(value, bool):
        return None if value is None else float(value)
    if isinstance(value, str):
        text = value.strip().replace(",", "").replace("\u2212", "-").strip("$€£% ")
        if text == "" or text.lower() in ("na", "n/a", "nan", "none", "null", "-"):
            return None
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"y must hold numbers, and {value!r} is none") from None
    try:
        value = float(value)
    except TypeError:
        raise TypeError(f"y must hold numbers, and {value!r} is none") from None
    return value if _math.isfinite(value) else None


_DATE_FORMATS = ("%Y-%m", "%Y/%m/%d", "%Y/%m", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y", "%b %Y", "%B %Y", "%b %d, %Y", "%b-%y")


def _date(value):
    """Seconds since 1970, or None when the value is no date."""
    if isinstance(value, _dt.datetime):
        moment = value
    elif isinstance(value, _dt.date):
        moment = _dt.datetime(value.year, value.month, value.day)
    elif isinstance(value, str):
        text = value.strip()
        if not 6 <= len(text) <= 32:
            return None
        moment = None
        try:
            moment = _dt.datetime.fromisoformat(text) if len(text) > 7 and "-" in text else None
        except ValueError:
            pass
        for form in _DATE_FORMATS if moment is None else ():
            try:
                moment = _dt.datetime.strptime(text, form)
                break
            except ValueError:
                continue
        if moment is None:
            return None
    else:
        return None
    return (moment.replace(tzinfo=None) - _dt.datetime(1970, 1, 1)).total_seconds()


def _moment(seconds):
    return _dt.datetime(1970, 1, 1) + _dt.timedelta(seconds=seconds)


def _is_number(value):
    return not isinstance(value, (str, bool)) and hasattr(value, "__float__")


def _read_x(values):
    """The kind of axis and the position of each value on it."""
    if values and all(_is_number(value) for value in values):
        return "number", [float(value) for value in values]
    dates = [_date(value) for value in values]
    if values and None not in dates:
        return "date", dates
    try:
        numbers = [float(value) for value in values]
        if numbers and all(_math.isfinite(number) for number in numbers):
            return "number", numbers
    except (TypeError, ValueError):
        pass
    return "name", [float(index) for index in range(len(values))]


def _fit(points):
    """Slope and intercept of the least-squares line, or None."""
    if len(points) < 2:
        return None
    mean_x = _math.fsum(x for x, _ in points) / len(points)
    mean_y = _math.fsum(y for _, y in points) / len(points)
    spread = _math.fsum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        return None
    slope = _math.fsum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return slope, mean_y - slope * mean_x


# Ticks and labels


def _ticks(low, high, count):
    """Round numbers from at or below low to at or above high."""
    if high <= low:
        room = abs(low) * 0.1 or 1.0
        low, high = low - room, high + room
    rough = (high - low) / max(1, count)
    power = 10.0 ** _math.floor(_math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first, last = _math.floor(low / step + 1e-9), _math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)], step


def _decimals(step):
    for count in range(0, 10):
        if abs(round(step, count) - step) < step * 1e-6:
            return count
    return 10


def _label(value, step):
    size = abs(value)
    if value == 0 or size < step * 1e-9:
        return "0"
    sign = "\u2212" if value < 0 else ""
    for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if size >= unit or step >= unit:
            return f"{sign}{size / unit:,.{_decimals(step / unit)}f}{letter}"
    if step < 1e-4:
        return f"{value:.3g}".replace("-", "\u2212")
    return f"{sign}{size:,.{_decimals(step)}f}"


def _short(value):
    """A number as one would say it."""
    size = abs(value)
    sign = "\u2212" if value < 0 else ""
    for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if size >= unit:
            return f"{sign}{size / unit:.3g}{letter}"
    if size >= 1000:
        return f"{sign}{size:,.0f}"
    return f"{value:.3g}".replace("-", "\u2212")


def _months_on(moment, count):
    index = moment.year * 12 + moment.month - 1 + count
    return _dt.datetime(index // 12, index % 12 + 1, 1)


def _date_ticks(low, high, count, is_monthly):
    """Round moments between low and high, each with one or two lines of label."""
    span = max(high - low, 1.0)
    start, end = _moment(low), _moment(high)
    month_steps = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
    if is_monthly or span > count * _DAY * 20:
        step = next((step for step in month_steps if span / (step * 30.44 * _DAY) <= count), 1200)
        moment = _dt.datetime(start.year if step < 12 else max(1, start.year // max(1, step // 12) * max(1, step // 12)), 1, 1)
        found = []
        while moment <= end and moment.year < 9000:
            if moment >= start:
                if step >= 12:
                    found.append((moment, str(moment.year), ""))
                else:
                    found.append((moment, moment.strftime("%b"), str(moment.year) if moment.month == 1 or not found else ""))
            moment = _months_on(moment, step)
        return [((moment - _dt.datetime(1970, 1, 1)).total_seconds(), first, second) for moment, first, second in found]
    second_steps = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10800, 21600, 43200, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY)
    step = next((step for step in second_steps if span / step <= count), 28 * _DAY)
    # Weeks start on a Monday; 1970 began on a Thursday.
    offset = 4 * _DAY if step >= 7 * _DAY else 0
    value = _math.ceil((low - offset) / step - 1e-9) * step + offset
    found = []
    while value <= high + 1e-6:
        moment = _moment(value)
        if step >= _DAY:
            text = f"{moment.day} {moment.strftime('%b')}"
            found.append((value, text, str(moment.year) if not found or moment.year != _moment(found[-1][0]).year else ""))
        else:
            text = moment.strftime("%H:%M:%S" if step < 60 else "%H:%M")
            is_new = not found or moment.date() != _moment(found[-1][0]).date()
            found.append((value, text, f"{moment.day} {moment.strftime('%b')}" if is_new else ""))
        value += step
    return found


def _width_of(text, size):
    """About how wide a text will be; there is no font to ask."""
    units = sum(0.33 if char in "iljtf.,:;|!'()[] " else 0.9 if char in "mwMW@%" or ord(char) > 0x2E80 else 0.57 for char in text)
    return units * size


def _shorten(text, size, room):
    if _width_of(text, size) <= room:
        return text
    while text and _width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


# Drawing


def _clean(text):
    """Without the characters that XML cannot hold."""
    return "".join(char for char in str(text) if char in "\t\n\r" or (char >= " " and not 0xD800 <= ord(char) <= 0xDFFF and char not in "\ufffe\uffff"))


def _f(value):
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


class _Chart:
    def __init__(self, kind, x, y, title, xlabel, ylabel, trend, width, height):
        self.kind, self.trend = kind, bool(trend)
        self.title, self.xlabel, self.ylabel = (_clean(text or "") for text in (title, xlabel, ylabel))
        self.width, self.height = max(240.0, float(width)), max(160.0, float(height))
        x = list(x)
        series = y if isinstance(y, _Mapping) else {"": y}
        self.names = [_clean(name) for name in series]
        columns = [[_number(value) for value in column] for column in series.values()]
        for name, column in zip(self.names, columns):
            if len(column) != len(x):
                of = f" of {name!r}" if name else ""
                raise ValueError(f"x has {len(x)} values and y{of} has {len(column)}; they must be as many")
        if not any(value is not None for column in columns for value in column):
            raise ValueError("there is nothing to draw: y holds no numbers")
        self.axis, positions = _read_x(x)
        if kind == "bar" and self.axis == "number" and all(value == int(value) for value in positions if _math.isfinite(value)):
            x = [str(int(value)) for value in positions]
        self.texts = [_clean(value.isoformat() if isinstance(value, (_dt.date, _dt.datetime)) else value) for value in x]
        if kind == "bar":
            self.axis, positions = "name", [float(index) for index in range(len(x))]
        rows = [row for row in zip(positions, zip(*columns)) if _math.isfinite(row[0])]
        if kind == "line" and self.axis != "name":
            rows.sort(key=lambda row: row[0])
        self.series = [[(position, row[index]) for position, row in rows] for index in range(len(columns))]
        self.fits = [_fit([point for point in points if point[1] is not None]) if self.trend else None for points in self.series]
        self.parts = []

    # Elements

    def text(self, x, y, text, size, colour=_SOFT, anchor="start", weight=None, turn=None):
        more = f' font-weight="{weight}"' if weight else ""
        more += f' transform="rotate({turn} {_f(x)} {_f(y)})"' if turn else ""
        self.parts.append(
            f'<text x="{_f(x)}" y="{_f(y)}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{more}>{_escape_text(text)}</text>'
        )

    def rule(self, x1, y1, x2, y2, colour, width=1):
        self.parts.append(
            f'<line x1="{_f(x1)}" y1="{_f(y1)}" x2="{_f(x2)}" y2="{_f(y2)}" stroke="{colour}" stroke-width="{width}"/>'
        )

    # Scales

    def to_x(self, value):
        low, high = self.domain_x
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def to_y(self, value):
        low, high = self.domain_y
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)

    def draw(self):
        self.lay_out()
        self.draw_head()
        self.draw_axes()
        draw = {"line": self.draw_lines, "bar": self.draw_bars, "scatter": self.draw_dots}[self.kind]
        draw()
        if self.trend:
            self.draw_trends()
        what = {"line": "Line chart", "bar": "Bar chart", "scatter": "Scatter chart"}[self.kind]
        label = _escape_text(self.title or what)
        width, height = _f(self.width), _f(self.height)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img" font-family="{_FONT}">\n<title>{label}</title>\n'
            f'<rect x="0.5" y="0.5" width="{_f(self.width - 1)}" height="{_f(self.height - 1)}" rx="12" fill="{_PAPER}" stroke="{_EDGE}"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )

    def lay_out(self):
        values = [value for points in self.series for _, value in points if value is not None]
        low, high = min(values), max(values)
        for points, fit in zip(self.series, self.fits):
            if fit:
                ends = [fit[0] * position + fit[1] for position in (points[0][0], points[-1][0])]
                low, high = min(low, *ends), max(high, *ends)
        if self.kind == "bar":
            low, high = min(0.0, low), max(0.0, high)
        elif 0 <= low <= (0.3 if self.kind == "line" else 0.15) * high:
            low = 0.0
        elif low == high and self.kind != "bar":
            room = abs(low) * 0.1 or 1.0
            low, high = low - room, high + room

        self.legend = []
        for index, name in enumerate(self.names):
            colour = _COLOURS[index % len(_COLOURS)]
            if len(self.names) > 1 or (self.trend and self.fits[index]):
                self.legend.append((name or self.ylabel or "values", colour, False))
            if self.fits[index] and len(self.names) <= 2:
                self.legend.append((self.trend_name(self.fits[index][0]), colour if len(self.names) > 1 else _INK, True))

        self.top = 26.0
        if self.title:
            self.top += 28
        if self.legend:
            self.legend_y = self.top + 2
            self.legend_rows = self.flow_legend()
            self.top += 22 * len(self.legend_rows)
        self.shows_ylabel = bool(self.ylabel) and not (self.legend and self.legend[0][0] == self.ylabel)
        if self.shows_ylabel:
            self.ylabel_y = self.top + 6
            self.top += 16
        self.top += 14
        self.right = self.width - 28
        self.bottom = self.height - 40 - (22 if self.xlabel else 0)

        ticks, step = _ticks(low, high, max(3, min(6, int((self.bottom - self.top) / 48))))
        self.y_ticks = [(tick, _label(tick, step)) for tick in ticks]
        self.domain_y = (ticks[0], ticks[-1])
        self.left = 28 + max(_width_of(text, 12) for _, text in self.y_ticks) + 10

        positions = [position for points in self.series for position, _ in points]
        first, last = min(positions), max(positions)
        if self.kind == "bar":
            self.domain_x = (-0.5, len(self.texts) - 0.5)
        elif first == last:
            self.domain_x = (first - 1, last + 1)
        elif self.kind == "scatter":
            room = (last - first) * 0.03
            self.domain_x = (first - room, last + room)
        else:
            self.domain_x = (first, last)
        self.lay_out_x()

    def lay_out_x(self):
        """Chooses the labels below; long names are turned, and the plot makes room for them."""
        low, high = self.domain_x
        count = max(2, int((self.right - self.left) / 82))
        self.turn = False
        if self.axis == "number":
            ticks, step = _ticks(low, high, count)
            is_year = all(1500 <= tick <= 2200 for tick in ticks) and step >= 1
            room = (high - low) * 1e-6
            self.x_ticks = [
                (tick, str(int(tick)) if is_year else _label(tick, step), "")
                for tick in ticks
                if low - room <= tick <= high + room and (not is_year or tick == int(tick))
            ]
        elif self.axis == "date":
            moments = [_moment(position) for points in self.series for position, _ in points]
            is_monthly = high - low > 50 * _DAY and all(moment.day == 1 and moment.hour == 0 for moment in moments)
            self.x_ticks = _date_ticks(low, high, count, is_monthly)
        else:
            each = (self.right - self.left) / max(1, len(self.texts) if self.kind == "bar" else len(self.texts) - 1)
            longest = max((_width_of(text, 12) for text in self.texts), default=0)
            texts = self.texts
            every = 1
            if longest > each - 8:
                if each >= 16 and longest > 40:
                    self.turn = True
                    texts = [_shorten(text, 12, 120) for text in texts]
                    self.bottom -= min(120, longest) * 0.58 - 2
                else:
                    room = min(longest, 90)
                    texts = [_shorten(text, 12, room) for text in texts]
                    every = _math.ceil((room + 12) / each)
            self.x_ticks = [(float(index), text, "") for index, text in enumerate(texts) if index % every == 0]
        if any(second for _, _, second in self.x_ticks):
            self.bottom -= 14

    def trend_name(self, slope):
        first, last = self.series[0][0][0], self.series[0][-1][0]
        if self.axis == "date":
            days = abs(last - first) / _DAY
            unit, length = ("hour", 1 / 24) if days < 2 else ("day", 1) if days < 62 else ("month", 30.4375) if days < 1900 else ("year", 365.25)
            slope *= length * _DAY
        else:
            unit = "step" if self.axis == "name" else "unit"
        sign = "+" if slope > 0 else ""
        return f"Trend, {sign}{_short(slope)} per {unit}"

    def flow_legend(self):
        rows, x = [[]], 0.0
        for entry in self.legend:
            size = 26 + _width_of(entry[0], 13) + 20
            if rows[-1] and x + size > self.width - 56:
                rows.append([])
                x = 0.0
            rows[-1].append((x, entry))
            x += size
        return rows

    def draw_head(self):
        if self.title:
            self.text(28, 40, _shorten(self.title, 21.5, self.width - 56), 18, _INK, weight=650)
        if self.legend:
            for index, row in enumerate(self.legend_rows):
                y = self.legend_y + 22 * index
                for x, (name, colour, is_trend) in row:
                    if is_trend:
                        self.parts.append(
                            f'<line x1="{_f(28 + x)}" y1="{_f(y)}" x2="{_f(46 + x)}" y2="{_f(y)}" stroke="{colour}" stroke-width="2" '
                            f'stroke-dasharray="5 4" stroke-linecap="round"/>'
                        )
                    elif self.kind == "line":
                        self.rule(28 + x, y, 46 + x, y, colour, 3)
                    else:
                        self.parts.append(f'<circle cx="{_f(37 + x)}" cy="{_f(y)}" r="5" fill="{colour}"/>')
                    self.text(54 + x, y + 4.5, name, 13, "#334155")
        if self.shows_ylabel:
            self.text(28, self.ylabel_y, self.ylabel, 12)

    def draw_axes(self):
        for value, text in self.y_ticks:
            y = self.to_y(value)
            self.rule(self.left, y, self.right, y, _GRID)
            self.text(self.left - 10, y + 4, text, 12, anchor="end")
        zero = min(max(0.0, self.domain_y[0]), self.domain_y[1])
        self.rule(self.left, self.to_y(zero), self.right, self.to_y(zero), _AXIS)
        for value, first, second in self.x_ticks:
            x = self.to_x(value)
            if self.kind != "bar":
                self.rule(x, self.bottom, x, self.bottom + 5, _AXIS)
            if self.turn:
                first = _shorten(first, 12, (x - 6) / 0.82)
                self.text(x + 4, self.bottom + 18, first, 12, anchor="end", turn=-35)
                continue
            half = _width_of(first, 12) / 2
            x = min(max(x, 8 + half), self.width - 8 - half)
            self.text(x, self.bottom + 21, first, 12, anchor="middle")
            if second:
                self.text(x, self.bottom + 36, second, 11, "#94a3b8", anchor="middle")
        if self.xlabel:
            self.text((self.left + self.right) / 2, self.height - 18, self.xlabel, 12, anchor="middle")

    def draw_lines(self):
        for index, points in enumerate(self.series):
            colour = _COLOURS[index % len(_COLOURS)]
            for run in self.runs(points):
                places = [(self.to_x(x), self.to_y(y)) for x, y in run]
                path = "M" + "L".join(f"{_f(x)} {_f(y)}" for x, y in places)
                if len(self.series) == 1 and len(places) > 1 and self.domain_y[0] <= 0 <= self.domain_y[1]:
                    base = _f(self.to_y(0))
                    self.parts.append(
                        f'<path d="{path}L{_f(places[-1][0])} {base}L{_f(places[0][0])} {base}Z" fill="{colour}" fill-opacity="0.08"/>'
                    )
                if len(places) > 1:
                    self.parts.append(
                        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{2.5 if len(points) <= 300 else 1.25}" stroke-linejoin="round" stroke-linecap="round"/>'
                    )
                if len(points) <= 40 or len(places) == 1:
                    for x, y in places:
                        self.parts.append(
                            f'<circle cx="{_f(x)}" cy="{_f(y)}" r="3.5" fill="{_PAPER}" stroke="{colour}" stroke-width="2"/>'
                        )

    def runs(self, points):
        """The stretches without gaps, thinned to what can be seen: the lowest and highest of each bucket."""
        stretches, current = [], []
        for point in points:
            if point[1] is None:
                if current:
                    stretches.append(current)
                current = []
            else:
                current.append(point)
        if current:
            stretches.append(current)
        for stretch in stretches:
            if len(stretch) <= _MOST_MARKS:
                yield stretch
                continue
            size = _math.ceil(len(stretch) / (_MOST_MARKS / 4))
            kept = []
            for start in range(0, len(stretch), size):
                bucket = stretch[start : start + size]
                ends = {bucket[0], min(bucket, key=lambda point: point[1]), max(bucket, key=lambda point: point[1]), bucket[-1]}
                kept += [point for point in sorted(ends)]
            yield kept

    def draw_bars(self):
        groups = len(self.series)
        band = (self.right - self.left) / max(1, len(self.texts))
        space = band * (0.72 if groups == 1 else 0.8)
        size = min(space / groups, 88.0)
        shows_values = groups == 1 and len(self.texts) <= 14 and band >= 34 and not self.trend
        base = self.to_y(min(max(0.0, self.domain_y[0]), self.domain_y[1]))
        for index, points in enumerate(self.series):
            colour = _COLOURS[index % len(_COLOURS)]
            for position, value in points:
                if value is None:
                    continue
                gap = 1.5 if groups > 1 and size > 6 else 0
                x = self.to_x(position) + (index - groups / 2) * size + gap / 2
                wide, y = max(0.5, size - gap), self.to_y(value)
                radius = min(4.0, wide / 2, abs(base - y))
                inner = y + radius if y <= base else y - radius
                self.parts.append(
                    f'<path d="M{_f(x)} {_f(base)}V{_f(inner)}Q{_f(x)} {_f(y)} {_f(x + radius)} {_f(y)}H{_f(x + wide - radius)}'
                    f'Q{_f(x + wide)} {_f(y)} {_f(x + wide)} {_f(inner)}V{_f(base)}Z" fill="{colour}"/>'
                )
                if shows_values:
                    self.text(x + wide / 2, y - 7 if value >= 0 else y + 16, _short(value), 12, "#334155", "middle", 600)

    def draw_dots(self):
        for index, points in enumerate(self.series):
            colour = _COLOURS[index % len(_COLOURS)]
            found = [point for point in points if point[1] is not None]
            radius = 5 if len(found) <= 120 else 3.5 if len(found) <= 1000 else 2
            for x, y in found[:: max(1, _math.ceil(len(found) / _MOST_MARKS))]:
                self.parts.append(
                    f'<circle cx="{_f(self.to_x(x))}" cy="{_f(self.to_y(y))}" r="{radius}" fill="{colour}" fill-opacity="0.65" '
                    f'stroke="{_PAPER}" stroke-width="{1 if radius > 2 else 0}"/>'
                )

    def draw_trends(self):
        for index, (points, fit) in enumerate(zip(self.series, self.fits)):
            if not fit:
                continue
            colour = _COLOURS[index % len(_COLOURS)] if len(self.series) > 1 else _INK
            first = min(position for position, _ in points)
            last = max(position for position, _ in points)
            x1, y1, x2, y2 = first, fit[0] * first + fit[1], last, fit[0] * last + fit[1]
            place = f'x1="{_f(self.to_x(x1))}" y1="{_f(self.to_y(y1))}" x2="{_f(self.to_x(x2))}" y2="{_f(self.to_y(y2))}"'
            if len(points) > 300 or self.kind == "bar":
                self.parts.append(f'<line {place} stroke="{_PAPER}" stroke-width="5" stroke-opacity="0.85" stroke-linecap="round"/>')
            self.parts.append(
                f'<line {place} stroke="{colour}" stroke-width="2" stroke-dasharray="7 6" stroke-linecap="round"/>'
            )
`;
