"""The destination of a migration."""

from jira_pipeline.drupal.migration.destination import (
    BlankDestination,
    DestinationFact,
    DestinationNotAsked,
    FilledTypes,
    FilledWithoutRow,
    check,
    destination_of,
    facts,
    is_without_row,
    say,
)
from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline_tests.drupal.made_migrations import BOAT, migration, migration_of
from jira_pipeline_tests.drupal.made_rows import asked, sentences
from jira_pipeline_tests.sheets.made_specifications import Row, bundle
from jira_pipeline_tests.tables import each

SAIL = bundle("Sail", "sail", "Media type")
GOING = bundle("Boat", "boat", x="d")


def fact_of(row: Row) -> DestinationFact:
    ticket = migration_of(row, bundles=[BOAT, SAIL])
    (stated,) = facts(ticket)
    assert stated.rows == (ticket.migration,)
    assert stated.fact == destination_of(ticket.migration, ticket.specification)
    return destination_of(ticket.migration, ticket.specification)


def filled(destination: str) -> tuple[list[str], list[str]]:
    """Return the types that a cell names, and what else is in it."""
    fact = fact_of(migration(destination=destination))
    assert isinstance(fact, FilledTypes)
    return [bundle.label for bundle in fact.types], [each.text for each in fact.unknown]


def test_the_destination_is_a_type_of_the_sheets() -> None:
    assert filled("Boat") == (["Boat (Content type)"], [])
    assert filled("boat") == (["Boat (Content type)"], [])
    assert filled("Boat (Content type), Sail") == (["Boat (Content type)", "Sail (Media type)"], [])
    assert filled("Boat, Boat (Content type)") == (["Boat (Content type)"], [])
    assert filled("Boats, Sail") == (["Sail (Media type)"], ["Boats"])
    assert filled("Anchor") == ([], ["Anchor"])


def test_what_it_depends_on_is_no_destination() -> None:
    row = migration(destination="Files", after="Sails")

    assert fact_of(row) == FilledWithoutRow("Files")


@each(
    ("row", "fact"),
    [
        (migration(destination="User accounts"), FilledWithoutRow("User accounts")),
        (migration(destination=""), BlankDestination()),
        (migration(destination="-"), DestinationNotAsked()),
        (migration(destination="none"), DestinationNotAsked()),
        (migration(), DestinationNotAsked()),
    ],
)
def test_it_may_be_what_no_row_describes(row: Row, fact: DestinationFact) -> None:
    assert fact_of(row) == fact


def test_drupal_has_some_destinations_without_a_row() -> None:
    assert is_without_row("URL aliases")
    assert is_without_row("menu_links")
    assert not is_without_row("Boats")


def test_the_ticket_says_what_is_filled_and_with_nothing_else() -> None:
    ticket = migration_of(migration(destination="Boat, Sail"), bundles=[BOAT, SAIL])

    assert sentences(say(ticket)) == ["It fills the content type “Boat” and the media type “Sail”."]
    assert sentences(check(ticket)) == [
        "Every item that “Boats” creates is of the content type “Boat” or the media type “Sail”."
    ]
    assert ticket.ticket.left_open == ()


def test_of_what_has_no_row_only_the_cell_is_quoted() -> None:
    ticket = migration_of(migration(destination="Files"))

    assert sentences(say(ticket)) == ["It fills “Files”."]
    assert sentences(check(ticket)) == []
    assert ticket.ticket.left_open == ()


def doubt(ticket: TicketMigration) -> list[str]:
    assert sentences(check(ticket)) == []
    return asked("migrations.no_such_destination", ticket.ticket)


def test_a_type_that_no_row_describes_is_asked_about() -> None:
    ticket = migration_of(migration(destination="Boat, Anchor"))

    assert sentences(say(ticket)) == []
    assert doubt(ticket) == [
        "The migration “Boats” fills “Anchor”, but no row has such a name: what does it fill?"
    ]


def test_a_type_that_goes_is_asked_about() -> None:
    ticket = migration_of(migration(destination="Boat"), bundles=[GOING])

    assert doubt(ticket) == [
        "The migration “Boats” fills “Boat”, but it is to be removed: what does it fill?"
    ]


@each(("row", "count"), [(migration(destination=""), 1), (migration(), 0)])
def test_a_blank_destination_is_asked_for_where_there_is_a_column(row: Row, count: int) -> None:
    ticket = migration_of(row)

    assert sentences([*say(ticket), *check(ticket)]) == []
    assert (
        asked("migrations.destination", ticket.ticket)
        == ["Which type does the migration “Boats” fill? No cell says."][:count]
    )
