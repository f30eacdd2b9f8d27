"""Sheets as files that people fill in and the reader reads: CSV, and one workbook.

Belongs here: bytes. Does not: which rows there are (`site_sheets`), reading sheets (`reading`).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.model.columns import (
    MACHINE_NAME_COLUMN,
    STATUS_COLUMN,
    UPKEEP_COLUMNS,
    Holds,
    columns_holding,
    columns_of,
)
from jira_pipeline.model.entities import WORKBOOK_SUFFIX, BundleType, EntityKind, Status
from jira_pipeline.model.errors import InputError

_EXCEL_CELL_MAX_CHARACTERS = 32_767
_EXCEL_NAME_MAX_CHARACTERS = 31
"""Source: Microsoft, "Excel specifications and limits", read 2026-11."""
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")
_CHOICES: Mapping[Holds, Sequence[str]] = {
    Holds.STATUS: tuple(Status),
    Holds.BUNDLE_TYPE: tuple(BundleType),
    Holds.SWITCH: ("Enabled", "Disabled"),
    Holds.FLAG: ("y", "n"),
}
_ROWS_TO_ADD = 200
"""Blank rows below the last that offer the choices too."""
_WIDE, _NARROW = 40, 14
_CODES = {*UPKEEP_COLUMNS, *columns_holding(Holds.COUNT, Holds.FLAG)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSheet:
    """One sheet: what it is called, its columns, a row for each thing."""

    title: str
    kind: EntityKind
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

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


def _workbook_content(sheets: Sequence[WrittenSheet]) -> bytes:
    """Write a worksheet for each sheet: a head that stays, filters, lists to choose from."""
    import xlsxwriter  # noqa: PLC0415 - few commands write one

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
        head = workbook.add_format({"bold": True, "bottom": 1, "valign": "top"})
        text = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for sheet in sheets:
            name = _worksheet_name(sheet.title)
            is_taken = workbook.get_worksheet_by_name(name) is not None
            worksheet = workbook.add_worksheet(None if is_taken else name)
            last = len(sheet.rows)
            names = [i for i, c in enumerate(sheet.columns, start=1) if c == MACHINE_NAME_COLUMN]
            worksheet.freeze_panes(1, *(names or [1]))
            worksheet.autofilter(0, 0, last, len(sheet.columns) - 1)
            for position, column in enumerate(sheet.columns):
                width = _NARROW if column in _CODES else _WIDE
                worksheet.set_column(position, position, width, text)
                worksheet.write_string(0, position, column, head)
                if choices := _choices(sheet.kind, column):
                    worksheet.data_validation(
                        *(1, position, last + _ROWS_TO_ADD, position),
                        {"validate": "list", "source": [*choices], "error_type": "warning"},
                    )
                for number, row in enumerate(sheet.rows, start=1):
                    if len(row[column]) > _EXCEL_CELL_MAX_CHARACTERS:
                        raise _too_long(sheet, number, column)
                    worksheet.write_string(number, position, row[column], text)
    return written.getvalue()


def _worksheet_name(title: str) -> str:
    name = _NOT_IN_A_NAME.sub(" ", title)[:_EXCEL_NAME_MAX_CHARACTERS].strip("' ")
    return f"{name[:1].upper()}{name[1:]}"


def _choices(kind: EntityKind, column: str) -> Sequence[str]:
    holds = next((each.holds for each in columns_of(kind) if each.name == column), Holds.ANYTHING)
    return _CHOICES.get(holds, ())


def _too_long(sheet: WrittenSheet, number: int, column: str) -> InputError:
    name = sheet.rows[number - 1].get(MACHINE_NAME_COLUMN) or f"row {number}"
    return InputError(
        f"{column} of {name} in {sheet.title} has {len(sheet.rows[number - 1][column]):,} "
        f"characters; a workbook holds {_EXCEL_CELL_MAX_CHARACTERS:,}.",
        recovery_actions=("Name a folder: CSV files hold it.",),
    )
