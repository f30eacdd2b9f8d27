"""The entity type of a view mode."""

from jira_pipeline.drupal.view_mode.entity_type import Heading, heading_above
from jira_pipeline_tests.drupal.made_rows import ticket_of_view_modes, view_mode
from jira_pipeline_tests.tables import each


@each(
    ("entity_type", "heading"),
    [("Content type", "Content"), ("Vocabulary", "Taxonomy term"), ("Sail", "Sail")],
)
def test_modes_of_an_entity_type_are_below_its_heading(entity_type: str, heading: str) -> None:
    mode = ticket_of_view_modes(view_mode(type_=entity_type)).head

    assert heading_above(mode) == Heading(heading)
