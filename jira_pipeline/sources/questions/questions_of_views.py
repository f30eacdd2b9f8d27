"""Certain questions of views and their displays, and of types to remove.

Belongs here: what the cells leave open or contradict, without reading English. Does not: their
words (`questions.toml`), joining rows into one question (`found_questions`), the form
(`view_forms`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.model.entities import GONE, BundleType, Entity, Status
from jira_pipeline.model.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.model.forms_in_text import LISTS, OPEN, PATH
from jira_pipeline.sources.drupal.shipped_views import view_facts
from jira_pipeline.sources.drupal.view_displays import (
    base_table_of,
    displays_by_path,
    has_prose,
    is_as_shipped,
    is_disabled,
    is_set,
    path_column,
    placeholders_in,
    plugin_facts,
    plugin_name,
    search_index_of,
    setting_of,
    shipped_view,
    stated_path,
)
from jira_pipeline.sources.questions.question_index import QuestionIndex, name_of, once_per_session
from jira_pipeline.sources.questions.questions_of_lists import name_questions
from jira_pipeline.sources.questions.row_questions import (
    RowQuestion,
    asked,
    marked,
    marked_subject,
    plain,
)
from jira_pipeline.sources.questions.view_forms import SHOWS, FormRow, form_of, wanted_of
from jira_pipeline.sources.questions.view_titles import (
    ACTION_OF_CORE,
    BY_CODE,
    FROM,
    UNSETTLED,
    remark_in,
    unexplained_title,
)

_WITH_ITEMS = frozenset({BundleType.CONTENT, BundleType.MEDIA})


def view_questions(group: EntityGroup, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Find what the rows of a view, or of a removal, leave open."""
    if group.action is GroupAction.REMOVE:
        yield from _existing_items(group.heads)
    elif group.kind is GroupKind.VIEW:
        view, displays = group.heads[0], group.members
        form = form_of(view, displays, index.specification)
        if form and is_disabled(view):
            yield asked("views.disabled", view, "Status", quote=view.cell("Status"))
        if displays and all(display.status in GONE for display in displays):
            yield asked("views.no_display", view, "X")
        if group.action is GroupAction.UPDATE:
            yield from _changes(view, displays)
        if not is_disabled(view) and not is_as_shipped(view, displays):
            yield from _paths_of_two(displays, index)
        yield from _open_form(view, form) if form else ()
        for row in form:
            yield from _placeholders(row.display)
            yield from name_questions(row.display, index)
        yield from _promised(view, form) if form else ()
        yield from _not_in_rows(view, displays)
        yield from _unknown_modules(view, form)


def _existing_items(heads: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask what becomes of the items of types that go: Drupal deletes no type that has some."""
    types = [head for head in heads if head.bundle_type in _WITH_ITEMS]
    for head in types:
        yield asked("views.items", head, "X", unless=_unless(types))


def _open_form(view: Entity, form: Sequence[FormRow]) -> Iterator[RowQuestion]:
    rows = [row for row in form if row.open_columns]
    words = {
        "view": name_of(view),
        "wanted": wanted_of(view, form),
        "unless": _unless([view, *(row.display for row in rows)]),
    }
    for row in rows:
        topic = "displays" if row.display is view else "form"
        yield asked(f"views.{topic}", row.display, "Display plugin", words=words)
    if any(FROM in row.cells[column] for row in form for column in (LISTS, SHOWS, PATH)):
        yield asked("views.confirm", view, "Machine name")


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
        bearers = _by_path(index).get((plugin_name(display), path), ())
        others = tuple(other for other in bearers if other != display)
        if display in bearers and others:
            named = [f"{marked_subject(o)} of “{index.owner_name(o)}”" for o in (display, *others)]
            words = {"path": marked(path), "others": " and ".join(named[1:])}
            yield asked(
                "views.path_of_two",
                display,
                column,
                of=path,
                quote=path,
                choices=named,
                compared=others,
                disputes=column,
                words=words,
            )


@once_per_session
def _by_path(index: QuestionIndex) -> Mapping[tuple[str, str], Sequence[Entity]]:
    return displays_by_path(index.specification)


def _placeholders(display: Entity) -> Iterator[RowQuestion]:
    """Ask what a placeholder of a path stands for, where neither its name nor a filter says it."""
    path, known = stated_path(display), view_facts().path_values
    unknown = [p for p in placeholders_in(path) if p.removeprefix("%") not in known]
    if unknown and not setting_of(display, "filters") and not has_prose(display):
        topic = "placeholder" if len(unknown) == 1 else "placeholders"
        is_id = all(placeholder.endswith("id") for placeholder in unknown)
        words = {"values": " and ".join(map(marked, unknown)), "path": marked(path)}
        words["what"] = "the ID" if is_id else "the ID or the name"
        yield asked(f"views.{topic}", display, path_column(display), quote=path, words=words)


def _promised(view: Entity, form: Sequence[FormRow]) -> Iterator[RowQuestion]:
    """Ask what titles mean and who does what a list does not; what a description leaves to code or time."""
    for topic, pattern in (("code", BY_CODE), ("unsettled", UNSETTLED)):
        if said := remark_in(view, pattern):
            yield asked(f"views.{topic}", view, "Description", quote=said, said=plain(said))
    for row in form:
        limit, action = row.promises.limit, row.promises.action
        if limit and not row.promises.is_limit_of_core:
            of, said = limit.words.casefold(), plain(limit.words)
            yield asked("views.criterion", view, "View name", of=of, said=said)
        if kept := row.promises.kept_by_users:
            yield asked("views.kept", view, "View name", of=kept, said=kept)
        path, known = stated_path(row.display), view_facts().path_values
        owners = [known.get(placeholder.removeprefix("%")) for placeholder in placeholders_in(path)]
        if any(owners) and row.cells["Filters"].endswith(OPEN) and not has_prose(row.display):
            thing = str(next(filter(None, owners))).removeprefix("the ID of ")
            yield asked("views.related", row.display, "Title", of=thing, thing=thing)
        if action and not ACTION_OF_CORE.match(action):
            yield asked(
                "views.action", row.display, "Display plugin", of=action, said=plain(action)
            )
        kind = plugin_facts(row.display)
        number = kind and re.fullmatch(rf"{kind.one.split()[-1]} \d+", row.display.label.casefold())
        if number and not has_prose(row.display) and not placeholders_in(path):
            yield asked("views.numbered", row.display, "Title", of=row.display.label)
    is_told = any(has_prose(row) for row in (view, *(row.display for row in form)))
    is_told |= any(
        r.promises.action or {OPEN} != {r.cells["Filters"], r.cells["Access"]} for r in form
    )
    labels = [row.display.label for row in form if row.display is not view]
    if not is_told and (title := unexplained_title(view, form[0].cells[LISTS], labels)):
        yield asked("views.meaning", view, "View name", title=plain(title))


def _not_in_rows(view: Entity, displays: Sequence[Entity]) -> Iterator[RowQuestion]:
    """Ask about displays that a module brings and no row has."""
    shipped, live = shipped_view(view), [d for d in displays if d.status not in GONE]
    if shipped and live and view.status is Status.APPROVED and not is_as_shipped(view, live):
        known = {display.machine_name for display in displays}
        if missing := [marked(name) for name in shipped.paths if name not in known]:
            words = {"module": shipped.module.name, "displays": " and ".join(missing)}
            name = marked(view.machine_name)
            yield asked("views.shipped", view, "Machine name", words=words, name=name)


def _unknown_modules(view: Entity, form: Sequence[FormRow]) -> Iterator[RowQuestion]:
    """Ask which module brings a base table or a kind of display that nobody knows."""
    column = "Base table"
    if form and view.cell(column) and not base_table_of(view) and not search_index_of(view):
        words = {"what": f"base table {marked(view.cell(column))}"}
        yield asked("views.module", view, column, quote=view.cell(column), words=words)
    column = "Display plugin"
    for display in (row.display for row in form if row.display is not view):
        if display.cell(column) and plugin_facts(display) is None:
            words = {"what": f"kind of display “{plain(display.cell(column))}”"}
            yield asked("views.module", display, column, of=display.cell(column), words=words)


def _unless(rows: Sequence[Entity]) -> str:
    return ", unless the notes already say so" if any(map(has_prose, rows)) else ""
