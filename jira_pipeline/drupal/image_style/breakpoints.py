"""The breakpoints of a responsive image style: at each of them it uses one image style.

Where it has a single breakpoint and several image styles, the browser chooses among these by their
widths and by the `sizes` attribute instead.

Source: Drupal core, Responsive Image, `image_style_mappings` with `image_style` or `sizes`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import responsive_styles_to_build
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.image_style.style_mapping import COLUMN as IMAGE_STYLES
from jira_pipeline.drupal.meaning.notes import items_of
from jira_pipeline.drupal.row_names import plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.columns import Column
from jira_pipeline.model.entities import Entity

COLUMN = Column("Breakpoints Used", ("Breakpoints",), loss="the breakpoints")


# The fact: which image style a row says for which breakpoint.


@dataclass(frozen=True, slots=True)
class SameOrder:
    """As many image styles as breakpoints: their order may say which belongs to which."""

    pairs: tuple[tuple[str, str], ...]
    """Each breakpoint with the image style at its place."""


@dataclass(frozen=True, slots=True)
class NoOrder:
    """More image styles than breakpoints, or fewer."""


@dataclass(frozen=True, slots=True)
class BySizes:
    """One breakpoint with several image styles: a browser chooses among them."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is to be chosen, or the note of the row may say it."""


BreakpointsFact: TypeAlias = SameOrder | NoOrder | BySizes | Settled


def breakpoints_of(style: Entity) -> BreakpointsFact:
    """Read the breakpoints of a responsive style beside its image styles."""
    breakpoints = items_of(style.cell(COLUMN.name))
    styles = items_of(style.cell(IMAGE_STYLES.name))
    if not breakpoints or len(styles) <= 1 or note_of(style):
        return Settled()
    if len(breakpoints) == 1:
        return BySizes()
    if len(breakpoints) != len(styles):
        return NoOrder()
    return SameOrder(tuple(zip(breakpoints, styles, strict=True)))


# What follows from it.


def ask(style: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask which image style belongs to which breakpoint or, at a single breakpoint, to which size.

    `Which image style does “Hero” use at each of its breakpoints? …`, `What does the sizes
    attribute of “Hero” say, by which a browser chooses among its image styles? No cell says.`
    """
    match breakpoints_of(style):
        case SameOrder(pairs):
            answer = ", ".join(f"{plain(place)}: {plain(name)}" for place, name in pairs)
            yield question_about("lists.breakpoints", style, IMAGE_STYLES.name, answer=answer)
        case NoOrder():
            yield question_about("lists.breakpoints", style, IMAGE_STYLES.name)
        case BySizes():
            yield question_about("lists.sizes", style, COLUMN.name)
        case Settled():
            return


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield which image style each row says for which breakpoint."""
    return facts_by_row(breakpoints_of, ticket.to_build)


COUNTERPART = Counterpart(
    how=Comparison.BREAKPOINTS, where="`image_style_mappings`, breakpoints and multipliers"
)
RULE: Rule[TicketRows] = Rule(
    key="image_style.breakpoints",
    columns=(COLUMN,),
    facts=facts,
    asked_rows=responsive_styles_to_build,
    ask=ask,
    counterpart=COUNTERPART,
)
