"""One path of two displays: Drupal opens only one of them, whichever its router finds first.

A page and its export may share a path; two displays of one kind may not. A view that a module
installs has displays, too, whether a row names them or not.

Source: Drupal core, `PathPluginBase::collectRoutes` and `alterRoutes`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import displays_asked
from jira_pipeline.drupal.row_names import marked, marked_subject
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.path import displays_by_path, path_column, path_text
from jira_pipeline.drupal.view.plugin import plugin_name
from jira_pipeline.drupal.view.shipped import adjusted_view, is_as_shipped
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.entities import Entity, EntityKind

# The fact: which displays have the path of one.


@dataclass(frozen=True, slots=True)
class SharedPath:
    """A path of several displays, the one asked about left out."""

    path: str
    others: tuple[Entity, ...]
    """Displays of rows."""
    installed: tuple[str, ...]
    """Machine names of displays that a module brings and no row of the view has."""


@dataclass(frozen=True, slots=True)
class OwnPath:
    """No other display of its kind has its path, or it has none."""


SharedPathFact: TypeAlias = SharedPath | OwnPath


def shared_path_of(display: Entity, rows: GroupRows) -> SharedPathFact:
    """Read which other displays of its kind have the path of one."""
    path = path_text(display)
    displays = displays_by_path(rows.index).get((plugin_name(display), path), ())
    if display not in displays:
        return OwnPath()
    others = tuple(other for other in displays if other != display)
    names = _names_of(rows)
    installed = tuple(name for name in _installed_displays(path, rows) if name not in names)
    return SharedPath(path, others, installed) if others or installed else OwnPath()


def _installed_displays(path: str, rows: GroupRows) -> list[str]:
    """Return the displays with a path of the view of a module that the rows change."""
    shipped = adjusted_view(rows)
    if shipped is None:
        return []
    return [name for name, paths in shipped.paths.items() if path in paths]


def _names_of(rows: GroupRows) -> set[str]:
    """Return the machine names of the displays that have a row in the group."""
    return {display.machine_name for display in rows.group.members}


# What follows from it.


def ask(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which display keeps a path that other displays of its kind have, too.

    `/boats is the path of page_1 here and of page_9 of “Ships”: which one keeps it?`
    """
    if is_as_shipped(rows.head, rows.group.members):
        return
    match shared_path_of(display, rows):
        case SharedPath() as shared:
            yield _question_on_path(display, shared, rows)
        case OwnPath():
            return


def _question_on_path(display: Entity, shared: SharedPath, rows: GroupRows) -> RowQuestion:
    """Return the question with the displays that share the path as its choices, the asked one first."""
    names = []
    for sharing_display in (display, *shared.others):
        view_name = rows.index.owner_name(sharing_display)
        names.append(f"{marked_subject(sharing_display)} of “{view_name}”")
    for machine_name in shared.installed:
        names.append(f"{marked(machine_name)} of the installed view")
    column = path_column(display)
    return question_about(
        "views.path_of_two",
        display,
        column,
        shared.others,
        quote=shared.path,
        choices=names,
        disputes=column,
        path=marked(shared.path),
        others=" and ".join(names[1:]),
    )


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield which other displays have the path of each, with the rows of these."""
    for display in view.ticket.live(EntityKind.VIEW_DISPLAY):
        match shared_path_of(display, view.ticket.group_rows):
            case SharedPath(others=others) as shared:
                yield StatedFact(fact=shared, rows=(display, *others))
            case OwnPath() as own:
                yield StatedFact(fact=own, rows=(display,))


RULE = Rule(
    key="view.shared_path",
    facts=facts,
    asked_rows=displays_asked,
    ask=ask,
)
