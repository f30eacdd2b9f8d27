"""What a display shows where it has no item."""

from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.when_empty import COLUMN, COUNTERPART
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import WRITTEN_BY_SHEETS, compared, display
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

WRITTEN = display(empty="No boats.") | WRITTEN_BY_SHEETS


@each(
    ("row", "on_site", "verdict"),
    [
        (display(empty="No boats."), "No boats.", Verdict.MET),
        (WRITTEN, "Nothing here.", Verdict.DIFFERS),
        (display(empty="No boats."), "Nothing here.", Verdict.NOT_COMPARABLE),  # words of people
    ],
)
def test_the_text_is_compared_in_a_row_that_sheets_wrote(
    row: Row, on_site: str, verdict: Verdict
) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(row, COUNTERPART, COLUMN.name, site_cell) is verdict
