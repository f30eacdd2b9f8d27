"""A matrix of permissions: a row for each, a column for each role, a mark where the role has it.

Belongs here: such a table as notes of the roles. Does not: what permissions mean (`drupal/meaning`),
fields marked below bundles (`owners`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from jira_pipeline.model.columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.entities import EntityKind, SourceRow, SourceTable, sheet_title
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.sheets.reading.cells import flag_spelled, says_nothing
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import unnamed
from jira_pipeline.sheets.reading.layouts import titles_above
from jira_pipeline.sheets.reading.sheets import SHARED_COLUMNS
from jira_pipeline.sheets.reading.translations import plain_letters

_WORDS = re.compile(r"permission|\brights\b", re.IGNORECASE)
"""In a title of the table, or in the header of the first column: there where no sheet lists roles."""
_ROLES_MIN = 2
_NAMED = 10
_NOTES = "Notes"


def with_permissions(
    tables: Sequence[SourceTable],
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables with what matrices give to roles in their notes; what else they say is cited."""
    read: list[SourceTable] = []
    findings: list[Finding] = []
    roles = [table for table in tables if table.file.sheet is EntityKind.USER_ROLE]
    granted: dict[str, dict[str, None]] = {}
    created: dict[str, str] = {}
    for table in tables:
        is_custom = table.file.sheet is EntityKind.CUSTOM
        marked = _marked_columns(table, is_by_title=bool(roles)) if is_custom else {}
        names = {at: role for at, header in marked.items() if (role := _named(header, roles))}
        if len(marked) < _ROLES_MIN or (roles and len(names) < len(marked)):
            read.append(table)
            continue
        permissions = {at: _granted(table, at) for at in marked}
        citations = Citations(table.file.name)
        listed = first_named([f"“{marked[at]}” {len(permissions[at])}" for at in marked], _NAMED)
        unread = [
            f" “{cell}” below “{header}” is no mark, and was not read."
            for at, header in enumerate(table.shown_headers)
            if at and table.columns[at] not in SHARED_COLUMNS
            for cell in [next((c for c in _filled_cells(table, at) if not _is_mark(c)), "")]
            if cell
        ]
        citations.inform(
            "permissions_read",
            f"Marks below roles were read as their permissions: {listed}. Marks in brackets and "
            f"blank cells give none.{''.join(unread)}",
            "Nothing to do, unless a mark means something else.",
            line=table.header_line,
        )
        findings.extend(citations.findings)
        new = {at: h for at, h in marked.items() if plain_letters(h) not in created}
        if not roles and new:
            created |= {plain_letters(header): header for header in new.values()}
            read.append(_roles_of(table, new))
        for at, header in marked.items():
            role = names.get(at) or created[plain_letters(header)]
            granted.setdefault(role, {}).update(dict.fromkeys(permissions[at]))
    notes = {role: f"Permissions: {', '.join(each)}" for role, each in granted.items() if each}
    return [_with_notes(table, notes) for table in read], findings


def _marked_columns(table: SourceTable, *, is_by_title: bool) -> dict[int, str]:
    """Return the headers with marks in most cells below them; none where it is no such matrix."""
    titles = [table.shown_headers[0]]
    if is_by_title:
        titles += [*titles_above(table.above), sheet_title(table.file.name)]
    found = {}
    for at, header in enumerate(table.shown_headers) if any(map(_WORDS.search, titles)) else ():
        cells = _filled_cells(table, at)
        is_own = at and table.columns[at] not in SHARED_COLUMNS and header != unnamed(at)
        if is_own and cells and 2 * sum(map(_is_mark, cells)) >= len(cells):
            found[at] = header
    return found


def _filled_cells(table: SourceTable, at: int) -> list[str]:
    return [cell for row in table.rows if (cell := row.cells[at]) and not says_nothing(cell)]


def _is_mark(cell: str) -> bool:
    return flag_spelled(cell.strip("()")) is not None


def _named(header: str, roles: Sequence[SourceTable]) -> str:
    """Return the role that a header names, by label or machine name; its machine name first."""
    wanted = plain_letters(header)
    for table in roles:
        at = [table.columns.index(n) for n in ("Name", MACHINE_NAME_COLUMN) if n in table.columns]
        for row in table.rows:
            cells = [row.cells[position] for position in at]
            words = {plain_letters(cell) for cell in cells}
            if wanted in words | {word.removesuffix("user") for word in words}:
                return cells[0]
    return ""


def _granted(table: SourceTable, at: int) -> list[str]:
    """Return the permissions with a mark, by machine name, else by what the first column says."""
    machine = (
        table.columns.index(MACHINE_NAME_COLUMN) if MACHINE_NAME_COLUMN in table.columns else 0
    )

    def name(row: SourceRow) -> str:
        return row.cells[0] if says_nothing(row.cells[machine]) else row.cells[machine]

    marked = (row for row in table.rows if not row.cells[at].startswith("("))
    return [name(row) for row in marked if flag_spelled(row.cells[at]) is True]


def _with_notes(table: SourceTable, granted: Mapping[str, str]) -> SourceTable:
    if table.file.sheet is not EntityKind.USER_ROLE or not granted or "Name" not in table.columns:
        return table
    has_notes = _NOTES in table.columns
    columns = table.columns if has_notes else (*table.columns, _NOTES)
    headers = table.headers if has_notes or not table.headers else (*table.headers, _NOTES)
    name, at = columns.index("Name"), columns.index(_NOTES)

    def noted(row: SourceRow) -> SourceRow:
        cells = [*row.cells, *([] if has_notes else [""])]
        note = granted.get(cells[name], "")
        if note and note != cells[at]:
            cells[at] = "\n".join(filter(None, (cells[at], note)))
        return replace(row, cells=tuple(cells))

    return replace(table, columns=columns, headers=headers, rows=tuple(map(noted, table.rows)))


def _roles_of(table: SourceTable, marked: Mapping[int, str]) -> SourceTable:
    """Return the roles that the headers name, where no sheet lists any."""
    rows = tuple(
        SourceRow(line=table.header_line, record=at + 1, cells=(header, "", ""))
        for at, header in marked.items()
    )
    file = replace(table.file, sheet=EntityKind.USER_ROLE, row_count=len(rows))
    columns = ("Name", MACHINE_NAME_COLUMN, _NOTES)
    return replace(table, file=file, columns=columns, headers=(), rows=rows, headings=())
