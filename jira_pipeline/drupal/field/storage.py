"""The storage of a field: what the fields with one machine name in an entity type have in common.

Type, number of values and the options of a list are set once for all of them; label, help text,
required, default and targets are set for each bundle. Elements of webforms share no storage.

Source: Drupal core, `FieldStorageConfig`; `storage` of `drupal.toml`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.meaning.modules_and_types import (
    folded,
    is_base_field,
    is_list,
    listed_in,
)
from jira_pipeline.drupal.meaning.notes import options_in
from jira_pipeline.drupal.row_names import marked_subject, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import (
    SpecificationIndex,
    StorageKey,
    once_per_session,
    storage_key_of,
)
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.columns import SETTINGS_AND_NOTES
from jira_pipeline.model.entities import GONE, BundleType, CellText, Entity

_NOTES = SETTINGS_AND_NOTES.name
_NAMED_MAX = 3
"""So many bundles are named, and so many rows shown, for each value."""


# The fact: whether a row and the other fields with its storage say the same.


@dataclass(frozen=True, slots=True)
class OtherValue:
    """What other fields say where a row says something else."""

    text: str
    """As the first of them says it."""
    fields: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class TwoValues:
    """Other fields of the storage say something else, and at least as many as say the same."""

    column: str
    """The first column in which they do."""
    value: str
    same: tuple[Entity, ...]
    """The fields that say what the row says, with itself."""
    others: tuple[OtherValue, ...]


@dataclass(frozen=True, slots=True)
class OneValue:
    """The row says nothing else than most fields of its storage."""


@dataclass(frozen=True, slots=True)
class NoStorage:
    """An element of a webform, a field without machine name, or one that every item has."""


StorageFact: TypeAlias = TwoValues | OneValue | NoStorage


def storage_of(row: Entity, index: SpecificationIndex) -> StorageFact:
    """Read whether the fields that share the storage of a row say the same of it."""
    if not has_storage(row):
        return NoStorage()
    for column in _shared_columns():
        values = _two_values_in(column, row, index)
        if values is not None:
            return values
    return OneValue()


def has_storage(row: Entity) -> bool:
    """Tell whether a field may share a storage with fields of other bundles."""
    if row.bundle_type in {None, BundleType.WEBFORM}:
        return False
    return row.has_machine_name and not is_base_field(row)


def columns_of_storage() -> Sequence[str]:
    """Return the columns that say what is set once for all fields of a storage."""
    return listed_in("storage", "columns")


def _shared_columns() -> Sequence[str]:
    """Return these columns, and the one of notes, where a list has its options."""
    return (*columns_of_storage(), _NOTES)


def _two_values_in(column: str, row: Entity, index: SpecificationIndex) -> TwoValues | None:
    """Return the values of a column in a row and in its storage; None where most fields agree with it."""
    value = _value_in(column, row)
    if not value:
        return None
    fields_by_value = dict(_fields_by_value(index).get((storage_key_of(row), column), {}))
    same = fields_by_value.pop(_without_case(value), [])
    most_others = max(map(len, fields_by_value.values()), default=0)
    if not fields_by_value or len(same) > most_others:
        return None
    others = []
    for fields in fields_by_value.values():
        others.append(OtherValue(_value_in(column, fields[0]), tuple(fields)))
    return TwoValues(column, value, tuple(same), tuple(others))


@once_per_session
def _fields_by_value(
    index: SpecificationIndex,
) -> Mapping[tuple[StorageKey, str], Mapping[str, list[Entity]]]:
    """Return the live fields of each storage and shared column, grouped by what they say."""
    fields: dict[tuple[StorageKey, str], dict[str, list[Entity]]] = {}
    for storage, users in index.storages.items():
        for field in users.values():
            if field.status in GONE:
                continue
            for column in _shared_columns():
                value = _value_in(column, field)
                if value:
                    fields_by_value = fields.setdefault((storage, column), {})
                    fields_by_value.setdefault(_without_case(value), []).append(field)
    return fields


def _value_in(column: str, row: Entity) -> str:
    """Return what a row says in a column of its storage; of a list, its options."""
    if column != _NOTES:
        return row.cell(column).strip("-")
    options = options_in(note_of(row)) if is_list(row) else None
    return "" if options is None else options.text


def _without_case(value: str) -> str:
    return folded(value) or value  # nothing else is in `*`


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which setting is right where the fields of one storage say different ones.

    `Values of field_hull: 1 here but 3 on Ship. They share a storage: which is right, or should one
    get another machine name?` Asked of the field that few others agree with; without such a one, of
    all.
    """
    match storage_of(row, rows.index):
        case TwoValues() as values:
            yield _question_on_values(row, values, rows.index)
        case OneValue() | NoStorage():
            return


def _question_on_values(row: Entity, values: TwoValues, index: SpecificationIndex) -> RowQuestion:
    """Return the question which value is right, with some of the rows that say another one."""
    choices = [plain(values.value)]
    compared: list[Entity] = []
    stated = []
    for other in values.others:
        choices.append(plain(other.text))
        compared += other.fields[:_NAMED_MAX]
        stated.append(_stated_elsewhere(other, index))
    column = values.column
    thing = "Options" if column == _NOTES else column
    return question_about(
        "bundles.storage",
        row,
        column,
        compared,
        quote=row.cell(column),
        answer=_likely_value(values),
        because="most users of the field",
        choices=choices,
        disputes=column,
        what=f"{thing} of {marked_subject(row)}",
        here=_as_stated(values.value),
        others=", ".join(stated),
    )


def _likely_value(values: TwoValues) -> str:
    """Return the value that most fields of the storage say; empty where the others say several."""
    if len(values.others) > 1 or len(values.others[0].fields) == len(values.same):
        return ""
    return plain(values.others[0].text)


def _stated_elsewhere(other: OtherValue, index: SpecificationIndex) -> str:
    """Say another value, and on which bundles, or on how many, fields have it."""
    owners = f"{len(other.fields)} others"
    if len(other.fields) <= _NAMED_MAX:
        owners = " and ".join(plain(index.owner_name(field)) for field in other.fields)
    return f"{_as_stated(other.text)} on {owners}"


def _as_stated(value: str) -> str:
    return "any number" if value == CellText.UNLIMITED else f"“{plain(value)}”"


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield of each new field whether others with its storage say the same."""
    for row in fields.new:
        yield StatedFact(fact=storage_of(row, fields.ticket.session.index), rows=(row,))


RULE = Rule(key="field.storage", facts=facts, asked_rows=fields_added, ask=ask)
