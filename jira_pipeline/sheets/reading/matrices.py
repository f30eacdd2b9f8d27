"""A matrix of permissions: a row for each, a column for each role, a mark where the role has it.

Belongs here: such a table as notes of the roles. Does not: what permissions mean (`drupal/meaning`),
fields marked below bundles (`owners`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from jira_pipeline.model.columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.entities import EntityKind, SourceRow, SourceTable, sheet_title
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.sheets.reading.cells import flag_spelled, says_nothing
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import unnamed
from jira_pipeline.sheets.reading.layouts import titles_above
from jira_pipeline.sheets.reading.rows import with_cells
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
    names = _names_of(roles)
    granted: dict[str, dict[str, None]] = {}
    for table in tables:
        columns = _columns_of_roles(table, is_by_title=bool(roles))
        marked = {at: cells for at, cells in columns.items() if _are_marks(cells)}
        headers = {at: table.shown_headers[at] for at in columns}
        is_known = not roles or all(plain_letters(headers[at]) in names for at in marked)
        if len(marked) < _ROLES_MIN or not is_known:
            read.append(table)
            continue
        if not roles and (
            new := {at: h for at in marked if plain_letters(h := headers[at]) not in names}
        ):
            names |= {plain_letters(header): header for header in new.values()}
            read.append(_roles_of(table, new))
        permissions = {at: _granted(table, at) for at in marked}
        for at, each in permissions.items():
            granted.setdefault(names[plain_letters(headers[at])], {}).update(dict.fromkeys(each))
        listed = first_named([f"“{headers[at]}” {len(permissions[at])}" for at in marked], _NAMED)
        unread = ""
        for at, cells in columns.items():
            if odd := next((cell for cell in cells if not _is_mark(cell)), ""):
                unread += f" “{odd}” below “{headers[at]}” is no mark, and was not read."
            elif not cells and not roles:
                unread += f" “{headers[at]}” has no mark; if it is a role, no sheet lists it."
        citations = Citations(table.file.name)
        citations.inform(
            "permissions_read",
            f"Marks below roles were read as their permissions: {listed}. Marks in brackets and "
            f"blank cells give none.{unread}",
            "Nothing to do, unless a mark means something else.",
            line=table.header_line,
        )
        findings.extend(citations.findings)
    return [_with_notes(table, granted) for table in read], findings


def _columns_of_roles(table: SourceTable, *, is_by_title: bool) -> dict[int, list[str]]:
    """Return the columns of a matrix with what is below them; none where it is no such matrix."""
    titles = [table.shown_headers[0]]
    if is_by_title:
        titles += [*titles_above(table.above), sheet_title(table.file.name)]
    if table.file.sheet is not EntityKind.CUSTOM or not any(map(_WORDS.search, titles)):
        return {}
    return {
        at: [cell for row in table.rows if not says_nothing(cell := row.cells[at])]
        for at, header in enumerate(table.shown_headers)
        if at and table.columns[at] not in SHARED_COLUMNS and header != unnamed(at)
    }


def _are_marks(cells: Sequence[str]) -> bool:
    return bool(cells) and 2 * sum(map(_is_mark, cells)) >= len(cells)


def _is_mark(cell: str) -> bool:
    return flag_spelled(cell.strip("()")) is not None


def _names_of(roles: Sequence[SourceTable]) -> dict[str, str]:
    """Return what people may call each role, by label or machine name; to its name in the sheet."""
    names: dict[str, str] = {}
    for table in roles:
        at = [table.columns.index(n) for n in ("Name", MACHINE_NAME_COLUMN) if n in table.columns]
        for row in table.rows:
            for word in [plain_letters(row.cells[position]) for position in at]:
                names.setdefault(word, row.cells[at[0]])
                names.setdefault(word.removesuffix("user"), row.cells[at[0]])
    return names


def _granted(table: SourceTable, at: int) -> list[str]:
    """Return the permissions with a mark, by machine name, else by what the first column says."""
    has_names = MACHINE_NAME_COLUMN in table.columns
    machine = table.columns.index(MACHINE_NAME_COLUMN) if has_names else 0
    return [
        row.cells[0] if says_nothing(row.cells[machine]) else row.cells[machine]
        for row in table.rows
        if not row.cells[at].startswith("(") and flag_spelled(row.cells[at]) is True
    ]


def _with_notes(table: SourceTable, granted: Mapping[str, Iterable[str]]) -> SourceTable:
    if table.file.sheet is not EntityKind.USER_ROLE or "Name" not in table.columns:
        return table
    noted = {}
    for row in table.rows:
        cells = dict(zip(table.columns, row.cells, strict=True))
        note, own = ", ".join(granted.get(cells["Name"], ())), cells.get(_NOTES, "")
        if note:
            noted[id(row)] = {_NOTES: "\n".join(filter(None, (own, f"Permissions: {note}")))}
    return with_cells(table, noted)


def _roles_of(table: SourceTable, marked: Mapping[int, str]) -> SourceTable:
    """Return the roles that the headers name, where no sheet lists any."""
    rows = tuple(
        SourceRow(line=table.header_line, record=at + 1, cells=(header, "", ""))
        for at, header in marked.items()
    )
    file = replace(table.file, sheet=EntityKind.USER_ROLE, row_count=len(rows))
    columns = ("Name", MACHINE_NAME_COLUMN, _NOTES)
    return replace(table, file=file, columns=columns, headers=(), rows=rows, headings=())
