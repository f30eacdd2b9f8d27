"""Certain questions of workflows, roles, styles and view modes, and those of any row (`rows.…`).

Belongs here: what the cells leave open or contradict, without reading English. Does not: words
(`drupal/words`), joining rows into one question (`found_questions`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.drupal.meaning.modules_and_types import (
    listed_in,
)
from jira_pipeline.drupal.role.permission import (
    DescribedPermissions,
    permissions_in,
    transitions_granted,
)
from jira_pipeline.drupal.row_names import name_of, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.specification_index import (
    once_per_session,
)
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.words import question_words
from jira_pipeline.drupal.workflow.transition import kept_although_gone, transitions_in
from jira_pipeline.drupal.workflow.transition_roles import roles_allowed
from jira_pipeline.drupal.workflow.type import is_moderation
from jira_pipeline.model.entities import (
    Entity,
    EntityKind,
    Status,
)
from jira_pipeline.tickets.questions.question_rules import rule


@rule("lists.states")
def states(workflow: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the states and transitions of a new workflow, which is none without them."""
    lacking = [
        noun
        for noun, there in (("states", rows.states), ("transitions", transitions_in(rows)))
        if not there
    ]
    if lacking and rows.is_new and not rows.group.is_hollow:
        yield question_about("lists.states", workflow, which=" and ".join(lacking))


@rule("lists.hollow")
def hollow(_: Entity, rows: GroupRows) -> bool:
    """Ask about a new workflow none of whose rows is to be built."""
    return rows.group.is_hollow and rows.is_new and bool(rows.group.members)


def _first_state(rows: GroupRows) -> Entity | None:
    """Return the state that new content goes to, as Content Moderation has it."""
    names = listed_in("content_moderation", "states") if is_moderation(rows.head) else ("",)
    return next((state for state in rows.states if state.machine_name == names[0]), None)


@rule("lists.untouched", "lists.end", "lists.unreached", "lists.unsaved", "lists.held")
def odd_state(state: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about the first thing that is odd about the place of a state among the transitions."""
    if kind := _odd_states(rows).get(state.key):
        first = plain(found.label) if (found := _first_state(rows)) else ""
        yield question_about(
            kind,
            state,
            "Label",
            workflow=plain(name_of(rows.head)),
            first=first,
            begins=f" that begins in “{first}”" * bool(first),
        )


@once_per_session
def _odd_states(rows: GroupRows) -> Mapping[str, str]:
    """Return the kind of question that states raise, by key, where all transitions are certain.

    Nothing enters or leaves a state, or only one of both; or new content never gets to it, or content
    cannot be saved in it.
    """
    if not transitions_in(rows) or any(
        way.is_from_any or not way.is_certain for way in transitions_in(rows)
    ):
        return {}
    steps = {
        (state.key, way.to_state.key)
        for way in transitions_in(rows)
        if way.to_state
        for state in way.from_states
    }
    left = {begin for begin, end in steps if begin != end}
    entered = {end for begin, end in steps if begin != end}
    start = first.key if (first := _first_state(rows)) else ""
    reached = {start} if start in left else {start, *entered}
    while ends := {end for begin, end in steps if begin in reached} - reached:
        reached |= ends
    kinds: dict[str, str] = {}
    for key, name in ((state.key, state.machine_name) for state in rows.states):
        if key == start and key not in left | entered:
            kinds[key] = "lists.untouched"
        elif key in entered - left:
            if name not in listed_in("content_moderation", "states_of_editorial"):
                kinds[key] = "lists.end"  # archived, as core has it, is where content stays
        elif key not in reached:
            if start or key not in left:
                kinds[key] = "lists.unreached"
        elif start and (key, key) not in steps and (key, start) not in steps:
            kinds[key] = "lists.unsaved" if key == start else "lists.held"
    return kinds


def _is_column_filled(rows: GroupRows, *begins: str) -> bool:
    """Tell whether a column of the states begins so, and a row says something there."""
    columns = (c.casefold() for state in rows.states for c in state.cells if state.states(c))
    return any(column.startswith(begins) for column in columns)


@rule("lists.first_state")
def first_state(workflow: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask where new content starts, where no column says so and no note can."""
    is_told = any(note_of(state) for state in rows.states)
    is_told |= _is_column_filled(rows, "initial", "start", "default state")
    if not (is_moderation(workflow) and rows.states and rows.is_new) or is_told:
        return
    usual, *_ = listed_in("content_moderation", "states")
    used = {state.key for way in transitions_in(rows) for state in way.from_states}
    starts = [state for state in rows.states if not used or state.key in used]
    likely = next((plain(s.label) for s in starts if s.machine_name == usual), "")
    labels = [plain(state.label) for state in starts]
    stuck = [s.label for s in rows.states if s.machine_name == usual and s not in starts]
    but = "".join(f" “{plain(s)}”, the usual one, has no transition out of it." for s in stuck)
    yield question_about(
        "lists.first_state", workflow, "Type", answer=likely, choices=labels, but=but
    )


@rule("lists.flags")
def flags(state: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the two boxes of a new state, where no column holds them and no note can say it."""
    is_told = _is_column_filled(rows, "published", "is published", "default rev") or note_of(state)
    usual = listed_in("content_moderation", "states")
    known = (*usual, *listed_in("content_moderation", "states_of_editorial"))
    is_open = is_moderation(rows.head) and state.status is Status.APPROVED and not is_told
    if is_open and state.machine_name not in known:
        left = [
            w.to_state
            for w in transitions_in(rows)
            if any(s.machine_name == usual[1] for s in w.from_states)
        ]
        *_, online = question_words()["lists.flags"]["choices_of_one"]
        yield question_about(
            "lists.flags",
            state,
            "Label",
            workflow=plain(name_of(rows.head)),
            answer="" if state in left else online,
        )


@once_per_session
def _silent(rows: GroupRows) -> Sequence[Entity]:
    """Return new transitions of which no cell says who may use them."""
    specification = rows.index.specification
    coming = [row for _, row in kept_although_gone(rows.group.members)]
    roles = specification.by_kind[EntityKind.USER_ROLE]
    is_listed = any(map(transitions_granted, roles))
    is_described = any(isinstance(permissions_in(r), DescribedPermissions) for r in roles)
    can_tell = is_described and not is_listed
    found: list[Entity] = []
    for way in transitions_in(rows):
        new = [r for r in way.rows if r.status is Status.APPROVED and r not in coming]
        is_said = can_tell or any(note_of(row) for row in way.rows)
        if new and not is_said and not roles_allowed(way, rows.head, specification):
            found.append(new[0])
    return found


@rule("lists.who_each", "lists.who")
def who(transition: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask who may use a new transition; where no cell says it of any, of all at once."""
    silent = _silent(rows)
    count = len(transitions_in(rows))
    if not len(silent) == count > 1:
        yield from (
            question_about("lists.who", row, "Notes") for row in silent if row is transition
        )
    elif transition is silent[0]:
        yield question_about(
            "lists.who_each",
            transition,
            "Notes",
            count=str(count),
            workflow=plain(name_of(rows.head)),
        )
