"""What is written beside the rows of a table: captions.

Belongs here: lines that tickets quote whole and the rows they may be about. Does not: what a
worksheet's lines mean (`layouts`).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from itertools import zip_longest

from jira_pipeline.drupal.columns import label_column_of, owner_column_of
from jira_pipeline.model.columns import LINE_COLUMNS, QUESTION_LINE, SILENT_COLUMNS
from jira_pipeline.model.entities import Entity, EntityKind, RowSource, Status
from jira_pipeline.model.sheet_names import sheet_title, whole_sheet
from jira_pipeline.model.source_tables import SourceRow, SourceTable
from jira_pipeline.sheets.reading.cells import display_kind
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES
from jira_pipeline.sheets.reading.labels import folded, split_bundle_label
from jira_pipeline.sheets.reading.sheet_kinds import canonical_columns, rule_of_owner

_SENTENCE_WORDS = 5
"""Fewer above a table are its title."""
_WORD = re.compile(r"[^\W_]+")
_INITIALS = 2
"""So many letters are no name that a remark may have by chance."""
_NAME_WORDS_MAX = 6
_WORDS_MAX = 200
"""Words of a remark in which names of rows are looked for."""
_NAMED_KINDS = frozenset({EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW})
"""Things that lines of other sheets are looked for in."""
_CAPTIONS_MAX = 50
"""Of a table; more are rows that nobody understands, and would be in each ticket of 100,000 rows."""


def captions_in(
    tables: Sequence[SourceTable],
) -> dict[tuple[str, int], list[Entity]]:
    """Return the lines above, between and below rows, each as one cell, by file and line of the rows."""
    found: dict[tuple[str, int], list[Entity]] = {}
    records_by_worksheet: dict[str, set[int]] = defaultdict(set)
    for table in tables:
        records = records_by_worksheet[whole_sheet(table.file.name)]
        records.update(row.record for row in table.rows)
    for table in tables:
        of_table = [row.line for row in table.rows]
        above = [row for row in table.above if not _is_setting(row, table)]
        written = [row for row in above if _is_sentence(row, table)]
        if table.file.sheet is EntityKind.CUSTOM and written:
            written = above  # with their titles
        remarks = [row for row in table.headings if _is_remark(row, table)]
        records = records_by_worksheet[whole_sheet(table.file.name)]
        places = _RemarkPlaces(table, records) if remarks else None
        for row in (*written, *remarks)[:_CAPTIONS_MAX]:
            line = _line(row, table, {"Words": " | ".join(row.texts)})
            of_rows = places.rows_about(row) if places and row in remarks else of_table
            for of_row in of_rows:
                found.setdefault((table.file.name, of_row), []).append(line)
    for place, line in _lines_of_text(tables):
        found.setdefault(place, []).append(line)
    return found


def _lines_of_text(
    tables: Sequence[SourceTable],
) -> Iterator[tuple[tuple[str, int], Entity]]:
    """Yield lines of sheets of text, by the file and line of each row that they name.

    A question that names no such row is beside its own, whose ticket asks it.
    """
    names = _named_things(tables)
    for table in tables:
        if len(table.columns) != 1 or not LINE_COLUMNS.issuperset(table.columns):
            continue
        for row in table.rows:
            text = row.cells[0]
            is_question = QUESTION_LINE in table.columns
            if is_question and row is table.rows[0] and "?" not in text:
                continue  # the title of the worksheet
            line = _line(row, table, {table.columns[0]: text})
            places = _places_named(text, names)
            if is_question and not places:
                places = [(table.file.name, row.line)]
            for place in places:
                yield place, line


@dataclass(frozen=True, slots=True)
class _NamedThing:
    place: tuple[str, int]
    """File and line of its row."""
    is_capital: bool
    """Its name begins with a capital letter: a word that does not is another one."""


def _named_things(tables: Sequence[SourceTable]) -> Mapping[tuple[str, ...], list[_NamedThing]]:
    """Return the things that lines of text may name, by the words of their names.

    Names of fields are words of any sentence: `Date`, `Title`.
    """
    things: dict[tuple[str, ...], list[_NamedThing]] = {}
    for table in tables:
        label = label_column_of(table.file.sheet)
        if table.file.sheet not in _NAMED_KINDS or label is None:
            continue
        for row in table.rows:
            for at in table.positions(label):
                name = split_bundle_label(row.cells[at])[0]
                words = tuple(_words_of(name))
                if 0 < len(words) <= _NAME_WORDS_MAX and len("".join(words)) > _INITIALS:
                    thing = _NamedThing((table.file.name, row.line), name[:1].isupper())
                    things.setdefault(words, []).append(thing)
    return things


def _places_named(
    text: str, things: Mapping[tuple[str, ...], list[_NamedThing]]
) -> list[tuple[str, int]]:
    """Return the rows of the things that a text names, once each."""
    words: list[str] = []
    are_capital: list[bool] = []
    for written in _WORD.findall(unicodedata.normalize("NFKC", text))[:_WORDS_MAX]:
        # A letter may be two when folded, such as the Turkish capital one, and then ends a word.
        for word in _words_of(written):
            words.append(word)
            are_capital.append(written[:1].isupper())
    places: dict[tuple[str, int], None] = {}
    for start, is_capital in enumerate(are_capital):
        for end in range(start + 1, min(start + _NAME_WORDS_MAX, len(words)) + 1):
            for thing in things.get(tuple(words[start:end]), ()):
                if is_capital or not thing.is_capital:
                    places[thing.place] = None
    return [*places]


def _texts_beside(row: SourceRow, table: SourceTable) -> list[str]:
    """Return what a line that is no row says, initials and marks left out."""
    named = zip_longest(table.columns[: len(row.cells)], row.cells)
    cells = (cell for column, cell in named if column not in SILENT_COLUMNS)
    return [cell for cell in cells if len(cell) > 1 and cell not in ERROR_VALUES]


def _is_sentence(row: SourceRow, table: SourceTable) -> bool:
    """Tell whether a line above a table is a sentence, or several words: a shorter one is its title."""
    texts = _texts_beside(row, table)
    return len(texts) > 1 or any(len(cell.split()) >= _SENTENCE_WORDS for cell in texts)


def _is_remark(row: SourceRow, table: SourceTable) -> bool:
    """Tell whether a line between or below rows says something, however short it is.

    A row of a display is read as one, and a title that names what the rows below it belong to
    as that.
    """
    texts = _texts_beside(row, table)
    says_something = any(_WORD.search(text) for text in texts)
    return (
        says_something
        and not any(map(display_kind, row.cells))
        and not (len(texts) == 1 and _names_owner(texts[0], row, table))
    )


def _names_owner(text: str, row: SourceRow, table: SourceTable) -> bool:
    """Tell whether a line is the title of rows right below it, which belong to what it names."""
    owner = owner_column_of(table.file.sheet)
    if owner is None or owner.name not in table.columns:
        return False
    at = table.columns.index(owner.name)
    below = next((each for each in table.rows if each.record > row.record), None)
    if below is None or len(text.split()) >= _SENTENCE_WORDS:
        return False
    name = _words_of(split_bundle_label(below.cells[at])[0])
    return bool(name) and set(name) <= set(_words_of(text))


class _RemarkPlaces:
    """Which rows of a table a line between or below them is about."""

    def __init__(self, table: SourceTable, records_of_worksheet: AbstractSet[int]) -> None:
        self._table = table
        self._records_of_worksheet = records_of_worksheet
        self._rows = sorted(table.rows, key=lambda row: row.record)
        owner = owner_column_of(table.file.sheet)
        self._owner_at = table.positions(owner.name) if owner else []
        self._by_owner = self._named_rows(self._owner_at)
        label = label_column_of(table.file.sheet)
        self._by_label = self._named_rows(table.positions(label) if label else [])

    def rows_about(self, remark: SourceRow) -> list[int]:
        """Return the lines of the rows that a remark is about.

        They are those below it, if it is above rows for sure, else those that it names, else those
        right above it.
        """
        if below := _lines_below(remark, self._table, self._records_of_worksheet):
            return below
        text = " ".join(remark.texts)
        for names in (self._by_owner, self._by_label):
            if named := _lines_named(text, names):
                return named
        return self._lines_above(remark) or [row.line for row in self._rows]

    def _named_rows(self, positions: Sequence[int]) -> Mapping[tuple[str, ...], list[int]]:
        """Return the lines of rows by the words of their cells at a position, types left out."""
        found: dict[tuple[str, ...], list[int]] = {}
        for row in self._rows:
            for at in positions:
                words = (*_words_of(split_bundle_label(row.cells[at])[0]),)
                if 0 < len(words) <= _NAME_WORDS_MAX and len("".join(words)) > _INITIALS:
                    found.setdefault(words, []).append(row.line)
        return found

    def _lines_above(self, remark: SourceRow) -> list[int]:
        """Return the lines of the rows above a remark, back to a blank row or another line.

        Of a remark right below a row only those that belong to the same thing.
        """
        others = {row.record for row in self._table.headings}
        above = [row for row in self._rows if row.record < remark.record]
        if not above:
            return []
        nearest = above[-1]
        between = range(nearest.record + 1, remark.record)
        is_apart = any(record not in others for record in between)
        lines: list[int] = []
        before = nearest.record + 1
        for row in reversed(above):
            is_same = self._owner_of(row) == self._owner_of(nearest)
            if row.record != before - 1 or not (is_apart or (is_same and self._owner_at)):
                break
            lines.append(row.line)
            before = row.record
        return sorted(lines or [nearest.line])

    def _owner_of(self, row: SourceRow) -> str:
        return folded("".join(row.cells[at] for at in self._owner_at))


def _lines_named(text: str, lines_by_name: Mapping[tuple[str, ...], list[int]]) -> list[int]:
    words = _words_of(text)
    found: dict[int, None] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + _NAME_WORDS_MAX, len(words)) + 1):
            found |= dict.fromkeys(lines_by_name.get((*words[start:end],), ()))
    return sorted(found)


def _words_of(text: str) -> list[str]:
    """Return the words of a text as names are compared, in the singular."""
    words = _WORD.findall(folded(text))[:_WORDS_MAX]
    return [word.removesuffix("s") if len(word) > _INITIALS else word for word in words]


def _is_setting(row: SourceRow, table: SourceTable) -> bool:
    """Tell whether a word above a table is a column of what its rows belong to: it is read as that."""
    rule = rule_of_owner(table.file.sheet)
    return rule is not None and not rule.columns.keys().isdisjoint(
        canonical_columns(rule, row.cells)
    )


def _lines_below(
    heading: SourceRow, table: SourceTable, records_of_worksheet: AbstractSet[int]
) -> list[int]:
    """Return the rows from a line to the next one that is no row, if it is above rows for sure.

    One that is right below a row, or below all, may be about any of them; so may others below it, down
    to a blank row. A row of any table of the worksheet counts: below a listing are its pages.
    """
    others = {row.record for row in table.headings}
    lines = {row.record: row.line for row in table.rows}
    if heading.record - 1 in records_of_worksheet:
        return []
    first = heading.record
    while first - 1 in others:
        first -= 1
    following = heading.record + 1
    while following in others:
        following += 1
    if first - 1 in records_of_worksheet and following not in lines:
        return []
    ends = [record for record in others if record > following]
    end = min(ends, default=max(lines, default=0) + 1)
    return [line for record, line in lines.items() if following <= record < end]


def _line(row: SourceRow, table: SourceTable, cells: Mapping[str, str]) -> Entity:
    file = whole_sheet(table.file.name)
    said = ": ".join(cells.values())
    return Entity(
        kind=EntityKind.CUSTOM,
        key=f"{EntityKind.CUSTOM}:beside/{sheet_title(file)}/{said}",
        label=said,
        machine_name="",
        status=Status.APPROVED,
        source=RowSource(file=file, line=row.line, record=row.record),
        cells=cells,
        unknown_columns=tuple(cells),
    )
