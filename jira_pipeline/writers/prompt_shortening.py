"""Shortening the facts of a large ticket: what is left out first, and how the model learns of it.

Belongs here: the steps, in their order. Does not: which facts there are (`prompt_facts`), or how
much room there is (`prompt`).

What surrounds the rows is left out before the rows, rows that are not built before those that are,
long sentences before names. Nothing is lost for the ticket: its tables show every cell.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jira_pipeline.writers.prompt_facts import (
    COUNT,
    QUESTIONS,
    ROWS,
    ROWS_AROUND,
    SAME_FOR_ALL,
    SETTINGS,
    SURROUNDINGS,
    FactValue,
)

_NAMED_MAX = 10
_LONG_CELL_CHARACTERS = 240
"""Of 730 notes and help texts of the UWEC sheets 95 % have 176 or fewer."""
_SHORT_CELL_CHARACTERS = 80
"""More than half of them have 48 or fewer."""
_TABLES = frozenset({ROWS, SETTINGS})
_TO_BUILD = "to build"
_NAME_COLUMNS = (
    "Field label",
    "Machine name",
    "Machine Name",
    "Name",
    "Title",
    "Label",
    "View name",
    "Style name",
    "Responsive style",
    "View Modes",
)
_ESSENTIAL_COLUMNS = frozenset(
    {
        *_NAME_COLUMNS,
        "Field type",
        "Ref. bundle",
        "Req'd",
        "Vals.",
        "Settings/notes",
        "Notes",
        "Display plugin",
        "From state",
        "To state",
    }
)

Facts = Mapping[str, FactValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShorterFacts:
    """Facts with something left out."""

    facts: Facts
    left_out: tuple[str, ...]
    """What, in words for the model, in the order in which it went."""


def shorter_and_shorter(facts: Facts, left_out: Sequence[str] = ()) -> Iterator[ShorterFacts]:
    """Return the facts shortened step by step, the last with no rows at all."""
    for words, step in _STEPS:
        shorter = step(facts)
        if shorter != facts:
            facts = shorter
            left_out = (*left_out, words)
            yield ShorterFacts(facts=facts, left_out=left_out)
    yield from _with_fewer_rows(facts, left_out)


def _with_fewer_rows(facts: Facts, left_out: Sequence[str]) -> Iterator[ShorterFacts]:
    """Halve the rows to build until none is left, settings last."""
    words = (*left_out, "rows behind those told: only their number is told")
    most = _longest_table(facts)
    while most > 0:
        most //= 2
        facts = _each_table(facts, partial(_first_rows, most))
        yield ShorterFacts(facts=facts, left_out=words)
    essential = {name: facts[name] for name in ("site", "ticket") if name in facts}
    yield ShorterFacts(facts=essential, left_out=(*words, "settings"))


def with_rows_around_within(facts: Facts, room: int) -> ShorterFacts | None:
    """Keep as many of the rows around as have room, in characters; None where all have."""
    around = facts.get(ROWS_AROUND)
    if not isinstance(around, Mapping):
        return None
    kept: list[FactValue] = []
    for row in _rows(around):
        room -= len(str(row))
        if room < 0:
            break
        kept.append(row)
    if len(kept) == len(_rows(around)):
        return None
    words = f"rows around after the first {len(kept)}"
    return ShorterFacts(facts={**facts, ROWS_AROUND: {**around, ROWS: kept}}, left_out=(words,))


def _with_first_rows_around(facts: Facts) -> Facts:
    around = facts.get(ROWS_AROUND)
    if not isinstance(around, Mapping):
        return facts
    return {**facts, ROWS_AROUND: _first_rows(_NAMED_MAX, "", around)}


def _without_rows_around(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if name != ROWS_AROUND}


def _without_likeness(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if name != "bundles with the same fields"}


def _with_short_surroundings(facts: Facts) -> Facts:
    names = (*SURROUNDINGS, "mentions")
    return {n: _first_items(value) if n in names else value for n, value in facts.items()}


def _first_items(fact: FactValue) -> FactValue:
    """Keep the first items of every list; lists within named values too."""
    if isinstance(fact, Mapping):
        kept = dict(list(fact.items())[:_NAMED_MAX])
        return {name: _first_items(value) for name, value in kept.items()}
    return fact if isinstance(fact, str | int) else list(fact)[:_NAMED_MAX]


def _with_names_of_others(facts: Facts) -> Facts:
    """Tell only the names of rows that are not built."""
    return _each_table(facts, lambda name, table: table if _TO_BUILD in name else _names_of(table))


def _names_of(table: Facts) -> Facts:
    return {**table, ROWS: [_only(row, frozenset(_NAME_COLUMNS)) for row in _rows(table)]}


def _with_short_cells(facts: Facts) -> Facts:
    return _cut_cells(facts, _LONG_CELL_CHARACTERS)


def _with_very_short_cells(facts: Facts) -> Facts:
    return _cut_cells(facts, _SHORT_CELL_CHARACTERS)


def _cut_cells(facts: Facts, most: int) -> Facts:
    def cut(row: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
        return {column: _cut(cell, most) for column, cell in row.items()}

    def cut_table(_: str, table: Facts) -> Facts:
        shorter: Facts = {**table, ROWS: [cut(row) for row in _rows(table)]}
        same = table.get(SAME_FOR_ALL)
        return {**shorter, SAME_FOR_ALL: cut(same)} if isinstance(same, Mapping) else shorter

    return _each_table(facts, cut_table)


def _cut(cell: FactValue, most: int) -> FactValue:
    is_long = isinstance(cell, str) and len(cell) > most
    return f"{cell[:most]} […]" if is_long and isinstance(cell, str) else cell


def _with_first_questions(facts: Facts) -> Facts:
    return {n: _first_items(value) if n == QUESTIONS else value for n, value in facts.items()}


def _with_essential_columns(facts: Facts) -> Facts:
    return _each_table(
        facts,
        lambda _, table: {**table, ROWS: [_only(row, _ESSENTIAL_COLUMNS) for row in _rows(table)]},
    )


def _without_surroundings(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if name not in SURROUNDINGS}


def _only(row: Mapping[str, FactValue], columns: frozenset[str]) -> Mapping[str, FactValue]:
    """Keep some columns; a row that has none of them keeps its first cell."""
    return {c: cell for c, cell in row.items() if c in columns} or dict(list(row.items())[:1])


def _each_table(facts: Facts, change: Callable[[str, Facts], Facts]) -> Facts:
    def changed(part: FactValue) -> FactValue:
        if not isinstance(part, Mapping):
            return part
        return {
            name: change(name, table) if isinstance(table, Mapping) else table
            for name, table in part.items()
        }

    return {name: changed(part) if name in _TABLES else part for name, part in facts.items()}


def _rows(table: Facts) -> list[Mapping[str, FactValue]]:
    rows = table.get(ROWS, ())
    if isinstance(rows, str | int | Mapping):
        return []
    return [row for row in rows if isinstance(row, Mapping)]


def _first_rows(most: int, _: str, table: Facts) -> Facts:
    return {**table, ROWS: _rows(table)[:most]} if COUNT in table else table


def _longest_table(facts: Facts) -> int:
    parts = [part for name in _TABLES if isinstance(part := facts.get(name), Mapping)]
    tables = [table for part in parts for table in part.values() if isinstance(table, Mapping)]
    return max((len(_rows(table)) for table in tables), default=0)


_STEPS: tuple[tuple[str, Callable[[Facts], Facts]], ...] = (
    ("bundles with the same fields", _without_likeness),
    (f"rows around after the first {_NAMED_MAX}", _with_first_rows_around),
    (f"users, sharers and mentions after the first {_NAMED_MAX}", _with_short_surroundings),
    ("all but the names of rows that are not built", _with_names_of_others),
    (f"cells after {_LONG_CELL_CHARACTERS} characters", _with_short_cells),
    ("all rows around", _without_rows_around),
    (f"questions after the first {_NAMED_MAX}", _with_first_questions),
    (f"cells after {_SHORT_CELL_CHARACTERS} characters", _with_very_short_cells),
    ("less telling columns", _with_essential_columns),
    ("what stands around the rows", _without_surroundings),
)
"""What is left out, the least informative first."""
