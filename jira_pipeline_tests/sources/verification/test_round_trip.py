"""Sheets made of a real site are met by it to the last cell, and by the earlier site as X says."""

from pathlib import Path

import pytest

from benchmarks.specifications import DATA
from jira_pipeline.model.entities import Specification, Status
from jira_pipeline.model.site_verifications import Verdict, Verification
from jira_pipeline.sessions.site_verifying import compare_site
from jira_pipeline.sources.drupal_config.configuration import read_configuration
from jira_pipeline.sources.drupal_config.site_entities import site_entities
from jira_pipeline.sources.sheets.reading.entities import read_entities
from jira_pipeline.sources.sheets.reading.folders import read_folder
from jira_pipeline.sources.sheets.site_sheets import make_sheets
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM

SITES = (
    ("yale_2026-07", "yale_2025-10"),
    pytest.param("mass_2026-07", "mass_2025-04", marks=OF_THE_LONG_FORM),
)
AS_X = {
    Status.IMPLEMENTED: Verdict.MET,
    Status.APPROVED: Verdict.MISSING,
    Status.CHANGED: Verdict.DIFFERS,
    Status.DELETED: Verdict.LEFT_OVER,
}


@pytest.mark.parametrize(("newer", "older"), SITES)
def test_a_site_meets_its_own_sheets_and_the_earlier_one_as_x_says(
    tmp_path: Path, newer: str, older: str
) -> None:
    exports = DATA / "drupal_config"
    if not exports.is_dir():
        pytest.skip(f"there is no {exports}")
    made = make_sheets(exports / newer, since=exports / older, out=tmp_path)
    for path, content in made.files.items():
        path.write_bytes(content)
    read = Specification(entities=read_entities(read_folder(tmp_path).tables).entities)

    later, earlier = (compared(read, exports / name) for name in (newer, older))

    assert later.counts["cells"]["differs"] == 0
    assert {row.verdict for row in later.rows} == {Verdict.MET}
    assert [
        (row.key, row.x, row.verdict) for row in earlier.rows if AS_X[row.x] is not row.verdict
    ] == []


def compared(read: Specification, folder: Path) -> Verification:
    configuration = read_configuration(folder)
    return compare_site(
        read,
        (),
        site_entities(configuration),
        session_key="site",
        config=folder.name,
        titles={},
    )
