"""The display `default` of a view: it holds the settings that the others inherit.

Drupal makes it with the view and never shows it. A view that has no other display is shown by code,
by a field or by a module, or not at all.

Source: Drupal core, the plugin `default` of `@ViewsDisplay`.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.view.ticket_view import TicketView


class DefaultDisplay(StrEnum):
    """The fact: whether another display inherits what the display `default` holds."""

    INHERITED = "the view has other displays"
    ALONE = "the view has no other display"


def default_display_of(view: TicketView) -> DefaultDisplay:
    """Tell whether a view has displays beside the one that others inherit from."""
    return DefaultDisplay.INHERITED if view.live else DefaultDisplay.ALONE


# What follows from it.


def say(view: TicketView) -> tuple[Claim, ...]:
    """Warn of a view whose only display is the one that others inherit from: nothing shows it.

    `default is its only display: nothing shows the view until code, a field or another module
    does.`
    """
    match default_display_of(view):
        case DefaultDisplay.ALONE:
            return claims_about("analysis.view_shared_only", view.shared, MACHINE_NAME_COLUMN)
        case DefaultDisplay.INHERITED:
            return ()


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield whether others inherit from a row that is the display `default`."""
    for display in view.shared:
        yield StatedFact(fact=default_display_of(view), rows=(display,))


RULE = Rule(key="view.default_display", facts=facts, say=say)
