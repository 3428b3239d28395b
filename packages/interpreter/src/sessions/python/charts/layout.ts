/** Where everything of a chart lies: the class _Layout. */
export const layoutSource: string = String.raw`def _clean(text):
    """Without the characters that XML cannot hold."""
    return "".join(char for char in str(text) if char in "\t\n\r" or (char >= " " and not 0xD800 <= ord(char) <= 0xDFFF and char not in "\ufffe\uffff"))


class _Layout:
    """Reads what is to be drawn, and makes room for it."""

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

    def to_x(self, value):
        low, high = self.domain_x
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def to_y(self, value):
        low, high = self.domain_y
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)

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
        return rows`;
