"""The note of a field, compared as a whole."""

from jira_pipeline.drupal.comparisons import PROSE, CellResult, Differs, Met, NotComparable
from jira_pipeline.drupal.field.settings_notes import COLUMN, COUNTERPART
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline_tests.drupal.made_rows import compared, field
from jira_pipeline_tests.tables import each

WRITTEN = "Refers to what the view crews lists in its display page_1."


@each(
    ("note", "on_site", "result"),
    [
        ("Painted last.", "Painted  last.", Met()),
        ("Painted last.", "Painted first.", NotComparable(PROSE)),
        (WRITTEN, WRITTEN, Met()),
        (WRITTEN, "", Differs()),
        (f"Painted last.\n{WRITTEN}", WRITTEN, NotComparable(PROSE)),
    ],
)
def test_what_people_write_is_prose_and_a_line_of_sheets_has_to_be_there(
    note: str, on_site: str, result: CellResult
) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(field(note=note), COUNTERPART, COLUMN.name, site_cell) == result
