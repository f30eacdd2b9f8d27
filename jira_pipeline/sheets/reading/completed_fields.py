"""Fields whose rows leave blank what another row or cell says: a field like another, targets in notes.

Belongs here: `as T-01` and what such a row takes from that one; columns of options and notes that
name bundles. Does not: things and their names (`listed_things`), references once they are read
(`references`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.drupal.meaning.modules_and_types import is_base_type, types_in, types_meant
from jira_pipeline.drupal.meaning.notes import is_not_now
from jira_pipeline.model.columns import (
    EPIC_COLUMN,
    MACHINE_NAME_COLUMN,
    NOTE_COLUMNS,
    OWNER_COLUMNS,
    STATUS_HEADERS,
    UPKEEP_COLUMNS,
    columns_of,
)
from jira_pipeline.model.entities import EntityKind, SourceRow, SourceTable
from jira_pipeline.model.grouped import paired
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.sheets.reading.cells import says_nothing, status_stated
from jira_pipeline.sheets.reading.citations import CitedFiles
from jira_pipeline.sheets.reading.labels import (
    alphanumeric,
    folded,
    is_wildcard,
    split_bundle_label,
)
from jira_pipeline.sheets.reading.listed_things import Thing, Things

_ROW_CODE = re.compile(r"[^\W\d_]{0,4}[ .-]?\d+(?:[.-]\d+)*[^\W\d_]?")
_AS = re.compile(
    r"(?is)(?=.{1,80}+\Z)(?:(?:(?P<sure>[↺↻⟲=]|like|as|same (?:field )?as|re-?used?(?: of| from)?|copy of)|(?P<see>see|→))\W*)?"
    r"(?:(?:in|on|row|field|no\.|nr\.|#) ?)?(?P<code>\S[^\n]{0,40}?)\.?"
)
"""`↺ T-01`, `as 2.4`, `like field 12`, `T-01`."""
_NAMING = (MACHINE_NAME_COLUMN, "Field label")
_AS_ROW = "As row"
"""The column that says which row a field was read like."""
_OWN_CELLS = frozenset(
    {*OWNER_COLUMNS, *UPKEEP_COLUMNS, *STATUS_HEADERS, EPIC_COLUMN, "Bundle type", "Field label"}
    | {"Remarks"}
)
_OF_THING = frozenset(c.name for c in columns_of(EntityKind.FIELD)) - {*NOTE_COLUMNS}
"""Columns that say what a field is; others may put off the row that they are in."""
_TARGETS = "Ref. bundle"
_MOSTLY = 0.75
_OF_VALUES = frozenset({*NOTE_COLUMNS, "Allowed values"})
_OF_TARGETS = re.compile(
    r"(?i)\b(?:target|option|detail|note|comment|remark|setting|value|refer|link|goes to|points? to|allow)"
)
"""In the header of what holds options, notes and targets by turns."""
_OF_USERS = re.compile(r"(?i)\b(?:us(?:ed?|age)|shown?|appears?|on|for|of)\b")
"""In the header of what uses a thing, and not of what that refers to."""
_BEFORE_TARGET = re.compile(r"[-=]>|[→⇒➔:(]|\bto\b")


def with_fields_alike(tables: Sequence[SourceTable], cited: CitedFiles) -> Sequence[SourceTable]:
    """Return the tables, and fields that are like another row (`↺ T-01`) with what they leave blank.

    It is named by its code, or by the bundle that has the same field (`as Boat`). A cell that says
    something wins; what a row belongs to, its label and status are its own.
    """
    fields = [table for table in tables if table.file.sheet is EntityKind.FIELD]
    if not any(
        ((match := _AS.fullmatch(text)) and (match["sure"] or match["see"]))
        or (column == "Field type" and _ROW_CODE.fullmatch(text))
        for table in fields
        for column, cells in table.by_column().items()
        if column not in _OWN_CELLS
        for text in {*cells}
    ):
        return tables
    things = {
        code: Thing(table, row, table.cells_of(row))
        for table in reversed(fields)
        for code, row in {**_rows_by_bundle(table), **_rows_by_code(table)}.items()
    }
    like = {id(row): found for t in fields for row in t.rows if (found := _like(row, t, things))}
    completed: dict[int, dict[str, str]] = {}
    for table in fields:
        same = [row for row in table.rows if id(row) in like]
        completed |= {id(row): _taken(row, table, like) for row in same}
        if same:
            first = completed[id(same[0])][_AS_ROW]
            cited.of(table.file.name).inform(
                "rows_alike",
                f"{counted(len(same), 'row')} like “{first}” were read as the row that "
                "they name, where they leave a cell blank.",
                "Nothing to do, unless a blank cell of them means something else.",
                row=same[0],
                value=first,
            )
    return [table.with_cells(completed) for table in tables]


def _taken(
    row: SourceRow, table: SourceTable, like: Mapping[int, tuple[str, Thing]]
) -> dict[str, str]:
    """Return what a row takes from the one that it is like, and from those which that is like."""
    cells = table.cells_of(row)
    said, _ = like[id(row)]
    kept = {n for n, cell in cells.items() if not says_nothing(cell)} - {said} | _OWN_CELLS
    new = {_AS_ROW: cells[said]}
    at = id(row)
    passed = set[int]()
    while at in like and at not in passed:
        passed.add(at)
        _, other = like[at]
        at = id(other.row)
        given = {
            n: c
            for n, c in other.cells.items()
            if c and n not in {*kept, *new}
            if n in _OF_THING or not (status_stated(c) or is_not_now(c, n))
        }
        new |= {n: c for n, c in given.items() if at not in like or n != like[at][0]}
    return new


def _rows_by_code(table: SourceTable) -> dict[str, SourceRow]:
    """Return the rows by the first column that is mostly codes, each of which no other row has."""
    for cells in zip(*(row.cells for row in table.rows), strict=True):
        rows = zip(map(str.casefold, cells), table.rows, strict=True)
        coded = [(code, row) for code, row in rows if _ROW_CODE.fullmatch(code)]
        if 2 * len(coded) > len(cells) and len(coded) == len(dict(coded)):
            return dict(coded)
    return {}


def _rows_by_bundle(table: SourceTable) -> dict[str, SourceRow]:
    """Return the rows by their bundle and the machine name or label of the field."""
    named = [
        (f"{split_bundle_label(own.get('Bundle', ''))[0]} {own.get(name, '')}".casefold(), row)
        for row in table.rows
        for own in (table.cells_of(row),)
        for name in _NAMING
    ]
    return dict(reversed(named))


def _like(
    row: SourceRow, table: SourceTable, things: Mapping[str, Thing]
) -> tuple[str, Thing] | None:
    """Return the row that a cell says a field is like, and the column of that cell.

    Without a word for it only instead of a field type, after `see` where the row has none, too.
    """
    cells = table.cells_of(row)
    has_type = not says_nothing(cells.get("Field type", ""))
    for column, cell in cells.items():
        match = _AS.fullmatch(cell) if column not in _OWN_CELLS else None
        if match is None:
            continue
        code = match["code"].casefold()
        sure = match["sure"]
        fields = [f"{code} {cells.get(n, '')}".casefold() for n in _NAMING] if sure else []
        thing = next((things[key] for key in (code, *fields) if key in things), None)
        is_meant = sure or column == "Field type" or (match["see"] and not has_type)
        if thing and thing.row is not row and is_meant:
            return column, thing
    return None


def with_targets(tables: Sequence[SourceTable], cited: CitedFiles) -> Iterator[SourceTable]:
    """Yield the tables with what fields refer to, where another cell of theirs names listed bundles.

    Such a column (`Options / target`, `Details`) holds options, notes and targets by turns.
    """
    things = Things(tables)
    for table in tables:
        targets = _targets_in(table, things)
        yield table.with_cells(targets)
        if targets:
            cited.of(table.file.name).inform(
                "header_by_cells",
                f"Cells of {counted(len(targets), 'reference field')} name bundles; they were "
                f"read as “{_TARGETS}” too.",
                f"Nothing to do, unless fields refer to others: add “{_TARGETS}”.",
                line=table.header_line,
            )


def _targets_in(table: SourceTable, things: Things) -> dict[int, dict[str, str]]:
    """Return what fields refer to by a cell that names listed bundles, and others where most cells do.

    Its column speaks for it by its header, or by its cells. A type that refers to nothing has none;
    one that nobody knows may refer to something.
    """
    is_of_fields = table.file.sheet is EntityKind.FIELD
    columns = table.by_column() if is_of_fields and _TARGETS not in table.columns else {}
    if "Field type" not in columns:
        return {}
    types = columns["Field type"]
    of_fields = {c.name for c in columns_of(EntityKind.FIELD)} | STATUS_HEADERS
    at: dict[int, set[str]] = {}
    for n, (column, cells) in enumerate(columns.items()):
        is_own = column not in of_fields
        is_called = column in _OF_VALUES or (is_own and _OF_TARGETS.search(column))
        if is_called or (is_own and not _OF_USERS.search(column)):
            naming = _types_naming(cells, types, things, is_sure=bool(is_called))
            at |= {} if naming is None else {n: naming}
    found: dict[int, dict[str, str]] = {}
    for row, type_text in zip(table.rows, types, strict=False):
        refers = _refers(type_text)
        if refers is False:
            continue
        said = [(row.cells[n], folded(type_text) in sure) for n, sure in at.items()]
        labels = (
            cell
            if refers and is_wildcard(cell)
            else things.targets(cell, type_text, is_sure=is_sure)
            for cell, is_sure in (*said, (_BEFORE_TARGET.split(type_text)[-1], False))
            if not says_nothing(cell)
        )
        if targets := next(filter(None, labels), ""):
            found[id(row)] = {_TARGETS: targets}
    return found


def _refers(type_text: str) -> bool | None:
    """Tell whether a field of a type refers to something; None where nobody knows the type."""
    letters = alphanumeric(type_text)
    meant = {letters, *map(alphanumeric, types_meant().get(letters, ()))}
    if not meant.isdisjoint(types_in("reference_types")):
        return True
    is_known = letters in types_meant() or is_base_type(type_text)
    return None if type_text and not is_known else False


def _types_naming(
    cells: Sequence[str], types: Sequence[str], things: Things, *, is_sure: bool
) -> set[str] | None:
    """Return the types of fields of which most cells name bundles: so does the rest of these cells.

    None of a column that is not `is_sure` to be of targets, and where not nearly all rows that may
    refer to bundles name some, or others do.
    """
    named = paired(
        (refers, (folded(of), (refers and is_wildcard(cell)) or things.targets(cell, of)))
        for cell, of in zip(cells, types, strict=True)
        for refers in (_refers(of) is not False,)
        if not says_nothing(cell)
    )
    may = [(of, bool(names)) for of, names in named.get(True, ())]
    is_else = any(names for _, names in named.get(False, ()))
    is_usual = sum(is_named for _, is_named in may) >= _MOSTLY * len(may) > 0
    if not is_sure and (is_else or not is_usual):
        return None
    return {of for of, each in paired(may).items() if 2 * sum(each) > len(each)}
