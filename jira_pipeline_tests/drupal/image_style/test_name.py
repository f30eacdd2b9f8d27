"""The name of an image style."""

from jira_pipeline.drupal.image_style.name import filled_columns_beside_names
from jira_pipeline_tests.drupal.made_rows import style, style_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


@each(
    ("row", "columns"),
    [
        (style(), []),
        (style(Notes="Scale 80"), ["Notes"]),
        (style(Dev="AB"), []),
        (style(Crop="centre", Notes=""), ["Crop"]),
    ],
)
def test_a_style_is_more_than_its_names_and_who_makes_it(row: Row, columns: list[str]) -> None:
    assert filled_columns_beside_names(style_of(row)) == columns
