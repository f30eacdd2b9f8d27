"""What a spreadsheet program shows for a date or a time: serial days under the tokens of a format.

Belongs here: serial days to calendar, hours and elapsed time, names of months. Does not: how a
format code is split into tokens (`number_formats`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

_DAY_SECONDS = 86_400
_LAST_SERIAL = 2_958_465
"""31 December 9999; no program shows a later date."""
_LEAP_SERIAL = 60
"""29 February 1900, which never was: programs keep it for the sake of Lotus 1-2-3."""
_DAYS_1904 = 1_462
_NOON = 12
_FULL_YEAR_LETTERS = 3
_LONG_NAME_LETTERS = 4
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_KINDS = frozenset({"part", "elapsed", "halfday", "minutes", "subsecond"})

Token = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """A serial day, taken apart."""

    year: int
    month: int
    day: int
    weekday: int
    """0 is Sunday."""
    hour: int
    minute: int
    second: int
    subsecond: Decimal
    elapsed_seconds: int
    """Since day 0."""


def is_date_token(kind: str) -> bool:
    """Tell whether a token asks for a part of a date or time."""
    return kind in _KINDS


def minutes_marked(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Tell minutes from months, and the digits after seconds from other digits."""
    marked = list(tokens)
    dates = [i for i, (kind, _) in enumerate(tokens) if kind in {"part", "elapsed"}]
    for position, i in enumerate(dates):
        kind, text = tokens[i]
        if kind != "part" or text[0] not in "mM" or len(text) > len("mm"):
            continue
        before = _letter(tokens, dates[position - 1]) if position else ""
        after = _letter(tokens, dates[position + 1]) if position + 1 < len(dates) else ""
        if before == "h" or after == "s":
            marked[i] = ("minutes", text)
    for i in range(1, len(marked)):
        if marked[i][0] == "point" and _letter(tuple(marked), i - 1) == "s":
            end = i + 1
            while end < len(marked) and marked[end] == ("digit", "0"):
                end += 1
            if end > i + 1:
                places = "0" * (end - i - 1)
                marked[i:end] = [("subsecond", places), *[("quoted", "")] * (end - i - 1)]
    return tuple(marked)


def _letter(tokens: tuple[Token, ...], position: int) -> str:
    kind, text = tokens[position]
    return text.strip("[]")[:1].casefold() if kind in {"part", "elapsed"} else ""


def date_as_shown(serial: Decimal, tokens: tuple[Token, ...], *, is_1904: bool) -> str | None:
    """Return the date a program shows; None where it shows none: before day 0, after 9999."""
    places = max((len(text) for kind, text in tokens if kind == "subsecond"), default=0)
    moment = _moment(serial + (_DAYS_1904 if is_1904 else 0), places=places)
    if moment is None:
        return None
    is_halved = any(kind == "halfday" for kind, _ in tokens)
    return "".join(_shown(kind, text, moment, is_halved=is_halved) for kind, text in tokens)


def _moment(serial: Decimal, *, places: int) -> _Moment | None:
    if not 0 <= serial < _LAST_SERIAL + 1:
        return None
    unit = Decimal(1).scaleb(-places)
    seconds = (serial * _DAY_SECONDS).quantize(unit, rounding=ROUND_HALF_UP)
    if seconds >= (_LAST_SERIAL + 1) * _DAY_SECONDS:
        return None
    whole = int(seconds.to_integral_value(rounding=ROUND_FLOOR))
    days, rest = divmod(whole, _DAY_SECONDS)
    year, month, day = _calendar(days)
    return _Moment(
        year=year,
        month=month,
        day=day,
        weekday=(days - 1) % 7,
        hour=rest // 3_600,
        minute=rest % 3_600 // 60,
        second=rest % 60,
        subsecond=seconds - whole,
        elapsed_seconds=whole,
    )


def _calendar(days: int) -> tuple[int, int, int]:
    if days == 0:
        return 1900, 1, 0
    if days == _LEAP_SERIAL:
        return 1900, 2, 29
    first = date(1899, 12, 31) if days < _LEAP_SERIAL else date(1899, 12, 30)
    found = first + timedelta(days=days)
    return found.year, found.month, found.day


def _shown(kind: str, text: str, moment: _Moment, *, is_halved: bool) -> str:
    match kind:
        case "part":
            shown = _part(text.casefold(), moment, is_halved=is_halved)
        case "minutes":
            shown = f"{moment.minute:0{len(text)}}"
        case "elapsed":
            unit = text.strip("[]").casefold()
            unit_seconds = {"h": 3_600, "m": 60, "s": 1}[unit[0]]
            shown = f"{moment.elapsed_seconds // unit_seconds:0{len(unit)}}"
        case "halfday":
            word = "PM" if moment.hour >= _NOON else "AM"
            shown = word if len(text) > len("A/P") else word[0]
        case "subsecond":
            shown = f"{moment.subsecond:.{len(text)}f}".removeprefix("0")
        case "space":
            shown = " "
        case "digit":
            shown = ""
        case _:
            shown = text
    return shown


def _part(text: str, moment: _Moment, *, is_halved: bool) -> str:
    width = min(len(text), 2)
    match text[0]:
        case "y":
            is_full = len(text) >= _FULL_YEAR_LETTERS
            return str(moment.year) if is_full else f"{moment.year % 100:02}"
        case "m":
            return _named(text, moment.month, _MONTHS[moment.month - 1])
        case "d":
            return _named(text, moment.day, _WEEKDAYS[moment.weekday])
        case "h":
            hour = (moment.hour - 1) % _NOON + 1 if is_halved else moment.hour
            return f"{hour:0{width}}"
        case _:
            return f"{moment.second:0{width}}"


def _named(text: str, number: int, name: str) -> str:
    """Show a month or day: `5`, `05`, `May`, its whole name, or for five letters its initial."""
    if len(text) <= len("mm"):
        return f"{number:0{len(text)}}"
    if len(text) == _LONG_NAME_LETTERS or (text[0] == "d" and len(text) > _LONG_NAME_LETTERS):
        return name
    return name[:3] if len(text) < _LONG_NAME_LETTERS else name[0]
