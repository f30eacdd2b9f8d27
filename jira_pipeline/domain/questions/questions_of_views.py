"""Certain questions of views and their displays.

Belongs here: what the cells leave open or contradict, without reading English. Does not: the words of a
ticket (`writers`), joining rows into one question (`open_questions`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from jira_pipeline.domain.drupal_views import DisplayPlugin, view_facts
from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked, marked_subject
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of, once_per_session
from jira_pipeline.domain.view_displays import (
    GONE,
    base_table_of,
    has_prose,
    is_as_shipped,
    is_disabled,
    is_set,
    is_shared,
    path_column,
    placeholders_in,
    plugin_facts,
    plugin_name,
    setting_of,
    shipped_view,
    stated_path,
)
from jira_pipeline.domain.view_forms import PLACE, DisplayForm, form_of

_ASKED: Mapping[str, str] = {
    "Lists": "what it lists",
    "Shows": "which fields or view mode it shows",
    PLACE: "its path or where it is used",
    "Filters": "how it filters",
    "Sort": "how it sorts",
    "Items per page": "how many items it shows at a time",
    "Access": "who has access",
    "When empty": "what it says when it is empty",
}
"""What an open cell of the form asks for, by its column."""


def view_doubts(group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the rows of a view leave open."""
    if group.kind is not GroupKind.VIEW or group.action is GroupAction.REMOVE:
        return
    view, displays = group.heads[0], group.members
    form = form_of(view, displays)
    if form and is_disabled(view):
        question = f"{_view(view)} has the status Disabled: is it to be built now?"
        yield Doubt(
            rank=5,
            topic="disabled view",
            entity=view,
            column="Status",
            quote=view.cell("Status"),
            question=question,
        )
    if displays and all(display.status in GONE for display in displays):
        question = f"No display of {_view(view)} is to be built: is the view to be built at all?"
        yield Doubt(
            rank=5, topic="no display", entity=view, column="X", quote="", question=question
        )
    if group.action is GroupAction.UPDATE:
        yield from _changes(view, displays)
    yield from _paths_of_two(view, displays, index)
    yield from _form_doubts(view, form)
    for row in form:
        yield from _values(row.display)
    yield from _missing(view, displays)


def _form_doubts(view: Entity, form: Sequence[DisplayForm]) -> Iterator[Doubt]:
    """Ask for the open cells of the form, in one question."""
    open_rows = [row for row in form if row.open_columns]
    columns = [c for c in _ASKED if any(c in row.open_columns for row in open_rows)]
    places = {plugin_facts(row.display) for row in open_rows if PLACE in row.open_columns}
    asked = [_asked(column, view, places) for column in columns]
    if {"Filters", "Sort"} <= set(columns):
        asked[columns.index("Filters")] = "how it filters and sorts"
        del asked[columns.index("Sort")]
    wanted = f"{', '.join(asked[:-1])} and {asked[-1]}" if len(asked) > 1 else "".join(asked)
    has_notes = has_prose(view) or any(has_prose(row.display) for row in open_rows)
    unless = ", as far as the notes do not say it" if has_notes else ""
    for row in open_rows:
        of_one = f"Please fill in the cells marked “?” in the form of {_view(view)}"
        if row.display is view:
            question = f"Which displays does {_view(view)} have, and of each: {wanted}{unless}?"
        else:
            question = f"{of_one}: {wanted}{unless}."
        many = f"{of_one}, for each display: {wanted}{unless}."
        yield Doubt(
            rank=20,
            topic="form",
            entity=row.display,
            column="Display plugin",
            quote="",
            question=question,
            question_for_many=many,
        )


def _asked(column: str, view: Entity, places: Collection[DisplayPlugin | None]) -> str:
    """Say what an open column asks for: of a page its path, of other displays their place."""
    if column == PLACE:
        is_path = {plugin is None or plugin.has_path for plugin in places}
        words = {True: "its path", False: "where it is used"}
        return " or ".join(words[each] for each in sorted(is_path, reverse=True))
    table = base_table_of(view) if column == "Lists" else None
    if table is None or not table.kinds:
        return _ASKED[column]
    kinds = {"content": "content types", "media": "media types"}.get(table.lists, table.kinds)
    if table.is_of_revisions:
        return f"which {kinds} it lists, and whether all revisions or only the current one"
    return f"which {kinds} it lists"


def _changes(view: Entity, displays: Sequence[Entity]) -> Iterator[Doubt]:
    """Ask what changes where rows are marked as changed and say nothing of it."""
    changed = [display for display in displays if display.status is Status.CHANGED]
    silent = [display for display in changed if not has_prose(display) and not is_set(display)]
    for display in silent:
        question = f"What changes in {SUBJECTS} of {_view(view)}? It is marked as changed (X c)."
        many = f"What changes in {SUBJECTS} of {_view(view)}? They are marked as changed (X c)."
        yield Doubt(
            rank=10,
            topic="changes",
            entity=display,
            column="X",
            quote="c",
            question=question,
            question_for_many=many,
        )
    is_alone = all(display.status is Status.IMPLEMENTED for display in displays)
    if view.status is Status.CHANGED and is_alone and not has_prose(view):
        question = (
            f"What changes in {_view(view)}? It is marked as changed (X c), its displays are not."
        )
        yield Doubt(rank=10, topic="changes", entity=view, column="X", quote="c", question=question)


def _paths_of_two(
    view: Entity, displays: Sequence[Entity], index: QuestionIndex
) -> Iterator[Doubt]:
    """Ask which display keeps a path that two of one kind have."""
    for display in displays if not is_disabled(view) else ():
        bearers = _by_path(index).get((plugin_name(display), stated_path(display)), ())
        others = [other for other in bearers if other is not display]
        if display not in bearers or not others:
            continue
        named = " and ".join(
            f"{marked_subject(other)} of “{index.owner_name(other)}”" for other in others
        )
        question = (
            f"{marked(stated_path(display))} is the path of {SUBJECTS} of {_view(view)} and of "
            f"{named}: which of them keeps it?"
        )
        yield Doubt(
            rank=15,
            topic=f"path {stated_path(display)}",
            entity=display,
            column=path_column(display),
            quote=stated_path(display),
            question=question,
            compared=tuple(others),
        )


@once_per_session
def _by_path(index: QuestionIndex) -> Mapping[tuple[str, str], Sequence[Entity]]:
    """Return the displays to stay or to come of enabled views, by kind and path."""
    found: dict[tuple[str, str], list[Entity]] = {}
    for display in index.specification.by_kind[EntityKind.VIEW_DISPLAY]:
        owners = index.specification.by_key.get(display.owner_key or "", ())[:1]
        rows = (display, *owners)
        if (path := stated_path(display)) and not any(
            row.status in GONE or is_disabled(row) for row in rows
        ):
            found.setdefault((plugin_name(display), path), []).append(display)
    return found


def _values(display: Entity) -> Iterator[Doubt]:
    """Ask what a placeholder of a path stands for, where neither its name nor a filter says it."""
    path = stated_path(display)
    known = view_facts().path_values
    unknown = [p for p in placeholders_in(path) if p.removeprefix("%") not in known]
    if unknown and not setting_of(display, "filters") and not has_prose(display):
        values = " and ".join(marked(placeholder) for placeholder in unknown)
        verb = "does" if len(unknown) == 1 else "do"
        question = (
            f"What {verb} {values} in the path {marked(path)} of {SUBJECTS} stand for: the ID or "
            "the name of what?"
        )
        many = f"What do the placeholders in the paths of {SUBJECTS} stand for: the ID or the name of what?"
        yield Doubt(
            rank=25,
            topic="path values",
            entity=display,
            column=path_column(display),
            quote=path,
            question=question,
            question_for_many=many,
        )


def _missing(view: Entity, displays: Sequence[Entity]) -> Iterator[Doubt]:
    """Ask about displays that a module brings and no row has."""
    shipped = shipped_view(view)
    live = [d for d in displays if d.status not in GONE]
    if not shipped or not live or view.status is not Status.APPROVED or is_as_shipped(view, live):
        return
    known = {display.machine_name for display in displays if not is_shared(display)}
    missing = [marked(name) for name in shipped.paths if name not in known]
    if missing:
        names, verb = " and ".join(missing), "is it" if len(missing) == 1 else "are they"
        question = (
            f"The {shipped.module.name} module installs the view {marked(view.machine_name)} with "
            f"{names}, which no row has: {verb} to be deleted?"
        )
        yield Doubt(
            rank=30,
            topic="displays shipped",
            entity=view,
            column="Machine name",
            quote=view.machine_name,
            question=question,
        )


def _view(view: Entity) -> str:
    return f"“{name_of(view)}”"
