"""Columns that sheets with known headers usually have, and what tickets lack without them.

Belongs here: the status, columns without which nothing can be built, columns that are usual. Does
not: what an unknown header may mean, which a person says in a layout.
"""

from collections.abc import Collection, Sequence

from jira_pipeline.drupal.display_settings import is_display_setting
from jira_pipeline.model.columns import NOTE_COLUMNS, STATUS_COLUMN
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sheet_names import sheet_title
from jira_pipeline.model.source_tables import SourceTable
from jira_pipeline.sheets.reading.citations import CitedFiles
from jira_pipeline.sheets.reading.sheet_kinds import SheetRule, rule_of

_LOSSES_NAMED = 3
"""Of more missing columns nobody reads what each is for."""
_SHEETS_NAMED = 10
_SHOWN_CHARACTERS = 60


def usual_column_findings(tables: Sequence[SourceTable]) -> list[Finding]:
    """Name the columns that sheets with rows lack: the status and the usual ones, each once for all."""
    cited = CitedFiles()
    with_rows = [table for table in tables if table.rows and rule_of(table.file.sheet) is not None]
    _cite_status(with_rows, cited)
    _cite_usual(with_rows, cited)
    return cited.findings


def _cite_status(tables: Sequence[SourceTable], cited: CitedFiles) -> None:
    lacking = [table for table in tables if STATUS_COLUMN not in table.columns]
    if not lacking:
        return
    first = lacking[0]
    if len(lacking) == 1:
        what = f"The sheet ({first.file.sheet_name}) has"
    else:
        titles = [f"“{sheet_title(table.file.name)}”" for table in lacking]
        what = f"{len(lacking)} sheets ({first_named(titles, _SHEETS_NAMED)}) have"
    cited.of(first.file.name).warn(
        "status_column_missing",
        f"{what} no status column “{STATUS_COLUMN}”. Unknown: which rows already exist, are on hold or "
        "to be removed; all are treated as approved.",
        "Add what is missing and export the sheet again, unless it was left out on purpose.",
        line=first.header_line,
        column=STATUS_COLUMN,
        value=", ".join(first.shown_headers),
    )


def _cite_usual(tables: Sequence[SourceTable], cited: CitedFiles) -> None:
    parts: list[str] = []
    lacking: list[tuple[SourceTable, Sequence[str]]] = []
    kinds = {table.file.sheet for table in tables}
    for table in tables:
        names = _missing_usual(table, kinds)
        if names:
            lacking.append((table, names))
            parts.append(_lack_shown(table, names))
    if not lacking:
        return
    first, names = lacking[0]
    cited.of(first.file.name).warn(
        "usual_column_missing",
        f"Tickets say nothing of columns that sheets usually have: {'; '.join(parts)}.",
        "Add what tickets should say; docs/sheets.md has what each column is for.",
        line=first.header_line,
        column=names[0] if len(lacking) == len(names) == 1 else None,
    )


def _rule_of(table: SourceTable) -> SheetRule:
    rule = rule_of(table.file.sheet)
    assert rule is not None  # noqa: S101 - others were left out before
    return rule


def _missing_usual(table: SourceTable, kinds: Collection[str]) -> Sequence[str]:
    """Return the usual columns that a table lacks, and no sheet of other kinds says instead.

    One for notes stands for any of these.
    """
    rule = _rule_of(table)
    present = set(table.columns)
    if present & {*NOTE_COLUMNS, "Applies to"}:
        present |= {*NOTE_COLUMNS}
    usual = dict.fromkeys((*rule.required, *rule.losses))
    absent = [name for name in usual if name not in present and name != STATUS_COLUMN]
    return [name for name in absent if rule.columns[name].also_in not in kinds]


def _lack_shown(table: SourceTable, names: Sequence[str]) -> str:
    """Say what a table lacks, and which of its headers nobody knows."""
    rule = _rule_of(table)
    losses = rule.losses if len(names) <= _LOSSES_NAMED else {}
    named = [f"“{name}”" + (f" ({losses[name]})" if name in losses else "") for name in names]
    unknown = [
        f"“{header[:_SHOWN_CHARACTERS]}”"
        for at, (header, column) in enumerate(zip(table.shown_headers, table.columns, strict=True))
        if column not in rule.columns and _is_filled(table, at) and not is_display_setting(header)
    ]
    asked = f" (unknown headers: {first_named(unknown, _SHEETS_NAMED)})" if unknown else ""
    return f"{sheet_title(table.file.name)} lacks {', '.join(named)}{asked}"


def _is_filled(table: SourceTable, at: int) -> bool:
    return any(row.cells[at] for row in table.rows)
