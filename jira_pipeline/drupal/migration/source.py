"""The source of a migration: what it reads, such as the articles of an older site or a file.

Its plugin is chosen in the migration; no form of Drupal does it.

Source: Drupal core, migrate `MigrateSourceInterface`, `source` of a migration.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import migrations_to_run
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity

COLUMN = Column("Source", ("Migration source",), Holds.ANYTHING, is_of_tool=False)


# The fact: what the row of a migration says of its source.


@dataclass(frozen=True, slots=True)
class Source:
    """What it reads, in the words of the cell."""

    text: str


@dataclass(frozen=True, slots=True)
class BlankSource:
    """The sheet has a column for it, and the cell of this migration is blank."""


@dataclass(frozen=True, slots=True)
class SourceNotAsked:
    """The sheet has no column for it, or a dash in its cell says that nothing applies."""


SourceFact: TypeAlias = Source | BlankSource | SourceNotAsked


def source_of(migration: Entity) -> SourceFact:
    """Read the source of a migration from its row."""
    if migration.states(COLUMN.name):
        return Source(migration.cell(COLUMN.name))
    is_blank = migration.has_column(COLUMN.name) and not migration.cell(COLUMN.name)
    return BlankSource() if is_blank else SourceNotAsked()


# What follows from it.


def ask(migration: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what a migration reads, if the sheet says it of other migrations.

    `What does the migration “Boats” read?`
    """
    del rows  # the row alone says it
    match source_of(migration):
        case BlankSource():
            yield question_about("migrations.source", migration)
        case Source() | SourceNotAsked():
            return


def say(ticket: TicketMigration) -> Iterator[Claim]:
    """Claim what the migration reads.

    `It reads “the table boats of the old site”.`
    """
    match source_of(ticket.migration):
        case Source(text):
            yield from claims_about(
                "analysis.migration_source", [ticket.migration], COLUMN.name, source=quoted(text)
            )
        case BlankSource() | SourceNotAsked():
            return


def facts(ticket: TicketMigration) -> Iterator[StatedFact]:
    """Yield the source of the migration."""
    return facts_by_row(source_of, [ticket.migration])


RULE = Rule(
    key="migration.source",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    asked_rows=migrations_to_run,
    ask=ask,
)
