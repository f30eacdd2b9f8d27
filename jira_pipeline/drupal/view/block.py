"""A block of a view: an editor or a site builder places it in a region or a layout.

Drupal offers it as soon as the view is saved; nothing shows it before somebody places it.

Source: Drupal core, the plugin `block` of `@ViewsDisplay` and the deriver `ViewsBlock`.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import partial

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.view.enabled import is_disabled
from jira_pipeline.drupal.view.plugin import COLUMN, plugin_name
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity


class BlockFact(StrEnum):
    """The fact: whether Drupal offers a display as a block."""

    OFFERED = "it is a block of an enabled view"
    NOT_OFFERED = "it is a block of a disabled view"
    UNNAMED = "it is a view without rows for its displays, so that its block has no machine name"
    OTHER_KIND = "it is no block"


def block_of(display: Entity, view: TicketView) -> BlockFact:
    """Read from the rows of a display and its view whether Drupal offers it as a block."""
    if plugin_name(display) != "block":
        return BlockFact.OTHER_KIND
    if is_disabled(view.head):
        return BlockFact.NOT_OFFERED
    return BlockFact.UNNAMED if display is view.head else BlockFact.OFFERED


# What follows from it.


def check(view: TicketView) -> tuple[Claim, ...]:
    """Claim that *Place block* offers the blocks of an enabled view.

    `… Place block offers the block of block_1.` Left out are blocks whose names a question doubts.
    """
    blocks = []
    for display in view.tried:
        is_certain = not view.ticket.is_disputed(display, MACHINE_NAME_COLUMN)
        if block_of(display, view) is BlockFact.OFFERED and is_certain:
            blocks.append(display)
    return claims_about("verification.view_blocks", blocks, COLUMN.name)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield whether Drupal offers each display as a block."""
    return facts_by_row(partial(block_of, view=view), view.displays)


RULE = Rule(key="view.block", facts=facts, check=check)
