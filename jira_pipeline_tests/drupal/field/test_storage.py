"""What the fields that share a storage say of it."""

from jira_pipeline.drupal.field.storage import (
    NoStorage,
    OneValue,
    StorageFact,
    TwoValues,
    facts,
    has_storage,
    storage_of,
)
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline_tests.drupal.made_rows import field, fields_of, row_of, ticket_of
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

NAMES = ("Anchor", "Chart", "Dinghy", "Float", "Gig")
OTHERS = [bundle(name, name.casefold()) for name in NAMES]
LIST = {"type": "List (text)", "widget": "Select list"}


def on(*values: str, column: str = "values", **cells: str) -> list[Row]:
    """Make the same field on so many other bundles, with these values in a column."""
    rows = []
    for name, value in zip(NAMES, values, strict=False):
        rows.append(field(bundle=f"{name} (Content type)", **{**cells, column: value}))
    return rows


def shared(*rows: Row) -> TicketRows:
    return ticket_of(*rows, others=OTHERS)


def storage_in(*rows: Row) -> StorageFact:
    """Read the fact of the first field of *Boat*."""
    ticket = shared(*rows)
    return storage_of(ticket.group.members[0], ticket.session.index)


def asked_in(*rows: Row) -> list[OpenQuestion]:
    return [q for q in shared(*rows).left_open if q.kind == "bundles.storage"]


# The fact.


@each(
    ("row", "type_", "is_shared"),
    [
        (field(), "Content type", True),
        (field(), "Webform", False),
        (field("-", label="Hull"), "Content type", False),
        (field("title", type="Title"), "Content type", False),
    ],
)
def test_a_field_with_a_name_of_its_own_may_share_a_storage(
    row: Row, type_: str, *, is_shared: bool
) -> None:
    assert has_storage(row_of(row, type_)) is is_shared


def test_a_field_that_every_item_has_shares_no_storage() -> None:
    title = [row | {"Machine name": "title"} for row in (field(values="3"), *on("1"))]

    assert storage_in(*title) == NoStorage()


@each(
    "rows",
    [
        [field()],
        [field(values="1"), *on("1", "1")],
        [field(values="1"), *on("1", "3")],  # the other one is asked
        [field(values=""), *on("3")],
        [field(values="-"), *on("3")],
        [field(values="1"), *on("")],
        [
            field(note="Options: Sloop, Ketch.", **LIST),
            *on("Options: sloop, ketch.", column="note", **LIST),
        ],
        [field(values="1"), *on("3", status="d")],
        [field(values="1"), *on("3", status="w")],
        [field(note="Options: Sloop."), *on("Options: Ketch.", column="note")],  # of no list
    ],
)
def test_a_row_agrees_that_says_what_most_say_or_nothing(rows: list[Row]) -> None:
    assert storage_in(*rows) == OneValue()


@each(
    ("rows", "column", "other"),
    [
        ([field(values="1"), *on("3")], "Vals.", "3"),
        ([field(values="*"), *on("3", "3")], "Vals.", "3"),
        ([field(values="*"), *on("+")], "Vals.", "+"),
        ([field(type="Link"), *on("Email", column="type")], "Field type", "Email"),
        ([field(type="Link", values="1"), *on("3", type="Email")], "Field type", "Email"),
        (
            [
                field(note="Options: Sloop, Yawl.", **LIST),
                *on("Options: Sloop, Ketch.", column="note", **LIST),
            ],
            "Settings/notes",
            "Sloop, Ketch",
        ),
    ],
)
def test_a_row_is_doubted_where_as_many_fields_say_something_else(
    rows: list[Row], column: str, other: str
) -> None:
    fact = storage_in(*rows)

    assert isinstance(fact, TwoValues)
    assert fact.column == column
    assert [value.text for value in fact.others] == [other]


def test_the_second_row_of_a_field_is_not_counted() -> None:
    """A bundle has a field once; which of its rows holds is another question."""
    fact = storage_in(field(values="3"), field(values="1"), *on("1"))

    assert isinstance(fact, TwoValues)
    assert len(fact.same) == 1


def test_a_row_of_which_only_another_one_waits_agrees() -> None:
    ticket = shared(field(values="3", status="w"), field(values="1"))

    assert storage_of(ticket.group.members[1], ticket.session.index) == OneValue()


def test_the_facts_of_a_ticket_are_those_of_its_new_fields() -> None:
    assert [stated.fact for stated in facts(fields_of(field(), field("title", type="Title")))] == [
        OneValue(),
        NoStorage(),
    ]


# The question.


def test_the_odd_one_out_is_asked_what_is_right_and_what_most_say_is_likely() -> None:
    (question,) = asked_in(field(values="*"), *on("1", "1"))

    assert question.question == (
        "Vals. of “Hull” (`field_hull`): any number here but “1” on Anchor and Chart. "
        "They share a storage: which is right, or should one get another machine name?"
    )
    assert question.suggested_answer == "1"
    assert question.choices == ("*", "1")
    assert question.disputes == "Vals."
    assert len(question.compared) == 2


def test_where_none_is_the_odd_one_all_are_asked_and_nothing_is_likely() -> None:
    (question,) = asked_in(field(values="1"), *on("3"))

    assert question.suggested_answer == ""


def test_several_other_values_are_all_named_and_none_is_likely() -> None:
    (question,) = asked_in(field(values="1"), *on("3", "3", "5"))

    assert "“1” here but “3” on Anchor and Chart, “5” on Dinghy." in question.question
    assert question.suggested_answer == ""


def test_many_bundles_are_counted_and_three_of_them_shown() -> None:
    (question,) = asked_in(field(values="1"), *on("3", "3", "3", "3"))

    assert "“1” here but “3” on 4 others." in question.question
    assert len(question.compared) == 3


def test_options_are_called_so() -> None:
    row = field(note="Options: Sloop, Yawl.", **LIST)

    (question,) = asked_in(row, *on("Options: Sloop, Ketch.", column="note", **LIST))

    assert question.question.startswith(
        "Options of “Hull” (`field_hull`): “Sloop, Yawl” here but “Sloop, Ketch” on Anchor."
    )


@each("rows", [[field()], [field(values="1"), *on("1")], [field("title", type="Title")]])
def test_nothing_is_asked_of_fields_that_say_the_same(rows: list[Row]) -> None:
    assert asked_in(*rows) == []
