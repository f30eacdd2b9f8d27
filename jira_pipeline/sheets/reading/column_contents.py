"""Which column a header may be, by the cells below it: for proposals only, nothing is read by it.

Belongs here: what cells of a column look like, and pairing headers with columns. Does not: which
headers and columns are in question (`missing_columns`).

A pair is proposed where one header alone holds what one column alone does.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import mean

from jira_pipeline.model.columns import Holds
from jira_pipeline.model.entities import UNLIMITED, SourceTable
from jira_pipeline.sheets.reading.cells import (
    BASE_TABLES,
    DISPLAY_PLUGINS,
    FIELD_TYPES,
    FLAG_SPELLINGS,
    WIDGETS,
    count_spelled,
    field_type_words,
    flag_spelled,
    status_spelled,
)
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES
from jira_pipeline.sheets.reading.labels import bundle_type_of, split_bundle_label
from jira_pipeline.sheets.reading.translations import FLAGS, known_languages, plain_letters

_MACHINE_NAME = re.compile(r"(?=.*[a-z])[a-z0-9_]{3,}")
_MOST = 0.8
_MANY = 0.5
"""Contributed modules bring types and widgets that no list has."""
_FEW = 3
"""Fewer different words in lower case may be anything; machine names have underscores."""
_PROSE_WORDS = 4
_WORDS_LOOKED_AT = 300
_NOTHING = ERROR_VALUES | {"", "-", "–"}
_NAME_CHARACTERS = 3

LOOSE_SORTS = frozenset({Holds.LABEL, Holds.NAME, Holds.PROSE})
"""What nearly every column of a sheet holds."""


_CLOSED_SETS: Mapping[Holds, tuple[str, Sequence[str], float]] = {
    Holds.FLAG: (FLAGS, FLAG_SPELLINGS, _MANY),
    Holds.FIELD_TYPE: ("Field type", FIELD_TYPES, _MANY),
    Holds.WIDGET: ("Form widget", WIDGETS, _MANY),
    Holds.DISPLAY_PLUGIN: ("Display plugin", DISPLAY_PLUGINS, _MANY),
    Holds.BASE_TABLE: ("Base table", BASE_TABLES, _MANY),
    Holds.SWITCH: ("Status", ("Enabled", "Disabled"), 1),
    Holds.MODERATION: ("Type", ("Content moderation",), _MANY),
}
"""Closed sets: the column whose words in other languages count too, and the share of cells."""
_CODES_MAX = 6
_CODE = re.compile(r"[^\W\d_][\w-]{0,14}(?: [\w-]{1,14})?")
_COUNTS = range(UNLIMITED, 1_000)
"""More are years and other numbers."""
_FORMS: Mapping[Holds, tuple[Callable[[str], object], float]] = {
    Holds.STATUS: (status_spelled, 1),
    Holds.COUNT: (lambda cell: count_spelled(cell) in _COUNTS, 1),
    Holds.BUNDLE_TYPE: (bundle_type_of, _MOST),
    Holds.BUNDLE: (lambda cell: split_bundle_label(cell)[1], _MANY),
    Holds.REFERENCE: (lambda cell: split_bundle_label(cell)[1], _MANY),
    Holds.ALIAS: (re.compile(r"\[[a-z_-]+:[^\]]+\]").search, _MANY),
}
_EVERYWHERE = frozenset({Holds.LABEL, Holds.BUNDLE})
"""What a column holds only if nearly every row has a cell there."""


@cache
def _closed_set(sort: Holds) -> frozenset[str]:
    """Return the words of a closed set in all languages, as plain letters."""
    column, english, _ = _CLOSED_SETS[sort]
    english = (*english, *field_type_words()) if sort is Holds.FIELD_TYPE else english
    abroad = (word for one in known_languages() for word in one.cells.get(column, {}))
    return frozenset({*map(plain_letters, english), *abroad})


def _share(cells: Collection[str], is_one: Callable[[str], object]) -> float:
    return sum(bool(is_one(cell)) for cell in cells) / len(cells)


@dataclass(frozen=True, slots=True)
class Cells:
    """What is below a header."""

    words: tuple[str, ...]
    """The first different cells, but for those that say nothing."""
    sorts: frozenset[Holds]
    """What a column may be that holds them."""


def may_be_status(table: SourceTable, position: int) -> bool:
    """Tell whether no cell below a header, or at least one of them, is a status."""
    said = {cell for row in table.rows if (cell := row.cells[position]) not in _NOTHING}
    return not said or any(map(status_spelled, said))


def are_statuses(table: SourceTable, position: int) -> bool:
    """Tell whether all cells below a header are statuses, and not all of them marks and flags."""
    said = {cell for row in table.rows if (cell := row.cells[position]) not in _NOTHING}
    return all(map(status_spelled, said)) and any(flag_spelled(cell) is None for cell in said)


def may_be_codes(table: SourceTable, position: int) -> bool:
    """Tell whether a few short words stand below a header, as a status of other words has."""
    said = {cell for row in table.rows if (cell := row.cells[position]) not in _NOTHING}
    return len(said) <= _CODES_MAX and all(map(_CODE.fullmatch, said))


def cells_below(table: SourceTable, position: int) -> Cells:
    said = [cell for row in table.rows if (cell := row.cells[position]) not in _NOTHING]
    words = tuple(dict.fromkeys(said))[:_WORDS_LOOKED_AT]
    is_everywhere = len(said) >= _MOST * len(table.rows)
    sorts = {sort for sort in Holds if words and _holds(words, sort)}
    return Cells(words, frozenset(sorts if is_everywhere else sorts - _EVERYWHERE))


def _holds(words: Sequence[str], sort: Holds) -> bool:
    if sort in _CLOSED_SETS:
        known = _closed_set(sort)
        return _share(words, lambda word: plain_letters(word) in known) >= _CLOSED_SETS[sort][2]
    if sort in _FORMS:
        is_one, least = _FORMS[sort]
        return _share(words, is_one) >= least
    if sort is Holds.MACHINE_NAME:
        share, is_sure = _share(words, _MACHINE_NAME.fullmatch), any("_" in w for w in words)
        return share >= _MOST if is_sure else share == 1 and len(words) >= _FEW
    is_prose = mean(len(word.split()) for word in words) >= _PROSE_WORDS
    is_name = mean(map(len, words)) >= _NAME_CHARACTERS
    return sort is Holds.LABEL and is_name and not is_prose


def paired(columns: Sequence[tuple[str, Holds]], headers: Sequence[Cells]) -> dict[str, int]:
    """Pair columns with headers by the cells below them, where no other holds what both do."""
    found: dict[str, int] = {}
    for sort in Holds:
        named = [name for name, of in columns if of is sort]
        free = [p for p in range(len(headers)) if p not in found.values()]
        at = [p for p in free if sort in headers[p].sorts]
        if len(named) == len(at) == 1:
            found[named[0]] = at[0]
    return found
