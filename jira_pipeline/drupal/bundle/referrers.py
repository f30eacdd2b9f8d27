"""The fields that refer to a type that goes: somebody takes it out of their targets first.

One that refers to nothing else would offer everything of its entity type, or nothing at all.

Source: Drupal core, `DefaultSelection` and its setting `target_bundles`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.field.target import COLUMN as TARGETS
from jira_pipeline.drupal.markup import text
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import GONE, Entity
from jira_pipeline.model.ticket_links import link_html


@dataclass(frozen=True, slots=True)
class Referrer:
    """A field that stays, or comes, and refers to a thing that goes."""

    field: Entity
    owner: Entity
    """The type of the field."""
    target: Entity
    """The thing that goes."""
    is_left_without_target: bool
    """It refers to nothing else that stays."""


def referrers_of(ticket: TicketRows) -> Iterator[Referrer]:
    """Yield the fields of other types that refer to what a ticket removes."""
    specification = ticket.session.specification
    for head in ticket.group.heads:
        for field, _ in specification.referrers_of.get(head.key, ()):
            if field.status in GONE:
                continue
            targets = specification.targets_of(field, TARGETS.name)
            are_all_gone = all(target.status in GONE for target in targets)
            for owner in specification.first_of(field.owner_key):
                if owner.status not in GONE:
                    yield Referrer(field, owner, head, is_left_without_target=are_all_gone)


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say which fields refer to a type that is removed: their targets have to be changed first.

    `The field field_boat of Harbour refers to “Boat”: take that out of its targets first (ticket
    4).`
    """
    for referrer in referrers_of(ticket):
        key = "analysis.removal_referred"
        if referrer.is_left_without_target:
            key = "analysis.removal_referred_only"
        making = ticket.session.making.get(referrer.owner.key)
        in_ticket = clause("in_ticket", ticket=link_html(making)) if making else ""
        yield from claims_about(
            key,
            [referrer.field],
            TARGETS.name,
            owner=text(referrer.owner.label),
            name=text(referrer.target.label),
            ticket=in_ticket,
        )


def check(ticket: TicketRows) -> Iterator[Claim]:
    """Claim that the fields which referred to a removed type do not offer it any more.

    `The field field_boat of Harbour does not offer “Boat”.`
    """
    for referrer in referrers_of(ticket):
        yield from claims_about(
            "verification.removal_unoffered",
            [referrer.field],
            TARGETS.name,
            owner=text(referrer.owner.label),
            name=text(referrer.target.label),
        )


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield each field that refers to what goes."""
    for referrer in referrers_of(ticket):
        yield StatedFact(fact=referrer, rows=(referrer.field,))


RULE = Rule(key="bundle.referrers", facts=facts, say=say, check=check)
