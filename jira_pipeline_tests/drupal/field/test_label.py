"""The label of a field."""

from jira_pipeline.drupal.field.label import COLUMN, COUNTERPART
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_rows import field, verdict_on
from jira_pipeline_tests.tables import each


@each(
    ("on_site", "verdict"),
    [("Hull", Verdict.MET), ("<em>Hull</em>", Verdict.MET), ("Keel", Verdict.DIFFERS)],
)
def test_the_label_is_compared_with_the_site_as_people_read_it(
    on_site: str, verdict: Verdict
) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert verdict_on(field("field_hull"), COUNTERPART, COLUMN.name, site_cell) is verdict
