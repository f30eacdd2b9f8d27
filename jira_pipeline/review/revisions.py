"""Changing the text of a ticket: every change is a new revision.

A revision has a title and five parts, such as `analysis`. A part is stored as HTML, is edited as
Markdown, and has to survive the way to Jira's document format: what that would lose is refused. An
edit names the revision that was read, so that nobody overwrites what somebody else wrote meanwhile.
A ticket that a model completed lists its changes, each of which can be taken back alone.

Belongs here: these verbs; what may be entered; merging two edits; how two revisions differ; the text
without one change of a model. Does not: making those changes (`writing/completion/checking`),
starting an editor (`cli/tickets`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from jira_pipeline.drupal.markup import list_html
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
from jira_pipeline.model.revisions import (
    PART_NAMES,
    PARTS_OF_SENTENCES,
    ChangeKind,
    FactCoverage,
    ModelChange,
    Revision,
)
from jira_pipeline.model.tickets import ISSUE_FIELDS, TITLE_MAX_CHARACTERS, Ticket, question_id_of
from jira_pipeline.review.outcomes import (
    NOTHING,
    BaseRevision,
    Number,
    Revised,
    outdated_issue_sentences,
)
from jira_pipeline.tickets.documents.rendering import PROSE_LINKS

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.review.open_session import OpenSession

PART_MAX_BYTES = 200_000
"""The most bytes of one part as entered: six times what Jira takes as a whole description."""
TITLE_PART = "title"
"""The title where it is edited like a part."""
PART_TITLES: Mapping[str, str] = {
    "user_story": "User story",
    "analysis": "Analysis",
    "questions": "Questions for the specification",
    "verification": "Verification",
    "notes": "Notes",
}
PARTS_KEPT = 2_000
"""How many parts are remembered as Markdown: every page of a ticket shows all, and few change."""
EDITED_PARTS = (TITLE_PART, *PART_NAMES)
"""The parts of a ticket that people write, in the order of the ticket."""
LEFT_OUT_NAMED = 5
"""How many losses of a text one message names."""
_CONTEXT_LINES = 2
"""Unchanged lines around a change in a unified difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEdit:
    """What somebody wants to change of a ticket; what is not named stays."""

    title: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    """HTML fragments by name of the part, as `html_of_text` returns them."""
    like: Revision | None = None
    """A revision whose hours and questions the new one gets; None keeps the current ones."""


def edit(
    session: "OpenSession",
    ticket: Ticket,
    wanted: TicketEdit,
    *,
    revision: int | None = None,
    by: str,
) -> Revised:
    """Store an edit of title or parts as a new revision; an edit without a change adds none.

    `revision` is the number of the one that was read; None means the current one of `ticket`.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: The title is not valid, or there is no such part.
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
    return _revision_outcome(session, ticket, stored)


def edit_text(
    session: "OpenSession",
    number: Number,
    part: Annotated[str, Field(description=f"One of {', '.join(PART_NAMES)}.")],
    text: Annotated[str, Field(description="Its new text, as Markdown.")],
    *,
    revision: BaseRevision = None,
    by: str,
) -> Revised:
    """Replace the text of one section of a ticket.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: The text is not valid, or there is no such section.
    """
    ticket = session.ticket(number)
    wanted = TicketEdit(parts={part: html_of_text(text, part=part)})
    return edit(session, ticket, wanted, revision=revision, by=by)


def retitle(
    session: "OpenSession", number: Number, title: str, *, revision: BaseRevision = None, by: str
) -> Revised:
    """Replace the title of a ticket.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: The title is not valid.
    """
    return edit(session, session.ticket(number), TicketEdit(title=title), revision=revision, by=by)


def roll_back(
    session: "OpenSession",
    number: Number,
    *,
    to: Annotated[
        int, Field(ge=1, title="N", description="Number of the revision; see `tickets diff`.")
    ],
    revision: BaseRevision = None,
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
    return _revision_outcome(session, ticket, stored)


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
    """Turn Markdown, or HTML, into the HTML that is stored of a part, as it survives in Jira.

    Raises:
        InputError: The text is too large or too deep, or Jira's document would lose some of it.
    """
    html = _kept_html(text, part=part, is_html=is_html)
    find_left_out = left_out_of_html if is_html else left_out_of_markdown
    _refuse_to_leave_out(find_left_out(text, links=PROSE_LINKS), text, part=part)
    return html


def _refuse_to_leave_out(left_out: Sequence[LeftOut], text: str, *, part: str) -> None:
    """Refuse a text of which something would be lost without anybody noticing.

    Raises:
        InputError: Something would be lost; the message names it.
    """
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
    """Return the HTML that is stored of a text, even where Jira's document loses some of it.

    Raises:
        InputError: The text is too large or too deep.
    """
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


def _revision_outcome(session: "OpenSession", ticket: Ticket, revision: Revision) -> Revised:
    """Return the outcome of a change; `revision` is the old one where nothing changed."""
    is_new = revision.number != ticket.revision.number
    sentence = f"Ticket {ticket.number} is now at revision {revision.number}."
    return Revised(
        session_key=session.key,
        number=ticket.number,
        revision=revision.number,
        changed=is_new,
        sentences=(sentence, *outdated_issue_sentences(session, [ticket]))
        if is_new
        else (NOTHING,),
        numbers=(ticket.number,) if is_new else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartConflict:
    """A part that two people changed at once: the second one has to decide."""

    part: str
    typed: str
    """The text that the second one typed."""
    current: str
    """The text that the part has now, as people edit it."""

    @property
    def lines(self) -> tuple[str, ...]:
        """How the typed text differs from the current one, as a unified difference."""
        return unified_lines(self.current, self.typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedTexts:
    """Texts that somebody typed, sorted into those to store, those in conflict, and invalid ones."""

    edit: TicketEdit
    conflicts: tuple[PartConflict, ...]
    faults: Mapping[str, str]
    """Why a text is not valid, by its part."""

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
    """Return the sections, given as Markdown, that differ from the parts of a revision, as HTML.

    White space at line ends is no difference, nor is another way to write the same Markdown.

    Raises:
        InputError: A changed section is not valid.
    """
    changed = {}
    for name, section in sections.items():
        markdown_before = markdown_of_part(getattr(before.parts, name))
        lines_before = markdown_before.strip().splitlines()
        lines_now = section.splitlines()
        if [line.rstrip() for line in lines_now] != [line.rstrip() for line in lines_before]:
            html = html_of_text(section, part=name)
            if html != _kept_html(markdown_before, part=name):
                changed[name] = html
    return changed


def text_of_part(revision: Revision, part: str) -> str:
    """Return a part as Markdown, or the title."""
    stored_text = _stored_text(revision, part)
    return stored_text if part == TITLE_PART else markdown_of_part(stored_text)


def merge_texts(
    typed: Mapping[str, str], *, base: Revision | None, current: Revision
) -> MergedTexts:
    """Merge texts, typed when the ticket had the revision `base`, into the current revision.

    Each part is merged by itself: what others wrote meanwhile in another part stays. A part that
    others changed, too, conflicts; without a base every text conflicts that the ticket does not have.
    """
    changed: dict[str, str] = {}
    faults: dict[str, str] = {}
    conflicts = []
    for part, text in typed.items():
        try:
            wanted = _normalized_text(part, text, of=base or current)
            if base is not None and wanted == _stored_text(base, part):
                continue  # not changed by whoever typed
            if _normalized_text(part, text, of=current) == _stored_text(current, part):
                continue  # others wrote the same
        except InputError as error:
            faults[part] = error.message
            continue
        if base is None or _stored_text(base, part) != _stored_text(current, part):
            conflicts.append(
                PartConflict(part=part, typed=text, current=text_of_part(current, part))
            )
        else:
            changed[part] = wanted
    edited = TicketEdit(title=changed.pop(TITLE_PART, None), parts=changed)
    return MergedTexts(edit=edited, conflicts=tuple(conflicts), faults=faults)


def _normalized_text(part: str, text: str, *, of: Revision) -> str:
    """Return a text as it would be stored; the text of the revision `of`, where it is the same."""
    if part == TITLE_PART:
        return checked_title(text)
    return changed_parts({part: text.strip()}, of).get(part, _stored_text(of, part))


def _stored_text(revision: Revision, part: str) -> str:
    return revision.title if part == TITLE_PART else str(getattr(revision.parts, part))


@json_fields("part lines")
@dataclass(frozen=True, slots=True, kw_only=True)
class PartDifference:
    """How one part differs between two revisions."""

    part: str
    """`title`, `estimated_hours` or the name of a prose part."""
    lines: tuple[str, ...]
    """A unified difference: ` ` as before, `-` only before, `+` only after, `@@` a position."""


def text_of_parts(ticket: Ticket) -> Mapping[str, str]:
    """Return all that people write or set in a ticket, as texts by the name of the part or field."""
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
    """Return a unified difference of two texts."""
    lines = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=_CONTEXT_LINES)
    return tuple(lines)[2:]  # without the two lines that name files


_PARTS = {**PARTS_OF_SENTENCES, ChangeKind.FILL: "analysis"}
"""The part that a kind of change is made in."""
_PARTS_BY_LETTER = {"s": "user_story", "a": "analysis", "v": "verification"}
"""The part of a dropped sentence, by how its name begins: `s1` is in the story."""
_ROW = re.compile(r"<tr\b[^>]*>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"(?<=<td>).*?(?=</td>)", re.DOTALL)
_HEAD = re.compile(r"<th>(.*?)</th>", re.DOTALL)


@json_fields("number **change can_be_taken_back can_be_taken_out")
@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One change of a model as people see it."""

    number: int
    """From 1, in the order of the parts."""
    change: ModelChange
    can_be_taken_back: bool
    """Whether the ticket still has it, and nobody answered or accepted it."""
    can_be_taken_out: bool
    """Whether it proposes to drop what the ticket still says: a person decides."""

    @property
    def needs_person(self) -> bool:
        """Whether somebody has to look: a proposal, or what no row proves."""
        return self.can_be_taken_out or (self.can_be_taken_back and bool(self.change.warning))

    @property
    def is_shown_on_demand(self) -> bool:
        """Whether it is a part of a whole answer that names its rows, and nobody has to look."""
        return bool(self.change.rows) and not (self.needs_person or self.change.refused)


def shown_changes(ticket: Ticket) -> tuple[ShownChange, ...]:
    """Return the changes that a model made to a ticket, with those that were refused."""
    return tuple(
        ShownChange(
            number=number,
            change=change,
            can_be_taken_back=_edit_without(change, ticket) is not None,
            can_be_taken_out=_edit_dropping(change, ticket) is not None,
        )
        for number, change in enumerate(ticket.revision.changes, start=1)
    )


def changes_to_look_at(ticket: Ticket) -> tuple[ShownChange, ...]:
    """Return the changes of a model that a person has to look at before the ticket is signed."""
    return tuple(shown for shown in shown_changes(ticket) if shown.needs_person)


def is_left_to_people(ticket: Ticket) -> bool:
    """Tell whether auto approval leaves a ticket to people, as it is.

    Its cells changed since people edited it, or a model proposes to drop something of it or says
    what no row proves.
    """
    return bool(ticket.source_changes) or bool(changes_to_look_at(ticket))


def take_back(
    session: "OpenSession",
    number: Number,
    change: Annotated[
        int, Field(ge=1, title="CHANGE", description="Number of the change; see `tickets show`.")
    ],
    *,
    revision: BaseRevision = None,
    by: str,
) -> Revised:
    """Undo one change made by a model, as a new revision; the other changes stay.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: There is no such change, or people changed or answered it since.
    """
    ticket = session.ticket(number)
    return edit(session, ticket, edit_taking_back(ticket, change), revision=revision, by=by)


def edit_taking_back(ticket: Ticket, number: int) -> TicketEdit:
    """Return the edit that undoes one change of a model; `number` counts from 1.

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


def take_out(
    session: "OpenSession",
    number: Number,
    change: Annotated[
        int, Field(ge=1, title="CHANGE", description="Number of the change; see `tickets show`.")
    ],
    *,
    revision: BaseRevision = None,
    by: str,
) -> Revised:
    """Take out a sentence or question that a model proposes to drop, as a new revision.

    Raises:
        EditConflictError: Somebody else changed the ticket since.
        InputError: There is no such proposal, or the ticket does not say it any more.
    """
    ticket = session.ticket(number)
    return edit(session, ticket, edit_taking_out(ticket, change), revision=revision, by=by)


def edit_taking_out(ticket: Ticket, number: int) -> TicketEdit:
    """Return the edit that drops what a model proposes to; `number` counts its changes from 1.

    Raises:
        InputError: There is no such proposal, or the ticket does not say it any more.
    """
    changes = ticket.revision.changes
    edit_out = None
    if 1 <= number <= len(changes):
        edit_out = _edit_dropping(changes[number - 1], ticket)
    if edit_out is None:
        raise InputError(
            f"Ticket {ticket.number} has no change {number} by a model that proposes to drop "
            "what the ticket says.",
            recovery_actions=("If its question is answered, remove the answer first.",),
        )
    return edit_out


def _edit_dropping(change: ModelChange, ticket: Ticket) -> TicketEdit | None:
    """Return the edit that drops what a change proposes to; None where the ticket has it not."""
    if change.kind is not ChangeKind.DROP or change.refused:
        return None
    if change.question is not None:
        return _edit_dropping_question(change, change.question, ticket)
    name = _PARTS_BY_LETTER.get(change.about[:1], "")
    if not name or not change.before:
        return None
    text: str = getattr(ticket.revision.parts, name)
    changed = text.replace(f"<li>{change.before}</li>", "", 1)
    changed = re.sub(r"<ul[^>]*></ul>", "", changed)
    return TicketEdit(parts={name: changed}) if changed != text else None


def _edit_dropping_question(
    change: ModelChange, question: OpenQuestion, ticket: Ticket
) -> TicketEdit | None:
    """Return the edit that drops a question; None where it is not asked any more, or answered."""
    current = ticket.revision
    question_id = question_id_of(question)
    others = tuple(other for other in current.questions if question_id_of(other) != question_id)
    is_answered = any(answer.question_id == question_id for answer in ticket.answers)
    if is_answered or others == current.questions:
        return None
    text = current.parts.questions
    # The model may have suggested an answer to it, too; then the text says that.
    suggested = [other.after for other in current.changes if other.about == change.about]
    for wording in filter(None, (change.before, *suggested)):
        text = text.replace(f"<li>{wording}</li>", "", 1)
    text = text.replace("<ol></ol>", "")
    return TicketEdit(parts={"questions": text}, like=replace(current, questions=others))


def _edit_without(change: ModelChange, ticket: Ticket) -> TicketEdit | None:
    """Return the edit that undoes a change; None where the ticket does not have it any more."""
    if change.refused:
        return None
    if change.question is not None:
        return _without_question(change, change.question, ticket)
    current = ticket.revision
    if change.kind is ChangeKind.HOURS:
        is_there = bool(change.after) and current.estimated_hours == change.after
        like = replace(current, estimated_hours=change.before)
        return TicketEdit(like=like) if is_there else None
    name = _PARTS.get(change.kind) or _PARTS_BY_LETTER.get(change.about[:1], "")
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
    if changed == text:
        return None
    return TicketEdit(parts=_with_uncovered_facts(change, current, {name: changed}))


def _with_uncovered_facts(
    change: ModelChange, current: Revision, parts: Mapping[str, str]
) -> Mapping[str, str]:
    """Add the template's sentences for facts that nothing says once a sentence is taken back.

    `parts` has the parts that it was taken out of; the result has those that differ, too.
    """
    changed = dict(parts)
    for fact in change.covers:
        text = changed.get(fact.part, getattr(current.parts, fact.part))
        if f"<li>{fact.sentence}</li>" in text or _is_covered_otherwise(fact, change, current):
            continue
        before, end, after = text.rpartition("</ul>")
        if end:
            changed[fact.part] = f"{before}<li>{fact.sentence}</li>{end}{after}"
        else:
            attributes = ' class="checklist"' if fact.part == "verification" else ""
            changed[fact.part] = f"{text}{list_html([fact.sentence], attributes=attributes)}"
    return changed


def _is_covered_otherwise(fact: FactCoverage, change: ModelChange, current: Revision) -> bool:
    """Tell whether another sentence of a model that the ticket still has says a fact by itself."""
    for other in current.changes:
        if other == change or other.refused or other.kind not in _PARTS:
            continue
        is_there = other.after in getattr(current.parts, _PARTS[other.kind])
        if is_there and any(fact.name == cover.name and cover.is_whole for cover in other.covers):
            return True
    return False


def _without_question(
    change: ModelChange, question: OpenQuestion, ticket: Ticket
) -> TicketEdit | None:
    """Return the edit that undoes a change to the questions of a ticket.

    A proposed question or suggestion is taken out; a dropped question returns at the end of the
    list. None where the question was answered, or the list is not as the change left it.
    """
    current = ticket.revision
    question_id = question_id_of(question)
    others = tuple(other for other in current.questions if question_id_of(other) != question_id)
    is_asked = others != current.questions
    is_answered = any(answer.question_id == question_id for answer in ticket.answers)
    if is_answered or is_asked is not (change.kind is ChangeKind.QUESTION):
        return None
    text = current.parts.questions
    if is_asked and change.before:  # the question is the template's, the suggestion the model's
        bare = change.former_question
        if bare is None:
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
    """Put a dropped sentence back at the end of its list; a part without a list stays as it is."""
    if is_story:
        return text or f"<p>{sentence}</p>"
    before, end, after = text.rpartition("</ul>")
    has_sentence = f"<li>{sentence}</li>" in text
    if not end or has_sentence:
        return text
    return f"{before}<li>{sentence}</li>{end}{after}"


def _with_cell(text: str, change: ModelChange) -> str:
    """Put back the text that a cell had before a model filled it in.

    The part stays as it is where the cell does not have the model's text any more.
    """
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
