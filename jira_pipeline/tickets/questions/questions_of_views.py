"""Certain questions of views and their displays, and of types to remove.

Belongs here: what the cells leave open or contradict, without reading English. Does not: their
words (`questions.toml`), joining rows into one question (`found_questions`), the form
(`view_forms`).
"""

import re
from collections.abc import Iterator, Sequence

from jira_pipeline.drupal.meaning.view_displays import (
    has_prose,
    is_as_shipped,
    is_disabled,
    is_set,
    path_column,
    placeholders_in,
    plugin_name,
    setting_column,
    setting_of,
    shipped_display,
    shipped_view,
    stated_path,
)
from jira_pipeline.model.entities import GONE, BundleType, Entity, Status
from jira_pipeline.model.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.model.forms_in_text import is_open_cell
from jira_pipeline.tickets.questions.question_index import (
    QuestionIndex,
    name_of,
)
from jira_pipeline.tickets.questions.questions_of_lists import name_questions
from jira_pipeline.tickets.questions.row_questions import (
    RowQuestion,
    asked,
    marked,
    marked_subject,
    plain,
)
from jira_pipeline.tickets.questions.view_forms import FormRow, form_of, wanted_of

_WAITING = re.compile(r"(?i)\b(?:waits?|until|later|once|when|after)\b")
_KEEPING = re.compile(r"(?i)\b(?:archiv|migrat|delet|mov(?:e|ing)|ke(?:ep|pt)|export)")
"""What a note says of when a view comes, and of what becomes of items."""
_BY = re.compile(r"(?i)(?P<field>[^()]+) \((?:(?:after|before) (?:now|today)|asc|desc)\)")


def view_questions(group: EntityGroup, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Find what the rows of a view, or of a removal, leave open."""
    if group.action is GroupAction.REMOVE:
        types = [h for h in group.heads if h.bundle_type in {BundleType.CONTENT, BundleType.MEDIA}]
        yield from (asked("views.items", h, "X") for h in types if not _KEEPING.search(h.note))
    elif group.kind is GroupKind.VIEW:
        view, displays = group.heads[0], group.members
        form = form_of(view, displays)
        if form and is_disabled(view) and not _WAITING.search(view.note):
            yield asked("views.disabled", view, "Status", quote=view.cell("Status"))
        if displays and all(display.status in GONE for display in displays):
            yield asked("views.no_display", view, "X")
        if group.action is GroupAction.UPDATE:
            yield from _changes(view, displays)
        if not is_disabled(view) and not is_as_shipped(view, displays):
            yield from _paths_of_two(displays, index)
        for row in form:
            yield from _placeholders(row.display)
            yield from name_questions(row.display, index)
        if form:
            yield from _open_form(view, form)
            yield from _filters(form, index)
            yield from _related(form)
        yield from _not_in_rows(view, displays)


def _open_form(view: Entity, form: Sequence[FormRow]) -> Iterator[RowQuestion]:
    words = {"view": name_of(view), "wanted": wanted_of(view, form)}
    for row in (row for row in form if row.open_columns):
        topic = "displays" if row.display is view else "form"
        yield asked(f"views.{topic}", row.display, "Display plugin", **words)


def _changes(view: Entity, displays: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask what changes where rows are marked as changed and say nothing of it."""
    for display in displays:
        if display.status is Status.CHANGED and not has_prose(display) and not is_set(display):
            yield asked("views.changed", display, "X", quote="c", view=name_of(view))
    is_alone = all(display.status is Status.IMPLEMENTED for display in displays)
    if view.status is Status.CHANGED and is_alone and not has_prose(view):
        yield asked("views.changed_alone", view, "X", quote="c")


def _paths_of_two(displays: Sequence[Entity], index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask which display keeps a path that two of one kind have."""
    for display in displays:
        path, column = stated_path(display), path_column(display)
        bearers = index.displays_by_path.get((plugin_name(display), path), ())
        others = [other for other in bearers if other != display]
        if display in bearers and others:
            named = [f"{marked_subject(o)} of “{index.owner_name(o)}”" for o in (display, *others)]
            words = {"quote": path, "disputes": column, "path": marked(path)}
            words["others"] = " and ".join(named[1:])
            yield asked("views.path_of_two", display, column, others, choices=named, **words)


def _placeholders(display: Entity) -> Iterator[RowQuestion]:
    """Ask what a placeholder of a path stands for, where neither its name nor a filter says it."""
    path = stated_path(display)
    unknown = [place for place, known in placeholders_in(path).items() if not known]
    if unknown and not setting_of(display, "filters") and not has_prose(display):
        is_id = all(placeholder.endswith("id") for placeholder in unknown)
        words = {"values": " and ".join(map(marked, unknown)), "path": marked(path)}
        words["what"] = "the ID" if is_id else "the ID or the name"
        words["do"] = "does" if len(unknown) == 1 else "do"
        yield asked("views.placeholder", display, path_column(display), quote=path, **words)


def _related(form: Sequence[FormRow]) -> Iterator[RowQuestion]:
    """Ask what connects the listed items with the item whose ID a path has."""
    for row in form:
        known = next(filter(None, placeholders_in(stated_path(row.display)).values()), "")
        owner = known.partition(" of a ")[2]
        is_open = is_open_cell(row.cells["Filters"]) and not has_prose(row.display)
        if owner not in {"", "file"} and is_open:
            divided = {"term": "vocabulary", "user account": ""}.get(owner, "type")
            which = f" (of which {divided}?)" if divided else ""
            yield asked("views.related", row.display, "Title", owner=owner, which=which)


def _filters(form: Sequence[FormRow], index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask by what of a reference a filter or sort goes that needs a date or an order."""
    for display in (row.display for row in form):
        for column in (setting_column(display, name) for name in ("filters", "sort")):
            for found in filter(None, map(_BY.fullmatch, display.cell(column).split("; "))):
                if found["field"].casefold() in index.bundles_by_name:
                    said = plain(found["field"])
                    yield asked("views.no_date", display, column, quote=found[0], said=said)


def _not_in_rows(view: Entity, displays: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask about displays that a module brings and no row has."""
    shipped, live = shipped_view(view), [d for d in displays if d.status not in GONE]
    if shipped and live and view.status is Status.APPROVED and not is_as_shipped(view, live):
        known = {display.machine_name for display in displays}
        missing = {name: paths for name, paths in shipped.paths.items() if name not in known}
        words = {"module": shipped.module.label, "name": marked(view.machine_name)}
        for display in (d for d in live if d.machine_name not in shipped.paths):
            if name := shipped_display(display, shipped, displays):
                missing.pop(name, None)
                alike = {"display": marked(name), "answer": "Yes", **words}
                yield asked("views.shipped_alike", display, "Machine name", **alike)
        if missing:
            words["displays"] = " and ".join(map(marked, missing))
            yield asked("views.shipped", view, "Machine name", **words)
