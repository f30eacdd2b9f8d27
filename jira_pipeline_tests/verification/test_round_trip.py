"""Sheets made of a real site are met by it to the last cell, and by the earlier site as X says."""

from pathlib import Path

import pytest

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM
from jira_pipeline_tests.shared_data import shared_data
from jira_pipeline_tests.verification.invented import AS_X, compared, specification_in

SITES = (
    ("yale_2026-07", "yale_2025-10"),
    pytest.param("mass_2026-07", "mass_2025-04", marks=OF_THE_LONG_FORM),
)


@pytest.mark.parametrize(("newer", "older"), SITES)
def test_a_site_meets_its_own_sheets_and_the_earlier_one_as_x_says(
    tmp_path: Path, newer: str, older: str
) -> None:
    exports = shared_data("drupal_config")
    made = make_sheets(exports / newer, since=exports / older, out=tmp_path)
    for path, content in made.files.items():
        path.write_bytes(content)
    read = specification_in(tmp_path)

    later, earlier = (compared(read, read_configuration(exports / n)) for n in (newer, older))

    assert later.counts["cells"]["differs"] == 0
    assert {row.verdict for row in later.rows} == {Verdict.MET}
    assert [
        (row.key, row.x, row.verdict) for row in earlier.rows if AS_X[row.x] is not row.verdict
    ] == []
