"""What a display does, as its note says it, in words that can be checked."""

import pytest

from jira_pipeline_tests.writers.rubric import items_of
from jira_pipeline_tests.writers.test_template_writer import written


@pytest.mark.parametrize(
    ("note", "statement"),
    [
        ("Max of 5. Limit to 5.", "shows at most 5"),
        ("Limit to one and offset by one.", "shows at most one, offset by one"),
        ("Limited to 3 promoted clocks", "shows at most 3 promoted clocks"),
        ("Filter for tag. Filter to only new ones.", "is filtered by tag; shows only new ones"),
        ("Exposed filter for year", "has an exposed filter for year"),
        ("Sort desc. Sorted by title (asc)", "is sorted desc; is sorted by title (asc)"),
        ("Added to clock pages.", "is added to clock pages"),
        ("Path /clocks. Cards, 24 to a page.", "opens at /clocks; cards, 24 to a page"),
        (
            "Already built and used in the sidebar. Should be updated to use cards.",
            "is still used in the sidebar; uses cards",
        ),
        ("Shows cards. You can use the other view as an example of this.", "shows cards"),
        (
            "Contextual filter for harbour (so that each harbour page shows only the boats there).",
            "has a contextual filter for harbour",
        ),
        ("Already built.", "exists and shows content"),
        ("", "exists and shows content"),
    ],
)
def test_a_note_on_a_display_becomes_what_can_be_seen(note: str, statement: str) -> None:
    prose = written(
        "Configure view: Clocks",
        views=[{"View name": "Clocks", "Machine name": "clocks", "X": "a"}],
        displays=[
            {
                "View": "Clocks",
                "Title": "List",
                "Machine name": "list",
                "X": "a",
                "Display plugin": "Embed",
                "Notes": note,
            }
        ],
    )

    assert f"list (List, Embed): {statement}" in items_of(prose.parts.verification)
