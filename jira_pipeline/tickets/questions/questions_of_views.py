"""Certain questions of views and their displays, and of types to remove.

Belongs here: what the cells leave open or contradict, without reading English. Does not: their
words (`questions.toml`), joining rows into one question (`found_questions`), the form
(`view_forms`).
"""

import re
from collections.abc import Iterator

from jira_pipeline.drupal.meaning.notes import changes_in
from jira_pipeline.drupal.meaning.view_displays import (
    ShippedView,
    has_prose,
    is_as_shipped,
    is_disabled,
    is_set,
    is_shared,
    path_column,
    placeholders_in,
    plugin_name,
    setting_column,
    setting_of,
    shipped_view,
    stated_path,
)
from jira_pipeline.model.entities import GONE, TO_BUILD, BundleType, Entity, Status
from jira_pipeline.tickets.questions.question_index import (
    RowQuestion,
    asked,
    joined,
    marked,
    marked_subject,
    name_of,
)
from jira_pipeline.tickets.questions.rules import GroupRows, once_per_group, rule
from jira_pipeline.tickets.questions.view_forms import wanted_of

_WAITING = re.compile(r"(?i)\b(?:waits?|until|later|once|when|after)\b")
_KEEPING = re.compile(r"(?i)\b(?:archiv|migrat|delet|mov(?:e|ing)|ke(?:ep|pt)|export)")
"""What a note says of when a view comes, and of what becomes of items."""
_ID = re.compile(r"\bID \d+(?:, \d+)*(?: of \w+)?")
"""How `sheets` writes what a filter has of content."""


@rule("views.items")
def items(head: Entity, _: GroupRows) -> bool:
    """Ask what becomes of the content of a type that goes."""
    has_items = head.bundle_type in {BundleType.CONTENT, BundleType.MEDIA}
    return has_items and not _KEEPING.search(head.note)


@rule("views.disabled")
def disabled(view: Entity, rows: GroupRows) -> bool:
    """Ask about a view to build whose status is Disabled."""
    return bool(rows.form) and is_disabled(view) and not _WAITING.search(view.note)


@rule("views.no_display")
def no_display(_: Entity, rows: GroupRows) -> bool:
    """Ask about a view none of whose displays is to be built."""
    displays = rows.group.members
    return bool(displays) and all(display.status in GONE for display in displays)


@rule("views.changed")
def changed(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what changes of a display whose row says nothing of it."""
    is_told = has_prose(display) or is_set(display) or changes_in(display.note)
    if display.status is Status.CHANGED and not is_told:
        yield asked("views.changed", display, "X", quote="c", view=name_of(rows.head))


@rule("views.changed_alone")
def changed_alone(view: Entity, rows: GroupRows) -> bool:
    """Ask what changes of a view whose displays stay, where its row says nothing of it."""
    is_alone = all(display.status is Status.IMPLEMENTED for display in rows.group.members)
    is_silent = view.status is Status.CHANGED and not (has_prose(view) or changes_in(view.note))
    return is_alone and is_silent


@rule("views.path_of_two")
def path_of_two(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask which display keeps a path that two of one kind have, be one of a module that no row has."""
    if is_disabled(rows.head) or is_as_shipped(rows.head, rows.group.members):
        return
    path, column = stated_path(display), path_column(display)
    bearers = rows.index.displays_by_path.get((plugin_name(display), path), ())
    others = [other for other in bearers if other != display]
    brought, own = _shipped(rows), {each.machine_name for each in rows.group.members}
    alike = [n for n, paths in (brought.paths if brought else {}).items() if path in paths]
    installed = [f"{marked(name)} of the installed view" for name in alike if name not in own]
    if display in bearers and (others or installed):
        named = [f"{marked_subject(o)} of “{rows.index.owner_name(o)}”" for o in (display, *others)]
        named += installed
        words = {"quote": path, "disputes": column, "path": marked(path)}
        words["others"] = " and ".join(named[1:])
        yield asked("views.path_of_two", display, column, others, choices=named, **words)


@rule("views.placeholder")
def placeholder(display: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask what a placeholder of a path stands for, where neither its name nor a filter says it."""
    path = stated_path(display)
    unknown = [place for place, known in placeholders_in(path).items() if not known]
    if unknown and not setting_of(display, "filters") and not has_prose(display):
        words = {"values": " and ".join(map(marked, unknown)), "path": marked(path)}
        yield asked("views.placeholder", display, path_column(display), quote=path, **words)


@rule("views.displays", "views.form")
def form(display: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the open cells of the form of a view; without rows for its displays, for these, too."""
    if rows.form_row(display).open_columns:
        kind = f"views.{'displays' if display is rows.head else 'form'}"
        is_noted = any(map(has_prose, (rows.head, *(row.display for row in rows.form))))
        words = {"view": name_of(rows.head), "wanted": wanted_of(rows.form)}
        words["noted"] = " The notes may say some of it." * is_noted
        yield asked(kind, display, "Display plugin", **words)


@rule("views.ids")
def ids(display: Entity, _: GroupRows) -> Iterator[RowQuestion]:
    """Ask which items a filter names by IDs, which are content and differ from site to site."""
    column = setting_column(display, "filters")
    found = list(dict.fromkeys(_ID.findall(display.cell(column))))
    if found and display.status in TO_BUILD and not is_shared(display):
        yield asked("views.ids", display, column, quote=found[0], ids=joined(found))


@once_per_group
def _shipped(rows: GroupRows) -> ShippedView | None:
    """Return the view of a module that new rows change or add to."""
    live = [display for display in rows.group.members if display.status not in GONE]
    is_adjusted = live and rows.is_new and not is_as_shipped(rows.head, live)
    return shipped_view(rows.head) if is_adjusted else None


@rule("views.shipped")
def shipped(view: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about displays that a module brings and no row has."""
    if brought := _shipped(rows):
        members = rows.group.members
        known = {display.machine_name for display in members}
        if missing := [name for name in brought.paths if name not in known]:
            words = {"module": brought.module.label, "name": marked(view.machine_name)}
            words["displays"] = " and ".join(map(marked, missing))
            yield asked("views.shipped", view, "Machine name", **words)
