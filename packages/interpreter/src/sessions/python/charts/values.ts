/** What the values of a chart mean: numbers, dates, names; and the line that fits them. */
export const valuesSource: string = String.raw`def _number(value):
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
    return slope, mean_y - slope * mean_x`;
