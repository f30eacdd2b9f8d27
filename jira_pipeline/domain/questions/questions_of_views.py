"""Certain questions of views and their displays, and of types to remove.

Belongs here: what the cells leave open or contradict, without reading English. Does not: the words of a
ticket (`writers`), joining rows into one question (`open_questions`), the form (`view_forms`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.drupal_views import view_facts
from jira_pipeline.domain.entities import BundleType, Entity, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked, marked_subject
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of, once_per_session
from jira_pipeline.domain.view_displays import (
    GONE,
    displays_by_path,
    has_prose,
    is_as_shipped,
    is_disabled,
    is_set,
    path_column,
    placeholders_in,
    plugin_name,
    setting_of,
    shipped_view,
    stated_path,
)
from jira_pipeline.domain.view_forms import DisplayForm, form_of, wanted_of

_WITH_ITEMS = frozenset({BundleType.CONTENT, BundleType.MEDIA})


def view_doubts(group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the rows of a view, or of a removal, leave open."""
    if group.action is GroupAction.REMOVE:
        yield from _existing_items(group.heads)
    elif group.kind is GroupKind.VIEW:
        view, displays = group.heads[0], group.members
        form = form_of(view, displays)
        name = f"“{name_of(view)}”"
        if form and is_disabled(view):
            question = f"{name} has the status Disabled: is it to be built now?"
            yield _doubt(5, "disabled", view, "Status", question)
        if displays and all(display.status in GONE for display in displays):
            question = f"No display of {name} is to be built: is the view to be built at all?"
            yield _doubt(5, "no display", view, "X", question)
        if group.action is GroupAction.UPDATE:
            yield from _changes(view, displays)
        if not is_disabled(view) and not is_as_shipped(view, displays):
            yield from _paths_of_two(displays, index)
        yield from _open_form(view, form)
        for row in form:
            yield from _placeholders(row.display)
        yield from _not_in_rows(view, displays)


def _existing_items(heads: Sequence[Entity]) -> Iterator[Doubt]:
    """Ask what becomes of the items of types that go: Drupal deletes no type that has some."""
    types = [head for head in heads if head.bundle_type in _WITH_ITEMS]
    question = f"What becomes of existing items of {SUBJECTS}{_unless(types)}?"
    for head in types:
        yield _doubt(10, "existing items", head, "X", question)


def _open_form(view: Entity, form: Sequence[DisplayForm]) -> Iterator[Doubt]:
    """Ask for the open cells of the form, in one question."""
    rows = [row for row in form if row.open_columns]
    wanted = f"{wanted_of(view, rows)}{_unless([view, *(row.display for row in rows)])}"
    asked = f"Please fill in the cells marked “?” in the form of “{name_of(view)}”"
    for row in rows:
        question = f"{asked}: {wanted}."
        if row.display is view:
            question = f"Which displays does “{name_of(view)}” have, and of each: {wanted}?"
        many = f"{asked}, for each display: {wanted}."
        yield _doubt(20, "form", row.display, "Display plugin", question, many=many)


def _changes(view: Entity, displays: Sequence[Entity]) -> Iterator[Doubt]:
    """Ask what changes where rows are marked as changed and say nothing of it."""
    for display in displays:
        if display.status is Status.CHANGED and not has_prose(display) and not is_set(display):
            asked = f"What changes in {SUBJECTS} of “{name_of(view)}”?"
            question, many = (f"{asked} {who} marked as changed." for who in ("It is", "They are"))
            yield _doubt(10, "changes", display, "X", question, many=many)
    is_alone = all(display.status is Status.IMPLEMENTED for display in displays)
    if view.status is Status.CHANGED and is_alone and not has_prose(view):
        question = f"What changes in {SUBJECTS}? It is marked as changed, its displays are not."
        yield _doubt(10, "changes", view, "X", question)


def _paths_of_two(displays: Sequence[Entity], index: QuestionIndex) -> Iterator[Doubt]:
    """Ask which display keeps a path that two of one kind have."""
    for display in displays:
        path = stated_path(display)
        bearers = _by_path(index).get((plugin_name(display), path), ())
        others = tuple(other for other in bearers if other is not display)
        if display in bearers and others:
            named = " and ".join(
                f"{marked_subject(other)} of “{index.owner_name(other)}”" for other in others
            )
            question = f"{marked(path)} is the path of {SUBJECTS} and of {named}: which keeps it?"
            yield _doubt(
                15, path, display, path_column(display), question, quote=path, compared=others
            )


@once_per_session
def _by_path(index: QuestionIndex) -> Mapping[tuple[str, str], Sequence[Entity]]:
    return displays_by_path(index.specification)


def _placeholders(display: Entity) -> Iterator[Doubt]:
    """Ask what a placeholder of a path stands for, where neither its name nor a filter says it."""
    path, known = stated_path(display), view_facts().path_values
    unknown = [p for p in placeholders_in(path) if p.removeprefix("%") not in known]
    if unknown and not setting_of(display, "filters") and not has_prose(display):
        names = " and ".join(map(marked, unknown))
        verb = "does" if len(unknown) == 1 else "do"
        rest = "stand for: the ID or the name of what?"
        question = f"What {verb} {names} in the path {marked(path)} of {SUBJECTS} {rest}"
        many = f"What do the placeholders in the paths of {SUBJECTS} {rest}"
        column = path_column(display)
        yield _doubt(25, "placeholders", display, column, question, many=many, quote=path)


def _not_in_rows(view: Entity, displays: Sequence[Entity]) -> Iterator[Doubt]:
    """Ask about displays that a module brings and no row has."""
    shipped, live = shipped_view(view), [d for d in displays if d.status not in GONE]
    if shipped and live and view.status is Status.APPROVED and not is_as_shipped(view, live):
        known = {display.machine_name for display in displays}
        if names := " and ".join(marked(name) for name in shipped.paths if name not in known):
            question = (
                f"The {shipped.module.name} module installs the view {marked(view.machine_name)} "
                f"with {names}, which no row has: is that to be deleted?"
            )
            yield _doubt(30, "shipped displays", view, "Machine name", question)


def _unless(rows: Sequence[Entity]) -> str:
    return ", as far as the notes do not say it" if any(map(has_prose, rows)) else ""


def _doubt(
    rank: int,
    topic: str,
    row: Entity,
    column: str,
    question: str,
    *,
    many: str = "",
    quote: str = "",
    compared: tuple[Entity, ...] = (),
) -> Doubt:
    return Doubt(
        rank=rank,
        topic=topic,
        entity=row,
        column=column,
        quote=quote or row.cell(column),
        question=question,
        question_for_many=many,
        compared=compared,
    )
