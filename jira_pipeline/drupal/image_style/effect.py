"""One effect of an image style as a row of its own: what it is, and what is set of it.

The Drupal Spec Tool has a sheet of these, from top to bottom in the order in which a style applies
them. What is said of all effects of a style is in `effects`, wherever its rows are.

Source: Drupal core, `@ImageEffect` plugins; dst-entity-generate, `DstegImageEffect`, read 2026-11.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import image_effects_to_build
from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Comparison,
    Counterpart,
    Differs,
    KnownNames,
    Met,
    NotComparable,
    SheetCell,
    unknown_spelling,
)
from jira_pipeline.drupal.image_style.effect_words import StatedEffect, effect_in, effect_named
from jira_pipeline.drupal.meaning.modules_and_types import folded, known_effects, listed_in
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import label_column
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows
from jira_pipeline.model.columns import Column, Holds, Role
from jira_pipeline.model.entities import Entity, EntityKind

STYLE = Column(
    "Image style", holds=Holds.LABEL, role=Role.OWNER, names="image_style", is_required=True
)
EFFECT = label_column("Effect", "Image effect")
SUMMARY = Column(
    "Summary", ("Effect summary",), Holds.ANYTHING, loss="the sizes and values of image effects"
)


# The fact: which effect a row says, and whether its value is there.


@dataclass(frozen=True, slots=True)
class EffectWithValue:
    """An effect with its value, or one that needs none."""

    stated: StatedEffect


@dataclass(frozen=True, slots=True)
class EffectWithoutValue:
    """An effect of which no cell says the value that it needs."""

    effect: str
    """Its id."""


@dataclass(frozen=True, slots=True)
class OtherEffect:
    """Words that no known module calls an effect."""

    name: str


EffectFact: TypeAlias = EffectWithValue | EffectWithoutValue | OtherEffect


def effect_of(row: Entity) -> EffectFact:
    """Read the effect of a row; where its summary is blank, a note may have its value."""
    name = row.cell(EFFECT.name)
    stated = effect_in(f"{name} {row.cell(SUMMARY.name) or note_of(row)}".strip())
    if stated.effect not in dict(known_effects().values()):
        stated = StatedEffect(effect_named(name), stated.value)
    if stated.effect not in dict(known_effects().values()):
        return OtherEffect(name)
    if stated.value or stated.effect in listed_in("image_effects", "without_values"):
        return EffectWithValue(stated)
    return EffectWithoutValue(stated.effect)


def effects_listed(style: Entity, rows: GroupRows) -> list[Entity]:
    """Return the rows of the effects that a style has, or gets, in their order."""
    effects = []
    for row in rows.live(EntityKind.IMAGE_EFFECT):
        if row.owner_key == style.key:
            effects.append(row)
    return effects


# What follows from it.


def ask(row: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the values that an effect needs and no cell of its row says.

    `Which values does the effect Scale have in “Card”?`
    """
    match effect_of(row):
        case EffectWithoutValue(effect):
            yield question_about("lists.values", row, SUMMARY.name, effect=effect)
        case EffectWithValue() | OtherEffect():
            return


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the effect of each row."""
    return facts_by_row(effect_of, ticket.group_rows.live(EntityKind.IMAGE_EFFECT))


def compare_effect(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare which effect is at the place of the row; labels that nobody knows are not compared."""
    if folded(cell.text) in {folded(name) for name in (site_cell.text, *site_cell.values)}:
        return Met()
    effect = effect_named(cell.text)
    if not effect:
        return unknown_spelling(cell.text)
    return Met() if effect in site_cell.values else Differs()


def compare_summary(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare the size, quality, crop or file type of an effect; other words are prose."""
    value = effect_in(f"{cell.row.cell(EFFECT.name)} {cell.text}").value
    if not value:
        return NotComparable(PROSE)
    on_site = {effect_in(effect).value for effect in site_cell.values}
    return Met() if value in on_site else Differs()


COUNTERPARTS = {
    EFFECT.name: Counterpart(
        how=Comparison.NAME, where="`id` of the effect at its place", compare=compare_effect
    ),
    SUMMARY.name: Counterpart(
        how=Comparison.EFFECTS, where="`data` of the effect", compare=compare_summary
    ),
}
RULE: Rule[TicketRows] = Rule(
    key="image_style.effect",
    columns=(STYLE, EFFECT, SUMMARY),
    facts=facts,
    asked_rows=image_effects_to_build,
    ask=ask,
    counterparts=COUNTERPARTS,
)
