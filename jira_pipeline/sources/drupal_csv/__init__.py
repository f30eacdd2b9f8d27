"""Reads the CSV exports of a Drupal specification: the public names of `sheets/reading`.

reading = read_folder(Path("exports"))
if not has_errors(reading.findings):
entities = read_entities(reading.tables).entities
"""

from jira_pipeline.ports.specification import EntityReading
from jira_pipeline.sheets.reading.csv_files import CsvReading, read_csv
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files, read_folder
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits

__all__ = [
    "DEFAULT_LIMITS",
    "CsvReading",
    "EntityReading",
    "ReadingLimits",
    "read_csv",
    "read_entities",
    "read_files",
    "read_folder",
]
