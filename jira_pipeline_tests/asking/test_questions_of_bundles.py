"""What rows of bundles leave open is asked; what they say is not."""

from collections.abc import Sequence

from jira_pipeline.asking.found_questions import all_open_questions
from jira_pipeline.grouping.grouping import group_entities
from jira_pipeline.kernel.open_questions import OpenQuestion
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, specification_of
from jira_pipeline_tests.tables import each

BOAT, ANCHOR = "Boat (Content type)", "Anchor (Content type)"


def asked(*fields: Row, bundles: Sequence[Row] = ()) -> list[OpenQuestion]:
    """Ask what some fields leave open; a new boat is what they belong to."""
    specification = specification_of(
        bundles=bundles or [bundle("Boat", "boat")],
        fields=fields or [field("Raft (Content type)", "field_log", "x")],
    )
    groups = group_entities(specification).groups
    return [question for _, question in all_open_questions(groups, specification)]


def words(*fields: Row, bundles: Sequence[Row] = ()) -> list[str]:
    return [question.question for question in asked(*fields, bundles=bundles)]


RIG = {"Field type": "List (text)", "Form widget": "Select list"}
OFF = {"Form widget": "-- Disabled --"}


@each(
    ("row", "question"),
    [
        (
            {"Field type": "Entity reference"},
            "What may “Hull” (`field_hull`) refer to? Ref. bundle is blank.",
        ),
        (RIG, "Which values does the list “Hull” (`field_hull`) offer? No row gives them."),
        ({"Field type": ""}, "Of which field type is “Hull” (`field_hull`)? The cell is blank."),
        ({"Machine name": "-"}, "Which machine name has “Hull”?"),
        (
            {"Req'd": "y", **OFF},
            (
                "“Hull” (`field_hull`) is required but not on the form (its widget is disabled): what "
                "fills it in, or is one of the two wrong?"
            ),
        ),
        (
            {"Field label": "Hull (deprecated)"},
            (
                "The label of “Hull (deprecated)” (`field_hull`) says “deprecated”: is it to be built "
                "at all?"
            ),
        ),
        (
            {"Reused Field": "y"},
            (
                "Reused Field is y for “Hull” (`field_hull`), but no other content type of the sheets "
                "has it: is it new, or which existing field is meant?"
            ),
        ),
        (
            {"Form widget": "Select list"},
            (
                "Which is right for “Hull” (`field_hull`), the field type “Text (plain)” or the form "
                "widget “Select list”? Drupal does not offer them together."
            ),
        ),
        (
            {"Field type": "Entity reference", "Ref. bundle": "Boot (Content type)"},
            (
                "“Hull” (`field_hull`) refers to “Boot (Content type)”, but no row is called so: which "
                "bundle is meant? The nearest: “Boat (Content type)”."
            ),
        ),
        (
            {"Bundle machine name": "raft"},
            (
                "Does “Hull” (`field_hull`) belong to `raft`, as its Bundle machine name says, or to "
                "“Boat (Content type)”, which is `boat`?"
            ),
        ),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value[:40],
)
def test_what_a_row_leaves_open_is_asked(row: Row, question: str) -> None:
    other = field(BOAT, "field_name")

    assert words(field(BOAT, "field_hull") | row, other) == [question]


@each(
    "row",
    [
        RIG | {"Settings/notes": "Options: Sloop, Ketch"},
        RIG | {"Settings/notes": "As drawn by the harbour master."},
        {"Field type": "Entity reference", "Settings/notes": "Only boats allowed."},
        {"Machine name": "-", "Field type": "Entity label"},
        {"Field type": "Layout section", "Machine name": "layout_builder__layout", "Req'd": "y"},
        {"Settings/notes": "Maximum of two.", "Help text": "A maximum of 5 masts."},
    ],
    ids=lambda row: " ".join(row.values())[:50],
)
def test_what_rows_say_or_prose_may_say_is_not_asked(row: Row) -> None:
    assert words(field(BOAT, "field_hull") | row) == []


@each(
    ("status", "question"),
    [
        ("d", "which is to be removed: what takes its place?"),
        ("w", "which is on hold: does the field wait, too?"),
    ],
)
def test_a_target_that_does_not_come_is_asked_about(status: str, question: str) -> None:
    heads = [bundle("Boat", "boat"), bundle("Anchor", "anchor", x=status)]

    found, *_ = asked(field(BOAT, "field_anchor", ref=ANCHOR), bundles=heads)

    assert found.question == f"“Anchor” (`field_anchor`) refers to “{ANCHOR}”, {question}"
    assert found.disputes == "Ref. bundle"


def test_the_odd_one_of_a_storage_is_asked_about_with_what_most_say() -> None:
    heads = [bundle(name, name.casefold()) for name in ("Boat", "Anchor", "Crew")]
    rows = [
        field(f"{name} (Content type)", "field_size") | {"Vals.": values}
        for name, values in (("Boat", "1"), ("Anchor", "1"), ("Crew", "*"))
    ]

    (found,) = asked(*rows, bundles=heads)

    assert found.question == (
        "Vals. of “Size” (`field_size`): “*” here but “1” on Boat and Anchor. They share one "
        "storage, so which is right, or does one of them get another machine name?"
    )
    assert (found.suggested_answer, found.disputes) == ("1", "Vals.")
    assert found.choices == ("*", "1")


def test_a_question_offers_the_answers_that_its_rule_knows_of() -> None:
    offered: dict[str, Row] = {
        'widget = "Select list"': field(BOAT, "field_hull") | {"Form widget": "Select list"},
        "no such target": field(BOAT, "field_hull", ref="Boot (Content type)"),
        "of another bundle": field(BOAT, "field_hull") | {"Bundle machine name": "raft"},
        "anything": field(BOAT, "field_hull") | {"Field type": ""},
    }

    found = {
        name: asked(row, field(BOAT, "field_name"))[0].choices for name, row in offered.items()
    }

    assert found == {
        'widget = "Select list"': (
            "The field type “Text (plain)”",
            "The form widget “Select list”",
        ),
        "no such target": ("Boat (Content type)",),
        "of another bundle": ("`raft`", "“Boat (Content type)”"),
        "anything": (),
    }


def test_what_bundles_share_is_asked_once() -> None:
    heads = [bundle("Boat", "boat"), bundle("Anchor", "anchor")]
    rows = [field(owner, "field_rig") | RIG for owner in (BOAT, ANCHOR)]

    assert words(*rows, bundles=heads) == [
        "Which values does the list “Rig” (`field_rig`) offer? No row gives them."
    ]


def test_changes_that_nothing_says_and_new_obligations_are_asked_about() -> None:
    rows = [
        field(BOAT, "field_hull", "x"),
        field(BOAT, "field_mast", "c"),
        field(BOAT, "field_sail", "c") | {"Settings/notes": "Now with reefs."},
        field(BOAT, "field_flag", "a", req="y"),
    ]

    assert words(*rows, bundles=[bundle("Boat", "boat", x="x")]) == [
        "What changes in “Mast” (`field_mast`)? X is c, and no note says it.",
        (
            "“Flag” (`field_flag`) must be filled in from now on: what do existing items get, or do they "
            "stay without until somebody edits them?"
        ),
    ]


def test_of_a_type_whose_fields_are_not_approved_nothing_else_is_asked() -> None:
    assert words(field(BOAT, "field_hull", "w") | {"Field type": ""}) == [
        "“Boat” is approved, but none of its fields is: is it to be built?"
    ]


def test_two_rows_of_one_field_are_asked_about_where_they_differ() -> None:
    row = field(BOAT, "field_hull")

    assert words(row, row) == []
    assert words(row, row | {"Vals.": "*"}) == [
        "“Hull” (`field_hull`) has 2 rows that differ in Vals.: which one holds?"
    ]


@each(
    ("type_", "widget", "is_asked"),
    [("Image", "Image", False), ("Text (plain)", "oEmbed URL", False), ("Link", "Link", True)],
)
def test_the_source_of_a_media_type_is_asked_unless_a_field_holds_it(
    type_: str, widget: str, *, is_asked: bool
) -> None:
    row = field("Clip (Media type)", "field_clip") | {"Field type": type_, "Form widget": widget}

    found = words(row, bundles=[bundle("Clip", "clip", "Media type")])

    assert ["Which source" in question for question in found] == [True] * is_asked


def test_a_paragraph_type_that_no_field_refers_to_is_asked_about() -> None:
    heads = [bundle("Boat", "boat"), bundle("Quote", "quote", "Paragraph type")]
    rows = [field("Quote (Paragraph type)", "field_text"), field(BOAT, "field_hull")]

    assert words(*rows, bundles=heads) == ["No field refers to “Quote”: in which field is it used?"]
