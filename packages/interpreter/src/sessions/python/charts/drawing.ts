/** The marks of a chart, as SVG: the class _Chart. */
export const drawingSource: string = String.raw`def _f(value):
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


class _Chart(_Layout):
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

    def draw(self):
        self.parts = []
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
            )`;
