/** Round numbers and moments along the axes, and how they are written. */
export const ticksSource: string = String.raw`def _ticks(low, high, count):
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
    return text.rstrip() + "…"`;
