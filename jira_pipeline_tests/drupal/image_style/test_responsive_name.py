"""The name of a responsive image style."""

from jira_pipeline.drupal.image_style.responsive_name import COLUMN, RULE
from jira_pipeline_tests.drupal.made_rows import responsive_style, ticket_of_responsive_styles


def test_a_style_goes_by_its_label() -> None:
    row = ticket_of_responsive_styles(responsive_style()).head

    assert row.label == row.cell(COLUMN.name) == "Hero"


def test_its_label_is_compared_as_text() -> None:
    assert RULE.counterpart is not None
    assert RULE.counterpart.is_wording
