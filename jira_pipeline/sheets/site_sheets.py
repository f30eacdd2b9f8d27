"""Sheets made of the configuration of a site, or with an example row each, as the reader reads them.

Belongs here: which row and column is written, X by comparison with an older configuration; the
bytes, as CSV and as one workbook. Does not: what a configuration says (`drupal/site`), reading
sheets (`reading`).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jira_pipeline.drupal.columns import (
    LIST_COLUMNS,
    REFERENCE_COLUMNS,
    columns_holding,
    columns_of,
)
from jira_pipeline.drupal.meaning.notes import has_all_modules, options_in
from jira_pipeline.drupal.row_notes import SHAPED_COLUMNS
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.site.configuration import SiteConfiguration, read_configuration
from jira_pipeline.drupal.site.site_cells import (
    Site,
    SiteCell,
    SiteEntity,
    plain,
    plain_address,
    spellings,
)
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.drupal.site.view_places import NOWHERE
from jira_pipeline.model.columns import (
    CHANGED_COLUMNS,
    NOTE_COLUMNS,
    STATUS_COLUMN,
    UPKEEP_COLUMNS,
    Holds,
)
from jira_pipeline.model.entities import BundleType, CellText, EntityKind, Status
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.forms_in_text import PATH
from jira_pipeline.model.json_values import select_fields
from jira_pipeline.model.sheet_names import WORKBOOK_SUFFIX
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.sheets.reading.sheet_kinds import BUNDLE_TYPE, SHEET_RULES, SheetRule
from jira_pipeline.sheets.reading.workbooks import CHOICES

REMARKS = "Remarks"
_UNREAD = "Its file is not in the export, or cannot be read."
_QUOTED_CHARACTERS_MAX = 60
_NO_CELL = SiteCell(text="", yaml="")
_MAY_BE_NONE = LIST_COLUMNS | {"Description", "Field group", "Help text", "Other forms"}
_STATES = frozenset({"From state", "To state"})
_NAMING = _STATES | {"Bundle", "View", "Workflow"}
_WITHOUT_ORDER = REFERENCE_COLUMNS | {"Breakpoints Used"}
_NONE = "-"
"""In a cell that became blank: nothing else asks for what is gone from it."""
_NOTES = "Settings/notes"
_ADDRESS = "URL alias pattern"
_DERIVED = {"Reused Field", "Lists"}
"""Another field or column makes it change: it says nothing of what is to be done with this one."""
_OF_ITEMS = {"Filters", "Sort"}
"""Of displays: what is new in them is said where the whole is long."""
_OF_PARTS = {EntityKind.RESPONSIVE_IMAGE_STYLE, EntityKind.VIEW_MODE}
"""Their notes list what each breakpoint or bundle has."""

_LISTED_BY_OWNER = frozenset({EntityKind.IMAGE_EFFECT})
"""What a cell of its owner lists: a second place would be another thing to keep right."""

_EXCEL_CELL_MAX_CHARACTERS = 32_767
_EXCEL_NAME_MAX_CHARACTERS = 31
"""Source: Microsoft, "Excel specifications and limits", read 2026-11."""
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")
_ROWS_TO_ADD = 200
"""Blank rows below the last that offer the choices too."""
_WIDE = 40
_NARROW = 14
_CODES = {*UPKEEP_COLUMNS, *columns_holding(Holds.COUNT, Holds.FLAG)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSheet:
    """One sheet: what it is called, its columns, a row for each thing."""

    title: str
    kind: EntityKind
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    def to_json(self) -> dict[str, object]:
        """Return the shape that `sheets --json` promises of each."""
        statuses = {status or "blank": n for status, n in self.statuses.items()}
        return {"sheet": SHEET_NAMES[self.kind], "rows": len(self.rows), "statuses": statuses}

    @property
    def statuses(self) -> Mapping[str, int]:
        """Number of rows by their X, in the order of `Status`; blank ones last."""
        counts = Counter(row[STATUS_COLUMN] for row in self.rows)
        return {status: counts[status] for status in (*Status, "") if counts[status]}


def files_of(sheets: Sequence[WrittenSheet], out: Path) -> Mapping[Path, bytes]:
    """Return what is to be written: one workbook, or a CSV file for each sheet in a folder.

    Raises:
        InputError: A text is longer than a workbook may hold.
    """
    if out.suffix.casefold() == WORKBOOK_SUFFIX:
        return {out: _workbook_content(sheets)}
    return {out / f"{sheet.title.replace(' ', '_')}.csv": _csv_content(sheet) for sheet in sheets}


def _csv_content(sheet: WrittenSheet) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=sheet.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sheet.rows)
    return text.getvalue().encode()


def blank_sheets() -> Iterator[WrittenSheet]:
    """Yield every sheet with all of its columns and one example row, for people to fill in."""
    examples = toml_tables(__package__, "example_rows.toml")
    for rule in SHEET_RULES:
        columns = _columns(rule)
        row = dict.fromkeys(columns, "") | examples[rule.kind]
        yield WrittenSheet(
            title=SHEET_NAMES[rule.kind], kind=rule.kind, columns=columns, rows=(row,)
        )


def _choices() -> Mapping[Holds, Sequence[str]]:
    """Return what people choose from in cells of closed sets."""
    words = spellings().words
    return {
        Holds.STATUS: tuple(Status),
        Holds.BUNDLE_TYPE: tuple(BundleType),
        Holds.SWITCH: (CellText.ENABLED, CellText.DISABLED),
        Holds.FLAG: (CellText.YES, CellText.NO),
        Holds.FIELD_TYPE: _listed(words["field_types"]),
        Holds.WIDGET: _listed(words["widgets"]),
        Holds.DISPLAY_PLUGIN: _listed(words["display_plugins"]),
        Holds.BASE_TABLE: _listed(words["base_tables"]),
        Holds.MODERATION: _listed(words["workflow_types"]),
    }


def _listed(table: Mapping[str, str]) -> Sequence[str]:
    return sorted({word for name, word in table.items() if name != "source"}, key=str.casefold)


def _workbook_content(sheets: Sequence[WrittenSheet]) -> bytes:
    """Write a worksheet for each sheet: a head that stays, filters, lists to choose from."""
    import xlsxwriter  # noqa: PLC0415 - few commands write one

    written = io.BytesIO()
    choices = _choices()
    ranges: dict[Holds, str] = {}
    with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
        head = workbook.add_format({"bold": True, "bottom": 1, "valign": "top"})
        text = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for position, (holds, words) in enumerate(choices.items()):
            column = chr(ord("A") + position)
            ranges[holds] = f"={CHOICES}!${column}$1:${column}${len(words)}"
        for sheet in sheets:
            name = _NOT_IN_A_NAME.sub(" ", sheet.title)[:_EXCEL_NAME_MAX_CHARACTERS].strip("' ")
            name = f"{name[:1].upper()}{name[1:]}"
            is_taken = workbook.get_worksheet_by_name(name) is not None
            sorts = {column.name: column.holds for column in columns_of(sheet.kind)}
            worksheet = workbook.add_worksheet(None if is_taken else name)
            last = len(sheet.rows)
            names = [i for i, c in enumerate(sheet.columns, start=1) if c == MACHINE_NAME_COLUMN]
            worksheet.freeze_panes(1, *(names or [1]))
            worksheet.autofilter(0, 0, last, len(sheet.columns) - 1)
            for position, column in enumerate(sheet.columns):
                width = _NARROW if column in _CODES else _WIDE
                worksheet.set_column(position, position, width, text)
                worksheet.write_string(0, position, column, head)
                if source := ranges.get(sorts.get(column, Holds.ANYTHING)):
                    worksheet.data_validation(
                        *(1, position, last + _ROWS_TO_ADD, position),
                        {"validate": "list", "source": source, "error_type": "warning"},
                    )
                for number, row in enumerate(sheet.rows, start=1):
                    if len(row[column]) > _EXCEL_CELL_MAX_CHARACTERS:
                        row_name = row.get(MACHINE_NAME_COLUMN) or f"row {number}"
                        raise InputError(
                            f"{column} of {row_name} in {sheet.title} has {len(row[column]):,} "
                            f"characters; a workbook's limit is {_EXCEL_CELL_MAX_CHARACTERS:,}.",
                            recovery_actions=("Name a folder: CSV files have no such limit.",),
                        )
                    worksheet.write_string(number, position, row[column], text)
        listed = workbook.add_worksheet(CHOICES)
        for position, words in enumerate(choices.values()):
            listed.write_column(0, position, words)
        listed.very_hidden()
    return written.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSheets:
    """What a configuration became."""

    configuration: SiteConfiguration
    sheets: tuple[WrittenSheet, ...]
    """In the order of `EntityKind`; kinds that the site has nothing of are left out."""
    findings: tuple[Finding, ...]
    """Of the configuration, and of the older one."""
    files: Mapping[Path, bytes]
    """To be written: a CSV file for each sheet, or one workbook."""

    def to_json(self) -> dict[str, object]:
        """Return the shape `sheets --json` promises."""
        return {
            "files": [*self.files],
            "sheets": self.sheets,
            "config": select_fields(self.configuration, "sha256 not_understood"),
            "findings": self.findings,
        }


def make_sheets(
    config: Path, *, since: Path | None = None, splits: Sequence[Path] = (), out: Path
) -> SiteSheets:
    """Make the sheets of a site, with X by what changed since an older configuration.

    Raises:
        SiteConfigurationRefusedError: A path holds no configuration that can be read.
        InputError: A text is longer than a workbook may hold.
    """
    configuration = read_configuration(config, splits=splits)
    older = None if since is None else read_configuration(since, splits=splits)
    sheets = tuple(sheets_of(configuration, since=older))
    of_older = () if older is None else older.findings
    return SiteSheets(
        configuration=configuration,
        sheets=sheets,
        findings=(
            *configuration.findings,
            *_displays_placed_nowhere(sheets),
            *(replace(finding, file=f"{since}/{finding.file}") for finding in of_older),
        ),
        files=files_of(sheets, out),
    )


def _displays_placed_nowhere(sheets: Sequence[WrittenSheet]) -> Iterator[Finding]:
    """Say once a site how many displays no configuration places: content may, or code."""
    count = 0
    for sheet in sheets:
        count += [row.get(PATH, "") for row in sheet.rows].count(NOWHERE)
    if count:
        yield Finding(
            severity=Severity.INFO,
            code="displays_placed_nowhere",
            file="views.view.*.yml",
            message=f"Displays of views that no configuration places: {count:,}.",
            advice="Content or code may show them, or nothing: say in “Path or place” what does, "
            "where it matters.",
        )


def sheets_of(
    configuration: SiteConfiguration, *, since: SiteConfiguration | None = None
) -> Iterator[WrittenSheet]:
    """Yield the sheets of a site; X is blank where nothing is known of an earlier one.

    Else it is `a` for what is new, `c` for what changed, `x` for what is the same, `d` for what is
    gone, and `w` where a file that says it cannot be read: what is not known asks for nothing.
    """
    site = site_entities(configuration)
    before = Site(entities=()) if since is None else site_entities(since)
    unread = _unread_files(site, before)
    is_all_read = not (site.unknown or before.unknown)
    earlier = {_identity(entity): entity for entity in before.entities}
    now = {_identity(entity) for entity in site.entities}
    shown = {_identity(entity) for entity in site.entities if not entity.is_as_shipped}
    for rule in SHEET_RULES:
        if rule.kind in _LISTED_BY_OWNER:
            continue
        rows = [
            _compared_row(entity, earlier, unread, is_all_read=is_all_read)
            if since is not None
            else _waiting_row(entity)
            if entity.is_unread
            else _row(entity)
            for entity in site.by_kind[rule.kind]
            if not entity.is_as_shipped
        ]
        rows += [
            _waiting_row(entity)
            if entity.yaml in unread
            else _row(_as_named_now(entity, site), Status.DELETED)
            for entity in before.by_kind[rule.kind]
            if _identity(entity) not in (shown if entity.yaml in unread else now)
            and not entity.is_as_shipped
        ]
        if rows:
            columns = tuple(dict.fromkeys(c for row in [_columns(rule), *rows] for c in row))
            yield WrittenSheet(
                title=SHEET_NAMES[rule.kind],
                kind=rule.kind,
                columns=columns,
                rows=tuple({column: row.get(column, "") for column in columns} for row in rows),
            )


def _unread_files(site: Site, before: Site) -> set[str]:
    """Return the files of which nobody knows what they say, or said.

    What a whole older export lacks was not there, although something named it: what is there now is
    new. A bundle of which it has the fields was there.
    """
    files = {f"{name}.yml" for name in (*site.unknown, *before.unread)}
    files.update(entity.yaml for entity in before.entities if entity.is_unread)
    if before.is_torn:
        bundle_files = {bundle.yaml for bundle in site.by_kind[EntityKind.BUNDLE]}
        files |= {f"{name}.yml" for name in before.lacking} - bundle_files
    return files


def _as_named_now(entity: SiteEntity, site: Site) -> SiteEntity:
    """Return what is gone with what it belongs to, and its states, called as they are called now."""
    owner = entity.owner_key or ""
    cells = dict(entity.cells)
    for column in _NAMING & cells.keys():
        for value in cells[column].values:
            state = f"{EntityKind.WORKFLOW_STATE.value}:{owner.partition(':')[2]}/{value}"
            for named in site.by_key.get(state if column in _STATES else owner, ())[:1]:
                cells[column] = replace(cells[column], text=named.label)
    return replace(entity, cells=cells)


def _columns(rule: SheetRule) -> tuple[str, ...]:
    """Return the columns of a sheet as the Drupal Spec Tool orders them: who it is, X, the rest."""
    own = [n for n, column in rule.columns.items() if not column.is_shared and n != BUNDLE_TYPE]
    end = own.index(rule.label_column) + 1
    note = () if any(column in own for column in NOTE_COLUMNS) else NOTE_COLUMNS[1:2]
    people = [column for column in UPKEEP_COLUMNS if column != "ID"]
    return ("ID", *own[:end], MACHINE_NAME_COLUMN, *people, *own[end:], *note)


def _identity(entity: SiteEntity) -> tuple[object, ...]:
    """Tell things apart by machine names alone; a transition by the state it leads from, too."""
    begin = entity.cells.get("From state")
    of = (entity.kind, entity.bundle_type, entity.owner_key, entity.machine_name)
    return *of, None if begin is None else begin.values


def _compared_row(
    entity: SiteEntity,
    earlier: Mapping[tuple[object, ...], SiteEntity],
    unread: set[str],
    *,
    is_all_read: bool,
) -> Mapping[str, str]:
    """Return a row with its X, which is `w` where what is or was there cannot be read."""
    before = earlier.get(_identity(entity))
    if before is None:
        is_known = not entity.is_unread and entity.yaml not in unread
        return _row(entity, Status.APPROVED) if is_known else _waiting_row(entity)
    known = {c: cell for c, cell in before.cells.items() if not cell.is_unread}
    shown = {c: known.get(c, cell) if cell.is_unread else cell for c, cell in entity.cells.items()}
    changes = dict(_changed_cells(entity, before, is_all_read=is_all_read))
    if entity.is_unread or before.is_unread:
        return _waiting_row(replace(entity, cells=shown))
    row = _row(replace(entity, cells=shown), Status.CHANGED if changes else Status.IMPLEMENTED)
    if not changes:
        return row
    listed = f"; {row[REMARKS]}" if REMARKS in row else ""
    said = {column: _NONE for column in changes if column in _MAY_BE_NONE and not row.get(column)}
    if _NOTES in changes and (longest := entity.cells.get(_NOTES, _NO_CELL).values):
        said[_NOTES] = f"Max length {longest[0]}."
    return {
        **row,
        **said,
        REMARKS: f"{CHANGED_COLUMNS}{'; '.join(changes.values())}{listed or '.'}",
    }


def _changed_cells(
    entity: SiteEntity, before: SiteEntity, *, is_all_read: bool
) -> Iterator[tuple[str, str]]:
    """Yield the columns that differ, with what is new in a list, or what a short cell was before.

    One that only one side has differs, unless a file that could not be read may be the reason.
    """
    is_of_parts = entity.kind in _OF_PARTS
    both = entity.cells.keys() & before.cells.keys()
    columns = entity.cells.keys() | before.cells.keys() if is_all_read else both
    for column in sorted(columns - _DERIVED - SHAPED_COLUMNS.keys()):
        now, was = (e.cells.get(column, _NO_CELL) for e in (entity, before))
        is_counted = (entity.kind, column) == (EntityKind.USER_ROLE, "Notes")
        is_same = all(
            _is_same(c, entity.cells.get(c, _NO_CELL), before.cells.get(c, _NO_CELL))
            for c in (SHAPED_COLUMNS if column == _NOTES else (column,))
        ) and not (is_counted and {*now.values} != {*was.values})
        is_same |= is_of_parts and column == "Notes" and {*now.values} == {*was.values}
        is_known = not (now.is_unread or was.is_unread)
        if (entity.kind, column) == (EntityKind.VIEW, "Notes"):
            # What it needs no more, its displays say; what it needs beside that is to be added.
            is_same |= any(has_all_modules(note, of=now.text) for note in (was.text, *was.values))
        if is_same or not is_known:
            continue
        parts = [f"was {was.text or 'blank'}"] if len(was.text) <= _QUOTED_CHARACTERS_MAX else []
        lists: tuple[Sequence[str], Sequence[str]] = (now.values, was.values)
        if is_long_list := not parts and column in _OF_ITEMS:
            lists = (now.text.split("; "), was.text.split("; "))
        if is_counted or is_long_list or column in LIST_COLUMNS:
            sides = (("more", *lists), ("no longer", *reversed(lists)))
            differing = ((word, [v for v in one if v not in other]) for word, one, other in sides)
            parts = [f"{word} {', '.join(names)}" for word, names in differing if names]
        yield column, f"{column} ({'; '.join(parts)})" if parts else column


def _is_same(column: str, now: SiteCell, was: SiteCell) -> bool:
    """Tell whether a comparison of a site with its sheets would find no difference, either."""
    if now.text == was.text or (column in _WITHOUT_ORDER and {*now.values} == {*was.values}):
        return True
    if column == "Allowed values":
        options = [options_in(cell.text) for cell in (now, was)]
        listed = [sorted(each.items) or each.text if each else None for each in options]
        return listed[0] == listed[1]
    same = plain_address if column == _ADDRESS else plain
    return same(now.text) == same(was.text)


def _waiting_row(entity: SiteEntity) -> Mapping[str, str]:
    return {**_row(entity, Status.WAITING), REMARKS: _UNREAD}


def _row(entity: SiteEntity, status: str = "") -> Mapping[str, str]:
    """Return a row; of a role that is there or to be made it lists the permissions it counts."""
    written = ((c, cell) for c, cell in entity.cells.items() if c not in SHAPED_COLUMNS)
    cells = {column: cell.text for column, cell in written}
    is_role = entity.kind is EntityKind.USER_ROLE
    permissions = ", ".join(entity.cells["Notes"].values) if is_role else ""
    if permissions and status not in {Status.WAITING, Status.DELETED}:
        cells[REMARKS] = f"Permissions: {permissions}"
    return {**cells, STATUS_COLUMN: status}
