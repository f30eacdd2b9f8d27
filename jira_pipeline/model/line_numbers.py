"""Places in source files, and numbers of tickets, as people say them: the one place that words both.

A place is a physical line, which programs count, and a row, which a spreadsheet program shows. They
differ below a cell with line breaks; only there both are said.

Example: `fields.csv, line 303 / row 296`.
"""

import html
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from jira_pipeline.model.grouped import group_by

_CITATION = re.compile(r'<(strong|span) class="citation">.*?</\1>', re.DOTALL)
"""As generated; what people edit loses the class, and stays as they left it."""
_RANGES = r"\d+(?:(?:–|, (?:and )?| and )\d+)*(?: …)?"
_ROWS = rf"(?: / rows? {_RANGES})?"
LINES_PATTERN = re.compile(rf"\blines? {_RANGES}{_ROWS}", re.IGNORECASE)
"""What `lines_text` says, also as people write it."""
_IN_BRACKETS = re.compile(rf" \({LINES_PATTERN.pattern}\)")


class Placed(Protocol):
    """Something of a source file."""

    @property
    def file(self) -> str:
        """Name of the file."""

    @property
    def line(self) -> int:
        """First physical line."""

    @property
    def record(self) -> int | None:
        """Number of its row in a spreadsheet program; None: not known."""


def line_ranges(lines: Collection[int], *, to: str = "–") -> str:
    """Return numbers as ranges, in order: `2`, `2, 5–9`."""
    ranges: list[tuple[int, int]] = []
    for line in sorted(set(lines)):
        first = line
        if ranges and line == ranges[-1][1] + 1:
            first, _ = ranges.pop()
        ranges.append((first, line))
    texts = []
    for first, last in ranges:
        texts.append(str(first) if first == last else f"{first}{to}{last}")
    return ", ".join(texts)


def lines_and_rows(lines: Collection[int], records: Collection[int] = ()) -> str:
    """Return lines, and rows where these differ: `2, 5–9`, `303–304 / 296–297`."""
    is_same = not records or set(lines) == set(records)
    return line_ranges(lines) if is_same else f"{line_ranges(lines)} / {line_ranges(records)}"


def lines_text(lines: Collection[int], records: Collection[int] = ()) -> str:
    """Return lines and rows with nouns: `line 2`, `lines 303–304 / rows 296–297`; empty without lines."""
    if not lines:
        return ""
    noun = "line" if len(set(lines)) == 1 else "lines"
    return f"{noun} {line_ranges(lines)}{_differing_rows(lines, records)}"


def lines_of_file(file: str, lines: Collection[int], records: Collection[int] = ()) -> str:
    """Return a file with lines as programs cite them: `fields.csv:303–304 / rows 296–297`."""
    return f"{file}:{line_ranges(lines)}{_differing_rows(lines, records)}"


def place_text(placed: Placed) -> str:
    """Return where something is: `fields.csv, line 303 / row 296`."""
    return f"{placed.file}, {lines_cited([placed])}"


def lines_cited(places: Iterable[Placed]) -> str:
    """Return the lines of things in one file: `line 2`, `lines 303–304 / rows 296–297`."""
    return lines_text(*_lines_and_records(places))


def places_cited(places: Iterable[Placed]) -> str:
    """Return where things are, file by file: `fields.csv:4, 60; roles.csv:3`."""
    places_by_file = group_by(places, lambda place: place.file)
    return "; ".join(
        lines_of_file(file, *_lines_and_records(places_in_file))
        for file, places_in_file in places_by_file.items()
    )


def _lines_and_records(places: Iterable[Placed]) -> tuple[list[int], list[int]]:
    """Return lines and rows of things; an unknown row counts as being the line."""
    all_places = tuple(places)
    records = [place.record or place.line for place in all_places]
    return [place.line for place in all_places], records


def _differing_rows(lines: Collection[int], records: Collection[int]) -> str:
    """Return ` / rows 296–297` where the rows differ from the lines, else nothing."""
    if not records or set(lines) == set(records):
        return ""
    noun = "row" if len(set(records)) == 1 else "rows"
    return f" / {noun} {line_ranges(records)}"


def citation_html(words: str, *, is_strong: bool = False) -> str:
    """Mark words in generated HTML as places: they move with the lines, and say nothing new."""
    element = "strong" if is_strong else "span"
    return f'<{element} class="citation">{html.escape(words, quote=False)}</{element}>'


def without_citations(fragment: str) -> str:
    """Return generated HTML without the places in the sheets that it cites."""
    return _CITATION.sub("", fragment)


def without_lines(reason: str) -> str:
    return _IN_BRACKETS.sub("", reason)


def ticket_numbers_text(numbers: Collection[int]) -> str:
    """Return ticket numbers with their noun, as commands take them: `ticket 2`, `tickets 2, 5-9`."""
    return f"ticket{'' if len(set(numbers)) == 1 else 's'} {line_ranges(numbers, to='-')}"


def first_named(names: Sequence[str], most: int) -> str:
    """Return the first names, at most so many, and the number of others: `Quay, Pier and 3 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def format_count(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: `1 ticket`, `2,000 tickets`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
