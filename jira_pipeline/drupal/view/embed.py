"""An embed display: a template, a field or code shows it, and no path or block does.

Views offers this kind only while *Allow embedded displays* is ticked in its settings.

Source: Drupal core, the plugin `embed` of `@ViewsDisplay` and `views.settings`,
`ui.show.display_embed`.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import partial

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.view.plugin import COLUMN, plugin_name
from jira_pipeline.drupal.view.shipped_views import displays_to_build
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity


class EmbedFact(StrEnum):
    """The fact: whether somebody adds an embed display."""

    ADDED = "it is a new embed display"
    NOT_ADDED = "it is an embed display that is there, that a module brings, or of no row"
    OTHER_KIND = "it is no embed display"


def embed_of(display: Entity, view: TicketView) -> EmbedFact:
    """Read from the row of a display whether somebody adds it as an embed display."""
    if plugin_name(display) != "embed":
        return EmbedFact.OTHER_KIND
    return EmbedFact.ADDED if display in displays_to_build(view) else EmbedFact.NOT_ADDED


# What follows from it.


def say(view: TicketView) -> tuple[Claim, ...]:
    """Say which setting of Views is needed before embed displays can be added.

    `Views offers embed displays only while its settings have “Allow embedded displays” ticked.`
    """
    embedded = [row for row in view.displays if embed_of(row, view) is EmbedFact.ADDED]
    return claims_about("analysis.view_embed", embedded, COLUMN.name)


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield whether somebody adds each display as an embed display."""
    return facts_by_row(partial(embed_of, view=view), view.displays)


RULE = Rule(key="view.embed", facts=facts, say=say)
