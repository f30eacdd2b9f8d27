"""The note of a responsive image style."""

import re

from jira_pipeline.drupal.image_style.responsive_note import COUNTERPART
from jira_pipeline_tests.tables import each


@each(
    ("note", "is_written"),
    [
        ("wide: hero_2x", True),
        ("wide (2x): hero_2x; small (1.5x): hero", True),
        ("wide: hero; as on the quay", False),
        ("As on the quay.", False),
    ],
)
def test_a_mapping_is_compared_in_the_form_that_sheets_write(
    note: str, *, is_written: bool
) -> None:
    assert (re.fullmatch(COUNTERPART.form, note) is not None) is is_written
