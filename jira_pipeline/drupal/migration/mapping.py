"""A mapping of a migration: which field of an item gets what a field of the source has.

A value may be processed on its way: looked up in another migration, split, translated.

Source: Drupal core, migrate `MigrateProcessInterface`, `process` of a migration.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import mappings_to_build
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.markup import code, listed, named, quoted
from jira_pipeline.drupal.meaning.modules_and_types import facts_of
from jira_pipeline.drupal.migration.destination import FilledTypes, destination_of
from jira_pipeline.drupal.migration.ticket_migration import TicketMigration
from jira_pipeline.drupal.row_names import joined, name_of, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.blank_cells import names_nothing
from jira_pipeline.model.columns import Column, Holds, Role
from jira_pipeline.model.entities import GONE, Entity, Specification

SOURCE_FIELD = label_column("Source field", "Old field")
DESTINATION_FIELD = Column(
    "Destination field", ("New field", "Target field"), role=Role.KEY, is_required=True
)
PROCESS = Column("Process", ("Process plugin",), Holds.PROSE, is_of_tool=False)
_PROPERTY = re.compile(r"(?!field_)[a-z][a-z0-9_]*")
"""A machine name without the prefix of fields that people add: most are of what every item has."""
_PART_OF_FIELD = re.compile(r"[/:.].*", re.DOTALL)
"""Of `field_log/format`: which part of a field gets the value."""
_MACHINE_NAME = re.compile(r"[a-z][a-z0-9_/:.]*")
"""With the part of the field that gets the value."""


# The fact: what the row of a mapping says of its destination.


@dataclass(frozen=True, slots=True)
class ToField:
    """A field of the types that the migration fills."""

    field: Entity


@dataclass(frozen=True, slots=True)
class ToProperty:
    """What is no row and may be there all the same, such as the title that every item has."""

    name: str


@dataclass(frozen=True, slots=True)
class ToUnknownField:
    """A field that no row of these types describes."""

    name: str
    types: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class TakenNowhere:
    """The row says that the field of the source is left behind: a dash, or `none`."""


@dataclass(frozen=True, slots=True)
class OpenDestination:
    """The cell is blank: nobody knows what becomes of the field of the source."""


MappingFact: TypeAlias = ToField | ToProperty | ToUnknownField | TakenNowhere | OpenDestination


def mapping_of(mapping: Entity, specification: Specification) -> MappingFact:
    """Read from the row of a mapping where the values go, by the fields of the migration's types."""
    cell = mapping.cell(DESTINATION_FIELD.name)
    if not cell:
        return OpenDestination()
    if names_nothing(cell):
        return TakenNowhere()
    name = _PART_OF_FIELD.sub("", cell).strip()
    types = _types_filled(mapping, specification)
    fields = _fields_of(types, specification)
    for field in fields:
        if name.casefold() in {field.machine_name.casefold(), name_of(field).casefold()}:
            return ToField(field)
    if not fields or _PROPERTY.fullmatch(name) or _is_label_of_property(name):
        return ToProperty(cell)
    return ToUnknownField(cell, types)


def _types_filled(mapping: Entity, specification: Specification) -> tuple[Entity, ...]:
    """Return the types that the migration of a mapping fills; none where rows do not describe them."""
    migration = next(iter(specification.first_of(mapping.owner_key)), None)
    if migration is None:
        return ()
    match destination_of(migration, specification):
        case FilledTypes(types):
            return types
        case _:  # what has no row has no fields in a sheet
            return ()


def _fields_of(types: Sequence[Entity], specification: Specification) -> list[Entity]:
    """Return the fields that stay or come of some types."""
    fields = []
    for bundle in types:
        for row in specification.members_of.get(bundle.key, ()):
            if row.status not in GONE:
                fields.append(row)
    return fields


def _is_label_of_property(name: str) -> bool:
    labels = [base["label"] for base in facts_of("base_fields_by_label").values()]
    return name.casefold() in [label.casefold() for label in labels]


# What follows from it.


def ask(mapping: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which field gets a value of the source, where the cell names no field of the type.

    `Which field gets “hull_no” of the source, or is it left behind? The cell is blank.`, `“hull_no”
    of the source goes to “field_no”, but no row describes such a field of Boat: which field gets
    it?`
    """
    match mapping_of(mapping, rows.index.specification):
        case ToUnknownField(name, types):
            called = joined([f"“{plain(name_of(bundle))}”" for bundle in types], "or")
            yield question_about(
                "migrations.no_such_field", mapping, field=plain(name), types=called
            )
        case OpenDestination():
            yield question_about("migrations.open_field", mapping)
        case ToField() | ToProperty() | TakenNowhere():
            return


def say(ticket: TicketMigration) -> tuple[Claim, ...]:
    """Claim which fields of the source get no place on the new site.

    `The field “berth” of the source is left behind.`
    """
    left = []
    for mapping in ticket.mappings:
        if isinstance(mapping_of(mapping, ticket.specification), TakenNowhere):
            left.append(mapping)
    return claims_about("analysis.migration_left", left, DESTINATION_FIELD.name)


def check(ticket: TicketMigration) -> tuple[Claim, ...]:
    """Claim which field of an item has the values of which field of the source.

    `Each item that “Boats” creates has its values from the source: field_hull from hull_no.`
    """
    mapped = []
    clauses = []
    for mapping in ticket.mappings:
        destination = _named_destination(mapping, ticket.specification)
        if destination:
            source = code(mapping.label)
            mapped.append(mapping)
            clauses.append(clause("migration_from", field=destination, source=source))
    return claims_about(
        "verification.migration_mapped",
        mapped,
        DESTINATION_FIELD.name,
        SOURCE_FIELD.name,
        name=ticket.name,
        each=listed(clauses),
    )


def _named_destination(mapping: Entity, specification: Specification) -> str:
    """Return the name of the field that gets the values, for a sentence; empty where it is not certain."""
    match mapping_of(mapping, specification):
        case ToField(field):
            return named(field)
        case ToProperty(name):
            return code(name) if _MACHINE_NAME.fullmatch(name) else quoted(name)
        case ToUnknownField() | TakenNowhere() | OpenDestination():
            return ""


def facts(ticket: TicketMigration) -> Iterator[StatedFact]:
    """Yield where the values of each mapping go."""
    for mapping in ticket.mappings:
        yield StatedFact(fact=mapping_of(mapping, ticket.specification), rows=(mapping,))


RULE = Rule(
    key="migration.mapping",
    columns=(SOURCE_FIELD, DESTINATION_FIELD, PROCESS),
    facts=facts,
    say=say,
    asked_rows=mappings_to_build,
    ask=ask,
    check=check,
)
