"""The text of a ticket, one revision after another: who wrote it, and what it says part by part.

Belongs here: the parts of the prose, where a revision comes from, what a model changed, texts that one
ticket takes over of another. Does not: the ticket (`tickets`), editing (`review/revisions`), writing
(`writing/generation`).
"""

from collections.abc import Mapping, Sequence
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


PARTS_OF_SENTENCES: Mapping[ChangeKind, str] = {
    ChangeKind.USER_STORY: "user_story",
    ChangeKind.ANALYSIS: "analysis",
    ChangeKind.VERIFICATION: "verification",
}
"""The part of a ticket that a sentence of each kind is in; other kinds are no sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowVersion:
    """A row that a sentence of a model rests on, as it was when the sentence was written."""

    key: str
    """Key of the entity, such as `field:event/field_begin`; of a repeated one with its number."""
    cells_hash: str
    """Hash of its cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCoverage:
    """A fact that a sentence of a model says, and that a ticket has to say, whoever words it."""

    name: str
    """Of the fact, the same in every generation."""
    part: str
    """The part that the template says it in."""
    is_whole: bool
    """The sentence says it by itself, not only together with others."""
    sentence: str
    """HTML of the template's sentence, which comes where nothing says it any more."""


@json_fields("kind text place warning refused rows=row_keys")
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
    former_question: OpenQuestion | None = None
    """The question of a rule that it asks in other words, as the rule words it."""
    rows: tuple[RowVersion, ...] = ()
    """The rows that a sentence of a whole ticket rests on."""
    covers: tuple[FactCoverage, ...] = ()
    """The facts that such a sentence says."""

    @property
    def row_keys(self) -> tuple[str, ...]:
        """Keys of the rows that it rests on."""
        return tuple(row.key for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierText:
    """What a ticket said, asked and was answered before a model writes it again."""

    sentences: tuple[ModelChange, ...] | None
    """The sentences of the same model that are still in it; None: all are to be written anew."""
    questions: tuple[ModelChange, ...]
    """The entries of the questions that it asks in that model's words; none where all are anew."""
    answered: tuple[OpenQuestion, ...]
    """Questions of the model's own that people answered."""
    answers: tuple[tuple[str, str], ...]
    """What people answered, each with the question as they were asked it."""
    changed_rows: frozenset[str]
    """Keys of the ticket's rows that are new, gone or changed since."""


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
    """Immutable content of a ticket, without its tables, which are rendered from the rows.

    `changes` are those of the model at that time; `review/revisions` says which of them are left.
    """

    number: int
    origin: RevisionOrigin
    title: str
    author: str
    created_at: datetime
    content_hash: str
    """`content_hash_of` title, parts and hours."""
    facts_hash: str | None = None
    """Hash of what the sheets said when it was written (`facts_hash_of`); None: an older version
    wrote it."""
    rolled_back_to: int | None = None
    """Number of the revision whose content it brought back."""

    @property
    def asked_cells(self) -> tuple[WrittenCell, ...]:
        """The cells of its form that people answer: open ones, and those that a model filled in."""
        html = self.parts.analysis
        filled_by_model: set[str] = set()
        for change in self.changes:
            if change.kind is ChangeKind.FILL and not change.refused:
                filled_by_model.add(change.after)
        return tuple(
            cell
            for cell in parse_cells(html)
            if cell.is_open or html[cell.start : cell.end] in filled_by_model
        )


def is_of_people(revisions: Sequence[Revision]) -> bool:
    """Return whether people changed what the last generation wrote, apart from the notes.

    `revisions` are all of a ticket, oldest first. A new generation leaves such a text alone.
    """
    generated = [r for r in revisions if r.origin is RevisionOrigin.GENERATED]
    return not generated or _written_by_writers(revisions[-1]) != _written_by_writers(generated[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenTexts:
    """What two tickets say after one took over texts that people wrote in the other."""

    title: str
    parts: ProseParts
    """Title and parts of the ticket that took them over."""
    title_left: str
    parts_left: ProseParts
    """Title and parts of the gone ticket: what was taken over is the writer's there again."""


def texts_taken(gone: Sequence[Revision], taking: Sequence[Revision]) -> TakenTexts | None:
    """Return what two tickets say once one takes over what people wrote in the other (`gone`).

    A part or title that people wrote takes the place of one that a writer wrote; where people wrote
    both, each stays. Notes are added below the notes of the taking ticket. None: nothing is taken
    over. Both arguments are all revisions of a ticket, oldest first.
    """
    gone_now = gone[-1]
    taking_now = taking[-1]
    gone_generated = _last_generated(gone)
    taking_generated = _last_generated(taking)
    if gone_generated is None or taking_generated is None:
        return None
    taken_parts: dict[str, str] = {}
    parts_left: dict[str, str] = {}
    for name in PART_NAMES:
        text = getattr(gone_now.parts, name)
        if name == "notes":  # which no writer writes
            if text:
                taken_parts[name] = taking_now.parts.notes + text
                parts_left[name] = ""
            continue
        generated_text = getattr(gone_generated.parts, name)
        is_of_people = text != generated_text
        is_free = getattr(taking_now.parts, name) == getattr(taking_generated.parts, name)
        if is_of_people and is_free:
            taken_parts[name] = text
            parts_left[name] = generated_text
    takes_title = (
        gone_now.title != gone_generated.title and taking_now.title == taking_generated.title
    )
    if not taken_parts and not takes_title:
        return None
    return TakenTexts(
        title=gone_now.title if takes_title else taking_now.title,
        parts=replace(taking_now.parts, **taken_parts),
        title_left=gone_generated.title if takes_title else gone_now.title,
        parts_left=replace(gone_now.parts, **parts_left),
    )


def written_questions_of(revisions: Sequence[Revision]) -> str:
    """Return the HTML of all question items that writers wrote in a ticket, oldest first.

    Those that a model dropped are among them. `revisions` are all of the ticket, oldest first.
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
