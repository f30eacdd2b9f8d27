"""Machine names that Drupal’s form refuses."""

from jira_pipeline.drupal.any_kind.refused_name import (
    AcceptedName,
    RefusalFact,
    RefusedName,
    refusal_of,
)
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    field,
    style,
    ticket_of,
    ticket_of_styles,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

CHARACTERS = "lower-case letters, digits and underscores"
LENGTH = "at most 32 characters for a field"
LONG = f"field_{'a' * 30}"


# The fact.


@each(
    ("row", "fact"),
    [
        (field(), AcceptedName()),
        (field("field-hull"), RefusedName(CHARACTERS, likely="field_hull")),
        (field("field-hull", status="x"), AcceptedName()),
        (field("field-hull", status="c"), AcceptedName()),
        (field("field-hull", type=""), AcceptedName()),  # it is open what it is
        (field(LONG), RefusedName(LENGTH, likely="")),
        (field(f"{LONG}-b"), RefusedName(f"{CHARACTERS}; {LENGTH}", likely="")),
    ],
)
def test_a_name_that_somebody_types_has_to_keep_the_rules(row: Row, fact: RefusalFact) -> None:
    ticket = ticket_of(row, status="c")
    (read,) = ticket.group.members

    assert refusal_of(read, ticket.session.index) == fact


def test_a_name_that_another_field_of_the_type_has_is_not_likely() -> None:
    ticket = ticket_of(field("field-hull"), field())
    row = ticket.group.members[0]

    assert refusal_of(row, ticket.session.index) == RefusedName(CHARACTERS, likely="")


@each(("name", "is_refused"), [("card-large", False), ("Card-large", True), ("card large", True)])
def test_a_hyphen_is_taken_where_the_site_has_one_in_a_name_of_the_kind(
    name: str, *, is_refused: bool
) -> None:
    there = style("Hero", X="x") | {"Machine name": "hero-large"}
    ticket = ticket_of_styles(style("Card") | {"Machine name": name}, there)

    assert bool(asked("lists.machine_name", ticket)) is is_refused


@each("there", [style("Hero", X="x"), style("Hero", X="a") | {"Machine name": "hero-large"}])
def test_a_hyphen_is_refused_where_no_name_of_the_site_has_one(there: Row) -> None:
    ticket = ticket_of_styles(style("Card") | {"Machine name": "card-large"}, there)

    assert asked("lists.machine_name", ticket) != []


# The question.


def test_the_name_in_accepted_characters_is_assumed() -> None:
    assert asked("lists.machine_name", ticket_of(field("field-hull"))) == [
        "“Field-hull” (`field-hull`): the machine name in the characters that Drupal takes, field_hull."
    ]


def test_nothing_is_asked_about_a_name_that_is_taken() -> None:
    assert asked("lists.machine_name", ticket_of(field())) == []
