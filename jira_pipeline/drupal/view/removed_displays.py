"""The displays of views that go: their paths and blocks go with them, unless another display has them.

Drupal deletes the blocks that were placed from a view together with it, and the entity browsers
that use it. Whatever embeds a display it does not know.

Source: Drupal core, `calculateDependencies` of `ViewsBlock`; Entity Browser, `View` widget.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import code, codes, quoted
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.specification_index import SpecificationIndex
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.drupal.view.path import displays_by_path, path_column, path_text
from jira_pipeline.drupal.view.plugin import COLUMN as PLUGIN, plugin_name
from jira_pipeline.model.entities import Entity, EntityKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedDisplay:
    """The fact: what goes with a display of a view that goes."""

    plugin: str
    """Its kind, by Drupal’s id; empty where nobody says it."""
    path: str
    """Empty of one without."""
    kept_by: Entity | None
    """Another display of its kind that has its path, so that the path stays."""


def removed_display_of(display: Entity, index: SpecificationIndex) -> RemovedDisplay:
    """Read what is deleted with a display, and whether its path stays because another display has it."""
    plugin = plugin_name(display)
    path = path_text(display)
    others = displays_by_path(index).get((plugin, path), ())
    return RemovedDisplay(plugin=plugin, path=path, kept_by=next(iter(others), None))


def removed_displays(ticket: TicketRows) -> Sequence[Entity]:
    """Return the displays that go with the views of a ticket."""
    return [row for row in ticket.group.members if row.kind is EntityKind.VIEW_DISPLAY]


# What follows from it.


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say what is deleted or breaks with displays, and which of their paths another display keeps.

    `Deleting a view also deletes the blocks that were placed from it.`, `/boats stays: page_1 of
    “Ships” has it too.`
    """
    index = ticket.session.index
    for display in removed_displays(ticket):
        removed = removed_display_of(display, index)
        other = removed.kept_by
        if other is not None:
            yield from claims_about(
                "analysis.removal_path_taken",
                (display, other),
                path_column(display),
                path=code(removed.path),
                display=codes([other]),
                view=quoted(index.owner_name(other) or other.cell("View")),
            )
    yield from _claims_of_kind("analysis.removal_block", "block", ticket)
    yield from _claims_of_kind("analysis.removal_embed", "embed", ticket)
    yield from _claims_of_kind("analysis.removal_entity_browser", "entity_browser", ticket)


def check(ticket: TicketRows) -> Iterator[Claim]:
    """Claim that no path opens a removed view any more, and that no block of it is placed.

    `/boats does not open “Boats”.`, `… Block layout has no block of the view.`
    """
    displays_by_place = {}
    for display in removed_displays(ticket):
        path = path_text(display)
        if path:
            displays_by_place[path, display.owner_key] = display
    for (path, _), display in displays_by_place.items():
        yield from claims_about(
            "verification.removal_path",
            (display,),
            path_column(display),
            values=(path,),
            path=code(path),
            view=quoted(ticket.session.index.owner_name(display)),
        )
    yield from _claims_of_kind("verification.removal_blocks", "block", ticket)


def _claims_of_kind(key: str, plugin: str, ticket: TicketRows) -> tuple[Claim, ...]:
    """Claim something of the displays of one kind."""
    displays = [row for row in removed_displays(ticket) if plugin_name(row) == plugin]
    return claims_about(key, displays, PLUGIN.name)


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what goes with each display, with the row of the one that keeps its path."""
    for display in removed_displays(ticket):
        removed = removed_display_of(display, ticket.session.index)
        other = (removed.kept_by,) if removed.kept_by else ()
        yield StatedFact(fact=removed, rows=(display, *other))


RULE = Rule(key="view.removed_displays", facts=facts, say=say, check=check)
