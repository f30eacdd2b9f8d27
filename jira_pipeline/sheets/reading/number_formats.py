"""What a spreadsheet program shows for a number under a number format.

Belongs here: format codes and their sections, numbers, percentages, dates and times. Does
not: fractions, which are read as decimal numbers, where a workbook keeps the codes (`workbook_parts`), nor which cells are read
(`workbooks`). Names of months and days are English, and points and commas those of the format
code: how the program is set up on somebody's computer is not in the file.

Source: ECMA-376 part 1, 18.8.30 and 18.8.31 (number formats), 5th edition, 2021; checked against
SheetJS SSF 0.11.2 in November 2026.
"""

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from jira_pipeline.sheets.reading.date_formats import date_as_shown, is_date_token, minutes_marked

GENERAL = "General"
_INTEGER_DIGITS = 15
"""Digits a program keeps of a number; integers are shown with all of them, as in Google Sheets and
LibreOffice, where Excel shows twelve digits and more as 1.23457E+11 and loses an identifier."""
_CODE_MAX_CHARACTERS = 255
"""The longest format code Excel takes; a longer one could blow up every cell."""
_FIRST_TOO_LARGE = 1e308
"""Programs keep numbers up to 9.99999999999999E+307."""
_GENERAL_DIGITS = 10
_LEAST_FIXED_EXPONENT = -4
_SHOWN_CHARACTERS = 11
_FIFTEEN = Context(prec=_INTEGER_DIGITS, rounding=ROUND_HALF_UP)
_WIDE = Context(prec=400, rounding=ROUND_HALF_UP)
_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | _(?P<space>.)
    | \*(?P<fill>.)
    | \[\$(?P<symbol>[^\]-]*)(?:-[^\]]*)?\]
    | (?P<elapsed>\[(?:h+|m+|s+)\])
    | \[(?P<condition>(?:<>|<=|>=|<|>|=)\s*-?[\d.]+)\]
    | (?P<remark>\[[^\]]*\])
    | (?P<general>General)
    | (?P<halfday>AM/PM|A/P)
    | (?P<part>y+|m+|d+|h+|s+)
    | (?P<exponent>E[+-])
    | (?P<digit>[0#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<slash>/)
    | (?P<text>@)
    | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_LITERALS = {"quoted", "escaped", "symbol", "other"}
_COMPARISONS = {
    "<": Decimal.__lt__,
    "<=": Decimal.__le__,
    ">": Decimal.__gt__,
    ">=": Decimal.__ge__,
    "=": Decimal.__eq__,
    "<>": Decimal.__ne__,
}
_CONDITION = re.compile(r"(<>|<=|>=|<|>|=)\s*(-?[\d.]+)")
_NOT_ZERO = re.compile(r"[1-9]")
_SECTIONS = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')

Token = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """One of up to four parts of a format code."""

    tokens: tuple[Token, ...]
    condition: tuple[str, Decimal] | None

    @property
    def is_date(self) -> bool:
        """Some token asks for a part of a date or time."""
        return any(is_date_token(kind) for kind, _ in self.tokens)

    def has(self, kind: str) -> bool:
        """Tell whether a token of a kind is in it."""
        return any(found == kind for found, _ in self.tokens)

    def admits(self, number: Decimal) -> bool:
        """Tell whether its condition holds; a section without one admits nothing of itself."""
        if self.condition is None:
            return False
        compare, bound = self.condition
        return bool(_COMPARISONS[compare](number, bound))

    @property
    def says_sign(self) -> bool:
        """Its condition admits negative numbers only, so the code itself says how they look."""
        return self.condition is not None and (
            (self.condition[0] == "<" and self.condition[1] <= 0)
            or (self.condition[0] == "<=" and self.condition[1] < 0)
        )


def number_as_shown(number: float, code: str, *, is_1904: bool = False) -> str:
    """Return what a program shows for a number; what a code cannot show, as a general number."""
    if not math.isfinite(number):
        return str(number)
    is_plain = code == GENERAL or not 0 < len(code) <= _CODE_MAX_CHARACTERS
    if is_plain or abs(number) >= _FIRST_TOO_LARGE:
        return general(number)
    exact = _FIFTEEN.create_decimal(repr(number))
    section, shown = _chosen(exact, _sections(code))
    if section.is_date:
        moment = date_as_shown(exact, section.tokens, is_1904=is_1904)
        return general(number) if moment is None else moment
    text = _unsigned(abs(shown), section)
    return f"-{text}" if shown < 0 and _NOT_ZERO.search(text) else text


def text_as_shown(text: str, code: str) -> str:
    """Return what a program shows for text: codes can add to it, or hide it."""
    if code in {GENERAL, "@"} or not 0 < len(code) <= _CODE_MAX_CHARACTERS:
        return text
    sections = _sections(code)
    section = sections[3] if len(sections) > 3 else sections[-1]  # noqa: PLR2004 - the fourth is of text
    if len(sections) <= 3 and not section.has("text"):  # noqa: PLR2004 - as above
        return text
    return "".join(
        text if kind == "text" else _literal(kind, part) for kind, part in section.tokens
    )


def general(number: float) -> str:
    """Return a number without a format: as many digits as fit, in full where it is an integer."""
    if number == int(number) and abs(number) < 10**_INTEGER_DIGITS:
        return str(int(number))
    exponent = math.floor(math.log10(abs(number)))
    if _LEAST_FIXED_EXPONENT <= exponent < 0:
        return _plain(number, _GENERAL_DIGITS + exponent)
    if 0 <= exponent <= _GENERAL_DIGITS:
        return _plain(number, max(_GENERAL_DIGITS, exponent + 1))
    fixed = f"{number:.11f}".rstrip("0").rstrip(".")
    if exponent < 0 and len(fixed.lstrip("-")) <= _SHOWN_CHARACTERS and float(fixed):
        return fixed
    mantissa, _, power = f"{number:.5E}".partition("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{power}"


def _plain(number: float, digits: int) -> str:
    text = f"{Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(repr(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    sections = []
    for part in _SECTIONS.split(code)[:4]:
        found: list[Token] = []
        condition = None
        for match in _TOKEN.finditer(part):
            kind = match.lastgroup or "quoted"
            text = match.group(kind) or ""
            if kind == "condition":
                compared = _CONDITION.fullmatch(text)
                if compared is not None:
                    condition = (compared.group(1), Decimal(compared.group(2)))
            elif kind not in {"remark", "fill"}:
                found.append((kind, text))
        tokens = minutes_marked(tuple(found))
        if not any(is_date_token(kind) for kind, _ in tokens):
            tokens = tuple(("other", t) if k == "halfday" else (k, t) for k, t in tokens)
        sections.append(_Section(tokens=tokens, condition=condition))
    return tuple(sections)


def _chosen(number: Decimal, sections: tuple[_Section, ...]) -> tuple[_Section, Decimal]:
    """Return the section for a number, and the number without a sign its section formats."""
    numeric = sections[:3]
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.admits(number):
                return section, abs(number) if section.says_sign else number
        return next((s for s in numeric if s.condition is None), numeric[-1]), number
    if len(numeric) == 1 or number > 0:
        return numeric[0], number
    if number < 0:
        return numeric[1], abs(number)
    return numeric[2] if len(numeric) > 2 else numeric[0], number  # noqa: PLR2004 - the third is zero


def _literal(kind: str, text: str) -> str:
    if kind in _LITERALS or kind in {"percent", "comma", "point", "slash", "halfday"}:
        return text
    return " " if kind == "space" else ""


def _unsigned(number: Decimal, section: _Section) -> str:
    if section.has("general") or (section.has("text") and not section.has("digit")):
        shown = general(float(number))
        return "".join(
            shown if kind in {"general", "text"} else _literal(kind, text)
            for kind, text in section.tokens
        )
    if not section.has("digit"):
        return "".join(_literal(kind, text) for kind, text in section.tokens)
    if section.has("exponent"):
        return _scientific(number, section.tokens)
    if _is_fraction(section.tokens):
        return general(float(number))
    return _decimal(number, section.tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where tokens put the digits of a number, by their positions."""

    point: int
    """One beyond the last token where there is no point."""
    whole: list[int]
    after: list[int]
    scaling: frozenset[int]
    """Commas after the last digit, or right before the point: each divides by a thousand."""
    is_grouped: bool
    """A comma between digits groups them by three."""
    percents: int


def _places_in(tokens: tuple[Token, ...]) -> _Places:
    point = next((i for i, (kind, _) in enumerate(tokens) if kind == "point"), len(tokens))
    whole: list[int] = []
    after: list[int] = []
    commas: list[int] = []
    for i, (kind, _) in enumerate(tokens):
        if kind == "digit":
            (whole if i < point else after).append(i)
        elif kind == "comma":
            commas.append(i)

    scaling: set[int] = set()
    following = max((*whole, *after), default=-1) + 1
    while following in commas:
        scaling.add(following)
        following += 1
    if whole and point < len(tokens):
        scaling.update(i for i in commas if whole[-1] < i < point)

    return _Places(
        point=point,
        whole=whole,
        after=after,
        scaling=frozenset(scaling),
        is_grouped=any(whole and whole[0] < i < whole[-1] for i in commas),
        percents=sum(kind == "percent" for kind, _ in tokens),
    )


def _decimal(number: Decimal, tokens: tuple[Token, ...]) -> str:
    """Show digits around the point, with thousands, percent signs and text among them."""
    at = _places_in(tokens)
    scaled = _WIDE.scaleb(number, 2 * at.percents - 3 * len(at.scaling))
    rounded = scaled.quantize(Decimal(1).scaleb(-len(at.after)), context=_WIDE)
    before, _, decimals = f"{rounded:f}".partition(".")
    slots = _filled_whole(before, [tokens[i][1] for i in at.whole], is_grouped=at.is_grouped)
    filled = dict(zip(at.whole, slots, strict=True))
    slots = _filled_after(decimals, [tokens[i][1] for i in at.after])
    filled |= dict(zip(at.after, slots, strict=True))

    lead = before if not at.whole and before != "0" else ""
    shown: list[str] = []
    for i, (kind, text) in enumerate(tokens):
        if i in filled:
            shown.append(filled[i])
        elif i == at.point:
            shown.append(lead + text)
        elif kind != "comma" or (i not in at.scaling and not at.is_grouped):
            shown.append(_literal(kind, text))
    return "".join(shown)


def _filled_whole(digits: str, marks: list[str], *, is_grouped: bool) -> list[str]:
    """Spread digits over placeholders from the right; the first takes what is left over."""
    rest = digits.lstrip("0")
    filled: list[str] = []
    for position in range(len(marks)):
        mark = marks[-1 - position]
        is_first = position == len(marks) - 1
        taken = rest if is_first else rest[-1:]
        rest = "" if is_first else rest[:-1]
        filled.append(taken or {"0": "0", "?": " "}.get(mark, ""))
    if is_grouped:
        filled = _grouped(filled)
    return filled[::-1]


def _grouped(filled: list[str]) -> list[str]:
    """Put a comma after every third digit; the placeholders come from the right."""
    grouped: list[str] = []
    count = 0
    for text in filled:
        shown = ""
        for digit in reversed(text):
            shown = digit + ("," if count and count % 3 == 0 and digit.isdigit() else "") + shown
            count += 1
        grouped.append(shown)
    return grouped


def _filled_after(digits: str, marks: list[str]) -> list[str]:
    """Fill the placeholders after the point; zeros at the end show only where asked for."""
    filled: list[str] = []
    is_end = True
    for digit, mark in zip(reversed(digits), reversed(marks), strict=True):
        is_end = is_end and digit == "0"
        filled.append({"0": "0", "?": " "}.get(mark, "") if is_end else digit)
    return filled[::-1]


def _scientific(number: Decimal, tokens: tuple[Token, ...]) -> str:
    mark = next(i for i, (kind, _) in enumerate(tokens) if kind == "exponent")
    head, tail = tokens[:mark], tokens[mark + 1 :]
    point = next((i for i, (kind, _) in enumerate(head) if kind == "point"), len(head))
    step = sum(1 for kind, _ in head[:point] if kind == "digit") or 1
    places = sum(1 for kind, _ in head[point:] if kind == "digit")
    exponent = 0 if number == 0 else number.adjusted() // step * step
    mantissa = _WIDE.scaleb(number, -exponent)
    if mantissa.quantize(Decimal(1).scaleb(-places), context=_WIDE).adjusted() >= step:
        exponent += step
        mantissa = _WIDE.scaleb(number, -exponent)
    sign = "-" if exponent < 0 else "+" if tokens[mark][1].endswith("+") else ""
    return f"{_decimal(mantissa, head)}E{sign}{_decimal(Decimal(abs(exponent)), tail)}"


def _is_fraction(tokens: tuple[Token, ...]) -> bool:
    """Tell whether digits are right before and after a slash; elsewhere it is a sign like `-`."""
    slash = next((i for i, (kind, _) in enumerate(tokens) if kind == "slash"), 0)
    if not 0 < slash < len(tokens) - 1:
        return False
    return tokens[slash - 1][0] == "digit" and (
        tokens[slash + 1][0] == "digit" or tokens[slash + 1][1] in set("123456789")
    )
