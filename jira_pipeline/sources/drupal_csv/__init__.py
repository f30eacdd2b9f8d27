"""Reads the CSV exports of a Drupal specification: the public names of `sheets/reading`."""

from jira_pipeline.sheets.reading import (
    DEFAULT_LIMITS,
    CsvReading,
    EntityReading,
    ReadingLimits,
    read_csv,
    read_entities,
    read_files,
    read_folder,
    read_table,
)

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
