"""The story of a view: what the site needs, with the displays to build, to change and to remove.

It counts new displays by their kinds, and names the path of a kind that comes once: *a page at
/news and two blocks*. Where all are for a few roles, it says for which.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.markup import code, listed, number, quoted
from jira_pipeline.drupal.quoted_description import description_clause
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import DESCRIPTION
from jira_pipeline.drupal.view.access import COLUMN as ACCESS, ForRoles, access_of
from jira_pipeline.drupal.view.enabled import is_disabled
from jira_pipeline.drupal.view.name import COLUMN as NAME
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.drupal.view.plugin import COLUMN as PLUGIN, DisplayPlugin, plugin_of
from jira_pipeline.drupal.view.shipped import is_ticket_as_shipped
from jira_pipeline.drupal.view.shipped_views import displays_to_build
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity, EntityKind, Status
from jira_pipeline.model.grouped import group_by

_ROLES_MAX = 4
"""More of them make no sentence; the column of each display has all."""


class ViewWork(StrEnum):
    """The fact: what the ticket does with a view."""

    USED_AS_SHIPPED = "a module brings it as it is"
    DISABLED = "it is added or changed, and disabled"
    ADDED = "it is added with its displays"
    UPDATED = "the site has it; displays come, change or go"


def work_on(view: TicketView) -> ViewWork:
    """Read from the rows of a view and its displays what the ticket does with it."""
    if is_ticket_as_shipped(view):
        return ViewWork.USED_AS_SHIPPED
    if is_disabled(view.head):
        return ViewWork.DISABLED
    return ViewWork.UPDATED if view.is_update else ViewWork.ADDED


# What follows from it.


def say(view: TicketView) -> tuple[Claim, ...]:
    """Say what the site needs; of a view that a module brings as it is another rule says it.

    `The site needs the view “Boats” with a page at /boats and two blocks.`
    """
    new_displays = displays_to_build(view)
    parts = [kinds_in_words(new_displays)] if new_displays else []
    match work_on(view):
        case ViewWork.USED_AS_SHIPPED:
            return ()
        case ViewWork.DISABLED:
            return _claim("story.view_disabled", view, [], [])
        case ViewWork.ADDED:
            people = _people(new_displays, view) if parts else ""
            return _claim("story.view_new", view, new_displays, parts, people=people)
        case ViewWork.UPDATED:
            parts += _changes_in_words(view)
            return _claim("story.view_update", view, new_displays, parts)


def _changes_in_words(view: TicketView) -> Iterator[str]:
    """Say how many displays change, then how many go."""
    changed = view.with_status(Status.CHANGED)
    if changed:
        yield clause("changed_displays", changed)
    if view.gone:
        yield clause("removed_displays", view.gone)


def _claim(
    key: str,
    view: TicketView,
    new_displays: Sequence[Entity],
    parts: Sequence[str],
    *,
    people: str = "",
) -> tuple[Claim, ...]:
    """Claim a story; `parts` are what happens to the displays, one part after the other.

    A story with parts has a sentence of its own, whose key ends with `_with`.
    """
    columns = [NAME.name, DESCRIPTION.name]
    if new_displays:
        columns.append(PLUGIN.name)
    if people:
        columns.append(ACCESS.name)
    return claims_about(
        f"{key}_with" if parts else key,
        (view.head, *new_displays),
        *columns,
        view=quoted(view.ticket.name),
        description=description_clause(view.head),
        displays=listed(parts),
        people=people,
    )


def _people(displays: Sequence[Entity], view: TicketView) -> str:
    """Say for which roles all new displays are, where their rows say so and these are few."""
    roles: set[tuple[str, ...]] = set()
    for display in displays:
        match access_of(display):
            case ForRoles(machine_names):
                roles.add(machine_names)
            case _:
                return ""
    if len(roles) != 1:
        return ""
    (roles_of_all,) = roles
    if len(roles_of_all) > _ROLES_MAX:
        return ""
    names = [_name_of_role(name, view) for name in roles_of_all]
    return clause("for_roles", count=len(names), names=listed(names))


def _name_of_role(machine_name: str, view: TicketView) -> str:
    """Name a role by its label, which a row of the sheets has; else by its machine name."""
    for role in view.ticket.session.specification.live[EntityKind.USER_ROLE]:
        if role.machine_name == machine_name:
            return quoted(name_of(role))
    return code(machine_name)


def kinds_in_words(displays: Sequence[Entity]) -> str:
    """Count displays by their kinds: `a page at /news and two blocks`."""
    parts = []
    for plugin, displays_of_kind in group_by(displays, _known_plugin).items():
        single = plugin.singular if plugin else "a display"
        several = plugin.plural if plugin else "displays"
        path = path_text(displays_of_kind[0])
        if len(displays_of_kind) > 1:
            parts.append(f"{number(len(displays_of_kind))} {several}")
        elif path:
            parts.append(clause("display_at", display=single, path=code(path)))
        else:
            parts.append(single)
    return listed(parts)


def _known_plugin(display: Entity) -> DisplayPlugin | None:
    plugin = plugin_of(display)
    return plugin if isinstance(plugin, DisplayPlugin) else None


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what the ticket does with the view."""
    rows = (view.head, *view.displays, *view.gone)
    yield StatedFact(fact=work_on(view), rows=tuple(dict.fromkeys(rows)))


RULE = Rule(key="view.story", facts=facts, say=say)
