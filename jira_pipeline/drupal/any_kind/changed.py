"""A row that is marked as changed: what changes, if any cell says it.

Of a type or a field its cells are the settings that it has in the end, so a note has to say which of
them is new. Of lists such as image styles each filled cell is taken as what is to be set.

Source: the statuses of rows, `X`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import (
    every_bundle,
    fields_of_bundle_there,
    image_styles_to_build,
    responsive_styles_to_build,
    view_modes_to_build,
    workflow_asked,
)
from jira_pipeline.drupal.columns import NAMING_COLUMNS
from jira_pipeline.drupal.meaning.notes import changes_in
from jira_pipeline.drupal.note_prose import has_words
from jira_pipeline.drupal.row_names import joined, plain
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import BUNDLES, GroupRows, TicketRows, to_build
from jira_pipeline.drupal.view_mode.entity_type import COLUMN as ENTITY_TYPE
from jira_pipeline.drupal.view_mode.used_on import COLUMN as USED_ON
from jira_pipeline.drupal.workflow.transition import FROM, TO
from jira_pipeline.model.entities import TO_BUILD, Entity, EntityKind, Status

_SAY_WHAT_IT_IS = frozenset({*NAMING_COLUMNS, ENTITY_TYPE.name, USED_ON.name, FROM, TO})
"""Columns of lists and workflows that say which thing a row is, not what is set."""


# The fact: what a row says of its change.


@dataclass(frozen=True, slots=True)
class StatedChange:
    """A note, or a setting of a list, says what changes."""


@dataclass(frozen=True, slots=True)
class UnstatedChange:
    """No cell says what changes."""

    new_users: tuple[str, ...]
    """The new types that the row names as using it: likely nothing else changes."""


@dataclass(frozen=True, slots=True)
class NotChanged:
    """The row has another status."""


ChangeFact: TypeAlias = StatedChange | UnstatedChange | NotChanged


def change_of(row: Entity, rows: GroupRows) -> ChangeFact:
    """Read from a row what changes of it."""
    if row.status is not Status.CHANGED:
        return NotChanged()
    if rows.group.kind in BUNDLES:
        is_stated = has_words(row) or changes_in(note_of(row)) != ""
        return StatedChange() if is_stated else UnstatedChange(new_users=())
    if any(row.cell(column) for column in row.cells if column not in _SAY_WHAT_IT_IS):
        return StatedChange()
    users = rows.index.specification.targets_of(row, USED_ON.name)
    new_users = [user.label for user in users if user.status is Status.APPROVED]
    return UnstatedChange(new_users=tuple(new_users))


# What follows from it.


def rows_changed(rows: GroupRows) -> Iterator[Entity]:
    """Yield the rows of a group that may change without saying how; displays of views have another rule."""
    yield from every_bundle(rows)
    yield from fields_of_bundle_there(rows)
    yield from image_styles_to_build(rows)
    yield from responsive_styles_to_build(rows)
    yield from view_modes_to_build(rows)
    if workflow_asked(rows):
        yield from _rows_changed_of_workflow(rows)


def _rows_changed_of_workflow(rows: GroupRows) -> Iterable[Entity]:
    """Return the states and transitions of one row each; the workflow itself if none is to be built."""
    members = to_build(rows.group.members)
    if not members:
        return workflow_asked(rows)
    row_counts = Counter((row.kind, row.machine_name) for row in rows.group.members)
    return [
        row
        for row in members
        if row.kind is EntityKind.WORKFLOW_STATE or row_counts[row.kind, row.machine_name] == 1
    ]


def ask(row: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what changes of a row with the status *changed* whose cells do not say it.

    `What changes in “Hull”? The row is marked as changed, and no note says how.` Of a type whose
    fields change, too, the question is what changes apart from these.
    """
    match change_of(row, rows):
        case UnstatedChange(new_users):
            answer = ""
            if new_users:
                users = joined([plain(label) for label in new_users])
                answer = f"Only its use by {users}, which other tickets set"
            is_beside = row.kind is EntityKind.BUNDLE and _have_members_work(rows)
            key = "bundles.changed_beside" if is_beside else "bundles.changed"
            yield question_about(key, row, answer=answer)
        case StatedChange() | NotChanged():
            return


def _have_members_work(rows: GroupRows) -> bool:
    """Tell whether members of a group are to be built, changed or removed."""
    statuses = {member.status for member in rows.group.members}
    return not statuses.isdisjoint({*TO_BUILD, Status.DELETED})


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield what each row of a ticket says of how it changes."""
    rows = GroupRows(group=ticket.group, index=ticket.session.index)
    for row in ticket.own_rows:
        yield StatedFact(fact=change_of(row, rows), rows=(row,))


RULE = Rule(key="any_kind.changed", facts=facts, asked_rows=rows_changed, ask=ask)
