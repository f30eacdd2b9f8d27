"""Rows for spreadsheet programs and back: the files of a review.

Rows go out as a workbook or as CSV, and come back as a `FilledTable` once people filled them in. A
text that begins like a formula, such as `=1+1`, gets an apostrophe before it, so that no program
computes it; reading takes the apostrophe away.

Belongs here: rows to bytes and back. Does not: what the columns mean (`questions_workbook`), reading
whatever spreadsheet programs save (`sheets/reading`).
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
"""The most bytes of a file: twice what the questions of 10,000 tickets take."""
CELL_MAX_CHARACTERS = 400_000
"""Twice the largest part of a ticket; the `csv` module by itself takes 131,072."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLook:
    """How a column of a workbook is shown."""

    width: int
    """In characters."""
    is_hidden: bool = False
    """Whether only programs read it, to know which row this is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTable:
    """A workbook that people filled in."""

    name: str
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    """Line numbers with the cells of the row, by column as `column_key` names it; no empty rows."""
    columns: frozenset[str]

    def refuse_without(self, *needed: str) -> None:
        """Refuse a table in which a column is missing.

        Raises:
            InputError: A column is missing.
        """
        missing = [column for column in needed if column not in self.columns]
        if missing:
            raise unusable_file_error(self.name, f"it has no column {', '.join(missing)}")


def column_key(header: str) -> str:
    """Return what a column is called in code: `also_in` for `Also in`."""
    return "_".join(header.casefold().split())


def workbook_content(
    name: str, columns: Mapping[str, ColumnLook], rows: Iterable[Mapping[str, object]]
) -> bytes:
    """Return a workbook with rows: a frozen head, wrapped texts, and nothing that is computed."""
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
    """Return rows as CSV, with the mark by which spreadsheet programs know that it is UTF-8."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _as_cell(str(row[name])) for name in columns})
    return f"\ufeff{text.getvalue()}"


FINDING_COLUMNS = ("severity", "cause", "file", "line", "row", "column", "cell", "what", "to do")


def findings_csv(findings: Iterable[Finding]) -> str:
    """Return findings as CSV for the author of the sheets, those of one cause after each other."""
    rows: list[Mapping[str, object]] = []
    for cause in causes_of(findings):
        rows += [_finding_row(finding, cause_label=cause.label) for finding in cause.findings]
    return csv_text(FINDING_COLUMNS, rows)


def _finding_row(finding: Finding, *, cause_label: str) -> Mapping[str, object]:
    return {
        "severity": finding.severity.value,
        "cause": cause_label,
        "file": finding.file or "",
        "line": line_ranges(finding.lines),
        "row": finding.record or finding.line or "",
        "column": finding.column or "",
        "cell": finding.value or "",
        "what": finding.message,
        "to do": finding.advice,
    }


def unusable_file_error(name: str, fault: str) -> InputError:
    """Return the error for a filled-in file that cannot be used; `fault` says why."""
    return InputError(
        f"{name} cannot be used: {fault}.",
        recovery_actions=("Write the file again, fill it in, and read it again.",),
    )


def _may_be_formula(text: str) -> bool:
    """Tell whether a program may take a text for a formula, maybe after it drops blanks and marks."""
    bare = text.lstrip(f"'{string.whitespace}")
    return bare.startswith(_FORMULA_STARTS) or text.lstrip("'").startswith(_FORMULA_STARTS)


def _as_cell(text: str) -> str:
    """Return a text for a CSV file, with an apostrophe before what may be a formula."""
    return f"'{text}" if _may_be_formula(text) else text


def _as_text(text: str) -> str:
    """Return a text for a workbook, whose cells are marked as texts.

    Only a text that begins with an apostrophe itself needs another one, as reading takes one away.
    """
    return _as_cell(text) if text.strip().startswith("'") else text


def text_of_filled_cell(text: str) -> str:
    """Return the text of a cell without the apostrophe that kept it from being a formula."""
    return text[1:] if text.startswith("'") and _may_be_formula(text) else text


def read_filled_table(content: bytes, *, name: str) -> FilledTable:
    """Read the first visible worksheet of a file that people filled in.

    Raises:
        InputError: The file is too large or damaged.
    """
    from jira_pipeline.sheets.reading.limits import ReadingLimits  # noqa: PLC0415 - few commands read one
    from jira_pipeline.sheets.reading.workbooks import read_first_worksheet  # noqa: PLC0415 - as above

    if len(content) > FILLED_MAX_BYTES:
        raise unusable_file_error(
            name, f"it has {len(content):,} bytes; the limit is {FILLED_MAX_BYTES:,}"
        )
    limits = ReadingLimits(file_max_bytes=FILLED_MAX_BYTES, cell_max_characters=CELL_MAX_CHARACTERS)
    reading = read_first_worksheet(content, file=name, limits=limits)
    for finding in reading.findings:
        if finding.severity is Severity.ERROR:
            place = f"line {finding.line}: " if finding.line is not None else ""
            raise unusable_file_error(name, f"{place}{finding.message.removesuffix('.')}")
    keys = [column_key(column) for column in reading.columns]
    rows = []
    for row in reading.rows:
        if any(row.cells):
            texts = [text_of_filled_cell(cell).strip() for cell in row.cells]
            rows.append((row.line, dict(zip(keys, texts, strict=True))))
    return FilledTable(name=name, rows=tuple(rows), columns=frozenset(keys))
