"""What people gave is kept or named, whatever happens: `verdicts.txt` says which, cell by cell.

`python -m jira_pipeline_tests.kept` shows why a cell is what it is, and `… write` writes the table.
"""

from pathlib import Path

import pytest

from jira_pipeline_tests.kept.homes import KeptHome
from jira_pipeline_tests.kept.table import (
    DOCUMENT_PATH,
    VERDICTS_PATH,
    read_table,
    take,
    with_page,
    write_page,
)
from jira_pipeline_tests.kept.takers import TAKERS, Taker
from jira_pipeline_tests.long_form import IS_LONG

SHORT = (
    *("when it is given", "removal and return", "retention, set", "upgrade"),
    *("rows leave a ticket", "renamed, taken over"),
)
"""What most of the others are a part of; the long form takes all of them, and so does `make kept`."""


@pytest.mark.parametrize(
    "taker",
    [taker for taker in TAKERS if IS_LONG or taker.name in SHORT],
    ids=lambda taker: taker.name,
)
def test_what_people_gave_is_as_the_table_says(
    taker: Taker, given: KeptHome, tmp_path: Path
) -> None:
    expected = read_table(VERDICTS_PATH.read_text(encoding="utf-8"))[taker.name]

    found = take(given, taker, tmp_path)

    verdicts = {name: finding.verdict.value for name, finding in found.items()}
    reasons = {name: one.reason for name, one in found.items() if one.verdict != expected.get(name)}
    assert expected == verdicts, reasons


def test_the_short_form_names_takers() -> None:
    assert {*SHORT} < {taker.name for taker in TAKERS}


def test_the_page_of_the_document_is_the_table() -> None:
    verdicts = read_table(VERDICTS_PATH.read_text(encoding="utf-8"))
    document = DOCUMENT_PATH.read_text(encoding="utf-8")

    assert with_page(document, write_page(verdicts)) == document
