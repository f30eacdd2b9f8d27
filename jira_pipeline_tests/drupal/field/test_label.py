"""The label of a field."""

from jira_pipeline.drupal.cell_facts import CellWords
from jira_pipeline.drupal.field.label import COLUMN, COUNTERPART, facts
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_rows import field, fields_of, said_by, verdict_on
from jira_pipeline_tests.tables import each


def test_the_facts_of_a_ticket_are_the_labels_of_the_fields_to_set() -> None:
    assert said_by(facts(fields_of(field("field_hull")))) == [(CellWords("Hull"), "field_hull")]


@each(
    ("on_site", "verdict"),
    [("Hull", Verdict.MET), ("<em>Hull</em>", Verdict.MET), ("Keel", Verdict.DIFFERS)],
)
def test_the_label_is_compared_with_the_site_as_people_read_it(
    on_site: str, verdict: Verdict
) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert verdict_on(field("field_hull"), COUNTERPART, COLUMN.name, site_cell) is verdict
