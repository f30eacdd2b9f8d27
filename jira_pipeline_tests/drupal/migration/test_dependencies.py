"""What a migration depends on."""

from jira_pipeline.drupal.migration.dependencies import (
    RunsAfter,
    RunsAtAnyTime,
    check,
    dependencies_of,
    facts,
)
from jira_pipeline_tests.drupal.made_migrations import migration, migration_of
from jira_pipeline_tests.drupal.made_rows import asked, sentences

SAILS = migration(name="Sails")
MASTS = migration(name="Masts")


def names_before(after: str) -> tuple[list[str], list[str]]:
    """Return the migrations that a cell names, and what else is in it."""
    ticket = migration_of(migration(after=after, destination="Boat"), SAILS, MASTS)
    fact = dependencies_of(ticket.migration, ticket.specification)
    assert [stated.fact for stated in facts(ticket)] == [fact]
    assert isinstance(fact, RunsAfter)
    return [other.label for other in fact.migrations], [each.text for each in fact.unknown]


def test_it_depends_on_the_migrations_that_its_cell_names() -> None:
    assert names_before("Sails, masts") == (["Sails", "Masts"], [])
    assert names_before("Sails, Sails") == (["Sails"], [])
    assert names_before("Anchors") == ([], ["Anchors"])


def test_it_runs_at_any_time_where_it_names_none() -> None:
    ticket = migration_of(migration(after="-", destination="Boat"), SAILS)

    assert dependencies_of(ticket.migration, ticket.specification) == RunsAtAnyTime()
    assert sentences(check(ticket)) == []


def test_it_does_not_run_before_the_others() -> None:
    of_one = migration_of(migration(after="Sails"), SAILS)
    of_two = migration_of(migration(after="Sails, Masts"), SAILS, MASTS)

    assert sentences(check(of_one)) == [
        "“Boats” does not run before “Sails” has processed every row of its source."
    ]
    assert sentences(check(of_two)) == [
        "“Boats” does not run before “Sails” and “Masts” have processed every row of their sources."
    ]
    assert of_two.ticket.left_open == ()


def test_one_that_goes_is_not_waited_for() -> None:
    ticket = migration_of(migration(after="Sails"), SAILS | {"X": "d"})

    assert sentences(check(ticket)) == []


def test_a_name_of_no_migration_is_asked_about() -> None:
    ticket = migration_of(migration(after="Sails, Anchors"), SAILS)

    assert asked("migrations.no_such_migration", ticket.ticket) == [
        "The migration “Boats” depends on “Anchors”, and no migration is called so: which one is meant?"
    ]
    assert sentences(check(ticket)) == [
        "“Boats” does not run before “Sails” has processed every row of its source."
    ]
