"""The type of a field: what it stores, and so which widgets and settings it may have.

Core and modules bring the types; somebody chooses one on *Manage fields*. It belongs to the storage
of the field, cannot be changed once there is content, and is the same on all bundles of an entity
type that have the field.

Source: Drupal core, `@FieldType` plugins and `FieldStorageConfig`; `field_types` of `drupal.toml`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.comparisons import (
    Comparison,
    Counterpart,
    compare_plugin_names,
    is_plugin_id,
)
from jira_pipeline.drupal.field.plugins import is_known_type, plugins_on_site, types_edited_by
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.markup import codes, labels, quoted
from jira_pipeline.drupal.meaning.modules_and_types import (
    folded,
    is_base_field,
    is_locked,
    types_meant,
)
from jira_pipeline.drupal.meaning.notes import modules_in
from jira_pipeline.drupal.row_names import joined, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.specification_index import SpecificationIndex, once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows, SessionRows
from jira_pipeline.drupal.unknown_columns import unexplained_texts
from jira_pipeline.model.blank_cells import undecided_words
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity, EntityKind

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
    """Read the type of a field from its row; a widget narrows a word that may mean several.

    An id is no word for others where the note names the module that has it, as `sheets` writes both:
    `dropdown`, `Module: dropdown.`
    """
    name = row.cell(FIELD_TYPE)
    types = types_meant().get(folded(name), ())
    if not folded(name):
        return NoType()
    if len(types) > 1 and is_plugin_id(name) and modules_in(note_of(row)):
        return UnknownType(name)
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


# Questions.


_INTEGER = "Number (integer)"
_LIST_OF_TEXTS = "List (text)"
_RANGE = re.compile(r"(?m)^\s*\d+ *(?:-|–|to) *\d+\s*$")
_CHOICES = re.compile(r"(?m)^[^\W\d][^/,;.]*(?: ?[/;] ?[^\W\d][^/,;.]*)+$")
"""Words with something between them that is in no sentence."""


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the type of a field whose cell is blank, or has a word for several types.

    `What is the field type of “Hull”? The cell is blank.`, `Which field type does “Hull” have:
    Number (integer) or Number (decimal)? “Number” may mean any of them.` The type that other cells
    leave is suggested.
    """
    match field_type_of(row):
        case OpenType() as open_type:
            yield _question_on_type(row, open_type, rows.index)
        case NoType():
            is_undecided = undecided_words(row.as_in_sheet.cell(FIELD_TYPE))
            is_blank = row.has_column(FIELD_TYPE) and not row.cell(FIELD_TYPE)
            if is_blank and not is_undecided and not is_base_field(row):
                yield question_about("bundles.field_type", row)
        case FieldType() | UnknownType():
            return


def _question_on_type(row: Entity, open_type: OpenType, index: SpecificationIndex) -> RowQuestion:
    """Ask which of several types a word means; assume the one that only other cells leave."""
    choices = open_type.types
    places = {"types": joined(choices, "or"), "type": plain(open_type.name)}
    left = None if open_type.likely else _type_left(row, choices, index)
    if left is None:
        answer = open_type.likely
        return question_about("bundles.which_type", row, choices=choices, answer=answer, **places)
    return question_about(
        "bundles.type_beside",
        row,
        choices=choices,
        answer=left.name,
        because=left.reason,
        why=left.reason,
        **places,
    )


@dataclass(frozen=True, slots=True)
class _TypeLeft:
    """The one type that the rest of the workbook leaves of several."""

    name: str
    reason: str


def _type_left(row: Entity, types: Sequence[str], index: SpecificationIndex) -> _TypeLeft | None:
    """Return the type that other cells of the row leave, else other words of its sheet."""
    other_cells = f"{unexplained_texts(row)}\n{row.cell('Allowed values')}"
    if _RANGE.search(other_cells) and _INTEGER in types:
        return _TypeLeft(_INTEGER, "as its row has a range of whole numbers")
    if (
        _LIST_OF_TEXTS in types
        and _CHOICES.search(other_cells)
        and not _names_bundle(other_cells, index)
    ):
        return _TypeLeft(_LIST_OF_TEXTS, "as its row lists words to choose from")
    other_meanings = set()
    for word, meanings in _types_by_word(index)[row.source.file].items():
        if word != folded(row.cell(FIELD_TYPE)):
            other_meanings |= set(meanings)
    left = [label for label in types if label not in other_meanings]
    if "summary" not in f"{other_cells}{note_of(row)}".casefold():
        left = [label for label in left if not label.endswith("with summary)")]
    if len(left) == 1:
        return _TypeLeft(left[0], "as its sheet has another word for the others")
    return None


def _names_bundle(text: str, index: SpecificationIndex) -> bool:
    """Tell whether a list may be one of types to refer to."""
    return any(name in text.casefold() for name in index.bundles_by_name)


@once_per_session
def _types_by_word(index: SpecificationIndex) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return the types that each word of a sheet for several field types may mean, by its file."""
    types_by_word: dict[str, dict[str, Sequence[str]]] = defaultdict(dict)
    for row in index.specification.by_kind[EntityKind.FIELD]:
        match field_type_of(row):
            case OpenType(name, types=types):
                types_by_word[row.source.file][folded(name)] = types
            case _:
                continue
    return types_by_word


# The sentence.


def check(fields: TicketFields) -> tuple[Claim, ...]:
    """Claim which fields the page *Manage fields* lists, with their types where these are certain.

    `Manage fields lists the fields of the table, with their labels, machine names and types.`
    """
    certain = fields_of_certain_type(fields)
    uncertain = fields_without_certain_type(fields)
    which = clause("all_fields" if fields.is_new else "new_fields")
    unlisted = _fields_not_added(fields)
    if fields.is_new and unlisted:
        which = clause("all_but", fields=labels(unlisted, shown=quoted))
    return claims_about(
        "verification.types_but" if uncertain else "verification.types",
        certain or fields.added,
        FIELD_TYPE,
        which=which,
        but=codes(uncertain),
    )


def _fields_not_added(fields: TicketFields) -> list[Entity]:
    """Return the fields of the table that nobody adds by hand, or not by that name."""
    rows = fields.ticket.of_kind(EntityKind.FIELD)
    return [row for row in rows if row not in fields.added and not is_locked(row)]


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield the type of each field to set."""
    return facts_by_row(field_type_of, fields.set)


COUNTERPART = Counterpart(
    how=Comparison.NAME, where="type of the storage", compare=compare_plugin_names
)
RULE = Rule(
    key="field.type",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=fields_added,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)
