"""Sheets as people lay them out for themselves, from `laid_out_sheets.toml`.

Belongs here: taking them from the file. Does not: what becomes of each, which `golden` freezes as
`specifications/sheets_of_people`. Of sheets that are asked about in the same words few are kept.
"""

import csv
import io
import tomllib
from collections.abc import Mapping
from pathlib import Path

from jira_pipeline_tests.sheets.made_readings import MANIFEST, Rows, Sheets

_FILE = Path(__file__).with_suffix(".toml")


def laid_out_sheets() -> Mapping[str, Sheets]:
    """Return sheets by what is odd in them: texts are CSV files, rows are worksheets."""
    with _FILE.open("rb") as file:
        cases = tomllib.load(file)
    return {
        name: {title: _content(title, text) for title, text in sheets.items()}
        for name, sheets in cases.items()
    }


def _content(title: str, text: str) -> str | Rows:
    if title == MANIFEST or title.endswith(".csv"):
        return text
    return [*csv.reader(io.StringIO(text))]
