"""Sentences that contradict their row are asked; sentences that only look like it are not."""

import re

import pytest

from jira_pipeline.domain.questions.open_questions import OpenQuestion, all_open_questions
from jira_pipeline.domain.questions.question_index import index_of
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field, specification_of

BOOK = "Book (Content type)"
NUMBER = {"Field type": "Number (integer)"}


def asked_of_book(row: Row, **cells: str) -> list[OpenQuestion]:
    """What is asked about a content type with this field."""
    specification = specification_of(
        bundles=[bundle("Book", "book") | cells, bundle("Shelf", "shelf", "Vocabulary")],
        fields=[row],
    )
    groups = group_entities(specification).groups
    return [question for _, question in all_open_questions(groups, specification)]


def shelves(note: str, **cells: str) -> Row:
    """A reference with a note."""
    return field(BOOK, "field_shelves", ref="Shelf (Vocabulary)") | {"Settings/notes": note} | cells


def noted(note: str, **cells: str) -> Row:
    """A line of text with a note."""
    return field(BOOK, "field_spine") | {"Settings/notes": note} | cells


@pytest.mark.parametrize(
    ("row", "disputed"),
    [
        (shelves("Up to five shelves, left to right", **{"Vals.": "2"}), "Vals."),
        (shelves("One only", **{"Vals.": "*"}), "Vals."),
        (shelves("At least two", **{"Vals.": "1"}), "Vals."),
        (shelves("Several shelves can be given", **{"Vals.": "1"}), "Vals."),
        (shelves("Wide books: two shelves must be possible", **{"Vals.": "1"}), "Vals."),
        (shelves("Both shelves may be named", **{"Vals.": "1"}), "Vals."),
        (noted("optional", **{"Req'd": "y"}), "Req'd"),
        (noted("Required.", **{"Req'd": "n"}), "Req'd"),
        (noted("Leading zeros matter", **NUMBER), "Field type"),
        (noted("Rich text with links"), "Field type"),
        (noted("At most 90 characters, bold and links allowed"), "Field type"),
    ],
)
def test_a_note_that_contradicts_its_row_is_asked_once_with_the_whole_sentence(
    row: Row, disputed: str
) -> None:
    (question,) = asked_of_book(row)

    assert question.disputes == disputed
    assert question.quote in {row["Settings/notes"], row.get("Help text")}
    assert "field_" not in re.sub(r"`field_\w+`", "", question.question)


@pytest.mark.parametrize(
    "row",
    [
        shelves("Six rooms still have one", **{"Vals.": "*"}),
        shelves("Was limited to five", **{"Vals.": "*"}),
        shelves("Up to 40 MB", **{"Vals.": "1"}),
        shelves("Two shelves must be possible", **{"Vals.": "2"}),
        shelves("No two shelves may be named", **{"Vals.": "1"}),
        shelves("Two readers may be named elsewhere", **{"Vals.": "1"}),
        shelves("If more than one shelf is free, three are shown", **{"Vals.": "1"}),
        noted("two or three words", **{"Vals.": "1"}),
        noted("key of the feed, max 12"),
        noted("link text required, target optional", **{"Req'd": "n"}),
        noted("Required when a spine is printed", **{"Req'd": "n"}),
        noted("empty at the end of a row", **{"Req'd": "n"}),
        noted("km, default 6", **NUMBER),
        noted("No bold or links allowed"),
        noted("At most 90 characters", **{"Help text": "Up to 90 characters, 2 words."}),
    ],
)
def test_a_note_that_agrees_or_speaks_of_something_else_is_left_alone(row: Row) -> None:
    assert asked_of_book(row) == []


@pytest.mark.parametrize(
    ("note", "quote"),
    [
        ("Index or not? If there are few books, no.", "Index or not?"),
        ("Gold leaf. Needs a glue, ask Rosa.", "Needs a glue, ask Rosa."),
        ("Red or blue. Green: ask Rosa.\nAt least A5.", "Green: ask Rosa."),
        ("Legal text. Discuss", "Legal text. Discuss"),
        ("Check", "Check"),
        ("Client still has to confirm the glue: it may be poison.",) * 2,
        ("Glue not decided yet: bone or fish, client decides by spring.",) * 2,
        ("Max. 9 sheets, weight to be checked by the supplier.",) * 2,
        ("Letters - Rosa asks the binders whether one font is enough.",) * 2,
        ("Gold for now. Cord: ask Rosa.", "Cord: ask Rosa."),
        ("Gilt? Then it needs a glue, ask Rosa",) * 2,
        ("Cord? Ask Rosa. Gold is plain. Blind stamped for now.", "Cord? Ask Rosa."),
    ],
)
def test_an_open_point_is_asked_with_its_sentence(note: str, quote: str) -> None:
    found = [q.quote for q in asked_of_book(noted(note))]

    assert found == [quote]


@pytest.mark.parametrize(
    "note",
    [
        "Gilded from the start? No, in spring.",
        "Gilded later? -> blind stamped",
        "Blind stamped for now, gilded: Dr Paper decides.",
        "Gilded? Until then blind stamped.",
        "Dr Paper decides on the gilding. Blind stamped for now.",
        "Gilded: phase 2, Dr Paper decides.",
        "Weight is not checked",
        "The reader has to confirm the loan",
        "Link to the form. Nobody can edit it",
        "Mail with a link to confirm the loan",
        "Consent to be checked on the last page",
        "Leave empty if unclear.",
    ],
)
def test_a_question_that_the_same_note_settles_is_not_asked(note: str) -> None:
    assert asked_of_book(noted(note)) == []


def lists(**cells: str) -> Row:
    """A list without options of its own."""
    return field(BOOK, "field_state") | {"Field type": "List (text)"} | cells


def test_options_that_the_note_of_the_bundle_gives_are_not_asked_for() -> None:
    assert asked_of_book(lists(), **{"Settings/notes": "Three states: new, worn, lost."}) == []
    assert len(asked_of_book(lists())) == 1


def test_names_that_are_missing_are_settled_by_the_ticket() -> None:
    specification = specification_of(
        bundles=[bundle(n, "-", "Paragraph type") for n in ("Long Quote", "Side Note")],
        fields=[field(f"{n} (Paragraph type)", "field_text") for n in ("Long Quote", "Side Note")],
    )
    groups = group_entities(specification).groups

    assert all_open_questions(groups, specification) == ()
    assert {*index_of(specification).settled_names.values()} == {"long_quote", "side_note"}


def test_a_name_that_can_be_no_row_is_not_asked_for() -> None:
    modes = [
        {"View Modes": label, "Entity Type": "Content type", "X": "a", "Entities Used On": used}
        for label, used in (("All hits", "all with Srch. = y"), ("Hit", "Pamphlet"))
    ]
    specification = specification_of(
        bundles=[bundle("Book", "book")], fields=[noted("")], view_modes=modes
    )
    groups = group_entities(specification).groups

    texts = [q.question for _, q in all_open_questions(groups, specification)]

    assert texts == ["“Hit” names “Pamphlet”, which is not in these sheets: what is meant?"]


def questions_of(**sheets: list[Row]) -> list[str]:
    """Return what is asked about a specification."""
    specification = specification_of(**sheets)
    groups = group_entities(specification).groups
    return [question.question for _, question in all_open_questions(groups, specification)]


def test_a_required_field_that_another_leaves_empty_is_asked_about() -> None:
    def asked(req: str) -> list[str]:
        tide = field("Quay (Content type)", "field_tide") | {
            "Settings/notes": "If off, the crane is left empty and the link is shown"
        }
        crane = field("Quay (Content type)", "field_crane", req=req)
        return questions_of(bundles=[bundle("Quay", "quay")], fields=[tide, crane])

    (question,) = asked("y")
    assert question.startswith(
        "The sheet requires “Crane” (`field_crane`), the note on “Tide” (`field_tide`) says"
    )
    assert asked("n") == []


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("Edits books", True),
        ("Book and shelf: create and edit", True),
        ("No other books: after login straight to the form to add one", False),
    ],
)
def test_a_role_that_edits_what_it_may_not_save_is_asked_about(note: str, is_asked: bool) -> None:
    specification = specification_of(
        bundles=[bundle("Book", "book") | {"Mod.": "y"}],
        fields=[noted("")],
        roles=[
            {"Label": "Clerk", "Machine name": "clerk", "X": "a", "Notes": note},
            {"Label": "Head", "Machine name": "head", "X": "a", "Notes": "Publishes everything"},
        ],
        workflows=[
            {"Label": "Plain", "Machine name": "plain", "X": "a"}
            | {"Notes": "Book. Default state is Draft; Draft is not published"}
        ],
        states=[{"Workflow": "Plain", "Label": "Draft", "Machine name": "draft", "X": "a"}],
        transitions=[
            {"Workflow": "Plain", "Label": "Save", "Machine name": "save", "X": "a"}
            | {"From state": "Draft", "To state": "Draft", "Notes": "Head only"}
        ],
    )
    groups = group_entities(specification).groups

    texts = [q.question for _, q in all_open_questions(groups, specification)]

    assert any(f"“{note}”" in t and "which may it use" in t for t in texts) is is_asked


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("Potentially replaced by a list of cords.", True),
        ("Might be replaced by a term.", True),
        ("Customer may want gold, asks the trustees.", True),
        ("Awaiting approval by the board", True),
        ("No decision yet", True),
        ("Not settled who pays for it", True),
        ("Open question: cord or glue", True),
        ("Must be decided before the launch", True),
        ("Will be defined in the design phase", True),
        ("The client has not answered yet", True),
        ("Cords see minutes of 3 May", True),
        ("Waiting for the sheet", True),
        ("Cords have no order, ask design about the colour", True),
        ("Sort by thickness wanted, but no field for it yet", True),
        ("Books with no answer yet are hidden", False),
        ("Who has not confirmed in time is deleted", False),
        ("Readers may want to print it", False),
        ("Waiting for review", False),
        ("Readers ask the bindery for a cord", False),
        ("Shown while the review is pending", False),
        ("Width must be defined in the theme", False),
        ("Must be decided by the editor", False),
    ],
)
def test_what_is_open_in_other_words_is_asked(note: str, *, is_asked: bool) -> None:
    assert bool(asked_of_book(noted(note))) is is_asked


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [
        ("Mapping to be supplied by the bindery.", True),
        ("Cord still missing", True),
        ("6 terms, list from Dr Paper still to come", True),
        ("9 terms (draft), final list needed before the launch", True),
        ("Welsh names: same table, column still empty", True),
        ("Terms entered by hand, list comes from client", True),
        ("Mails the author, text comes from the office", True),
        ("Tint of the paper maker (key comes from the Mill)", True),
        ("Cords are mapped by a CSV the client fills in, so they come first", True),
        ("From 38 colours down to 11, Mrs Thread delivers the mapping", True),
        ("8 terms, Mrs Thread delivers", True),
        ("Text from the binder outstanding", True),
        ("Every night if the press is ready", True),
        ("Colours come from the bindery's system", False),
        ("Keys come from Mrs Thread, list in her mail of 12 March", False),
        ("The keys come from the archive", False),
        ("One file per volume, Mrs Thread delivers", False),
        ("Author supplies the text", False),
        ("A spine text to be supplied by the author", False),
        ("A list will be sent to readers", False),
        ("The list has to be agreed by the trustees", False),
        ("Cord, delivered by the bindery", False),
    ],
)
def test_what_somebody_still_has_to_supply_is_asked(note: str, *, is_asked: bool) -> None:
    found = [q.question for q in asked_of_book(noted(note))]

    question = r"When (?:do|does) the \w+ come for “Spine” \(`field_spine`\)\? Please add it"
    assert [bool(re.match(question, q)) for q in found] == ([True] if is_asked else [])


@pytest.mark.parametrize(
    ("note", "named"),
    [
        ("From 38 colours down to 11 terms, Mrs Thread delivers the mapping", "does the mapping"),
        ("8 terms, Mrs Thread delivers", "do the terms"),
        ("Cord still missing", "does the rest"),
    ],
)
def test_the_question_names_what_a_note_waits_for(note: str, named: str) -> None:
    asked = asked_of_book(noted(note))[0].question

    assert asked.startswith(f"When {named} come for “Spine” (`field_spine`)?")


@pytest.mark.parametrize(("developer", "likely"), [("TK", ""), ("AR", "Left to AR")])
def test_what_the_team_settles_itself_is_suggested(developer: str, likely: str) -> None:
    (asked,) = asked_of_book(noted("Cord or glue? AR decides", Dev=developer))

    assert likely == asked.suggested_answer
    assert ("To ask: AR" in asked.question) is not bool(likely)


def test_a_wish_that_nobody_has_estimated_is_asked_about_with_the_likely_answer() -> None:
    (asked,) = asked_of_book(noted("Dr Paper would like a ribbon; not estimated yet."))

    assert asked.question == "Is this part of the work on “Spine” (`field_spine`)?"
    assert asked.suggested_answer == "No, it is in no estimate"


@pytest.mark.parametrize(
    ("note", "answer"),
    [
        ("Ribbon if time allows.", "No, build what the rest of its row says"),
        (
            "Ribbon is wanted but may follow after the launch.",
            "No, build what the rest of its row says",
        ),
        ("A ribbon - nice to have.", "No, build what the rest of its row says"),
        ("Only for librarians if possible.", "No, only as far as configuration can do it"),
    ],
)
def test_what_is_only_wanted_if_it_is_little_work_is_asked(note: str, answer: str) -> None:
    (asked,) = asked_of_book(noted(note))

    assert (asked.quote, asked.suggested_answer) == (note, answer)
