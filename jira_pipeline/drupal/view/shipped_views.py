"""The views that come with a module, by what their rows in `modules.toml` say.

A view that a module installs is there as soon as the module is: nobody builds it anew.

Belongs here: which view of a module a row is, and which displays it brings. Does not: what the rows
of a ticket change of it (`shipped`).

Source: `config/install` and `config/optional` of core and of the modules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from jira_pipeline.drupal.asked_rows import displays_asked
from jira_pipeline.drupal.meaning.modules_and_types import Module, bringing
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.base_table import BaseTable, NoTable, base_table_of
from jira_pipeline.drupal.view.plugin import is_shared
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import TO_BUILD, Entity, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedView:
    """A view that comes with a module."""

    module: Module
    base_table: str
    is_enabled: bool = True
    displays: Mapping[str, str] = field(hash=False)
    """The path of each by its machine name; empty of one without."""
    tabs: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The path that a display has as the default tab of a menu."""

    @property
    def paths(self) -> Mapping[str, Sequence[str]]:
        """The paths that may be said of each display; none of one without."""
        paths_by_display = {}
        for name, path in self.displays.items():
            paths = (path, self.tabs.get(name, ""))
            paths_by_display[name] = tuple(path for path in paths if path)
        return paths_by_display


@cache
def shipped_views() -> Mapping[str, ShippedView]:
    """Return the views that modules bring, by name."""
    views = {}
    for name, module in bringing("views").items():
        views[name] = ShippedView(module=module, **module.views[name])
    return views


def shipped_view_of(view: Entity) -> ShippedView | None:
    """Return the view of this machine name and base table that a module brings, if one does."""
    shipped = shipped_views().get(view.machine_name)
    if shipped is None:
        return None
    match base_table_of(view):
        case NoTable():
            return shipped
        case BaseTable(name=name) if name == shipped.base_table:
            return shipped
        case _:
            return None


def shipped_view_in(view: TicketView) -> ShippedView | None:
    """Return the view that a module brings, where the ticket makes its view of that one."""
    return None if view.is_update else shipped_view_of(view.head)


def is_brought(display: Entity, view: TicketView) -> bool:
    """Tell whether a module brings a display, so that nobody builds it."""
    shipped = shipped_view_in(view)
    return shipped is not None and display.machine_name in shipped.paths


@once_per_session
def displays_to_build(view: TicketView) -> Sequence[Entity]:
    """Return the new displays of a ticket, without those that a module brings."""
    new_displays = view.with_status(Status.APPROVED)
    return [display for display in new_displays if not is_brought(display, view)]


def displays_set(rows: GroupRows) -> Sequence[Entity]:
    """Return the displays of a view that come or change and are seen, and that no module brings."""
    shipped = shipped_view_of(rows.head)
    brought = frozenset[str]() if shipped is None else frozenset(shipped.paths)
    displays = []
    for display in displays_asked(rows):
        is_set = display.status in TO_BUILD and not is_shared(display)
        if is_set and display.machine_name not in brought:
            displays.append(display)
    return displays
