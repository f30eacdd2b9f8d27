"""What a migration depends on: the migrations that have to run before it.

Its references lead to what those create. One that is required keeps it from running until every row
of that one is processed.

Source: Drupal core, migrate `Migration::checkRequirements` of its `migration_dependencies`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import migrations_to_run
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import labels, quoted
from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline.drupal.row_names import joined, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.columns import Column
from jira_pipeline.model.entities import GONE, Entity, Reference, Specification

COLUMN = Column(
    "Depends on",
    ("Required migrations", "Migration dependencies"),
    names="migration",
    names_several=True,
    is_of_tool=False,
)


# The fact: what the row of a migration says of others.


@dataclass(frozen=True, slots=True)
class RunsAfter:
    """These migrations run before it; what else the cell names is no migration, or several."""

    migrations: tuple[Entity, ...]
    unknown: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class RunsAtAnyTime:
    """The row names no migration."""


DependenciesFact: TypeAlias = RunsAfter | RunsAtAnyTime


def dependencies_of(migration: Entity, specification: Specification) -> DependenciesFact:
    """Read from the row of a migration which others run before it."""
    migrations = specification.targets_of(migration, COLUMN.name)
    unknown = migration.dangling_references(COLUMN.name)
    if not migrations and not unknown:
        return RunsAtAnyTime()
    return RunsAfter(migrations=migrations, unknown=unknown)


# What follows from it.


def ask(migration: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which migration is meant by a name that no migration has, or several have.

    `The migration “Boats” depends on “Port”, and no migration is called so: which one is meant?`
    """
    match dependencies_of(migration, rows.index.specification):
        case RunsAfter(_, unknown) if unknown:
            names = [f"“{plain(reference.text)}”" for reference in unknown]
            yield question_about("migrations.no_such_migration", migration, names=joined(names))
        case RunsAfter() | RunsAtAnyTime():
            return


def check(ticket: TicketMigration) -> Iterator[Claim]:
    """Claim that the migration does not run before those that it depends on.

    `“Boats” does not run before “Ports” has processed every row of its source.`
    """
    match dependencies_of(ticket.migration, ticket.specification):
        case RunsAfter(migrations):
            staying = [other for other in migrations if other.status not in GONE]
            if staying:
                yield from claims_about(
                    "verification.migration_after",
                    [ticket.migration],
                    COLUMN.name,
                    of_count=len(staying),
                    name=ticket.name,
                    others=labels(staying, shown=quoted),
                )
        case RunsAtAnyTime():
            return


def facts(ticket: TicketMigration) -> Iterator[StatedFact]:
    """Yield what the migration depends on."""
    fact = dependencies_of(ticket.migration, ticket.specification)
    yield StatedFact(fact=fact, rows=(ticket.migration,))


RULE = Rule(
    key="migration.dependencies",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=migrations_to_run,
    ask=ask,
    check=check,
)
