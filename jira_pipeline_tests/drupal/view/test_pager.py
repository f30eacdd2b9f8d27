"""How many items a display shows at once."""

from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.pager import COLUMN, COUNTERPART
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import compared, display
from jira_pipeline_tests.tables import each


@each(
    ("cell", "on_site", "verdict"),
    [
        ("10 (full pager)", "10 (full pager)", Verdict.MET),
        ("All", "10 (full pager)", Verdict.DIFFERS),
        ("not too many", "All", Verdict.NOT_COMPARABLE),
    ],
)
def test_the_cell_is_compared_with_the_site(cell: str, on_site: str, verdict: Verdict) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(display(pager=cell), COUNTERPART, COLUMN.name, site_cell) is verdict
