"""The type of a field: what it stores, and so which widgets and settings it may have.

Core and modules bring the types; somebody chooses one on *Manage fields*. It belongs to the storage
of the field, cannot be changed once there is content, and is the same on all bundles of an entity
type that have the field.

Source: Drupal core, `@FieldType` plugins and `FieldStorageConfig`; `field_types` of `drupal.toml`.
"""

from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.field.plugins import is_known_type, plugins_on_site, types_edited_by
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.meaning.modules_and_types import folded, types_meant
from jira_pipeline.drupal.meaning.notes import modules_in
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity

COLUMN = Column(
    "Field type",
    (
        "Type of field",
        "Kind of field",
        "What kind of field",
        "Kind of input",
        "Type of input",
        "Input type",
        "Data type",
    ),
    Holds.FIELD_TYPE,
    is_required=True,
    loosely=("Type", "Kind", "Field kind"),
)
FIELD_TYPE = COLUMN.name


@dataclass(frozen=True, slots=True)
class FieldType:
    """A type of core or of a known module."""

    name: str


@dataclass(frozen=True, slots=True)
class OpenType:
    """A word that may mean several types of core, such as `Number`."""

    name: str
    types: tuple[str, ...]
    """Their labels; of these only the ones that the widget edits, where it edits several."""
    likely: str
    """The only one that the widget edits; empty where the widget does not tell."""


@dataclass(frozen=True, slots=True)
class UnknownType:
    """A type of no module that is known here."""

    name: str


@dataclass(frozen=True, slots=True)
class NoType:
    """The row does not say its type."""


TypeFact: TypeAlias = FieldType | OpenType | UnknownType | NoType


def field_type_of(row: Entity) -> TypeFact:
    """Read the type of a field from its row; a widget narrows a word that may mean several."""
    name = row.cell(FIELD_TYPE)
    types = types_meant().get(folded(name), ())
    if not folded(name):
        return NoType()
    if len(types) > 1:
        edited = types_edited_by(row.cell("Form widget"))
        likely = tuple(label for label in types if folded(label) in edited)
        if len(likely) > 1:
            return OpenType(name, types=likely, likely="")
        return OpenType(name, types=types, likely="".join(likely))
    if not is_known_type(name):
        return UnknownType(name)
    return FieldType(name)


def is_type_unheard_of(row: Entity, session: SessionRows) -> bool:
    """Tell whether nothing is known to bring its type: no module, no note, no field of the site."""
    match field_type_of(row):
        case UnknownType(name):
            return not modules_in(note_of(row)) and name not in plugins_on_site(session)
        case FieldType() | OpenType() | NoType():
            return False


@once_per_session
def fields_of_certain_type(fields: TicketFields) -> tuple[Entity, ...]:
    """Return the fields that somebody adds, and whose type nobody has to ask about."""
    session = fields.ticket.session
    certain = fields.certain(fields.added, FIELD_TYPE)
    return tuple(row for row in certain if not is_type_unheard_of(row, session))


def fields_without_certain_type(fields: TicketFields) -> list[Entity]:
    """Return the other fields that somebody adds."""
    certain = fields_of_certain_type(fields)
    return [row for row in fields.added if row not in certain]
