"""The name of a view."""

from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.name import COLUMN, COUNTERPART
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import compared, view
from jira_pipeline_tests.tables import each


@each(
    ("cell", "on_site", "verdict"),
    [
        ("Fast boats", "Fast boats", Verdict.MET),
        ("Fast boats", "Boats", Verdict.DIFFERS),
        ("Fast “boats”", 'Fast "boats"', Verdict.MET),
    ],
)
def test_the_cell_is_compared_with_the_site(cell: str, on_site: str, verdict: Verdict) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(view(label=cell), COUNTERPART, COLUMN.name, site_cell) is verdict
