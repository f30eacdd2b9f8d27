"""Rows for spreadsheet programs and back: the files of a review.

Belongs here: rows to bytes and back, and cells that no program takes for a formula. Does not: what
the columns mean (`questions`), reading whatever spreadsheet programs save, which the reader of the
sheets does (`sheets/reading`).
"""

import csv
import io
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.errors import InputError
from jira_pipeline.model.findings import Finding, Severity, causes_of
from jira_pipeline.model.line_numbers import line_ranges

FILLED_MAX_BYTES = 50_000_000
"""Twice what 10,000 tickets take."""
CELL_MAX_CHARACTERS = 400_000
"""Twice the largest part of a ticket; the `csv` module takes 131,072 unless it is told."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLook:
    """How a column of a workbook is shown."""

    width: int
    """In characters."""
    is_hidden: bool = False
    """For programs only: it says which row this is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTable:
    """A workbook that people filled in."""

    name: str
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    """Each with its line, and its cells by column as `column_key` writes it."""
    columns: frozenset[str]

    def refuse_without(self, *needed: str) -> None:
        """Stop where a column is not there."""
        missing = [column for column in needed if column not in self.columns]
        if missing:
            raise unusable(self.name, f"it has no column {', '.join(missing)}")


def column_key(header: str) -> str:
    """Return what a column is called in code: `also_in` for `Also in`."""
    return "_".join(header.casefold().split())


def workbook_content(
    name: str, columns: Mapping[str, ColumnLook], rows: Iterable[Mapping[str, object]]
) -> bytes:
    """Write rows as a workbook: a head that stays, wrapped text, nothing that is computed."""
    import xlsxwriter  # noqa: PLC0415 - few commands write one

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet(name)
        head = workbook.add_format({"bold": True, "bottom": 1, "valign": "top"})
        text = workbook.add_format(
            {"text_wrap": True, "valign": "top", "num_format": "@", "quote_prefix": True}
        )
        sheet.freeze_panes(1, 0)
        for position, (column, look) in enumerate(columns.items()):
            sheet.set_column(position, position, look.width, text, {"hidden": look.is_hidden})
            sheet.write_string(0, position, column.replace("_", " ").capitalize(), head)
        for number, row in enumerate(rows, start=1):
            for position, column in enumerate(columns):
                sheet.write_string(number, position, _as_text(str(row[column])), text)
    return written.getvalue()


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows as CSV in UTF-8 with a mark, so that spreadsheet programs know the encoding."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _as_cell(str(row[name])) for name in columns})
    return f"\ufeff{text.getvalue()}"


FINDING_COLUMNS = ("severity", "cause", "file", "line", "row", "column", "cell", "what", "to do")


def findings_csv(findings: Iterable[Finding]) -> str:
    """Write findings as a table for the author of the sheets, one row a cause, alike ones together."""
    return csv_text(
        FINDING_COLUMNS,
        (
            {
                "severity": finding.severity.value,
                "cause": cause.label,
                "file": finding.file or "",
                "line": line_ranges(finding.lines),
                "row": finding.record or finding.line or "",
                "column": finding.column or "",
                "cell": finding.value or "",
                "what": finding.message,
                "to do": finding.advice,
            }
            for cause in causes_of(findings)
            for finding in cause.findings
        ),
    )


def unusable(name: str, fault: str) -> InputError:
    """Say why a file that people filled in cannot be used."""
    return InputError(
        f"{name} cannot be used: {fault}.",
        recovery_actions=("Write the file again, fill it in, and read it again.",),
    )


def _may_be_formula(text: str) -> bool:
    """Tell whether a program may take a cell for a formula, after space and apostrophes go."""
    bare = text.lstrip(f"'{string.whitespace}")
    return bare.startswith(_FORMULA_STARTS) or text.lstrip("'").startswith(_FORMULA_STARTS)


def _as_cell(text: str) -> str:
    return f"'{text}" if _may_be_formula(text) else text


def _as_text(text: str) -> str:
    """Write what a workbook stores as text: only what looks like `_as_cell` needs another mark."""
    return _as_cell(text) if text.strip().startswith("'") else text


def cell_filled_in(text: str) -> str:
    """Return what a cell says, without what kept it from being a formula."""
    return text[1:] if text.startswith("'") and _may_be_formula(text) else text


def read_filled_table(content: bytes, *, name: str) -> FilledTable:
    """Read the first worksheet of a workbook that shows something.

    Raises:
        InputError: It is too large, or damaged.
    """
    from jira_pipeline.sheets.reading.limits import (  # noqa: PLC0415 - few commands read one
        ReadingLimits,
    )
    from jira_pipeline.sheets.reading.workbooks import (  # noqa: PLC0415 - as above
        read_first_worksheet,
    )

    if len(content) > FILLED_MAX_BYTES:
        raise unusable(name, f"it has {len(content):,} bytes; the limit is {FILLED_MAX_BYTES:,}")
    limits = ReadingLimits(file_max_bytes=FILLED_MAX_BYTES, cell_max_characters=CELL_MAX_CHARACTERS)
    reading = read_first_worksheet(content, file=name, limits=limits)
    for finding in reading.findings:
        if finding.severity is Severity.ERROR:
            place = f"line {finding.line}: " if finding.line is not None else ""
            raise unusable(name, f"{place}{finding.message.removesuffix('.')}")
    keys = [column_key(column) for column in reading.columns]
    rows = []
    for row in reading.rows:
        if any(row.cells):
            texts = [cell_filled_in(cell).strip() for cell in row.cells]
            rows.append((row.line, dict(zip(keys, texts, strict=True))))
    return FilledTable(name=name, rows=tuple(rows), columns=frozenset(keys))
