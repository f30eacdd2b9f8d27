"""The bundles that a view mode is used on: each has it ticked under *Custom display settings*.

A view mode that no bundle has ticked is shown nowhere. A bundle that a later ticket makes cannot have
it ticked yet; its own ticket does that.

Source: Drupal core, `core.entity_view_display.*`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import labels
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import Column
from jira_pipeline.model.entities import GONE, Entity

COLUMN = Column(
    "Entities Used On",
    ("Used on", "Used by", "Used in", "Used for"),
    names="bundle",
    names_several=True,
    loss="which bundles use a view mode",
)


@dataclass(frozen=True, slots=True)
class UsedOn:
    """The fact: the bundles that the row of a view mode names and that stay or come, in its order."""

    bundles: tuple[Entity, ...]


def used_on(mode: Entity, ticket: TicketRows) -> UsedOn:
    """Read from its row on which bundles a view mode is used."""
    named = ticket.session.specification.targets_of(mode, COLUMN.name)
    return UsedOn(tuple(bundle for bundle in named if bundle.status not in GONE))


def bundles_using(mode: Entity, ticket: TicketRows) -> tuple[Entity, ...]:
    """Return the bundles on which a view mode is used."""
    return used_on(mode, ticket).bundles


def bundles_there(ticket: TicketRows) -> list[Entity]:
    """Return the bundles that modes of the ticket name and no later ticket makes, once each."""
    bundles: dict[str, Entity] = {}
    for mode in ticket.to_build:
        for bundle in bundles_using(mode, ticket):
            if not ticket.is_made_later(bundle):
                bundles.setdefault(bundle.key, bundle)
    return list(bundles.values())


def say(ticket: TicketRows) -> Iterable[Claim]:
    """Say which bundles come later.

    `Boat does not exist yet: its ticket switches its view modes on.`
    """
    waiting_modes = []
    later_bundles: dict[str, Entity] = {}
    for mode in ticket.to_build:
        later = [b for b in bundles_using(mode, ticket) if ticket.is_made_later(b)]
        if later:
            waiting_modes.append(mode)
        for bundle in later:
            later_bundles.setdefault(bundle.key, bundle)
    return claims_about(
        "analysis.modes_later",
        waiting_modes,
        COLUMN.name,
        of_count=len(later_bundles),
        places=labels(later_bundles.values()),
        count=str(len(later_bundles)),
    )


def check(ticket: TicketRows) -> Iterator[Claim]:
    """Claim which view modes are ticked on the bundles that are there by then.

    `… Custom display settings of Boat and Crew has “Card” ticked.`
    """
    bundles = bundles_there(ticket)
    modes_by_bundle: dict[str, list[Entity]] = {bundle.key: [] for bundle in bundles}
    for mode in ticket.to_build:
        for bundle in bundles_using(mode, ticket):
            if bundle.key in modes_by_bundle:
                modes_by_bundle[bundle.key].append(mode)
    return claims_of_ticked_modes(bundles, lambda bundle: modes_by_bundle[bundle.key], labels)


def claims_of_ticked_modes(
    bundles: Iterable[Entity],
    modes_on: Callable[[Entity], Sequence[Entity]],
    names_of: Callable[[Sequence[Entity]], str],
) -> Iterator[Claim]:
    """Claim which view modes bundles have ticked.

    `… Custom display settings of Boat and Crew has “Card” ticked.`

    Args:
        bundles: What may have modes ticked; those with the same modes share a sentence.
        modes_on: The modes of one bundle.
        names_of: What the sentence calls some of the bundles.
    """
    bundles_by_modes: dict[tuple[str, ...], list[Entity]] = {}
    for bundle in bundles:
        keys = tuple(mode.key for mode in modes_on(bundle))
        bundles_by_modes.setdefault(keys, []).append(bundle)
    for alike in bundles_by_modes.values():
        modes = modes_on(alike[0])
        bundle_labels = "; ".join(bundle.label for bundle in alike)
        yield from claims_about(
            "verification.modes_ticked",
            modes,
            COLUMN.name,
            values=[bundle_labels] * len(modes),
            bundles=names_of(alike),
        )


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield on which bundles each view mode is used, with the rows of these."""
    for mode in ticket.to_build:
        fact = used_on(mode, ticket)
        yield StatedFact(fact=fact, rows=(mode, *fact.bundles))


COUNTERPART = Counterpart(
    how=Comparison.NAMES, where="the bundles with an enabled view display of that mode"
)
RULE = Rule(
    key="view_mode.used_on",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    check=check,
    counterpart=COUNTERPART,
)
