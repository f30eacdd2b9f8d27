"""A migration, run."""

from jira_pipeline.drupal.migration.run import check, say
from jira_pipeline_tests.drupal.made_migrations import migration, migration_of
from jira_pipeline_tests.drupal.made_rows import sentences


def test_a_migration_runs_and_a_second_time_adds_nothing() -> None:
    ticket = migration_of(migration())

    assert sentences(say(ticket)) == ["The site needs the migration “Boats” to run."]
    assert sentences(check(ticket)) == [
        "The migration Boats runs to its end without an error.",
        "A second run of Boats adds no item again.",
    ]
