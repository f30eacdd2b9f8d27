"""A field that has several rows."""

from jira_pipeline.drupal.field.repeated import DifferingRows, OneRow, facts, repeated_of
from jira_pipeline_tests.drupal.made_rows import field, fields_of, ticket_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

LONGER = field(values="*", note="In feet.")


# The fact.


def test_rows_of_one_field_may_differ() -> None:
    group = ticket_of(field(), LONGER).group

    assert repeated_of(group.members[0], group) == DifferingRows(
        rows=group.members, columns=("Vals.", "Settings/notes")
    )


@each(
    "rows",
    [
        [field()],
        [field(), field()],
        [field(), field("field_mast", values="*")],
        [field(), field(values="*", status="w")],
        [field(), field(values="*", status="d")],
        [field(), field() | {"Dev": "AB"}],
        [field("-", label="Hull"), field("-", label="Hull", values="*")],
    ],
)
def test_a_field_has_one_row_that_holds(rows: list[Row]) -> None:
    group = ticket_of(*rows).group

    assert repeated_of(group.members[0], group) == OneRow()


def test_the_facts_of_a_ticket_are_those_of_its_new_fields() -> None:
    (stated,) = facts(fields_of(field(), field()))

    assert stated.fact == OneRow()


# The question.


def test_which_of_the_rows_holds_is_asked_once() -> None:
    (question,) = [
        asked for asked in ticket_of(field(), LONGER).left_open if asked.kind == "bundles.repeated"
    ]

    assert question.question == (
        "“Hull” (`field_hull`) has 2 rows that differ in Vals., Settings/notes: which one is right?"
    )
    assert question.choices == (
        "Vals.: 1; Settings/notes: blank",
        "Vals.: *; Settings/notes: In feet.",
    )
    assert len(question.compared) == 1


def test_nothing_is_asked_about_a_field_with_one_row() -> None:
    kinds = {question.kind for question in ticket_of(field()).left_open}

    assert "bundles.repeated" not in kinds
