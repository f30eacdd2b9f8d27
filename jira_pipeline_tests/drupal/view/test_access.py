"""Who may see a display."""

from jira_pipeline.drupal.cell_facts import BlankCell, CellWords
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.access import (
    COLUMN,
    COUNTERPART,
    AccessFact,
    ForEverybody,
    ForPermission,
    ForRoles,
    facts,
)
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_rows import said_by
from jira_pipeline_tests.drupal.made_views import compared, display, view_of
from jira_pipeline_tests.tables import each


@each(
    ("cell", "fact"),
    [
        ("Everybody", ForEverybody()),
        ("everybody", ForEverybody()),
        ("permission access content", ForPermission("access content")),
        ("roles skipper, harbour_master", ForRoles(("skipper", "harbour_master"))),
        ("Only the crew", CellWords("Only the crew")),
        ("Roles of the harbour", CellWords("Roles of the harbour")),
        ("", BlankCell()),
    ],
)
def test_a_row_lets_everybody_see_it_or_asks_for_something(cell: str, fact: AccessFact) -> None:
    assert said_by(facts(view_of(display(access=cell)))) == [(fact, "page_1")]


@each(
    ("cell", "on_site", "verdict"),
    [
        ("permission access content", "permission access content", Verdict.MET),
        ("Everybody", "permission access content", Verdict.DIFFERS),
        ("Only the crew", "Everybody", Verdict.NOT_COMPARABLE),
    ],
)
def test_the_cell_is_compared_with_the_site(cell: str, on_site: str, verdict: Verdict) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(display(access=cell), COUNTERPART, COLUMN.name, site_cell) is verdict
