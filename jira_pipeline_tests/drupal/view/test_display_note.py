"""The note of a display."""

from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.display_note import COLUMN, COUNTERPART, check, says_how
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import (
    compared,
    display,
    display_row,
    plain,
    view,
    view_of,
)
from jira_pipeline_tests.tables import each

FAST = display(note="Path: /fast. Only the fast ones.")


@each(
    ("note", "is_said"),
    [
        ("Only the fast ones.", True),
        ("Path: /fast. Only the fast ones.", True),
        ("Path: /fast", False),
        ("", False),
        ("No changes.", False),
        ("Perhaps the fast ones.", False),
    ],
)
def test_a_note_says_how_a_display_is_to_be(note: str, *, is_said: bool) -> None:
    assert says_how(display_row(display(note=note))) is is_said


def test_a_new_display_is_as_its_note_says() -> None:
    (sentence,) = plain(check(view_of(FAST)))

    assert sentence == "page_1 works as the note of its row says."


def test_displays_with_notes_are_claimed_together() -> None:
    notes = [display("page_1", note="Only fast."), display("page_2", note="Only slow.")]

    assert plain(check(view_of(*notes))) == [
        "page_1 and page_2 work as the notes of their rows say."
    ]


def test_a_note_that_leaves_it_open_is_not_claimed() -> None:
    assert plain(check(view_of(display(note="Perhaps the fast ones.")))) == []


def test_nothing_is_claimed_of_a_disabled_view_or_of_a_display_on_the_site() -> None:
    assert plain(check(view_of(FAST, head=view(status="Disabled")))) == []
    assert plain(check(view_of(FAST | {"X": "x"}, display("page_2"), head=view(x="c")))) == []


@each(
    ("cell", "on_site", "verdict"),
    [
        ("Path: /fast", "Path: /fast", Verdict.MET),
        ("Path: /fast", "Path: /slow", Verdict.DIFFERS),
        ("Disabled.", "Disabled.", Verdict.MET),
        ("Path: /fast", "Path: /fast. Disabled.", Verdict.DIFFERS),
        ("", "Disabled.", Verdict.DIFFERS),
        ("Only the fast ones.", "Path: /fast", Verdict.NOT_COMPARABLE),
    ],
)
def test_the_path_and_whether_it_is_disabled_are_compared(
    cell: str, on_site: str, verdict: Verdict
) -> None:
    site_cell = SiteCell(text=on_site, yaml="")

    assert compared(display(note=cell), COUNTERPART, COLUMN.name, site_cell) is verdict
