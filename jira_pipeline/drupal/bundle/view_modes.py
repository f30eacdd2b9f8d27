"""The view modes of a type: each has to be ticked under *Manage display* before it can be set up.

Rows of view modes name the types that they are used on. Whichever of the two is built last ticks
them: a type those that are there by then, a view mode the types that are.

Source: Drupal core, `EntityViewDisplayEditForm`, *Custom display settings*.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import labels, quoted
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view_mode.note import claims_on_bundle
from jira_pipeline.drupal.view_mode.used_on import COLUMN as USED_ON, claims_of_ticked_modes
from jira_pipeline.model.entities import GONE, THERE, Entity, EntityKind, Status


@dataclass(frozen=True, slots=True)
class EnabledModes:
    """The fact: the view modes that a ticket ticks on a bundle, in sheet order."""

    modes: tuple[Entity, ...]


def enabled_modes_of(bundle: Entity, ticket: TicketRows) -> EnabledModes:
    """Read from the rows of view modes which a ticket ticks; none where another bundle has its name."""
    if ticket.session.index.namesakes(bundle):
        return EnabledModes(())
    modes = []
    for row in _modes_naming(bundle, ticket):
        # On a type that is there modes that are there are ticked already.
        is_new_on_it = bundle.status not in THERE or row.status is Status.APPROVED
        if is_new_on_it and _is_there_by_then(row, ticket):
            modes.append(row)
    return EnabledModes(tuple(modes))


def _modes_naming(bundle: Entity, ticket: TicketRows) -> Sequence[Entity]:
    """Return the view modes that stay or come and name a bundle in their rows."""
    referrers = ticket.session.specification.referrers_of.get(bundle.key, ())
    modes = [row for row, _ in referrers if row.kind is EntityKind.VIEW_MODE]
    return [mode for mode in modes if mode.status not in GONE]


def view_modes_of(bundle: Entity, ticket: TicketRows) -> Sequence[Entity]:
    """Return the view modes that a ticket ticks on a bundle."""
    return enabled_modes_of(bundle, ticket).modes


def _is_there_by_then(mode: Entity, ticket: TicketRows) -> bool:
    """Tell whether a view mode is on the site, or an earlier ticket makes it."""
    if mode.status in THERE:
        return True
    making = ticket.session.building.get(mode.source)
    return making is not None and making.number < ticket.group.number


# What follows from it.


def check(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim which view modes are ticked on a type; on the one type of a ticket with what they show.

    `… Custom display settings has “Card” and “Teaser” ticked.`
    """
    ticket = bundles.ticket
    if bundles.is_list:
        yield from claims_of_ticked_modes(
            bundles.set_up, lambda bundle: view_modes_of(bundle, ticket), bundles.names_of
        )
        return
    modes = view_modes_of(ticket.head, ticket)
    if not modes:
        return
    # Only where nothing else has the type in its row can they be told without a list.
    is_each = len(modes) == len(_modes_naming(ticket.head, ticket))
    yield from claims_about(
        "verification.view_modes",
        (ticket.head, *modes),
        USED_ON.name,
        values=[mode.label for mode in modes],
        of_count=len(modes) if is_each else 1,
        modes=labels(modes, shown=quoted),
        number=str(len(modes)),
        type=quoted(ticket.name),
        column=USED_ON.name,
    )
    yield from claims_on_bundle(modes, ticket.head)


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield the view modes that are ticked on each bundle, with their rows."""
    for bundle in bundles.heads:
        ticked = enabled_modes_of(bundle, bundles.ticket)
        yield StatedFact(fact=ticked, rows=(bundle, *ticked.modes))


RULE = Rule(key="bundle.view_modes", facts=facts, check=check)
