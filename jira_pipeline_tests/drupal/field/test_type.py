"""The type of a field."""

from dataclasses import replace

from jira_pipeline.drupal.field.type import (
    FieldType,
    NoType,
    OpenType,
    TypeFact,
    UnknownType,
    ask,
    check,
    field_type_of,
    is_type_unheard_of,
)
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    field,
    fields_of,
    row_of,
    sentences,
    ticket_of,
)
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

NUMBERS = ("Number (integer)", "Number (decimal)", "Number (float)")
LONG_TEXTS = ("Text (plain, long)", "Text (formatted, long)")
FORMATTED = ("Text (formatted)", "Text (formatted, long)", "Text (formatted, long, with summary)")


# The fact.


@each(
    ("row", "fact"),
    [
        (field(type="Text (plain)"), FieldType("Text (plain)")),
        (field(type="Tide table"), UnknownType("Tide table")),
        (field(type=""), NoType()),
        (field(type="-"), NoType()),
        (field(type="Number"), OpenType("Number", types=NUMBERS, likely="")),
        # An id is that of the module which the note names; a label of people's is none.
        (field(type="numeric", note="Module: rig."), UnknownType("numeric")),
        (field(type="numeric"), OpenType("numeric", types=NUMBERS, likely="")),
        (field(type="Number", note="Module: rig."), OpenType("Number", types=NUMBERS, likely="")),
        (
            field(type="Rich text", widget="Text area with a summary"),
            OpenType("Rich text", types=FORMATTED, likely=FORMATTED[2]),
        ),
        (
            field(type="Long text", widget="Text area (multiple rows)"),
            OpenType("Long text", types=LONG_TEXTS, likely=""),
        ),
        (
            field(type="Rich text", widget="Email"),
            OpenType("Rich text", types=FORMATTED, likely=""),
        ),
    ],
)
def test_a_word_is_one_type_or_several_of_which_the_widget_leaves_some(
    row: Row, fact: TypeFact
) -> None:
    assert field_type_of(row_of(row)) == fact


@each(
    ("rows", "is_unheard_of"),
    [
        ([field(type="Tide table")], True),
        ([field(type="Tide table", note="Module: tides.")], False),
        ([field(type="Tide table"), field("field_ebb", type="Tide table", status="x")], False),
        ([field(type="Number")], False),
    ],
)
def test_a_type_is_heard_of_by_its_module_or_another_field_of_the_site(
    rows: list[Row], *, is_unheard_of: bool
) -> None:
    ticket = ticket_of(*rows)

    assert is_type_unheard_of(ticket.group.members[0], ticket.session) is is_unheard_of


# The questions.


def raised(key: str, ticket: TicketRows) -> OpenQuestion:
    (question,) = [question for question in ticket.left_open if question.kind == key]
    return question


def test_a_blank_type_is_asked_for() -> None:
    assert asked("bundles.field_type", ticket_of(field(type=""))) == [
        "What is the field type of “Hull” (`field_hull`)? The cell is blank."
    ]


@each(
    "row",
    [
        field(type="-"),
        field(type="? (after the survey)"),  # another question quotes these words
        field("title", type=""),
        field(type="Text (plain)"),
        field(type="Tide table"),
    ],
)
def test_no_type_is_asked_for_where_none_is_blank(row: Row) -> None:
    assert asked("bundles.field_type", ticket_of(row)) == []


def test_of_a_sheet_without_the_column_no_type_is_asked_for() -> None:
    ticket = ticket_of(field(type=""))
    (member,) = ticket.group.members
    cells = {column: text for column, text in member.cells.items() if column != "Field type"}
    rows = GroupRows(group=ticket.group, index=ticket.session.index)

    assert list(ask(replace(member, cells=cells), rows)) == []


def test_which_of_several_types_a_word_means_is_asked() -> None:
    question = raised("bundles.which_type", ticket_of(field(type="Number")))

    assert question.choices == NUMBERS
    assert question.suggested_answer == ""


def test_the_only_type_that_the_widget_edits_is_likely() -> None:
    row = field(type="Rich text", widget="Text area with a summary", options="1 - 5")

    assert raised("bundles.which_type", ticket_of(row)).suggested_answer == FORMATTED[2]


def test_what_the_widget_leaves_is_not_assumed_by_other_words() -> None:
    row = field(type="Rich text", widget="Text area with a summary", note="With a summary.")

    ticket = ticket_of(row, field("field_log", type="Text"))

    assert "field_hull" not in {s for q in ticket.left_open if q.assumption for s in q.subjects}


@each(
    ("rows", "answer"),
    [
        ([field(type="Number", options="1 - 5")], "Number (integer)"),
        ([field(type="Number") | {"Range": "1 to 5"}], "Number (integer)"),
        ([field(type="Select", options="Sloop / Ketch")], "List (text)"),
        (
            [field(type="Rich text", note="With a summary."), field("field_log", type="Text")],
            "Text (formatted, long, with summary)",
        ),
        (
            [field(type="Long text"), field("field_log", type="Rich text")],
            "Text (plain, long)",
        ),
    ],
)
def test_the_type_that_other_cells_leave_is_assumed(rows: list[Row], answer: str) -> None:
    questions = ticket_of(*rows).left_open

    (question,) = [
        q for q in questions if q.kind == "bundles.type_beside" and "field_hull" in q.subjects
    ]

    assert question.suggested_answer == answer
    assert question.assumption != ""


@each(
    "rows",
    [
        [field(type="Rich text", options="1 - 5")],  # no whole number is among them
        [field(type="Rich text", options="Sloop / Ketch")],
        [field(type="Select", options="Sail / Ketch")],  # Sail is a type to refer to
        [field(type="Number"), field("field_log", type="Number")],
        [field(type="Select")],
        [field(type="Rich text"), field("field_log", type="Number")],
    ],
)
def test_nothing_is_assumed_where_several_types_are_left(rows: list[Row]) -> None:
    ticket = ticket_of(*rows, others=[bundle("Sail", "sail")])

    first = f"{ticket.group.members[0].machine_name}"
    questions = [q for q in ticket.left_open if q.kind == "bundles.type_beside"]
    assert [q for q in questions if first in q.subjects] == []


def test_a_type_with_a_summary_is_not_left_unless_the_row_says_so() -> None:
    rows = [field(type="Rich text"), field("field_log", type="Text")]

    assert asked("bundles.type_beside", ticket_of(*rows)) == []


# The sentence.


def test_manage_fields_lists_the_fields_of_the_table() -> None:
    assert sentences(check(fields_of(field()))) == [
        "Manage fields lists the fields of the table, with their labels, machine names and types."
    ]


def test_of_a_type_that_is_there_it_lists_the_new_ones() -> None:
    assert sentences(check(fields_of(field(), status="c"))) == [
        "Manage fields lists the new fields of the table, with their labels, machine names and types."
    ]


def test_of_a_type_that_is_there_only_new_fields_are_named() -> None:
    title = field("title", label="Title")

    assert "except" not in sentences(check(fields_of(field(), title, status="c")))[0]


def test_the_claim_rests_on_rows_of_certain_types() -> None:
    (claim,) = check(fields_of(field(), field("field_keel", type="")))

    assert [row.machine_name for row in claim.rows] == ["field_hull"]


def test_fields_that_every_item_has_are_not_listed() -> None:
    assert sentences(check(fields_of(field(), field("title", label="Title")))) == [
        (
            "Manage fields lists the fields of the table except “Title”, with their labels, machine "
            "names and types."
        )
    ]


def test_a_field_of_layout_builder_is_not_named_among_these() -> None:
    locked = field("layout_builder__layout", type="Layout section")

    assert "except" not in sentences(check(fields_of(field(), locked)))[0]


@each("type_", ["Tide table", "Number", ""])
def test_a_type_that_is_not_certain_is_left_out(type_: str) -> None:
    assert sentences(check(fields_of(field(), field("field_keel", type=type_)))) == [
        (
            "Manage fields lists the fields of the table, with their labels and machine names, and all "
            "but field_keel with the type of the table."
        )
    ]


def test_fields_without_a_certain_type_are_listed_all_the_same() -> None:
    (sentence,) = sentences(check(fields_of(field(type=""))))

    assert sentence.startswith("Manage fields lists the fields of the table")
