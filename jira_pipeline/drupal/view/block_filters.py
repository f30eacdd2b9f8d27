"""Filters that users set on a block: core shows them only where the display has “Use AJAX” on.

Without AJAX the block lists all items and nothing to filter them by; a module may show them all the
same, so this is told and nobody is asked.

Source: Drupal core, `Block::usesExposed` of the display plugin `block`; contributed Views Block Filter
Block, which overrides it.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.view.filters import COLUMN, AllFilters, NamedFilters, conditions_of
from jira_pipeline.drupal.view.plugin import plugin_name
from jira_pipeline.drupal.view.shipped import is_ticket_as_shipped
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity, Status

_SET_BY_USERS = "(set by users"
_WITH_AJAX = "with AJAX"
"""As `sheets` writes them."""


class BlockFilters(StrEnum):
    """The fact: whether core shows the filters that users set on a block."""

    NEED_AJAX = "users set filters on a block, and its row says nothing of AJAX"
    SHOWN = "its row has AJAX"
    NONE = "it is no block, or its row names no filter that users set"


def filters_on_block(display: Entity) -> BlockFilters:
    """Read from the row of a display whether users set filters on a block, and how it reloads."""
    if plugin_name(display) != "block" or not _has_filters_of_users(display):
        return BlockFilters.NONE
    is_with_ajax = any(_WITH_AJAX in cell for cell in display.cells.values())
    return BlockFilters.SHOWN if is_with_ajax else BlockFilters.NEED_AJAX


def _has_filters_of_users(display: Entity) -> bool:
    match conditions_of(display):
        case AllFilters(conditions=conditions):
            return any(_SET_BY_USERS in condition for condition in conditions)
        case NamedFilters():
            return False


# What follows from it.


def say(view: TicketView) -> tuple[Claim, ...]:
    """Say which new blocks need AJAX for the filters that users set."""
    if is_ticket_as_shipped(view):
        return ()
    blocks = []
    for display in view.with_status(Status.APPROVED):
        if filters_on_block(display) is BlockFilters.NEED_AJAX:
            blocks.append(display)
    return claims_about("analysis.view_block_filters", blocks, COLUMN.name)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield of each display whether core shows the filters that users set."""
    return facts_by_row(filters_on_block, view.displays)


RULE = Rule(key="view.block_filters", facts=facts, say=say)
