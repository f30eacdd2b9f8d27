"""The fallback of a responsive image style: what a browser shows that knows no responsive images.

The form of the style requires one: an image style, an empty image or the original one.

Source: Drupal core, Responsive Image, `fallback_image_style`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import code
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import GONE, Entity, Specification

COLUMN = Column(
    "Fallback Style",
    ("Fallback image style",),
    names="image_style",
    loss="the fallback styles",
)
MACHINE_NAME = Column("Fallback machine name", (), Holds.MACHINE_NAME)


@dataclass(frozen=True, slots=True)
class Fallback:
    """A row of an image style that stays or comes."""

    image_style: str
    """Its machine name."""


@dataclass(frozen=True, slots=True)
class NoKnownFallback:
    """The row names none that any other row describes."""


FallbackFact: TypeAlias = Fallback | NoKnownFallback


def fallback_of(style: Entity, specification: Specification) -> FallbackFact:
    """Resolve the fallback that a row names, by machine name before label."""
    for image_style in specification.targets_of(style, MACHINE_NAME.name, COLUMN.name):
        if image_style.status not in GONE:
            return Fallback(image_style.machine_name)
    return NoKnownFallback()


def check(ticket: TicketRows) -> Iterable[Claim]:
    """Claim the fallback of each style of which it is known.

    `hero has the fallback image style small.` Of several styles the sentence names none: each has
    that of its row.
    """
    styles: list[Entity] = []
    fallbacks: list[str] = []
    for style in ticket.to_build:
        match fallback_of(style, ticket.session.specification):
            case Fallback(image_style):
                styles.append(style)
                fallbacks.append(image_style)
            case NoKnownFallback():
                pass
    if not styles:
        return ()
    return claims_about(
        "verification.fallback",
        styles,
        MACHINE_NAME.name,
        COLUMN.name,
        values=fallbacks,
        fallback=code(fallbacks[0]),
    )


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the fallback of each style."""
    for style in ticket.to_build:
        fallback = fallback_of(style, ticket.session.specification)
        yield StatedFact(fact=fallback, rows=(style,))


COUNTERPARTS = {
    COLUMN.name: Counterpart(
        how=Comparison.NAMES, where="`fallback_image_style`", pointing=(MACHINE_NAME.name,)
    ),
    MACHINE_NAME.name: Counterpart(how=Comparison.NAMES, where="`fallback_image_style`"),
}
RULE = Rule(
    key="image_style.fallback",
    columns=(COLUMN, MACHINE_NAME),
    facts=facts,
    check=check,
    counterparts=COUNTERPARTS,
)
