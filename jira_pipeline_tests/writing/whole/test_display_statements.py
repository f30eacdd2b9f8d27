"""What a sentence says of displays is held against the cells of the rows that it rests on."""

from jira_pipeline.writing.completion.prompt import TicketToComplete
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.completion.completed import FLEET
from jira_pipeline_tests.writing.harbour import DISPLAYS, SHEETS, facts_of_sheets
from jira_pipeline_tests.writing.whole.written import judged, question, sentence

PERMISSION = "permission access berths"


def fleet(**cells: str) -> TicketToComplete:
    """Return the ticket of the view whose block has these cells."""
    block = {**DISPLAYS[1], "X": "a", "Access": PERMISSION, **cells}
    page = {**DISPLAYS[0], "Access": "Everybody", "Path or place": "/fleet"}
    return TicketToComplete.of(facts_of_sheets({**SHEETS, "displays": (page, block)})[FLEET])


@each(
    ("text", "place", "fault", "warning"),
    [
        (
            "A visitor without the permission “access berths” sees the block.",
            "",
            "`At this berth`: Access is permission access berths",
            "",
        ),
        ("A visitor without “access berths” does not see the block.", "", "", ""),
        ("A visitor without “view berths” sees the block.", "", "", ""),
        (
            "The block is placed in the sidebar.",
            "attached to All boats",
            "Path or place is attached to All boats",
            "",
        ),
        ("The block is placed in the sidebar.", "region Sidebar first", "", ""),
        ("The block is placed in the sidebar.", "", "", "no row says where it is placed"),
        (
            "The block is placed in the sidebar.",
            "placed by no configuration",
            "",
            "no row says where it is placed",
        ),
        (
            "The Webform module installs the view.",
            "",
            "",
            "no row says what Webform installs",
        ),
    ],
)
def test_what_is_said_of_a_display_is_held_against_its_cells(
    text: str, place: str, fault: str, warning: str
) -> None:
    of = fleet(**{"Path or place": place})

    (one,) = judged(of, analysis=[sentence(text, "block_berth")])

    assert (one.refused, one.warning) == (fault, warning)


@each(
    ("display", "warning"),
    [("block_berth", "`At this berth`: Access is permission access berths"), ("page_all", "")],
)
def test_a_question_that_a_row_answers_has_a_warning(display: str, warning: str) -> None:
    asked = question("Which permission does a visitor need to see this?", display)

    (one,) = judged(fleet(), questions=[asked])

    assert (one.refused, one.warning) == ("", warning)
