"""What a model changed of a ticket, and the edit that takes one change back.

Belongs here: which changes are in the text still, the text without one, and the verb. Does not:
making them (`writing/completion/checking`), keeping the edit (`revisions`).
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from jira_pipeline.model.errors import InputError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.tickets import ChangeKind, ModelChange, Ticket, question_id_of
from jira_pipeline.review.outcomes import Base, Number, Revised
from jira_pipeline.review.revisions import TicketEdit, edit

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession

_PARTS = {
    ChangeKind.USER_STORY: "user_story",
    ChangeKind.ANALYSIS: "analysis",
    ChangeKind.FILL: "analysis",
    ChangeKind.VERIFICATION: "verification",
}
_PARTS_OF_SENTENCES = {"s": "user_story", "a": "analysis", "v": "verification"}
_ROW = re.compile(r"<tr\b[^>]*>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"(?<=<td>).*?(?=</td>)", re.DOTALL)
_HEAD = re.compile(r"<th>(.*?)</th>", re.DOTALL)


@json_fields("number **change can_be_taken_back")
@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One change of a model as people see it."""

    number: int
    """From 1, in the order of the parts."""
    change: ModelChange
    can_be_taken_back: bool
    """The ticket has it still, and nobody answered or accepted it."""


def shown_changes(ticket: Ticket) -> tuple[ShownChange, ...]:
    """Return what a model changed of a ticket, and what was refused of that."""
    return tuple(
        ShownChange(
            number=number,
            change=change,
            can_be_taken_back=_edit_without(change, ticket) is not None,
        )
        for number, change in enumerate(ticket.revision.changes, start=1)
    )


def take_back(
    session: "OpenSession",
    number: Number,
    change: Annotated[
        int, Field(ge=1, title="CHANGE", description="Number of the change; see `tickets show`.")
    ],
    *,
    revision: Base = None,
    by: str,
) -> Revised:
    """Undo one change made by a model, as a new revision; the other changes stay.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: There is no such change, or the text does not have it any more.
    """
    ticket = session.ticket(number)
    return edit(session, ticket, edit_taking_back(ticket, change), revision=revision, by=by)


def edit_taking_back(ticket: Ticket, number: int) -> TicketEdit:
    """Return the edit that takes one change of a model back.

    Raises:
        InputError: There is no such change, or people changed or answered it since.
    """
    changes = ticket.revision.changes
    found = None
    if 1 <= number <= len(changes):
        found = _edit_without(changes[number - 1], ticket)
    if found is None:
        raise InputError(
            f"Ticket {ticket.number} has no change {number} by a model that can be undone.",
            recovery_actions=(
                "If people have changed its text since, edit it.",
                "If its question is answered, remove the answer first.",
            ),
        )
    return found


def _edit_without(change: ModelChange, ticket: Ticket) -> TicketEdit | None:
    if change.refused:
        return None
    if change.question is not None:
        return _without_question(change, change.question, ticket)
    current = ticket.revision
    if change.kind is ChangeKind.HOURS:
        is_there = bool(change.after) and current.estimated_hours == change.after
        like = replace(current, estimated_hours=change.before)
        return TicketEdit(like=like) if is_there else None
    return _with_other_text(change, ticket)


def _without_question(
    change: ModelChange, question: OpenQuestion, ticket: Ticket
) -> TicketEdit | None:
    """Take a proposed question or suggestion out, or put a dropped one back at the end of the list."""
    current, asked = ticket.revision, question_id_of(question)
    others = tuple(q for q in current.questions if question_id_of(q) != asked)
    is_asked = others != current.questions
    is_answered = any(answer.question_id == asked for answer in ticket.answers)
    if is_answered or is_asked is not (change.kind is ChangeKind.QUESTION):
        return None
    text = current.parts.questions
    if is_asked and change.before:  # the question is the template's, the suggestion the model's
        bare = replace(question, suggested_answer="", suggested_because="")
        others = tuple(bare if question_id_of(q) == asked else q for q in current.questions)
        text = text.replace(f"<li>{change.after}</li>", f"<li>{change.before}</li>", 1)
    elif is_asked:
        text = text.replace(f"<li>{change.after}</li>", "", 1).replace("<ol></ol>", "")
    else:
        others = (*others, question)
        text = f"{(text or '<ol></ol>').removesuffix('</ol>')}<li>{change.before}</li></ol>"
    return TicketEdit(parts={"questions": text}, like=replace(current, questions=others))


def _with_other_text(change: ModelChange, ticket: Ticket) -> TicketEdit | None:
    name = _PARTS.get(change.kind) or _PARTS_OF_SENTENCES.get(change.about[:1], "")
    if not name or not (change.before or change.after):
        return None
    text: str = getattr(ticket.revision.parts, name)
    if change.kind is ChangeKind.FILL:
        changed = _with_cell(text, change)
    elif change.kind is ChangeKind.DROP:
        changed = _with_item(text, change.before, is_story=name == "user_story")
    elif change.kind is ChangeKind.USER_STORY:
        changed = text.replace(change.after, change.before, 1) if change.before else ""
    else:
        changed = text.replace(f"<li>{change.after}</li>", "", 1)
        changed = re.sub(r"<ul[^>]*></ul>", "", changed)
    return TicketEdit(parts={name: changed}) if changed != text else None


def _with_item(text: str, item: str, *, is_story: bool) -> str:
    """Put a sentence back, at the end of its list; a part without one stays as it is."""
    if is_story:
        return text or f"<p>{item}</p>"
    start, end, rest = text.rpartition("</ul>")
    is_there = not end or f"<li>{item}</li>" in text
    return text if is_there else f"{start}<li>{item}</li>{end}{rest}"


def _with_cell(text: str, change: ModelChange) -> str:
    place, _, column = change.about.removeprefix("f").partition(".")
    rows = list(_ROW.finditer(text))
    columns = _HEAD.findall(rows[0].group()) if rows else []
    if not (place.isdecimal() and int(place) < len(rows) and column in columns):
        return text
    row = rows[int(place)]
    cells = list(_CELL.finditer(row.group()))
    at = columns.index(column)
    if at >= len(cells) or cells[at].group() != change.after:
        return text
    start = row.start() + cells[at].start()
    return f"{text[:start]}{change.before}{text[start + len(change.after) :]}"
