"""One path of two displays: Drupal opens only one of them, whichever its router finds first.

A page and its export may share a path; two displays of one kind may not. A view that a module
installs has displays, too, whether a row names them or not.

Source: Drupal core, `PathPluginBase::collectRoutes` and `alterRoutes`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.asked_rows import displays_asked
from jira_pipeline.drupal.row_names import marked, marked_subject
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.view.path import displays_by_path, path_column, path_text
from jira_pipeline.drupal.view.plugin import plugin_name
from jira_pipeline.drupal.view.shipped import adjusted_view, is_as_shipped
from jira_pipeline.model.entities import Entity


@dataclass(frozen=True, slots=True)
class SharedPath:
    """A path of several displays, the one asked about left out."""

    path: str
    others: Sequence[Entity]
    """Displays of rows."""
    installed: Sequence[str]
    """Machine names of displays that a module brings and no row of the view has."""


def shared_path_of(display: Entity, rows: GroupRows) -> SharedPath | None:
    """Read which other displays of its kind have the path of one; None where none has."""
    path = path_text(display)
    displays = displays_by_path(rows.index).get((plugin_name(display), path), ())
    if display not in displays:
        return None
    others = [other for other in displays if other != display]
    installed = [name for name in _installed_displays(path, rows) if name not in _names_of(rows)]
    return SharedPath(path, others, installed) if others or installed else None


def _installed_displays(path: str, rows: GroupRows) -> list[str]:
    """Return the displays with a path of the view of a module that the rows change."""
    shipped = adjusted_view(rows)
    if shipped is None:
        return []
    return [name for name, paths in shipped.paths.items() if path in paths]


def _names_of(rows: GroupRows) -> set[str]:
    """Return the machine names of the displays that have a row in the group."""
    return {display.machine_name for display in rows.group.members}


def ask(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which display keeps a path that other displays of its kind have, too.

    `/boats is the path of page_1 here and of page_9 of “Ships”: which one keeps it?`
    """
    if is_as_shipped(rows.head, rows.group.members):
        return
    shared = shared_path_of(display, rows)
    if shared is None:
        return
    names = []
    for sharing in (display, *shared.others):
        names.append(f"{marked_subject(sharing)} of “{rows.index.owner_name(sharing)}”")
    names += [f"{marked(name)} of the installed view" for name in shared.installed]
    column = path_column(display)
    yield question_about(
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


RULE: Rule[object] = Rule(
    key="view.shared_path",
    asked_rows=displays_asked,
    ask=ask,
)
