"""Matrices of permissions: a row for each, with a mark where a role has it, as notes of the roles.

Belongs here: which table is one, which columns name a permission, what is no mark. Does not: what
permissions mean (`drupal/meaning`).
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.model.columns import MACHINE_NAME_COLUMN, STATUS_COLUMN
from jira_pipeline.model.entities import (
    EntityKind,
    SourceRow,
    SourceTable,
    part_name,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.model.findings import Severity
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.sheets.reading.cells import flag_spelled, says_nothing
from jira_pipeline.sheets.reading.citations import CitedFiles
from jira_pipeline.sheets.reading.csv_files import unnamed
from jira_pipeline.sheets.reading.sheet_kinds import SHARED_COLUMNS
from jira_pipeline.sheets.reading.table_starts import titles_above
from jira_pipeline.sheets.reading.translations import plain_letters

_ROLES_MIN = 2
NAMED_MAX = 10
"""So many of what was read are named in a finding."""
_WORDS = re.compile(r"permission|\brights\b", re.IGNORECASE)
"""In a title of the table, or in the header of the first column: there where no sheet lists roles."""
_MAY = re.compile(r"\b(?:may|can|allowed|access)\b", re.IGNORECASE)
"""There, too, where the columns are roles that a sheet lists."""
_OF_MATRIX = frozenset({MACHINE_NAME_COLUMN, STATUS_COLUMN})
_NOTES = "Notes"
_PERMISSIONS = "Permissions"


@dataclass(frozen=True, slots=True, kw_only=True)
class _RoleMarks:
    """A table of marks below roles."""

    table: SourceTable
    roles: Mapping[int, str]
    """The header of each column of a role, by its place."""
    naming: Sequence[int]
    """Columns that name a permission together."""
    blank: Sequence[str]
    """Headers without a cell."""
    more: Sequence[str]
    """What it says beside marks: words in their place, headers of further columns."""
    heading: str
    """What notes of roles say of the permissions."""


def with_permissions(tables: Sequence[SourceTable], cited: CitedFiles) -> list[SourceTable]:
    """Return the tables with what matrices give to roles in their notes.

    A matrix that says more than marks below roles stays a table of its own, too: tickets quote it.
    """
    read: list[SourceTable] = []
    roles = [table for table in tables if table.file.sheet is EntityKind.USER_ROLE]
    names = _names_of(roles)
    granted: dict[str, dict[str, list[str]]] = {}
    beside = defaultdict[str, list[SourceRow]](list)
    for table in tables:
        matrix = _matrix_in(table, names if roles else None)
        if matrix is None or matrix.more:
            read.append(table)
        if matrix is None:
            continue
        if not roles and (
            new := {at: h for at, h in matrix.roles.items() if plain_letters(h) not in names}
        ):
            names |= {plain_letters(header): header for header in new.values()}
            read.append(_roles_of(table, new))
        headings = (row for row in table.rows if not (matrix.more or any(row.cells[1:])))
        beside[whole_sheet(table.file.name)] += (*table.above, *headings)
        permissions = {h: _granted(matrix, at) for at, h in matrix.roles.items()}
        for header, each in permissions.items():
            by_heading = granted.setdefault(names[plain_letters(header)], {})
            by_heading.setdefault(matrix.heading, []).extend(each)
        listed = first_named([f"“{h}” {len(each)}" for h, each in permissions.items()], NAMED_MAX)
        unread = "".join(
            f" “{header}” has no mark; if it is a role, no sheet lists it."
            for header in matrix.blank
            if not roles
        )
        if matrix.more:
            words = first_named([f"“{word}”" for word in matrix.more], NAMED_MAX)
            unread += f" More than marks: {words}; a ticket of its own quotes the table, too."
        cited.of(table.file.name).cite(
            Severity.WARNING if matrix.more else Severity.INFO,
            code="permissions_read",
            message=f"Marks below roles were read as their permissions: {listed}. Marks in "
            f"brackets and blank cells give none.{unread}",
            advice="Nothing to do, unless a mark means something else.",
            line=table.header_line,
        )
    return [_with_notes(table, granted, beside) for table in read]


def _matrix_in(table: SourceTable, names: Mapping[str, str] | None) -> _RoleMarks | None:
    """Return what a table gives to roles, where all that it marks are such; `names`: those listed.

    Where the first column does not tell the rows apart, those up to the first role name a permission
    with it.
    """
    columns = _columns_of_roles(table, is_by_title=names is not None)
    headers = table.shown_headers
    roles = _marked_roles(columns, headers, names)
    if not roles:
        return None
    first = [row.cells[0] for row in table.rows]
    is_named = all(first) and len({*first}) == len(first)
    naming = [0, *(at for at in columns if at < min(roles) and not is_named)]
    odd = [cell for at in roles for cell in columns[at] if not is_mark(cell)]
    read = {*roles, *naming, *(at for at, n in enumerate(table.columns) if n in _OF_MATRIX)}
    filled = {at for row in table.rows for at, cell in enumerate(row.cells) if cell}
    more = [*dict.fromkeys((*odd, *(headers[at] for at in sorted(filled - read))))]
    by = ", ".join(headers[at] for at in naming)
    source = f"From “{sheet_title(table.file.name)}” ({by})"
    return _RoleMarks(
        table=table,
        heading=source if more or len(naming) > 1 else _PERMISSIONS,
        roles=roles,
        naming=naming,
        blank=[headers[at] for at, cells in columns.items() if not cells],
        more=more,
    )


def _marked_roles(
    columns: Mapping[int, Sequence[str]], headers: Sequence[str], names: Mapping[str, str] | None
) -> dict[int, str]:
    """Return the headers of roles: what is below has mostly marks, or only words beside those.

    None where hardly any column has marks, or one is no role that a sheet lists.
    """
    marked = [
        at for at, cells in columns.items() if cells and 2 * sum(map(is_mark, cells)) >= len(cells)
    ]
    words = {cell for at in marked for cell in columns[at]}
    listed = names or {}
    roles = {
        at: headers[at]
        for at, cells in columns.items()
        if (cells and words.issuperset(cells)) or plain_letters(headers[at]) in listed
    }
    is_known = names is None or all(plain_letters(header) in listed for header in roles.values())
    return roles if len(marked) >= _ROLES_MIN and is_known else {}


def _columns_of_roles(table: SourceTable, *, is_by_title: bool) -> dict[int, list[str]]:
    """Return the columns of a matrix with what is below them; none where it is no such matrix."""
    titles = [table.shown_headers[0]]
    if is_by_title:
        titles += [*titles_above(table.above), sheet_title(table.file.name)]
    is_called = any(_WORDS.search(each) or (is_by_title and _MAY.search(each)) for each in titles)
    if table.file.sheet is not EntityKind.CUSTOM or not is_called:
        return {}
    return {
        at: [cell for row in table.rows if not says_nothing(cell := row.cells[at])]
        for at, header in enumerate(table.shown_headers)
        if at and table.columns[at] not in SHARED_COLUMNS and header != unnamed(at)
    }


def is_mark(cell: str) -> bool:
    """Tell whether a cell is a word or sign for yes or no, in brackets or not."""
    return flag_spelled(cell.strip("()")) is not None


def _names_of(roles: Sequence[SourceTable]) -> dict[str, str]:
    """Return what people may call each role, by label or machine name; to its name in the sheet."""
    names: dict[str, str] = {}
    for table in roles:
        at = table.positions("Name", MACHINE_NAME_COLUMN)
        for row in table.rows:
            for word in [plain_letters(row.cells[position]) for position in at]:
                names.setdefault(word, row.cells[at[0]])
                names.setdefault(word.removesuffix("user"), row.cells[at[0]])
    return names


def _granted(matrix: _RoleMarks, at: int) -> list[str]:
    """Return the permissions with a mark, by machine name, else by all columns that name them.

    A word that is no mark is said with its permission: `Boat: edit (own)`. Of two columns that name,
    a blank cell of the first one means what the cell above it says.
    """
    columns = matrix.table.columns
    (first, *others) = matrix.naming
    machine = columns.index(MACHINE_NAME_COLUMN) if MACHINE_NAME_COLUMN in columns else None
    found = list[str]()
    area = ""
    for row in matrix.table.rows:
        area = row.cells[first] or (area if others else "")
        name = ": ".join(filter(None, (area, *(row.cells[n] for n in others))))
        if machine is not None and not says_nothing(row.cells[machine]):
            name = row.cells[machine]
        cell = row.cells[at]
        is_word = not (says_nothing(cell) or is_mark(cell))
        if is_word or flag_spelled(cell):
            found.append(f"{name} ({cell})" if is_word else name)
    return found


def _with_notes(
    table: SourceTable,
    granted: Mapping[str, Mapping[str, Sequence[str]]],
    beside: Mapping[str, Sequence[SourceRow]],
) -> SourceTable:
    """Return a sheet of roles with their permissions, and what its worksheet says beside marks."""
    if table.file.sheet is not EntityKind.USER_ROLE or "Name" not in table.columns:
        return table
    noted = {}
    for row in table.rows:
        cells = table.cells_of(row)
        notes = [
            f"{heading}: {', '.join(dict.fromkeys(each))}"
            if heading == _PERMISSIONS
            else "\n- ".join((f"{heading}:", *each))
            for heading, each in granted.get(cells["Name"], {}).items()
            if each
        ]
        if notes:
            noted[id(row)] = {_NOTES: "\n".join(filter(None, (cells.get(_NOTES, ""), *notes)))}
    above = (*table.above, *beside.get(whole_sheet(table.file.name), ()))
    return replace(table, above=above).with_cells(noted)


def _roles_of(table: SourceTable, marked: Mapping[int, str]) -> SourceTable:
    """Return the roles that the headers name, where no sheet lists any."""
    rows = tuple(
        SourceRow(line=table.header_line, record=at + 1, cells=(header, "", ""))
        for at, header in marked.items()
    )
    name = part_name(whole_sheet(table.file.name), "Roles")
    file = replace(table.file, name=name, sheet=EntityKind.USER_ROLE, row_count=len(rows))
    columns = ("Name", MACHINE_NAME_COLUMN, _NOTES)
    return replace(table, file=file, columns=columns, headers=(), rows=rows, headings=())
