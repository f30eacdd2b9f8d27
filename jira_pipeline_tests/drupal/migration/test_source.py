"""The source of a migration."""

from jira_pipeline.drupal.migration.source import (
    BlankSource,
    Source,
    SourceFact,
    SourceNotAsked,
    facts,
    say,
    source_of,
)
from jira_pipeline_tests.drupal.made_migrations import migration, migration_of
from jira_pipeline_tests.drupal.made_rows import asked, sentences
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


@each(
    ("row", "fact"),
    [
        (migration(source="Boats of the harbour’s list"), Source("Boats of the harbour’s list")),
        (migration(source=""), BlankSource()),
        (migration(source="-"), SourceNotAsked()),
        (migration(), SourceNotAsked()),
    ],
)
def test_the_source_is_what_its_cell_says(row: Row, fact: SourceFact) -> None:
    ticket = migration_of(row)

    assert source_of(ticket.migration) == fact
    assert [stated.fact for stated in facts(ticket)] == [fact]


def test_the_ticket_says_what_the_migration_reads() -> None:
    ticket = migration_of(migration(source="Boats of the list"))

    assert sentences(say(ticket)) == ["It reads “Boats of the list”."]
    assert asked("migrations.source", ticket.ticket) == []


def test_a_blank_source_is_asked_for() -> None:
    ticket = migration_of(migration(source=""))

    assert sentences(say(ticket)) == []
    assert asked("migrations.source", ticket.ticket) == [
        "What does the migration “Boats” read? No cell says."
    ]


def test_nothing_is_asked_where_the_sheet_has_no_column_of_sources() -> None:
    assert asked("migrations.source", migration_of(migration()).ticket) == []
