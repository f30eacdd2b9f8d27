"""Changing the text of a ticket: every change is a new revision.

Belongs here: these verbs; what may be entered, and how it becomes the HTML that is kept; the parts as
Markdown that people edit, two edits at once, what two revisions differ in; which changes of a model
are in the text still, and the text without one. Does not: making those (`writing/completion/checking`),
starting an editor (`cli/tickets`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from jira_pipeline.jira.adf import (
    AdfLimitError,
    LeftOut,
    adf_to_html,
    adf_to_markdown,
    html_to_adf,
    html_to_blocks,
    left_out_of_html,
    left_out_of_markdown,
    markdown_to_adf,
    nodes,
)
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import PART_NAMES, ChangeKind, ModelChange, Revision
from jira_pipeline.model.tickets import ISSUE_FIELDS, TITLE_MAX_CHARACTERS, Ticket, question_id_of
from jira_pipeline.review.outcomes import NOTHING, Base, Number, Revised, exported
from jira_pipeline.tickets.documents.rendering import PROSE_LINKS

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession

PART_MAX_BYTES = 200_000
"""Of one part as entered: six times what Jira takes as a whole description."""
TITLE_PART = "title"
PART_TITLES: Mapping[str, str] = {
    "user_story": "User story",
    "analysis": "Analysis",
    "questions": "Questions for the specification",
    "verification": "Verification",
    "notes": "Notes",
}
PARTS_KEPT = 2_000
"""Every page of a ticket shows all its parts as Markdown, and hardly any changed."""
EDITED_PARTS = (TITLE_PART, *PART_NAMES)
"""What of a ticket people write, in its order."""
LEFT_OUT_NAMED = 5
"""Things that a text would lose, named in one message."""
_CONTEXT_LINES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEdit:
    """What somebody wants to change; what is not named stays."""

    title: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    """HTML fragments by name of the part, as `html_of_text` returns them."""
    like: Revision | None = None
    """Where a change of a model is taken back: hours and questions without it."""


def edit(
    session: "OpenSession",
    ticket: Ticket,
    wanted: TicketEdit,
    *,
    revision: int | None = None,
    by: str,
) -> Revised:
    """Change title or prose, on the revision that was read (None: that of the ticket as given).

    An edit that changes nothing adds no revision.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: The title cannot be one, or there is no such part.
    """
    title = ticket.title if wanted.title is None else checked_title(wanted.title)
    for name in wanted.parts:
        if name not in PART_NAMES:
            names = ", ".join(PART_NAMES)
            raise InputError(
                f"There is no section {name!r}; use one of {names}.",
                recovery_actions=("Tables come from the upload: correct them there.",),
            )
    current = ticket.revision
    parts = replace(current.parts, **dict(wanted.parts))
    stored = session.store.reviews.edit(
        session.key,
        ticket.ticket_id,
        expected_revision=revision or current.number,
        title=title,
        parts=parts,
        like=wanted.like,
        by=by,
        at=session.clock.now(),
    )
    return _revised(session, ticket, stored)


def edit_text(
    session: "OpenSession",
    number: Number,
    part: Annotated[str, Field(description=f"One of {', '.join(PART_NAMES)}.")],
    text: Annotated[str, Field(description="Its new text, as Markdown.")],
    *,
    revision: Base = None,
    by: str,
) -> Revised:
    """Replace the text of one section of a ticket.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: The text cannot be one, or there is no such section.
    """
    ticket = session.ticket(number)
    wanted = TicketEdit(parts={part: html_of_text(text, part=part)})
    return edit(session, ticket, wanted, revision=revision, by=by)


def retitle(
    session: "OpenSession", number: Number, title: str, *, revision: Base = None, by: str
) -> Revised:
    """Replace the title of a ticket.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: It cannot be one.
    """
    return edit(session, session.ticket(number), TicketEdit(title=title), revision=revision, by=by)


def roll_back(
    session: "OpenSession",
    number: Number,
    *,
    to: Annotated[
        int, Field(ge=1, title="N", description="Number of the revision; see `tickets diff`.")
    ],
    revision: Base = None,
    by: str,
) -> Revised:
    """Restore an earlier revision as a new one; nothing is lost.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        NotFoundError: There is no such revision.
    """
    ticket = session.ticket(number)
    stored = session.store.reviews.roll_back(
        session.key,
        ticket.ticket_id,
        to_revision=to,
        expected_revision=revision or ticket.revision.number,
        by=by,
        at=session.clock.now(),
    )
    return _revised(session, ticket, stored)


def checked_title(text: str) -> str:
    """Return a title as Jira takes it.

    Raises:
        InputError: It is empty, has several lines, or is too long.
    """
    title = text.strip()
    fault = ""
    if not title:
        fault = "A title must not be empty."
    elif len(title.splitlines()) > 1:
        fault = "A title must be a single line."
    elif len(title) > TITLE_MAX_CHARACTERS:
        fault = f"The title has {len(title)} characters; Jira accepts {TITLE_MAX_CHARACTERS}."
    if fault:
        raise InputError(fault, recovery_actions=("Enter a single-line title.",))
    return title


def html_of_text(text: str, *, part: str, is_html: bool = False) -> str:
    """Turn Markdown, or HTML, into the HTML that is kept of a part, as Jira would get it.

    Raises:
        InputError: It is too large, cannot be held, or holds what its document would not.
    """
    html = _kept_html(text, part=part, is_html=is_html)
    look = left_out_of_html if is_html else left_out_of_markdown
    _refuse_to_leave_out(look(text, links=PROSE_LINKS), text, part=part)
    return html


def _refuse_to_leave_out(left_out: Sequence[LeftOut], text: str, *, part: str) -> None:
    """Stop where something would be gone once it is saved, without anybody noticing."""
    if not left_out:
        return
    named = []
    for lost in left_out[:LEFT_OUT_NAMED]:
        place = lost.place_in(text)
        named.append(f"{lost.what} “{lost.quote}”{f' ({place})' if place else ''}")
    if left_out[LEFT_OUT_NAMED:]:
        named.append(f"{len(left_out) - LEFT_OUT_NAMED} more")
    raise InputError(
        f"The section {part} was not saved, because Jira cannot hold all of it. "
        f"It would lose {'; '.join(named)}.",
        recovery_actions=(
            "Write it as text (in Markdown between `backticks`), or take it out.",
            "Links may begin with https:, http: or mailto:.",
        ),
    )


def _kept_html(text: str, *, part: str, is_html: bool = False) -> str:
    """Return the HTML that is kept of a text, whatever is left out of it."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > PART_MAX_BYTES:
        raise InputError(
            f"The section {part} has {size:,} bytes; the limit is {PART_MAX_BYTES:,}.",
            recovery_actions=("Shorten it, or attach the long text to the issue in Jira.",),
        )
    try:
        to_adf = html_to_adf if is_html else markdown_to_adf
        return adf_to_html(to_adf(text, links=PROSE_LINKS), links=PROSE_LINKS)
    except AdfLimitError as error:
        raise InputError(
            f"The section {part} cannot be used: {error}", recovery_actions=("Simplify the text.",)
        ) from error


def _revised(session: "OpenSession", ticket: Ticket, revision: Revision) -> Revised:
    is_new = revision.number != ticket.revision.number
    sentence = f"Ticket {ticket.number} is now at revision {revision.number}."
    return Revised(
        session_key=session.key,
        number=ticket.number,
        revision=revision.number,
        changed=is_new,
        sentences=(sentence, *exported(session, [ticket])) if is_new else (NOTHING,),
        numbers=(ticket.number,) if is_new else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartConflict:
    """A part that somebody else changed since a text of it was begun."""

    part: str
    typed: str
    current: str
    """What the part says now, as people edit it."""

    @property
    def lines(self) -> tuple[str, ...]:
        """How what was typed differs from that, as a unified difference."""
        return unified_lines(self.current, self.typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedTexts:
    """What the texts that somebody typed for parts come to."""

    edit: TicketEdit
    conflicts: tuple[PartConflict, ...]
    faults: Mapping[str, str]
    """Why a text cannot be kept, by its part."""

    @property
    def changed(self) -> frozenset[str]:
        """The parts whose text says something new."""
        parts = {*self.edit.parts, *self.faults}
        parts.update(conflict.part for conflict in self.conflicts)
        if self.edit.title is not None:
            parts.add(TITLE_PART)
        return frozenset(parts)


@lru_cache(PARTS_KEPT)
def markdown_of_part(html: str) -> str:
    """Write a part as Markdown, without a newline at its end."""
    document = nodes.doc(html_to_blocks(html, links=PROSE_LINKS))
    return adf_to_markdown(document, links=PROSE_LINKS).rstrip("\n") if html else ""


def changed_parts(sections: Mapping[str, str], before: Revision) -> dict[str, str]:
    """Return the sections that say something else than the parts of a revision, as HTML.

    White space at line ends says nothing, nor does another way to write the same Markdown.

    Raises:
        InputError: One cannot be kept.
    """
    changed = {}
    for name, section in sections.items():
        was = markdown_of_part(getattr(before.parts, name))
        old = was.strip().splitlines()
        new = section.splitlines()
        if [line.rstrip() for line in new] != [line.rstrip() for line in old]:
            html = html_of_text(section, part=name)
            if html != _kept_html(was, part=name):
                changed[name] = html
    return changed


def text_of_part(revision: Revision, part: str) -> str:
    """Return a part, or the title, as people edit it."""
    held = _held(revision, part)
    return held if part == TITLE_PART else markdown_of_part(held)


def merge_texts(
    typed: Mapping[str, str], *, base: Revision | None, current: Revision
) -> MergedTexts:
    """Bring texts of parts, typed on a base, into the current revision.

    Each counts for its part alone: what others wrote meanwhile in another part stays. Where nobody
    knows the base, whatever the ticket does not say already conflicts.
    """
    changed: dict[str, str] = {}
    faults: dict[str, str] = {}
    conflicts = []
    for part, text in typed.items():
        try:
            wanted = _normalized_text(part, text, of=base or current)
            if base is not None and wanted == _held(base, part):
                continue
            if _normalized_text(part, text, of=current) == _held(current, part):
                continue
        except InputError as error:
            faults[part] = error.message
            continue
        if base is None or _held(base, part) != _held(current, part):
            conflicts.append(
                PartConflict(part=part, typed=text, current=text_of_part(current, part))
            )
        else:
            changed[part] = wanted
    edited = TicketEdit(title=changed.pop(TITLE_PART, None), parts=changed)
    return MergedTexts(edit=edited, conflicts=tuple(conflicts), faults=faults)


def _normalized_text(part: str, text: str, *, of: Revision) -> str:
    """Return a text as it would be kept; what the revision `of` says, where that is the same."""
    if part == TITLE_PART:
        return checked_title(text)
    return changed_parts({part: text.strip()}, of).get(part, _held(of, part))


def _held(revision: Revision, part: str) -> str:
    return revision.title if part == TITLE_PART else str(getattr(revision.parts, part))


@json_fields("part lines")
@dataclass(frozen=True, slots=True, kw_only=True)
class PartDifference:
    part: str
    """`title`, `estimated_hours` or the name of a prose part."""
    lines: tuple[str, ...]
    """Unified diff: ` ` as before, `-` only before, `+` only after, `@@` a place."""


def text_of_parts(ticket: Ticket) -> Mapping[str, str]:
    """Return what people set or write of a ticket as text, by its name."""
    written = {name: text_of_part(ticket.revision, name) for name in EDITED_PARTS}
    fields = {name: getattr(ticket, name) or "" for name in ISSUE_FIELDS}
    return {**written, **fields, "labels": ", ".join(ticket.labels)}


def compare_revisions(before: Revision, after: Revision) -> tuple[PartDifference, ...]:
    """Return the parts that differ, the title first, in the order of the ticket."""
    texts = {
        **{name: (text_of_part(before, name), text_of_part(after, name)) for name in EDITED_PARTS},
        "estimated_hours": (before.estimated_hours, after.estimated_hours),
    }
    return tuple(
        PartDifference(part=name, lines=unified_lines(old, new))
        for name, (old, new) in texts.items()
        if old != new
    )


def unified_lines(old: str, new: str) -> tuple[str, ...]:
    """Return a unified difference of two texts, without the heads of files."""
    lines = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=_CONTEXT_LINES)
    return tuple(lines)[2:]


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
    edit_back = None
    if 1 <= number <= len(changes):
        edit_back = _edit_without(changes[number - 1], ticket)
    if edit_back is None:
        raise InputError(
            f"Ticket {ticket.number} has no change {number} by a model that can be undone.",
            recovery_actions=(
                "If people have changed its text since, edit it.",
                "If its question is answered, remove the answer first.",
            ),
        )
    return edit_back


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


def _without_question(
    change: ModelChange, question: OpenQuestion, ticket: Ticket
) -> TicketEdit | None:
    """Take a proposed question or suggestion out, or put a dropped one back at the end of the list."""
    current = ticket.revision
    question_id = question_id_of(question)
    others = tuple(other for other in current.questions if question_id_of(other) != question_id)
    is_asked = others != current.questions
    is_answered = any(answer.question_id == question_id for answer in ticket.answers)
    if is_answered or is_asked is not (change.kind is ChangeKind.QUESTION):
        return None
    text = current.parts.questions
    if is_asked and change.before:  # the question is the template's, the suggestion the model's
        bare = replace(question, suggested_answer="", suggested_because="")
        questions = list(current.questions)
        for position, other in enumerate(questions):
            if question_id_of(other) == question_id:
                questions[position] = bare
        others = tuple(questions)
        text = text.replace(f"<li>{change.after}</li>", f"<li>{change.before}</li>", 1)
    elif is_asked:
        text = text.replace(f"<li>{change.after}</li>", "", 1).replace("<ol></ol>", "")
    else:
        others = (*others, question)
        text = f"{(text or '<ol></ol>').removesuffix('</ol>')}<li>{change.before}</li></ol>"
    return TicketEdit(parts={"questions": text}, like=replace(current, questions=others))


def _with_item(text: str, sentence: str, *, is_story: bool) -> str:
    """Put a sentence back, at the end of its list; a part without one stays as it is."""
    if is_story:
        return text or f"<p>{sentence}</p>"
    before, end, after = text.rpartition("</ul>")
    has_sentence = f"<li>{sentence}</li>" in text
    if not end or has_sentence:
        return text
    return f"{before}<li>{sentence}</li>{end}{after}"


def _with_cell(text: str, change: ModelChange) -> str:
    """Put back what a cell said before a model filled it in; a cell that says else stays."""
    # The change names its cell by row and header: `f3.Filters`.
    row_number, _, column = change.about.removeprefix("f").partition(".")
    rows = list(_ROW.finditer(text))
    columns = _HEAD.findall(rows[0].group()) if rows else []
    if not row_number.isdecimal() or int(row_number) >= len(rows) or column not in columns:
        return text
    row = rows[int(row_number)]
    cells = list(_CELL.finditer(row.group()))
    position = columns.index(column)
    if position >= len(cells) or cells[position].group() != change.after:
        return text
    start = row.start() + cells[position].start()
    end = start + len(change.after)
    return f"{text[:start]}{change.before}{text[end:]}"
