"""The mappings of a migration."""

from jira_pipeline.drupal.migration.mapping import (
    MappingFact,
    OpenDestination,
    TakenNowhere,
    ToField,
    ToProperty,
    ToUnknownField,
    check,
    facts,
    mapping_of,
    say,
)
from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline_tests.drupal.made_migrations import HULL, mapping, migration, migration_of
from jira_pipeline_tests.drupal.made_rows import asked, field, sentences
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

TO_BOATS = migration(destination="Boat")


def ticket_with(
    *mappings: Row, head: Row = TO_BOATS, fields: list[Row] | None = None
) -> TicketMigration:
    return migration_of(head, mappings=mappings, fields=[HULL] if fields is None else fields)


def fact_of(destination: str, head: Row = TO_BOATS, fields: list[Row] | None = None) -> MappingFact:
    ticket = ticket_with(mapping(destination=destination), head=head, fields=fields)
    (row,) = ticket.mappings
    fact = mapping_of(row, ticket.specification)
    assert [(stated.fact, stated.rows) for stated in facts(ticket)] == [(fact, (row,))]
    return fact


@each("destination", ["field_hull", "Field_Hull", "Hull", "field_hull/value"])
def test_the_values_go_to_a_field_of_the_type(destination: str) -> None:
    fact = fact_of(destination)

    assert isinstance(fact, ToField)
    assert fact.field.machine_name == "field_hull"


@each(
    ("destination", "fact"),
    [
        ("title", ToProperty("title")),
        ("Authored on", ToProperty("Authored on")),
        ("-", TakenNowhere()),
        ("none", TakenNowhere()),
        ("", OpenDestination()),
    ],
)
def test_they_go_to_what_every_item_has_or_nowhere(destination: str, fact: MappingFact) -> None:
    assert fact_of(destination) == fact


@each("destination", ["field_mast", "Mast"])
def test_a_field_that_no_row_describes_is_unknown(destination: str) -> None:
    fact = fact_of(destination)

    assert isinstance(fact, ToUnknownField)
    assert [bundle.label for bundle in fact.types] == ["Boat (Content type)"]


@each("head", [migration(destination="Users"), migration(destination="Anchor"), migration()])
def test_nobody_knows_the_fields_of_what_has_no_row(head: Row) -> None:
    assert fact_of("field_mast", head) == ToProperty("field_mast")


def test_a_field_that_goes_gets_nothing() -> None:
    fields = [HULL, field("field_mast", status="d")]

    assert isinstance(fact_of("field_mast", fields=fields), ToUnknownField)


def test_a_type_without_fields_has_none_to_compare_with() -> None:
    assert fact_of("field_mast", fields=[]) == ToProperty("field_mast")


def test_the_ticket_says_which_field_gets_what_and_what_is_left_behind() -> None:
    ticket = ticket_with(
        mapping("body", "field_hull/value"),
        mapping("name", "Title"),
        mapping("owner", "uid"),
        mapping("flag", "-"),
    )

    (sentence,) = sentences(check(ticket))
    assert sentence == (
        "Each item that “Boats” creates has its values from the source: "
        "field_hull from body, “Title” from name and uid from owner."
    )
    assert sentences(say(ticket)) == ["The field “flag” of the source is left behind."]
    assert ticket.ticket.left_open == ()


def test_nothing_is_claimed_of_a_field_that_is_asked_about() -> None:
    ticket = ticket_with(mapping("mast", "field_mast"), mapping("sail", ""))

    assert sentences([*check(ticket), *say(ticket)]) == []
    (question,) = asked("migrations.no_such_field", ticket.ticket)
    assert question == (
        "“mast” of the source goes to “field_mast”, but no row describes such a field of “Boat”: "
        "which field gets it?"
    )
    assert asked("migrations.open_field", ticket.ticket) == [
        "Which field gets “sail” of the source, or is it left behind? The cell is blank."
    ]


def test_a_mapping_that_waits_is_not_claimed() -> None:
    ticket = ticket_with(
        mapping("body", "field_hull", status="w"), mapping("keel", "-", status="d")
    )

    assert sentences([*check(ticket), *say(ticket)]) == []
