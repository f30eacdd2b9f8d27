"""What the ticket of one type is for: a new type and where it is used, or what one that is there gets.

A type whose items are made for a field, or chosen in one, is needed for the types that have such a
field. User accounts are on every site: what comes are their fields.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.bundle.offered import WORDS_FOR_ALL
from jira_pipeline.drupal.bundle.view_modes import view_modes_of
from jira_pipeline.drupal.changed_rows import ChangedRows, changes_in_words
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.markup import labels, listed, quoted, text
from jira_pipeline.drupal.quoted_description import description_clause
from jira_pipeline.drupal.row_names import bundle_noun, name_of
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import DESCRIPTION
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import GONE, BundleType, Entity, EntityKind, Status

_PLACES_MAX = 6
"""So many types that use it are named one by one."""


# The fact: what the rows of a ticket want of its type.


@dataclass(frozen=True, slots=True)
class NewType:
    """The type comes."""

    uses: tuple[Entity, ...]
    """The fields of other types that refer to it, and so need it; none where that is not certain."""


@dataclass(frozen=True, slots=True)
class ChangedFields:
    """The type is there, and its fields come, change and go."""

    new: tuple[Entity, ...]
    changed: tuple[Entity, ...]
    gone: tuple[Entity, ...]

    @property
    def rows(self) -> tuple[Entity, ...]:
        return (*self.new, *self.changed, *self.gone)


@dataclass(frozen=True, slots=True)
class ChangedType:
    """The type is there, and no row of a field asks for anything."""

    modes: tuple[Entity, ...]
    """The view modes that name it."""


StoryFact: TypeAlias = NewType | ChangedFields | ChangedType


def story_of(fields: TicketFields) -> StoryFact:
    """Read from the rows of a ticket what its type gets."""
    ticket = fields.ticket
    if fields.is_new and ticket.head.bundle_type is not BundleType.USER:
        return NewType(_uses_of(ticket))
    changes = ChangedFields(
        new=fields.new, changed=ticket.with_status(Status.CHANGED), gone=fields.gone
    )
    return changes if changes.rows else ChangedType(tuple(view_modes_of(ticket.head, ticket)))


def _uses_of(ticket: TicketRows) -> tuple[Entity, ...]:
    """Return the live fields that refer to the type of a ticket, if it is made for fields.

    None where other bundles have its name: nobody knows which of them a field means.
    """
    bundle = ticket.head
    is_made_for_fields = bundle.bundle_type in WORDS_FOR_ALL
    if not is_made_for_fields or len(ticket.session.index.called_alike(bundle)) > 1:
        return ()
    hosts = {host.key for host in ticket.hosts}
    uses = []
    for row, _ in ticket.session.specification.referrers_of.get(bundle.key, ()):
        if row.owner_key in hosts and row.status not in GONE:
            uses.append(row)
    return tuple(uses)


# What follows from it.


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Say what the ticket does with its type: it is new, gets other fields, or changes itself.

    `The site needs the paragraph type “Sail” for Boat.`, `The content type “Boat” needs two new
    fields.`, `The content type “Boat” changes.`
    """
    match story_of(fields):
        case NewType(uses):
            return _new_type(fields.ticket, uses)
        case ChangedFields() as changes:
            return _changed_fields(fields.ticket, changes)
        case ChangedType(modes):
            return _changed_type(fields.ticket, modes)


def _new_type(ticket: TicketRows, uses: Sequence[Entity]) -> tuple[Claim, ...]:
    """Say that a type is needed; of a type that is made for fields, on which types these are."""
    description = description_clause(ticket.head)
    return claims_about(
        "story.bundle_in" if uses else "story.bundle",
        (ticket.head, *uses),
        *([DESCRIPTION.name] if description else []),
        name=text(ticket.name),
        noun=_noun(ticket),
        description=description,
        places=_places(ticket, uses),
    )


def _places(ticket: TicketRows, uses: Sequence[Entity]) -> str:
    """Name the types that use a type, with the field where it is one; many are counted."""
    labels_by_key = {host.key: text(host.label) for host in ticket.hosts}
    places = list(dict.fromkeys(labels_by_key[str(row.owner_key)] for row in uses))
    if len(uses) == 1:
        field = quoted(name_of(uses[0]))
        return clause("one_field", field=field, owner=places[0])
    if len(places) > _PLACES_MAX:
        return f"{len(places)} types"
    return listed(places)


def _changed_fields(ticket: TicketRows, changes: ChangedFields) -> tuple[Claim, ...]:
    """Say which fields come, change and go; by machine name where two have one label."""
    alike = Counter(row.label for row in ticket.of_kind(EntityKind.FIELD))
    what = changes_in_words(
        ChangedRows(phrase="new_rows", noun="field", rows=changes.new),
        ChangedRows(phrase="changed_rows", noun="field", rows=changes.changed),
        ChangedRows(phrase="removed_rows", noun="field", rows=changes.gone),
        is_by_machine_name=any(alike[row.label] > 1 for row in changes.rows),
    )
    return claims_about(
        "story.update",
        changes.rows,
        STATUS_COLUMN,
        what=what,
        name=text(ticket.name),
        noun=_noun(ticket),
    )


def _changed_type(ticket: TicketRows, modes: Sequence[Entity]) -> tuple[Claim, ...]:
    """Say that the type itself changes, with the view modes that name it."""
    return claims_about(
        "story.changed_modes" if modes else "story.changed",
        [ticket.head],
        STATUS_COLUMN,
        modes=labels(modes, shown=quoted),
        name=text(ticket.name),
        noun=_noun(ticket),
    )


def _noun(ticket: TicketRows) -> str:
    return text(bundle_noun(ticket.head.bundle_type))


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield what the type of the ticket gets."""
    yield StatedFact(fact=story_of(fields), rows=(fields.ticket.head,))


RULE = Rule(key="bundle.story", facts=facts, say=say)
