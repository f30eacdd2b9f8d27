"""The destination of a migration: what it creates, mostly the items of one type.

The type and its fields have to be there before the migration runs: it cannot fill what is not.

Source: Drupal core, migrate `EntityContentBase` (`entity:node` and `default_bundle`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import migrations_to_run
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import listed, quoted, text
from jira_pipeline.drupal.meaning.modules_and_types import facts_of
from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline.drupal.row_names import bundle_noun, joined, name_of, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.blank_cells import names_nothing
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import (
    Entity,
    Reference,
    Specification,
    Status,
)

COLUMN = Column(
    "Destination",
    ("Migration destination",),
    Holds.REFERENCE,
    names="bundle",
    names_several=True,
    is_of_tool=False,
)
_BETWEEN_WORDS = re.compile(r"[\W_]+")


# The fact: what the row of a migration says of its destination.


@dataclass(frozen=True, slots=True)
class FilledTypes:
    """It creates items of these types; what else the cell names no row describes."""

    types: tuple[Entity, ...]
    unknown: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class FilledWithoutRow:
    """It creates what Drupal has without a row, such as accounts, files or redirects."""

    text: str


@dataclass(frozen=True, slots=True)
class BlankDestination:
    """The sheet has a column for it, and the cell of this migration is blank."""


@dataclass(frozen=True, slots=True)
class DestinationNotAsked:
    """The sheet has no column for it, or a dash in its cell says that nothing applies."""


DestinationFact: TypeAlias = FilledTypes | FilledWithoutRow | BlankDestination | DestinationNotAsked


def destination_of(migration: Entity, specification: Specification) -> DestinationFact:
    """Read what a migration creates from its row, by the types that a specification has."""
    cell = migration.cell(COLUMN.name)
    if not cell and migration.has_column(COLUMN.name):
        return BlankDestination()
    if names_nothing(cell):
        return DestinationNotAsked()
    types = specification.targets_of(migration, COLUMN.name)
    unknown = migration.dangling_references(COLUMN.name)
    if types or unknown:
        return FilledTypes(types=types, unknown=unknown)
    return FilledWithoutRow(cell)


def is_without_row(name: str) -> bool:
    """Tell whether Drupal has what a migration fills, although no row of a sheet describes it."""
    return _BETWEEN_WORDS.sub("", name.casefold()) in facts_of("migration")["destinations"]


# What follows from it.


def ask(migration: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which type a migration fills, where no cell says it or no such type stays or comes.

    `Which type does the migration “Boats” fill?`, `The migration “Boats” fills “Ship”, but it is to
    be removed: what does it fill?`
    """
    match destination_of(migration, rows.index.specification):
        case FilledTypes(types, unknown):
            yield from _questions_on_unknown_names(migration, unknown)
            yield from _questions_on_removed_types(migration, types)
        case BlankDestination():
            yield question_about("migrations.destination", migration)
        case FilledWithoutRow() | DestinationNotAsked():
            return


def _questions_on_unknown_names(
    migration: Entity, unknown: Sequence[Reference]
) -> Iterator[RowQuestion]:
    """Ask once what a migration fills instead of all the names that no row has."""
    if unknown:
        names = [f"“{plain(reference.text)}”" for reference in unknown]
        yield question_about(
            "migrations.no_such_destination",
            migration,
            destination=joined(names),
            why="no row has such a name",
        )


def _questions_on_removed_types(
    migration: Entity, types: Sequence[Entity]
) -> Iterator[RowQuestion]:
    """Ask, for each type that a migration fills and that is to be removed, what it fills instead."""
    for bundle in types:
        if bundle.status is Status.DELETED:
            yield question_about(
                "migrations.no_such_destination",
                migration,
                "",
                [bundle],
                destination=f"“{plain(name_of(bundle))}”",
                why="it is to be removed",
            )


def say(ticket: TicketMigration) -> Iterator[Claim]:
    """Claim which types the migration fills.

    `It fills the content type “Boat”.`
    """
    match destination_of(ticket.migration, ticket.specification):
        case FilledTypes(types, unknown) if not unknown:
            yield from _filled(ticket, listed(map(_noun_and_name, types)))
        case FilledWithoutRow(name):
            yield from _filled(ticket, quoted(name))
        case FilledTypes() | BlankDestination() | DestinationNotAsked():
            return


def _filled(ticket: TicketMigration, things: str) -> tuple[Claim, ...]:
    rows = [ticket.migration]
    return claims_about("analysis.migration_fills", rows, COLUMN.name, things=things)


def _noun_and_name(bundle: Entity) -> str:
    return f"the {text(bundle_noun(bundle.bundle_type))} {quoted(name_of(bundle))}"


def check(ticket: TicketMigration) -> Iterator[Claim]:
    """Claim that the migration creates items of its types only.

    `Every item that “Boats” creates is of Boat.`
    """
    if ticket.ticket.is_disputed(ticket.migration, COLUMN.name):
        return
    match destination_of(ticket.migration, ticket.specification):
        case FilledTypes(types):
            yield from claims_about(
                "verification.migration_fills",
                [ticket.migration],
                COLUMN.name,
                name=ticket.name,
                types=listed(map(_noun_and_name, types), word="or"),
            )
        case FilledWithoutRow() | BlankDestination() | DestinationNotAsked():
            return


def facts(ticket: TicketMigration) -> Iterator[StatedFact]:
    """Yield the destination of the migration."""
    fact = destination_of(ticket.migration, ticket.specification)
    yield StatedFact(fact=fact, rows=(ticket.migration,))


RULE = Rule(
    key="migration.destination",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    asked_rows=migrations_to_run,
    ask=ask,
    check=check,
)
