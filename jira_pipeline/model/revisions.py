"""The text of a ticket, one revision after another: who wrote it, and what it says part by part.

Belongs here: the parts of the prose, where a revision comes from, what a model changed, texts that one
ticket takes over of another. Does not: the ticket (`tickets`), editing (`review/revisions`), writing
(`writing/generation`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from jira_pipeline.model.forms_in_text import WrittenCell, parse_cells
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.open_questions import OpenQuestion

HOURS_BY_ROWS = ("1-3", "2-6", "4-12")
"""Ranges that the number of rows gives; no effort that a note states makes one of these."""


class RevisionOrigin(StrEnum):
    GENERATED = "generated"
    EDITED = "edited"
    ROLLED_BACK = "rolled_back"
    EXTENDED = "extended"
    """A text of people to which a generation added what new rows ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseParts:
    """What people and writers may write: HTML fragments, empty string where there is nothing."""

    user_story: str
    analysis: str
    questions: str
    verification: str
    notes: str = ""


PART_NAMES = tuple(ProseParts.__dataclass_fields__)
"""In the order of the body."""


class ChangeKind(StrEnum):
    """What a model changed of a ticket."""

    USER_STORY = "user_story"
    HOURS = "hours"
    DROP = "drop"
    ANALYSIS = "analysis"
    FILL = "fill"
    QUESTION = "question"
    VERIFICATION = "verification"


@json_fields("kind text place warning refused")
@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChange:
    """One change that a model proposed for a ticket; those that are made can be taken back."""

    kind: ChangeKind
    text: str
    """What it says, as text; backticks mark machine names."""
    about: str = ""
    """What it is about: a sentence or cell as the model called it (`a2`, `f1.Filters`)."""
    place: str = ""
    """Where the row is that it rests on, such as `fields.csv:12`; empty where it names none."""
    warning: str = ""
    """What of it no cell proves; empty where all is proven."""
    refused: str = ""
    """Why it is not made; empty where it is."""
    before: str = ""
    """HTML of the item it replaced or took out, or the hours before; empty where it added one."""
    after: str = ""
    """HTML of the item it put there, or the hours; empty where it took one out."""
    question: OpenQuestion | None = None
    """The question it asked or dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketProse:
    """What a writer returns for one entity group."""

    parts: ProseParts
    questions: tuple[OpenQuestion, ...]
    estimated_hours: str
    """A range such as `2-6`, in hours; empty until a question is answered."""
    writer: str
    """Name and version of the writer, such as `template/1`."""
    fallback_reason: str = ""
    """Why the template wrote it although a model was asked; empty where the writer did."""
    changes: tuple[ModelChange, ...] = ()
    """What a model changed of the template's ticket, and what was refused of that."""
    assumptions: tuple[OpenQuestion, ...] = ()
    """Questions that nobody has to answer: what is built is said instead, unless somebody objects."""

    @property
    def left_open(self) -> tuple[OpenQuestion, ...]:
        """All that the rows leave open, whether people have to answer it or not."""
        return (*self.questions, *self.assumptions)


@json_fields("number origin author at=created_at content_hash")
@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(TicketProse):
    """Immutable content of a ticket. Tables are not in it: they render from the rows.

    Of what a model changed `review/revisions` says what is left.
    """

    number: int
    origin: RevisionOrigin
    title: str
    author: str
    created_at: datetime
    content_hash: str
    """`content_hash_of` title, parts and hours."""
    facts_hash: str | None = None
    """What the sheets said when it was written (`facts_hash_of`); None: by an older version."""
    rolled_back_to: int | None = None
    """Number of the revision whose content it brought back."""

    @property
    def asked_cells(self) -> tuple[WrittenCell, ...]:
        """The cells of its form that people answer: open ones, and those that a model filled in."""
        html = self.parts.analysis
        by_model = {c.after for c in self.changes if c.kind is ChangeKind.FILL and not c.refused}
        return tuple(
            cell
            for cell in parse_cells(html)
            if cell.is_open or html[cell.start : cell.end] in by_model
        )


def is_of_people(revisions: Sequence[Revision]) -> bool:
    """Tell whether people changed what the last generation wrote, save for the notes.

    Revisions are all of a ticket, oldest first. A new generation leaves such a ticket alone.
    """
    generated = [r for r in revisions if r.origin is RevisionOrigin.GENERATED]
    return not generated or _written_by_writers(revisions[-1]) != _written_by_writers(generated[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenTexts:
    """What two tickets say after one took over the texts of people of the other."""

    title: str
    parts: ProseParts
    """Of the ticket that took them over."""
    title_left: str
    parts_left: ProseParts
    """Of the one that is gone: what nobody took over is still people's."""


def texts_taken(gone: Sequence[Revision], taking: Sequence[Revision]) -> TakenTexts | None:
    """Return what people wrote in a ticket, in the place of what a writer wrote in another one.

    Notes come below the notes that are there; None: there is nothing to take over. Revisions are
    all of each, oldest first.
    """
    before = gone[-1]
    now = taking[-1]
    written_before = _last_generated(gone)
    written_now = _last_generated(taking)
    if written_before is None or written_now is None:
        return None
    taken: dict[str, str] = {}
    left: dict[str, str] = {}
    for name in PART_NAMES:
        text = getattr(before.parts, name)
        is_notes = name == "notes"
        if text == ("" if is_notes else getattr(written_before.parts, name)):
            continue
        if is_notes:
            taken[name] = now.parts.notes + text
            left[name] = ""
        elif getattr(now.parts, name) == getattr(written_now.parts, name):
            taken[name] = text
            left[name] = getattr(written_before.parts, name)
    is_titled = before.title != written_before.title and now.title == written_now.title
    if not taken and not is_titled:
        return None
    return TakenTexts(
        title=before.title if is_titled else now.title,
        parts=replace(now.parts, **taken),
        title_left=written_before.title if is_titled else before.title,
        parts_left=replace(before.parts, **left),
    )


def written_questions_of(revisions: Sequence[Revision]) -> str:
    """Return the HTML of the question items that writers wrote, also of those a person took back.

    Revisions are those of a ticket, oldest first.
    """
    generated = [revision for revision in revisions if revision.origin is RevisionOrigin.GENERATED]
    html = "".join(dict.fromkeys(revision.parts.questions for revision in generated))
    for revision in generated:
        for change in revision.changes:
            if change.question is not None:
                html += f"<ol><li>{change.before}</li></ol>"
    return html


def _last_generated(revisions: Sequence[Revision]) -> Revision | None:
    generated = [revision for revision in revisions if revision.origin is RevisionOrigin.GENERATED]
    return generated[-1] if generated else None


def _written_by_writers(revision: Revision) -> tuple[object, ...]:
    prose = replace(revision.parts, notes="")
    return (revision.title, prose, revision.estimated_hours, revision.questions)
