"""A migration, run: somebody starts it, and it makes an item of every row of its source.

Drupal remembers which row of the source became which item: a further run takes only what is new.

Source: Drupal core, migrate `MigrateExecutable::import`, `MigrateIdMapInterface`.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline.drupal.plain_facts import facts_of_cell
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column

COLUMN = label_column("Migration", "Migration name")


def say(ticket: TicketMigration) -> tuple[Claim, ...]:
    """Say that the site needs the migration to run.

    `The site needs the migration “Boats” to run.`
    """
    return claims_about("story.migration", [ticket.migration], name=ticket.name)


def check(ticket: TicketMigration) -> Iterator[Claim]:
    """Claim that the migration runs to its end, and that a second run adds nothing.

    `The migration “Boats” runs to its end without an error.`
    """
    yield from claims_about("verification.migration_runs", [ticket.migration])
    yield from claims_about("verification.migration_again", [ticket.migration])


def facts(ticket: TicketMigration) -> Iterator[StatedFact]:
    """Yield the name of the migration."""
    return facts_of_cell(COLUMN.name, [ticket.migration])


RULE = Rule(key="migration.run", columns=(COLUMN,), facts=facts, say=say, check=check)
