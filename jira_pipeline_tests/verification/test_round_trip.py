"""Sheets made of a real site are met by it to the last cell, and by the earlier site as X says."""

from pathlib import Path

import pytest

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.shared_data import shared_data
from jira_pipeline_tests.verification.invented import (
    AS_X,
    compared,
    specification_in,
    write_site,
)

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


def differences_in_round_trip(site: Path, sheets: Path) -> list[tuple[str, str]]:
    """Return what of the sheets that are made of a site is said to differ from it."""
    sheets.mkdir()
    for path, content in make_sheets(site, out=sheets).files.items():
        path.write_bytes(content)
    verification = compared(specification_in(sheets), read_configuration(site))
    return [
        (row.key, cell.column)
        for row in verification.rows
        for cell in row.cells
        if cell.verdict is Verdict.DIFFERS
    ]


def test_a_site_meets_its_own_sheets_whatever_it_names_and_lacks(tmp_path: Path) -> None:
    """A target that is gone was said to differ from itself; so was a view without its index."""
    index = {
        "views.view.new_books:base_table": "search_api_index_shop",
        "search_api.index.shop": {"name": "Shop"},
    }
    site = write_site(tmp_path / "site", index)
    differing = {}

    for file in sorted(site.glob("*.yml")):
        content = file.read_bytes()
        file.unlink()
        found = differences_in_round_trip(site, tmp_path / file.stem)
        file.write_bytes(content)
        if found:
            differing[file.name] = found

    assert differing == {}


def test_the_example_and_the_sites_of_strangers_meet_their_own_sheets(tmp_path: Path) -> None:
    shared = CHECKOUT.parent / "shared"
    sites = [
        CHECKOUT / "examples" / "uhrenmuseum.config.zip",
        *shared.glob("cases6/*/sync"),
        *(
            site
            for name in ("config", "old", "new")
            for site in shared.glob(f"cases6_sites/*/{name}")
        ),
    ]
    differing = {}

    for number, site in enumerate(sorted(sites)):
        found = differences_in_round_trip(site, tmp_path / f"sheets_{number}")
        if found:
            differing[str(site)] = found

    assert differing == {}
