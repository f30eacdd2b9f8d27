"""Questions that rows raise against each other, and rules that are no questions."""

import pytest

from jira_pipeline.domain.questions.open_questions import all_open_questions
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field, specification_of

BOAT = "Boat (Content type)"
HARBOUR: dict[str, list[Row]] = {
    "bundles": [bundle("Boat", "boat"), bundle("Berth", "berth", "Vocabulary")],
    "fields": [field(BOAT, "field_draught")],
}


def questions_of(**sheets: list[Row]) -> list[str]:
    """The questions about some sheets, as text."""
    specification = specification_of(**{**HARBOUR, **sheets})
    groups = group_entities(specification).groups
    return [question.question for _, question in all_open_questions(groups, specification)]


def view(name: str = "Boats", **cells: str) -> Row:
    """A view of content."""
    return {"View name": name, "Machine name": "boats", "X": "a", "Base table": "Content"} | cells


def display(name: str, **cells: str) -> Row:
    """A page of that view."""
    plugin = {"Display plugin": "Page", "Notes": "Ten a page"}
    return (
        {"View": "Boats", "Title": name, "Machine name": name.casefold(), "X": "a"} | plugin | cells
    )


def test_two_displays_with_one_path_are_asked_about_once() -> None:
    pages = [display("Chart", Path="/fleet"), display("Table", Path="/fleet")]

    (asked,) = questions_of(views=[view()], displays=pages)
    assert asked == (
        "“Chart” (`chart`) and “Table” (`table`) have one path, `/fleet`, and Drupal opens only one "
        "of them: which, and where is the other?"
    )


def test_a_view_that_chooses_by_what_its_content_lacks_is_asked_about() -> None:
    pages = [display("Chart", Path="/fleet")]
    berthed = field(BOAT, "field_berth", ref="Berth (Vocabulary)")

    (asked,) = questions_of(views=[view(Notes="Filtered by berth")], displays=pages)
    given = questions_of(views=[view(Notes="Filtered by berth")], displays=pages, fields=[berthed])

    assert asked == "The sheets give Boat no field for “berth”: by what does “Boats” choose?"
    assert given == []


def test_displays_of_a_view_that_says_what_it_shows_are_not_asked_about() -> None:
    pages = [display("Chart", Path="/fleet", Notes="")]

    assert questions_of(views=[view(Notes="Oldest first, all on one page")], displays=pages) == []
    assert len(questions_of(views=[view()], displays=pages)) == 1


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Rendered in the view mode Nameplate", "No view mode of the sheets is called “Nameplate”"),
        ("Set by the role Pilot Master", "No role of the sheets is called “Pilot Master”"),
    ],
)
def test_a_note_that_names_what_no_row_has_is_asked_about(note: str, words: str) -> None:
    modes: list[Row] = [{"View Modes": "Line", "Entity Type": "Content", "X": "a"}]
    roles: list[Row] = [
        {"Name": "Clerk", "Machine name": "clerk", "X": "a", "Notes": "Edits boats"}
    ]

    found = questions_of(
        fields=[field(BOAT, "field_draught") | {"Settings/notes": note}],
        view_modes=modes,
        roles=roles,
    )

    assert [question.partition(":")[0] for question in found] == [words]


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Draught mandatory, hull colour free", "the note on Boat says “Draught mandatory”"),
        ("Unpublished automatically once field_draught is past", "`field_draught` is optional"),
        ("Sorted by field_beam", "“Boat” has no field `field_beam`"),
    ],
)
def test_the_note_of_a_bundle_is_held_against_its_fields(note: str, words: str) -> None:
    (asked,) = questions_of(
        bundles=[bundle("Boat", "boat") | {"Settings/notes": note}],
        fields=[field(BOAT, "field_draught")],
    )

    assert words in asked


@pytest.mark.parametrize(
    "note", ["No mails are sent to owners", "May not be sold", "Never paid by card"]
)
def test_what_a_note_rules_out_is_no_question(note: str) -> None:
    assert questions_of(bundles=[bundle("Boat", "boat") | {"Settings/notes": note}]) == []


def test_a_bundle_called_by_its_machine_name_is_found() -> None:
    mode: Row = {
        "View Modes": "Line",
        "Entity Type": "Content",
        "X": "a",
        "Entities Used On": "Boat_x",
    }

    boat = bundle("Rowing boat", "boat_x")

    assert questions_of(bundles=[boat], fields=[], view_modes=[mode]) == [
        "No fields sheet was uploaded: does “Rowing boat” have fields?"
    ]


def test_states_of_one_cell_are_read_one_by_one() -> None:
    states: list[Row] = [
        {"Workflow": "Survey", "Label": name, "Machine name": name.casefold(), "X": "a"}
        | {"Published": "n", "Default state": "y"}
        for name in ("Draft", "Afloat")
    ]
    transitions: list[Row] = [
        {"Workflow": "Survey", "Machine name": name, "X": "a", "Label": name.capitalize()}
        | {"From state": "Draft, Afloat", "To state": to}
        for name, to in (("keep", "Draft"), ("launch", "Afloat"))
    ]

    found = questions_of(
        workflows=[{"Label": "Survey", "Machine name": "survey", "X": "a", "Notes": "Boat"}],
        states=states,
        transitions=transitions,
    )

    assert found == []


def test_a_workflow_that_lists_what_is_not_moderated_is_asked_about() -> None:
    survey: Row = {"Label": "Survey", "Machine name": "survey", "X": "a", "Notes": "Boat, Berth"}

    found = questions_of(
        bundles=[bundle("Boat", "boat") | {"Mod.": "n"}],
        workflows=[survey | {"Remarks": "Boat was dropped in May"}],
    )

    assert "“Survey” names Boat, whose Mod. is n (line 2): is it moderated?" in found


def test_what_becomes_of_content_is_not_asked_where_the_note_says_it() -> None:
    gone = bundle("Log book", "log_book", x="d")
    told = gone | {"Settings/notes": "Export the entries before they are deleted"}

    assert len(questions_of(bundles=[gone])) == len(questions_of(bundles=[told])) + 1


def test_what_waits_asks_nothing() -> None:
    waiting = field(BOAT, "field_keel", "w") | {"Settings/notes": "From which register?"}

    assert questions_of(fields=[waiting, field(BOAT, "field_draught")]) == []
