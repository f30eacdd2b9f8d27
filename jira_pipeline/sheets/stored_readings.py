"""What an upload was read to, as the store keeps it: tables with their sources, in one format.

Belongs here: writing a reading of a folder as bytes, and reading it again, equal to what it was. Does
not: reading files (`reading`, `layouts`), which readings are kept (`kept_uploads`), their rows in
the store (`store/upload_readings`), entities and groups, which are made of tables each time.

The format is written out field by field, so that renaming a field of a value changes nothing here.
Whoever adds one that matters raises `FORMAT`, and says what older bytes mean without it.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.source_tables import (
    CopiedCell,
    CopiedRow,
    FolderReading,
    SourceFile,
    SourceRow,
    SourceTable,
)

FORMAT = 1
"""Of the bytes that are written; those of another format are not read here."""
TEXT_MAX_BYTES = 1_000_000_000
"""Of the JSON of one reading. The largest upload that is taken by default has 50 MB, of which JSON
makes 300 MB at most; bytes that claim more are damaged, and would take all memory."""
_LEVEL = 6


class UnreadableReadingError(ValueError):
    """What is kept is damaged, longer than any reading is, or of another format."""


def write_reading(reading: FolderReading) -> bytes:
    """Return a reading as compressed JSON: the same bytes for the same reading.

    One that needs a layout is never kept.
    """
    value = {
        "tables": [_table_json(table) for table in reading.tables],
        "findings": [_finding_json(finding) for finding in reading.findings],
        "file_hashes": dict(reading.file_hashes),
    }
    # ASCII: a package may hold half of a surrogate pair, which is no UTF-8.
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"), _LEVEL)


def read_reading(
    stored: bytes, *, stored_format: int, text_max_bytes: int = TEXT_MAX_BYTES
) -> FolderReading:
    """Return the reading that was written as these bytes.

    Raises:
        UnreadableReadingError: They are damaged, of another format, or of too many bytes.
    """
    if stored_format != FORMAT:
        raise UnreadableReadingError(f"format {stored_format} is not known, only {FORMAT} is")
    try:
        value = json.loads(_decompress(stored, text_max_bytes))
        return FolderReading(
            tables=tuple(map(_table, value["tables"])),
            findings=tuple(map(_finding, value["findings"])),
            file_hashes=value["file_hashes"],
        )
    except UnreadableReadingError:
        raise
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableReadingError("it is damaged") from error


def _decompress(stored: bytes, max_bytes: int) -> bytes:
    reader = zlib.decompressobj()
    text = reader.decompress(stored, max_bytes)
    if reader.unconsumed_tail:
        raise UnreadableReadingError(f"it has more than {max_bytes:,} bytes")
    if not reader.eof:
        raise UnreadableReadingError("it ends too early")
    return text


def _table_json(table: SourceTable) -> dict[str, Any]:
    file = table.file
    return {
        "file": {
            "name": file.name,
            "file_name": file.file_name,
            "sheet": file.sheet.value,
            "row_count": file.row_count,
            "sha256": file.sha256,
            "size_bytes": file.size_bytes,
            "encoding": file.encoding,
            "delimiter": file.delimiter,
        },
        "columns": table.columns,
        "headers": table.headers,
        "header_line": table.header_line,
        "rows": [_row_json(row) for row in table.rows],
        "headings": [_row_json(row) for row in table.headings],
        "above": [_row_json(row) for row in table.above],
        "copied_from": [_copied_row_json(row) for row in table.copied_from],
        "is_declared": table.is_declared,
    }


def _table(value: Mapping[str, Any]) -> SourceTable:
    file = value["file"]
    return SourceTable(
        file=SourceFile(**{**file, "sheet": EntityKind(file["sheet"])}),
        columns=tuple(value["columns"]),
        headers=tuple(value["headers"]),
        header_line=value["header_line"],
        rows=tuple(map(_row, value["rows"])),
        headings=tuple(map(_row, value["headings"])),
        above=tuple(map(_row, value["above"])),
        copied_from=tuple(map(_copied_row, value["copied_from"])),
        # Readings of before say nothing of it, and their tickets were written as if it were known.
        is_declared=value.get("is_declared", False),
    )


def _row_json(row: SourceRow) -> list[object]:
    return [row.line, row.record, row.cells]


def _row(value: Sequence[Any]) -> SourceRow:
    line, record, cells = value
    return SourceRow(line=line, record=record, cells=tuple(cells))


def _copied_row_json(row: CopiedRow) -> list[object]:
    others = {
        column: [[cell.sheet, cell.row, cell.column] for cell in cells]
        for column, cells in row.others.items()
    }
    return [row.sheet, row.row, dict(row.columns), others]


def _copied_row(value: Sequence[Any]) -> CopiedRow:
    sheet, row, columns, others = value
    copied = {column: tuple(map(_copied_cell, cells)) for column, cells in others.items()}
    return CopiedRow(sheet=sheet, row=row, columns=columns, others=copied)


def _copied_cell(value: Sequence[Any]) -> CopiedCell:
    sheet, row, column = value
    return CopiedCell(sheet=sheet, row=row, column=column)


def _finding_json(finding: Finding) -> dict[str, object]:
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "file": finding.file,
        "line": finding.line,
        "record": finding.record,
        "column": finding.column,
        "value": finding.value,
        "message": finding.message,
        "advice": finding.advice,
        "also_lines": finding.also_lines,
    }


def _finding(value: Mapping[str, Any]) -> Finding:
    return Finding(
        **{
            **value,
            "severity": Severity(value["severity"]),
            "also_lines": tuple(value["also_lines"]),
        }
    )
