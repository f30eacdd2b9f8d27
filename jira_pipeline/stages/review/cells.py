"""Rows for spreadsheet programs and back: the CSV files of a review.

Belongs here: bytes to rows, and cells that no program takes for a formula. Does not: what the
columns mean (`questions`, `exchange`), the sheets of a specification (`sources/drupal_csv`).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from jira_pipeline.errors import InputError

CSV_MAX_BYTES = 50_000_000
"""Twice what 10,000 tickets take."""
CELL_MAX_CHARACTERS = 400_000
"""Twice the largest part of a ticket; the `csv` module takes 131,072 unless it is told."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows as CSV in UTF-8 with a mark, so that spreadsheet programs know the encoding."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=columns)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _as_cell(str(row[name])) for name in columns})
    return f"\ufeff{text.getvalue()}"


def csv_rows(
    content: bytes, *, name: str, needed: Iterable[str]
) -> list[tuple[int, dict[str, str]]]:
    """Read rows with the line each ends on; comma, semicolon or tab is found by the first line.

    Raises:
        InputError: It is too large, not UTF-8, no CSV, or lacks a needed column.
    """
    if len(content) > CSV_MAX_BYTES:
        raise unusable(name, f"it has {len(content):,} bytes; {CSV_MAX_BYTES:,} are allowed")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unusable(name, "it is not UTF-8; save it as “CSV UTF-8”") from error
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    limit = csv.field_size_limit(CELL_MAX_CHARACTERS)  # of the module: there is none of a reader
    try:
        missing = [column for column in needed if column not in (reader.fieldnames or ())]
        if missing:
            raise unusable(name, f"it has no column {', '.join(missing)}")
        return [
            (
                reader.line_num,
                {key: _from_cell(cell) for key, cell in row.items() if isinstance(cell, str)},
            )
            for row in reader
        ]
    except csv.Error as error:
        raise unusable(name, f"line {reader.line_num}: {error}") from error
    finally:
        csv.field_size_limit(limit)


def has_other_columns(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> bool:
    """Tell whether somebody added columns of their own and wrote something into them."""
    return any(value.strip() for row in rows for name, value in row.items() if name not in columns)


def unusable(name: str, fault: str) -> InputError:
    """Say why a file that people filled in cannot be used."""
    return InputError(
        f"{name} cannot be used: {fault}.",
        recovery_actions=("Write the file again, fill that one in, and read it again.",),
    )


def _as_cell(text: str) -> str:
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA_STARTS) else text


def _from_cell(text: str) -> str:
    is_kept_from_being_one = text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS)
    return text[1:] if is_kept_from_being_one else text
