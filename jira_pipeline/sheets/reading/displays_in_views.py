"""Displays of views in sheets that list views: in a row of their own, or in the row of the view.

Belongs here: which rows are further displays, sheets with a block of tables for each view, which are
not read. Does not: sheets of displays (`sheet_kinds`), what displays are set to (`drupal/meaning`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from jira_pipeline.drupal.meaning.view_displays import is_display_setting
from jira_pipeline.model.columns import (
    MACHINE_NAME_COLUMN,
    NOTE_COLUMNS,
    STATUS_COLUMN,
    columns_of,
)
from jira_pipeline.model.entities import (
    EntityKind,
    SourceRow,
    SourceTable,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.sheets.reading.cells import display_kind, is_ditto
from jira_pipeline.sheets.reading.citations import CitedFiles
from jira_pipeline.sheets.reading.csv_files import unnamed
from jira_pipeline.sheets.reading.sheet_kinds import (
    SHEET_RULES,
    canonical_columns,
    rule_called,
    rule_of,
)
from jira_pipeline.sheets.reading.table_starts import pairs_of, titles_above

_COLUMNS_MIN = 2
_OF_VIEWS = frozenset({EntityKind.VIEW, EntityKind.VIEW_DISPLAY})
_OF_BOTH = frozenset({"ID", STATUS_COLUMN, "Status"})
"""Columns that may be of the view, of the display, or of both."""
_OF_VIEW = frozenset(c.name for c in columns_of(EntityKind.VIEW)) - _OF_BOTH


def without_blocks_of_views(
    tables: Sequence[SourceTable], cited: CitedFiles
) -> Iterator[SourceTable]:
    """Leave out sheets with a block of tables for each view; say how to write them down."""
    blocks = {
        whole_sheet(table.file.name): table
        for table in tables
        if _is_pivoted(table)
        or (table.file.sheet is EntityKind.VIEW_DISPLAY and pairs_of(table.above))
    }
    for name, table in blocks.items():
        cited.of(name).warn(
            "views_in_blocks",
            "Each view is described in a block or column of its own; this layout is not read, "
            "and its views are in no ticket.",
            "Write one row for each view (View name, Machine name, Base table, Description) "
            "in a sheet Views, and one for each display (View, Title, Machine name, Display plugin, "
            "Path, Filters, Sort, Items per page) in a sheet Displays; the command `sheets --blank "
            "FILE.xlsx` writes both.",
            line=table.header_line,
        )
    yield from (table for table in tables if whole_sheet(table.file.name) not in blocks)


def _is_pivoted(table: SourceTable) -> bool:
    """Tell whether a sheet called like views has a column for each, and a row for each setting."""
    titles = (*titles_above(table.above), sheet_title(table.file.name))
    called = [rule_called(title, SHEET_RULES) for title in titles]
    is_of_views = any(rule is not None and rule.kind in _OF_VIEWS for rule in called)
    is_unnamed = table.columns[0] == unnamed(0) and len(table.columns) > _COLUMNS_MIN
    return table.file.sheet is EntityKind.CUSTOM and is_of_views and is_unnamed


def with_displays(tables: Sequence[SourceTable], cited: CitedFiles) -> Iterator[SourceTable]:
    """Yield the tables, and the displays of views that have a row for each further one.

    Such a row has a ditto mark for its view, the machine name of a view above, or no name and the
    kind of the display; the first is in the row of the view.
    """
    for table in tables:
        is_of_views = table.file.sheet is EntityKind.VIEW
        displays, further = _displays_in(table) if is_of_views else ([], set[int]())
        if not further:
            yield table
            continue
        yield _without_displays(table, further)
        yield table.beside(EntityKind.VIEW_DISPLAY, "Displays", displays)
        cited.of(table.file.name).inform(
            "displays_read",
            f"{len(displays)} displays were read of rows; those below a view with its "
            "machine name, a ditto mark, or a kind of display (Page, Block) and no name of "
            "their own as its further ones.",
            "Nothing to do, unless such a row describes something else.",
            row=displays[0][0],
        )


def _displays_in(
    table: SourceTable,
) -> tuple[list[tuple[SourceRow, Mapping[str, str]]], set[int]]:
    """Return the displays that rows of views are or have, and the records of the further ones."""
    names = canonical_columns(rule_of(EntityKind.VIEW_DISPLAY), table.shown_headers)
    own = [(n, names[n]) for n, name in enumerate(table.columns) if name not in _OF_VIEW]
    headings = {row.record for row in table.headings}
    further = set[int]()
    named = dict[str, str]()
    view = ""
    displays: list[tuple[SourceRow, Mapping[str, str]]] = []
    for row in table.lines:
        cells = table.cells_of(row)
        called = cells["View name"]
        code = cells.get(MACHINE_NAME_COLUMN, "")
        is_ditto_mark = not code and is_ditto(called)
        is_same = (code in named or is_ditto_mark) and any(
            cell and is_display_setting(name, is_of_view=True) for name, cell in cells.items()
        )
        is_below = row.record in headings or is_same
        view = named.get(code, view) if is_below else called or code
        named |= {code: view} if code else {}
        kind = next((kind for n, _ in own if (kind := display_kind(row.cells[n]))), "")
        if view and (kind or row.record not in headings):
            title = called if is_below and not is_ditto_mark else ""
            noted = (cells[n] for n in cells.keys() & {*NOTE_COLUMNS} if is_below)
            of_display = {name: row.cells[n] for n, name in own}
            of_display |= {"View": view, "Display plugin": kind, "Notes": "\n".join(noted)}
            of_display["Title"] = of_display.get("Title") or title or kind or called
            displays.append((row, of_display))
            further |= {row.record} if is_below else set()
    return displays, further


def _without_displays(table: SourceTable, further: set[int]) -> SourceTable:
    """Return a sheet of views without the rows of further displays, and without their settings."""
    lines = [row for row in table.headings if row.record not in further]
    views = table.with_columns_at(table.positions(*_OF_VIEW, *_OF_BOTH))
    blank = ("",) * (len(views.columns) - 1)
    return replace(
        views,
        rows=tuple(row for row in views.rows if row.record not in further),
        headings=tuple(replace(row, cells=(" | ".join(row.texts), *blank)) for row in lines),
    )
