"""Whether a field is re-used: whether its storage is there before the ticket of its bundle is worked on.

*Re-use an existing field* adds a field to another bundle of the entity type, with the type, number
of values and options that it has there. The sheets mark such fields; where other rows say which
bundle has one first, these count.

Source: Drupal core, `FieldStorageConfig`; Field UI, *Re-use an existing field*.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import fields_added
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.field.provider import AddedByModule, provider_of
from jira_pipeline.drupal.field.storage import columns_of_storage, has_storage
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.markup import plural, text
from jira_pipeline.drupal.meaning.modules_and_types import facts_of
from jira_pipeline.drupal.row_names import bundle_noun
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.specification_index import SpecificationIndex, storage_key_of
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity

COLUMN = Column(
    "Reused Field",
    ("Reused", "Re-used field"),
    Holds.FLAG,
    loss="which fields already exist on another bundle",
    is_second=True,
)


# The fact: where the storage of a field is from.


@dataclass(frozen=True, slots=True)
class OfCore:
    """Core makes the storage, such as that of `body`."""


@dataclass(frozen=True, slots=True)
class OnSite:
    """A bundle that is there has the field."""


@dataclass(frozen=True, slots=True)
class OfEarlierTicket:
    """The ticket of another bundle creates it before."""

    number: int


@dataclass(frozen=True, slots=True)
class OfThisTicket:
    """No bundle has it before this one."""


@dataclass(frozen=True, slots=True)
class NotShared:
    """An element of a webform or a field without machine name: nothing could be re-used."""


OriginFact: TypeAlias = OfCore | OnSite | OfEarlierTicket | OfThisTicket | NotShared


def origin_of(row: Entity, ticket: TicketRows) -> OriginFact:
    """Read from all rows where the storage of an added field comes from."""
    if not has_storage(row):
        return NotShared()
    if row.machine_name in facts_of("storage", "of_core").get(str(row.bundle_type), ()):
        return OfCore()
    own_number = ticket.group.number
    number = ticket.session.index.storage_origins.get(storage_key_of(row), own_number)
    if number == 0:
        return OnSite()
    if number < own_number:
        return OfEarlierTicket(number)
    return OfThisTicket()


# What follows from it.


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a field is new that is marked as reused and that no other bundle has.

    `“Hull” is marked as reused, but no other content type has it: is it new? If not, which existing
    field is meant?`
    """
    if not row.flag(COLUMN.name) or isinstance(provider_of(row), AddedByModule):
        return
    # Of a name that Drupal refuses another question asks what it is.
    is_name = row.machine_name.isidentifier()
    if is_name and _is_on_no_other_bundle(row, rows.index):
        noun = bundle_noun(row.bundle_type)
        yield question_about("bundles.reused_of_nothing", row, noun=noun)


def _is_on_no_other_bundle(row: Entity, index: SpecificationIndex) -> bool:
    return has_storage(row) and len(index.storages[storage_key_of(row)]) == 1


def say(fields: TicketFields) -> Iterator[Claim]:
    """Claim which new fields of the bundle re-use a storage, and from where.

    Three sentences, each where it has fields: `body is part of core: re-use it if it is there.`,
    `field_hull is on the site: use “Re-use an existing field”.`, `field_mast is marked as reused,
    but no earlier ticket creates it: create it here.`
    """
    of_core = []
    reused = []
    marked = []
    for row in fields.added:
        if isinstance(provider_of(row), AddedByModule) or _is_doubted(row, fields.ticket):
            continue
        match origin_of(row, fields.ticket):
            case OfCore():
                of_core.append(row)
            case OnSite() | OfEarlierTicket():
                reused.append(row)
            case OfThisTicket():
                if row.flag(COLUMN.name):
                    marked.append(row)
            case NotShared():
                continue
    yield from claims_about("analysis.reused_of_core", of_core, MACHINE_NAME_COLUMN)
    origin = _origin_clause(reused, fields.ticket)
    yield from claims_about("analysis.reused", reused, MACHINE_NAME_COLUMN, origin=origin)
    yield from claims_about("analysis.reused_first", marked, COLUMN.name)


def _is_doubted(row: Entity, ticket: TicketRows) -> bool:
    """Tell whether a question doubts the mark of a field, or what it shares with its storage."""
    columns = {COLUMN.name, *columns_of_storage()}
    for question in ticket.questions_of(row):
        if question.disputes and question.column in columns:
            return True
    return False


def _origin_clause(reused: Sequence[Entity], ticket: TicketRows) -> str:
    """Say whether re-used fields are on the site, in earlier tickets, or some in each."""
    origins = {origin_of(row, ticket) for row in reused}
    numbers = [origin.number for origin in origins if isinstance(origin, OfEarlierTicket)]
    kind = "origin_both"
    if not numbers:
        kind = "origin_there"
    elif OnSite() not in origins:
        kind = "origin_earlier"
    noun = bundle_noun(ticket.head.bundle_type)
    return clause(kind, count=len(numbers), type=text(noun), types=text(plural(noun)))


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield where the storage of each added field comes from."""
    for row in fields.added:
        yield StatedFact(fact=origin_of(row, fields.ticket), rows=(row,))


RULE = Rule(
    key="field.reuse", columns=(COLUMN,), facts=facts, say=say, asked_rows=fields_added, ask=ask
)
