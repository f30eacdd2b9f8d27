"""How much input one upload may bring: the most files, bytes, rows and columns.

Belongs here: the limits and their defaults. Does not: the settings that override them
(`context/settings`), nor the checks themselves (`folder_files` for files, `csv_files` for cells).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """Upper bounds; whatever exceeds one is an error that names it."""

    file_max_bytes: int = 2_000_000
    session_max_bytes: int = 50_000_000
    files_max_count: int = 25
    rows_max_count: int = 100_000
    columns_max_count: int = 200
    cell_max_characters: int = 50_000
    """Google Sheets allows 50,000 characters in a cell.

    Source: support page "Files you can store in Google Drive", read 2026-11.
    """


DEFAULT_LIMITS = ReadingLimits()
