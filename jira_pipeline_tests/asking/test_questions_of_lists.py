"""What workflows, roles, styles and view modes leave open, over sheets of a few rows."""

from pathlib import Path

import pytest

from jira_pipeline_tests.writing.small_sheets import SmallSite, small_site

STATES = """Workflow,Label,Machine name,X,Notes
Plain,Draft,draft,a,
Plain,Waiting,waiting,a,
Plain,Published,published,a,
"""
TITLE = "Configure workflow: Plain"


def workflow_site(folder: Path, *transitions: str, states: str = STATES, x: str = "a") -> SmallSite:
    """Return a site with one workflow; transitions are `Label,From,To`."""
    rows = [
        f"Plain,{label},{label.lower()},{x},{begin},{end},{note}"
        for label, begin, end, note in (f"{way},".split(",")[:4] for way in transitions)
    ]
    header = "Workflow,Label,Machine name,X,From state,To state,Notes"
    return small_site(
        folder,
        workflows=f"Label,Machine name,X,Type\nPlain,plain,{x},Content moderation",
        workflow_states=states,
        workflow_transitions="\n".join([header, *rows]),
    )


WHOLE = (
    "Keep,Draft,Draft",
    "Send,Draft,Waiting",
    "Publish,Waiting,Published",
    "Back,Published,Draft",
)


def test_a_workflow_leaves_open_its_first_state_and_the_settings_of_states(tmp_path: Path) -> None:
    found = workflow_site(tmp_path, *WHOLE)

    first, flags = found.questions(TITLE)[-2:]
    assert first.question == "In which state does new content start under “Plain”?"
    assert first.suggested_answer == "Draft"
    assert flags.question == (
        "Is content in “Waiting” of “Plain” published, and is it the default revision?"
    )


@pytest.mark.parametrize(
    ("ways", "asked"),
    [
        (WHOLE[1:], "none of “Plain” leads from “Draft” to “Draft”"),
        (WHOLE[:3], "No transition of “Plain” leaves “Published”"),
        (
            ("Keep,Draft,Draft", "Publish,Draft,Published", "Back,Published,Draft"),
            "No transition of “Plain” enters or leaves “Waiting”",
        ),
        (
            ("Publish,Waiting,Published", "Back,Published,Waiting"),
            "“Draft”, in which Drupal starts new content unless told otherwise",
        ),
        (
            ("Keep,Draft,Draft", "Back,Waiting,Draft", "Go,Draft,Published", "Up,Published,Draft"),
            "No transition of “Plain” leads to “Waiting”",
        ),
        ((*WHOLE, "Hide,Published,Waitin"), "names the state “Waitin”, which no row has"),
    ],
)
def test_states_and_transitions_that_do_not_fit_are_asked_about(
    tmp_path: Path, ways: tuple[str, ...], asked: str
) -> None:
    found = workflow_site(tmp_path, *ways)

    assert any(asked in question for question in found.asked(TITLE))


def test_states_that_only_lead_to_one_another_are_asked_about(tmp_path: Path) -> None:
    states = STATES + "Plain,Later,later,a,\n"
    ways = ("Keep,Draft,Draft", "Publish,Draft,Published", "Back,Published,Draft")
    beyond = ("Hold,Waiting,Later", "Free,Later,Waiting", "Show,Later,Published")

    found = workflow_site(tmp_path, *ways, *beyond, states=states)

    assert any(
        question.question.startswith(
            "No transition of “Plain” leads from “Draft” to “Waiting” and “Later”, nor any chain"
        )
        for question in found.questions(TITLE)
    )


def test_a_workflow_that_fits_asks_nothing_of_its_course(tmp_path: Path) -> None:
    found = workflow_site(tmp_path, *WHOLE)

    assert not any("No transition" in question for question in found.asked(TITLE))


def test_a_workflow_of_which_no_row_is_approved_asks_only_whether_to_build_it(
    tmp_path: Path,
) -> None:
    found = small_site(
        tmp_path,
        workflows="Label,Machine name,X,Type\nPlain,plain,a,Content moderation",
        workflow_states=STATES.replace(",a,", ",w,"),
    )

    assert found.asked(TITLE) == (
        "“Plain” is approved, but none of its states and transitions is: is it to be built?",
    )


def test_states_that_content_moderation_keeps_are_missed(tmp_path: Path) -> None:
    found = workflow_site(tmp_path, *WHOLE, states=STATES.replace("draft", "sketch"))

    assert any("keeps `draft` in every workflow" in question for question in found.asked(TITLE))


def test_a_note_that_may_say_who_uses_a_transition_is_not_asked_about(tmp_path: Path) -> None:
    noted = tuple(f"{way},Clerks do this" for way in WHOLE)

    silent = workflow_site(tmp_path / "silent", *WHOLE)
    told = workflow_site(tmp_path / "told", *noted)

    asked = "Which roles may use each of the 4 transitions of “Plain”? No row says."
    assert asked in silent.asked(TITLE)
    assert not any("Which roles" in question for question in told.asked(TITLE))


def test_a_transition_removed_and_built_under_two_names_of_a_state_is_one_question(
    tmp_path: Path,
) -> None:
    """Rows of a relabelled state read as a removal and an addition of the same transition."""
    states = """Workflow,Label,Machine name,X,Notes
        Plain,Hidden,archived,c,
        Plain,Published,published,x,
        """
    transitions = """Workflow,Label,Machine name,X,From state,To state
        Plain,Restore,restore,a,Hidden,Published
        Plain,Restore,restore,d,Archived,Published
        """
    found = small_site(
        tmp_path,
        workflows="Label,Machine name,X,Type\nPlain,plain,x,Content moderation",
        workflow_states=states,
        workflow_transitions=transitions,
    )

    asked = found.asked("Update workflow: Plain")
    assert any("is that one state, `archived`, under a new label?" in q for q in asked)
    assert not any("What changes in" in question for question in asked)


def test_permissions_that_are_only_counted_are_asked_for_once(tmp_path: Path) -> None:
    roles = """Name,Machine name,X,Notes
        Administrator,administrator,a,0 permissions
        Clerk,clerk,a,12 permissions
        Chief,chief,a,30 permissions
        """

    found = small_site(tmp_path, roles=roles)

    assert found.asked("Configure user roles") == (
        "Which permissions does each role of the table to build get? The sheet only counts them.",
    )


def test_lists_ask_for_what_no_cell_says(tmp_path: Path) -> None:
    found = small_site(
        tmp_path,
        image_styles="""Style name,Machine name,X,Notes
            Card,card,a,
            Old,old,d,Scale 40
            """,
        responsive_image_styles="""Responsive style,Machine Name,Breakpoint Group,Fallback Style,Image Style Group(s),X
            Cards,cards,Theme,Carte,Card,a
            Rows,rows,Theme,Old,Card,a
            Lines,lines,Theme,,Card,a
            """,
        view_modes="""View Modes,Entity Type,X,Entities Used On
            Small,Media type,a,
            RSS,Content type,a,
            """,
    )

    assert set(found.asked_anywhere()) == {
        "Which effects and which size does “Card” have? No cell says.",
        "“Cards” names the fallback image style “Carte”, which no row has: which one is meant?",
        (
            "“Rows” needs the fallback image style “Old”, which is to be removed: which one is meant "
            "instead?"
        ),
        "Which fallback image style does “Lines” have? Fallback Style is blank.",
        "On which media type is “Small” switched on? Entities Used On is blank.",
    }


def test_changed_without_saying_what_is_asked(tmp_path: Path) -> None:
    modes = """View Modes,Entity Type,X,Entities Used On
        Small,Media type,c,
        """

    found = small_site(tmp_path, view_modes=modes)

    assert "What changes in “Small”? X is c, and the row says nothing else." in (
        found.asked_anywhere()
    )
