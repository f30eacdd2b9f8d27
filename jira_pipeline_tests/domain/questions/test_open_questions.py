"""Each rule that asks, on rows made for it, and that it stays silent where nothing is open."""

from collections.abc import Sequence

import pytest

from jira_pipeline.domain.entities import EntityKind, Specification
from jira_pipeline.domain.questions.open_questions import (
    OpenQuestion,
    all_open_questions,
    open_questions,
)
from jira_pipeline.domain.questions.question_index import index_of
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline_tests.stages.made_specifications import (
    Row,
    bundle,
    field,
    specification_of,
)

PAGE = "Page (Content type)"


def asked(specification: Specification) -> list[OpenQuestion]:
    """Everything that is asked about a specification."""
    groups = group_entities(specification).groups
    return [question for _, question in all_open_questions(groups, specification)]


def texts(specification: Specification) -> list[str]:
    """The questions as text."""
    return [question.question for question in asked(specification)]


def fields_of_page(*rows: Row) -> Specification:
    """One content type with these fields."""
    return specification_of(bundles=[bundle("Page", "page")], fields=rows)


def noted(note: str, **cells: str) -> Row:
    """A field with a note."""
    return field(PAGE, "field_a") | {"Settings/notes": note} | cells


def test_a_field_that_says_everything_raises_no_question() -> None:
    specification = fields_of_page(noted("Shown below the title"))

    assert texts(specification) == []


A = "“A” (`field_a`)"
OPEN = f"Please clear this up for {A}."


@pytest.mark.parametrize(
    ("note", "question"),
    [
        ("List of patterns (TBD which)", f"Please decide this for {A}."),
        ("Options: A. Need more information on B", OPEN),
        ("Potentially scheduled (need confirmation)", OPEN),
        ("Not sure we want it", OPEN),
        ("How it looks is still open (list or cards)", OPEN),
        ("Lists per quay still open, see mail", OPEN),
        ("Blue: ask Anna", f"{OPEN} To ask: Anna."),
        ("Board asks whether members pay", OPEN),
        ("Number to be confirmed by the DPO", f"{OPEN} To ask: DPO."),
        ("Colours: see list of Sales", f"Please attach or link what this note on {A} refers to."),
        ("May not be ready in time", f"Will this be done for {A} or not?"),
        ("Fields as in mockups", f"Please attach or link what this note on {A} refers to."),
    ],
)
def test_a_cue_word_is_asked_about_with_its_sentence(note: str, question: str) -> None:
    found = asked(fields_of_page(noted(f"Fine so far. {note}.")))

    assert [q.question for q in found] == [question]
    assert found[0].quote == f"{note}."
    assert (found[0].file, found[0].line, found[0].column) == ("fields.csv", 2, "Settings/notes")


@pytest.mark.parametrize(
    ("note", "quote"),
    [
        ("Big. Red? Customer IT to say. Round.", "Red? Customer IT to say."),
        ("Big. Round. To be decided by the board.", "Round. To be decided by the board."),
        ("Big. Red or blue? Ask Anna.", "Red or blue? Ask Anna."),
        ("Big.\nTo be decided by the board.", "To be decided by the board."),
        ("Round. OPEN: which red. Big.", "OPEN: which red."),
        ("Round. HR to confirm the list; big.", "HR to confirm the list; big."),
        (
            "The board still has to confirm the 30 days.",
            "The board still has to confirm the 30 days.",
        ),
        ("Big. Word list (fi, not complete yet).", "Word list (fi, not complete yet)."),
    ],
)
def test_what_is_open_is_quoted_with_what_it_is_about_and_who_knows(note: str, quote: str) -> None:
    assert [q.quote for q in asked(fields_of_page(noted(note)))] == [quote]


@pytest.mark.parametrize(
    "note",
    [
        "Icons by position? Without icons until UX answers.",
        "OPEN: which red. Until then: blue.",
        "Red? To start with blue.",
        "OPEN: transfer to the shop; not part of this order.",
        "New tab? Legal says no.",
        "Sort by surname? Left as is in phase 1.",
        "Red per class? Nice to have, not estimated.",
    ],
)
def test_what_a_note_settles_itself_is_not_asked(note: str) -> None:
    assert texts(fields_of_page(noted(note))) == []


@pytest.mark.parametrize(
    "note",
    [
        "The image needs to be wide",
        "NOTE: Need this because the tags are not required",
        "Shown if the editor likes it",
        "Rights must be confirmed by the author",
        "Editors see if a link is broken",
        "The design has a column on the left",
        "Checked by the spell check",
        "Visitors read, vote, ask questions",
        "Nice to have a photo filter",
        "Likely a checkbox",
        "Not shown on mockups but needed",
        "Shows vacancies that are still open to all",
        "Only Anna may edit it, Anna checks names",
    ],
)
def test_words_that_only_look_like_cues_are_left_alone(note: str) -> None:
    assert texts(fields_of_page(noted(note))) == []


def test_rows_that_are_done_raise_no_question() -> None:
    specification = fields_of_page(field(PAGE, "field_b"), noted("TBD", X="x"))

    assert texts(specification) == []


def test_rows_that_go_raise_one_question_what_becomes_of_their_content() -> None:
    rows = [field(PAGE, f"field_{name}", "d") for name in "cd"]
    page = bundle("Page", "page", x="c")

    (question,) = texts(specification_of(bundles=[page], fields=[field(PAGE, "field_b"), *rows]))

    assert question == (
        "If “C” (`field_c`) and “D” (`field_d`) are on the site: may their content be deleted, or "
        "where does it go?"
    )


def test_what_becomes_of_a_field_is_said_by_the_note_of_what_goes_with_it() -> None:
    tags = bundle("Tags", "tags", "Vocabulary", x="d")
    gone = field(PAGE, "field_tags", "d", ref="Tags (Vocabulary)")

    def asked_with(note: str) -> list[str]:
        bundles = [bundle("Page", "page", x="c"), tags | {"Settings/notes": note}]
        fields = [field(PAGE, "field_b"), gone]
        return texts(specification_of(bundles=bundles, fields=fields))

    assert any("“Tags”" in question for question in asked_with(""))
    assert asked_with("The office keeps copies") == []


def test_rows_that_raise_the_same_question_are_asked_about_once() -> None:
    rows = [field(PAGE, f"field_{n}") | {"Settings/notes": "See mockup."} for n in "abc"]

    found = asked(fields_of_page(*rows))

    assert [q.subjects for q in found] == [("field_a", "field_b", "field_c")]
    assert f"{A}, “B” (`field_b`) and “C” (`field_c`)" in found[0].question


def test_a_reference_without_a_target_is_asked_about() -> None:
    specification = fields_of_page(field(PAGE, "field_a") | {"Field type": "Entity reference"})

    assert texts(specification) == [f"What may {A} reference? Ref. bundle is empty."]


def test_a_reference_whose_target_needs_no_bundle_is_not_asked_about() -> None:
    row = field(PAGE, "field_a") | {"Field type": "Entity reference", "Ref. bundle": "-"}

    assert texts(fields_of_page(row)) == []


def test_a_note_that_names_the_one_target_answers_its_own_question() -> None:
    row = noted("Only heroes allowed.", **{"Field type": "Entity reference"})
    specification = specification_of(
        bundles=[bundle("Page", "page"), bundle("Heroes", "heroes", "Paragraph type")], fields=[row]
    )

    assert texts(specification) == []


@pytest.mark.parametrize(
    ("note", "is_asked"),
    [("Only the block of: Boats, Quay", False), ("Only a boat at the quay", True)],
)
def test_targets_that_a_note_names_exactly_are_not_asked_for(note: str, *, is_asked: bool) -> None:
    specification = specification_of(
        bundles=[bundle("Page", "page"), bundle("Quay", "quay")],
        fields=[noted(note, **{"Field type": "Views reference"})],
    )

    assert bool(texts(specification)) is is_asked


def test_where_a_reused_field_exists_is_not_asked() -> None:
    assert texts(fields_of_page(noted("", **{"Reused Field": "y"}))) == []


def test_a_target_that_is_in_no_sheet_is_asked_about_with_the_nearest_names() -> None:
    specification = fields_of_page(field(PAGE, "field_a", ref="Web Page (Content type)"))

    (text,) = texts(specification)

    assert text.startswith(f"{A} names “Web Page (Content type)”, which is not in these sheets")
    assert "Nearest: Page (Content type)" in text


def test_a_target_in_the_plural_is_read_as_the_one_it_means() -> None:
    specification = fields_of_page(field(PAGE, "field_a", ref="Pages (Content type)"))

    assert texts(specification) == []


def test_a_target_on_hold_is_asked_about() -> None:
    specification = specification_of(
        bundles=[bundle("Page", "page"), bundle("Author", "author", "Vocabulary", "w")],
        fields=[field(PAGE, "field_a", ref="Author (Vocabulary)")],
    )

    (text,) = texts(specification)

    assert "its target Author (Vocabulary) is on hold" in text


def test_help_text_that_speaks_of_several_values_contradicts_one_value() -> None:
    row = field(PAGE, "field_a") | {"Help text": "To select multiple tags, hold ctrl."}

    (question,) = asked(fields_of_page(row))

    assert question.quote == "To select multiple tags, hold ctrl."
    assert question.question == (
        f"The sheet allows 1 value of {A}, this sentence says otherwise: how many are allowed?"
    )


def test_help_text_about_several_things_elsewhere_is_no_contradiction() -> None:
    row = field(PAGE, "field_a") | {"Help text": "Shown only if multiple sets are added."}

    assert texts(fields_of_page(row)) == []


def test_a_list_without_options_is_asked_about() -> None:
    row = field(PAGE, "field_a") | {"Field type": "List (text)", "Form widget": "Select list"}

    assert texts(fields_of_page(row)) == [
        f"Which values does the list {A} offer? No options are given."
    ]


@pytest.mark.parametrize(
    ("field_type", "widget"),
    [
        ("Media reference", "Media library"),
        ("Term reference", "Media library"),
        ("entity reference", "Media library"),
        ("Webform", "Select list"),
    ],
)
def test_a_reference_by_any_name_has_the_widgets_of_one(field_type: str, widget: str) -> None:
    row = noted("", **{"Field type": field_type, "Form widget": widget})

    assert not [text for text in texts(fields_of_page(row)) if "widget" in text]


def test_a_widget_that_cannot_edit_its_type_is_asked_about() -> None:
    row = noted("Options: A, B") | {"Field type": "List (text)", "Form widget": "Textfield"}

    (text,) = texts(fields_of_page(row))

    assert text.startswith(f"{A} is of type List (text) but its form widget is “Textfield”")


def test_a_list_without_values_and_a_widget_for_text_are_one_question() -> None:
    row = noted("") | {"Field type": "List (text)", "Form widget": "Textfield"}

    (text,) = texts(fields_of_page(row))

    assert text.endswith("is right, and which values does the list offer if it is one?")


def test_the_image_that_a_media_type_loses_is_asked_about_with_its_source() -> None:
    image = field("Chart (Media type)", "field_image", x="d") | {"Field type": "Image"}

    (text,) = texts(
        specification_of(bundles=[bundle("Chart", "chart", "Media type", x="c")], fields=[image])
    )

    assert "cannot change the source" in text


def test_the_element_of_a_form_has_no_widget_of_its_own() -> None:
    row = field("Berth (Webform)", "ship") | {"Field type": "Entity select"}
    form = bundle("Berth", "berth", "Webform")

    found = texts(specification_of(bundles=[form], fields=[row | {"Form widget": "Select list"}]))

    assert not [text for text in found if "widget" in text]


def test_a_note_that_refers_to_a_guide_for_the_options_is_asked_about_as_that() -> None:
    row = noted("The 5 colours, see style guide p. 7") | {"Field type": "List (text)"}

    assert texts(fields_of_page(row | {"Form widget": "Select list"})) == [
        f"Please attach or link what this note on {A} refers to."
    ]


@pytest.mark.parametrize(("kind", "is_asked"), [("Paragraph type", False), ("Media type", True)])
def test_a_paragraphs_widget_is_right_for_a_reference_to_paragraphs(
    kind: str, *, is_asked: bool
) -> None:
    row = field(PAGE, "field_a", ref=f"Card ({kind})") | {"Form widget": "Paragraphs Stable"}
    bundles = [bundle("Page", "page"), bundle("Card", "card", kind)]
    found = texts(specification_of(bundles=bundles, fields=[row]))

    assert any("which of the two" in text for text in found) is is_asked


def test_an_unknown_widget_is_never_doubted() -> None:
    row = field(PAGE, "field_a") | {"Form widget": "Colour picker of a module"}

    assert texts(fields_of_page(row)) == []


def shared_field(*values: str) -> Specification:
    """One field on as many content types as there are cardinalities."""
    names = [f"Type{n}" for n in range(len(values))]
    return specification_of(
        bundles=[bundle(name, name.casefold()) for name in names],
        fields=[
            field(f"{name} (Content type)", "field_a") | {"Vals.": value}
            for name, value in zip(names, values, strict=True)
        ],
    )


def test_shared_storage_with_two_limits_is_asked_about_in_both_tickets() -> None:
    found = texts(shared_field("1", "*"))

    assert len(found) == 2
    assert found[0] == (
        f"Vals. of {A} is “1” here but “*” in Type1; they share one field storage "
        "with one limit: which one is right?"
    )


def test_only_the_odd_one_out_is_asked_about() -> None:
    found = asked(shared_field("1", "1", "1", "*"))

    assert [q.line for q in found] == [5]


def test_users_of_a_storage_that_are_on_hold_outvote_nobody() -> None:
    """The limit was asked in the ticket of one of two only: a third row, on hold, agreed with the other."""
    specification = specification_of(
        bundles=[bundle(name, name.casefold()) for name in ("A", "B", "C")],
        fields=[
            field(f"{name} (Content type)", "field_a", x) | {"Vals.": value}
            for name, x, value in (("A", "a", "1"), ("B", "a", "*"), ("C", "w", "*"))
        ],
    )

    assert [q.line for q in asked(specification)][:2] == [2, 3]


def test_a_label_that_names_another_bundle_than_its_target_is_asked_about() -> None:
    specification = specification_of(
        bundles=[bundle("Page", "page"), bundle("Facts", "facts"), bundle("News", "news")],
        fields=[field(PAGE, "field_news", ref="Facts (Content type)")],
    )

    (text,) = texts(specification)

    assert text.startswith(
        "The sheets have News (Content type), but “News” (`field_news`) references"
    )


def test_a_page_display_is_asked_for_its_path_unless_its_note_gives_one() -> None:
    specification = specification_of(
        views=[{"View name": "News", "Machine name": "news", "X": "a", "Base table": "Content"}],
        displays=[
            {
                "View": "News",
                "Title": title,
                "Machine name": name,
                "X": "a",
                "Display plugin": "Page",
                "Notes": note,
            }
            for title, name, note in [
                ("All", "page_all", "Path /news. Cards."),
                ("List", "page_list", "Cards at “/news/list”."),
                ("Archive", "page_archive", "Cards (URL: news/archive)"),
                ("Old", "page_old", "Cards."),
                ("New", "page_new", "Shows keywords/tags. The path follows the old site."),
            ]
        ],
    )

    assert texts(specification) == [
        (
            "What are the paths of the pages “Old” (`page_old`) and “New” (`page_new`), and who "
            "may open them?"
        )
    ]


def workflow(note: str, roles: Sequence[Row]) -> Specification:
    """A workflow with one transition."""
    return specification_of(
        roles=roles,
        workflows=[{"Label": "Simple", "Machine name": "simple", "X": "a"}],
        states=[
            {"Workflow": "Simple", "Label": "Published", "Machine name": "published", "X": "a"}
        ],
        transitions=[
            {
                "Workflow": "Simple",
                "Label": "Publish",
                "Machine name": "publish",
                "X": "a",
                "From state": "Published",
                "To state": "Published",
                "Notes": note,
            }
        ],
    )


def role(name: str, machine_name: str, note: str = "As before") -> Row:
    """A role."""
    return {"Name": name, "Machine name": machine_name, "X": "x", "Notes": note}


def test_a_workflow_is_asked_for_its_default_state() -> None:
    specification = workflow("Editor can use", [role("Editor", "editor")])

    (text,) = texts(specification)

    assert text.startswith("Which state does new content start in under “Simple”")


def test_a_sentence_that_lets_everybody_publish_is_asked_about() -> None:
    roles = [
        role("Anonymous user", "anonymous"),
        role("Editor", "editor", "Writes but can't publish."),
        role("Intern", "intern"),
    ]

    found = {
        q.question: q.compared for q in asked(workflow("All roles except intern can use", roles))
    }

    assert "Taken literally this lets Anonymous user use “Publish”: is that intended?" in found
    (compared,) = (c for text, c in found.items() if "“Writes but can't publish.”: may it" in text)
    assert [(source.file, source.line) for source in compared] == [("roles.csv", 3)]


def test_an_image_style_whose_note_says_another_size_is_asked_about() -> None:
    rows = [
        {"Style name": label, "Machine name": name, "X": "a", "Notes": note}
        for label, name, note in [
            ("40x30", "40x30", "Scale to 40x30"),
            ("40x30 1.5x", "40x30_1_5x", "Scale to 60x45"),
            ("80x60", "80x66", "Scale to 80x60"),
        ]
    ]

    assert texts(specification_of(image_styles=rows)) == [
        "The machine name of “80x60” says 80x66, its note 80x60: which size is right?"
    ]


def test_removal_groups_ask_only_for_their_content() -> None:
    specification = specification_of(bundles=[bundle("Page", "page", x="d")])

    assert texts(specification) == [
        "If “Page” is on the site: may its content be deleted, or where does it go?"
    ]


def test_asking_group_by_group_gives_the_same_as_asking_about_all() -> None:
    specification = shared_field("1", "*", "2")
    groups = group_entities(specification).groups

    one_by_one = [(g, q) for g in groups for q in open_questions(g, specification)]

    assert tuple(one_by_one) == all_open_questions(groups, specification)


def test_backticks_in_cells_cannot_mark_anything() -> None:
    row = field(PAGE, "field_a", ref="`rm` (Content type)")

    (text,) = texts(fields_of_page(row))

    assert "`" not in text.replace(A, "")


@pytest.mark.parametrize(
    ("label", "target", "answer", "because"),
    [
        ("Article type", "Article Type", "Article Type (Vocabulary)", "same name"),
        ("Tags", "Tag", "Tag (Vocabulary)", "same name"),
        (
            "Time slot",
            "Session Time Slot",
            "Session Time Slot (Vocabulary)",
            "same words in its name",
        ),
        ("Owner", "Article Type", "", ""),
    ],
)
def test_a_missing_target_comes_with_the_bundle_its_name_points_to(
    label: str, target: str, answer: str, because: str
) -> None:
    specification = specification_of(
        bundles=[bundle("Page", "page"), bundle(target, "target", "Vocabulary")],
        fields=[
            field(PAGE, "field_it") | {"Field label": label, "Field type": "Entity reference"},
        ],
    )

    (question,) = asked(specification)

    assert question.question == f"What may “{label}” (`field_it`) reference? Ref. bundle is empty."
    assert (question.suggested_answer, question.suggested_because) == (answer, because)


def test_a_missing_target_comes_with_what_other_users_of_the_field_reference() -> None:
    specification = specification_of(
        bundles=[
            bundle("Page", "page"),
            bundle("News", "news"),
            bundle("Tag", "tag", "Vocabulary"),
        ],
        fields=[
            field(PAGE, "field_it") | {"Field type": "Entity reference"},
            field("News (Content type)", "field_it", ref="Tag (Vocabulary)"),
        ],
    )

    (question,) = asked(specification)

    assert question.suggested_answer == "Tag (Vocabulary)"
    assert question.suggested_because == "other users of the field"


def test_a_label_that_is_part_of_its_target_is_no_contradiction() -> None:
    specification = specification_of(
        bundles=[
            bundle("Page", "page"),
            bundle("Alert", "alert", "Paragraph type"),
            bundle("Alert (single)", "alert_single", "Paragraph type"),
        ],
        fields=[
            field(PAGE, "field_alert", ref="Alert (single) (Paragraph type)")
            | {"Field label": "Alert"},
            field("Alert (Paragraph type)", "field_a"),
            field("Alert (single) (Paragraph type)", "field_b"),
        ],
    )

    assert texts(specification) == []


@pytest.mark.parametrize(
    "note",
    [
        "Path: /events/%/sessions/confirmed",
        "Shows “to be confirmed” beside the date",
        'Empty text: "No boat is in. Going ashore? Ring the bell." in grey',
        "Empty text: Going ashore? Ring the bell",
    ],
)
def test_a_word_in_a_path_or_a_quotation_opens_no_question(note: str) -> None:
    specification = specification_of(
        bundles=[bundle("Page", "page")], fields=[field(PAGE, "field_a") | {"Settings/notes": note}]
    )

    assert texts(specification) == []


@pytest.mark.parametrize(("status", "settled"), [("x", ""), ("a", "new_one")])
def test_hyphens_stay_where_the_site_has_some(status: str, settled: str) -> None:
    style = {"Notes": "Scale to 90x90", "X": "a"}
    rows = [
        style | {"Style name": "Old", "Machine name": "old-one", "X": status},
        style | {"Style name": "New", "Machine name": "new-one"},
    ]

    specification = specification_of(image_styles=rows)

    new = specification.by_kind[EntityKind.IMAGE_STYLE][1]
    assert index_of(specification).settled_name(new) == settled
    assert texts(specification) == []


def test_a_state_that_is_none_is_asked_about() -> None:
    row = {"Workflow": "Plain", "X": "a"}
    specification = specification_of(
        workflows=[
            {"Label": "Plain", "Machine name": "plain", "X": "a"}
            | {"Notes": "Page. Default state is Draft; Draft is not published"}
        ],
        bundles=[bundle("Page", "page") | {"Mod.": "y"}],
        fields=[noted("")],
        states=[
            row | {"Label": label, "Machine name": label.casefold()} for label in ("Draft", "Out")
        ],
        transitions=[
            row
            | {"Label": "Send", "Machine name": "send", "From state": "Draft", "To state": "Out"},
            row | {"Label": "End", "Machine name": "end", "From state": "Out", "To state": "Filed"},
        ],
    )

    found = texts(specification)

    assert [text for text in found if "“Filed”, which is no state of its workflow" in text]


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Only the night watch may publish it.", ["“night watch”: which role is meant?"]),
        ("Only for places of the watch.", []),
        ("Only the harbour office may publish it.", []),
    ],
)
def test_people_of_a_note_who_are_no_role_are_asked_about(note: str, words: list[str]) -> None:
    page = bundle("Page", "page") | {"URL alias pattern": "[node:title]", "Layout": "y"}
    roles = [
        {"Name": "Clerk", "Machine name": "clerk", "X": "x", "Description": "Harbour office, two"}
    ]

    found = texts(
        specification_of(bundles=[page | {"Settings/notes": note}], fields=[noted("")], roles=roles)
    )

    assert [text.removeprefix("No role of the sheets is called ") for text in found] == words
