"""Reads the CSV exports of a Drupal specification; usable on its own.

    reading = read_folder(Path("exports"))
    if not has_errors(reading.findings):
        entities = read_entities(reading.tables).entities

In order: `decoding` (bytes to text), `tokenizer` (text to records), `reader` (one file, strictly),
`translations`, `sheets` and `tables` (which sheet it is), `missing_columns` (what it lacks, and what
`column_contents` and `unknown_sheets` propose instead), `reading` (a folder), `rows`, `references`, `row_rules` and `entities` (what the rows describe). Nothing here knows of Dagster, tickets or Jira.
"""

from jira_pipeline.ports.specification import EntityReading
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.reader import CsvReading, read_csv
from jira_pipeline.sheets.reading.reading import read_files, read_folder, read_table

__all__ = [
    "DEFAULT_LIMITS",
    "CsvReading",
    "EntityReading",
    "ReadingLimits",
    "read_csv",
    "read_entities",
    "read_files",
    "read_folder",
    "read_table",
]
