"""Tickets as they are stored and listed: what a ticket is called, where it stands, what is asked of it.

Belongs here: `Ticket`, the shorter `ListedTicket` of lists, the fields that Jira gets, answers and
which row each was said of, drafts and the outcome of writing tickets. Does not: their texts
(`revisions`), why a ticket is in no export (`ticket_decisions`), hashes of them (`ticket_hashes`),
writing prose (`drupal/rules`), rendering (`tickets/documents`), keeping (`store`).

Example: ticket 14 “View: Clocks” is what the rows of the group `view:clocks` ask for. Its id is made
of its session and that key, so it stays the same when the sheets are read again.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar, cast

from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entity_groups import COMPONENT_KINDS, DisplayGroup, GroupAction, GroupKind
from jira_pipeline.model.errors import EditConflictError
from jira_pipeline.model.forms_in_text import CELL_START, is_about_form, is_filled_in, with_answers
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import lines_text, place_text
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.open_questions import (
    NO_QUESTIONS,
    OBJECTION,
    OpenQuestion,
    PlacedQuestion,
    QuestionsLeft,
    count_questions,
)
from jira_pipeline.model.revisions import ProseParts, Revision, RevisionOrigin, TicketProse
from jira_pipeline.model.ticket_decisions import (
    DECISION_COLUMNS,
    GIVEN_REASONS,
    LEFT_OUT,
    Exclusion,
    Withdrawal,
    Withdrawn,
)

FieldValue: TypeAlias = str | tuple[str, ...] | None
"""Labels are a tuple, other fields a text; None is nothing."""
FORM_FILLED_IN = "Filled in, cell by cell."
"""The answer to the question about a form whose open cells all have one."""
_FIELDS_BY_ROW = ("keys", "labels", "client_quotes", "suggestions")
"""Fields of a question that hold one value for each of its rows, in the same order."""
TITLE_MAX_CHARACTERS = 255
"""What Jira takes as a summary."""
UNKNOWN_TYPE = "type"
"""The kind of a ticket about a type of which nobody said whether it is one of content, media, …"""


class IssueField(Enum):
    """A field that an issue gets of its ticket, where it has the name of the member.

    What is hashed, compared, sent, required and left to people is all of these.
    """

    ASSIGNEE = "assignee", FixType.ASSIGNEE_INVALID, "name them as defaults.assignee"
    SPRINT = "", FixType.SPRINT_NOT_FOUND, ""
    PRIORITY = "priority", FixType.PRIORITY_UNAVAILABLE, "name it as defaults.priority"
    LABELS = "labels", FixType.FIELD_REJECTED, "name them as defaults.labels"
    PARENT = "parent", FixType.FIELD_REJECTED, "name it as parent"

    def __init__(self, jira_id: str, fix_type: FixType, given_as: str) -> None:
        """Take the three values of a member."""
        self.jira_id = jira_id
        """Name of the field in Jira's API; empty where no creation sends it."""
        self.fix_type = fix_type
        """Which manual fix is needed where Jira refuses the value."""
        self.given_as = given_as
        """How session.yaml gives it, for messages; empty: it does not."""
        self.of_ticket = self.name.lower()

    def original_value(self, ticket: "TicketOutline") -> FieldValue:
        """Return the value that the ticket has, before any fallback for what Jira refuses."""
        return cast("FieldValue", getattr(ticket, self.of_ticket))


NAMED_IN_JIRA = (IssueField.ASSIGNEE.of_ticket, IssueField.SPRINT.of_ticket)
"""Fields whose values are names of what only Jira knows."""
ISSUE_FIELDS = tuple(field.of_ticket for field in IssueField)
"""Names of the attributes of a ticket that hold these fields."""
ASSIGNABLE_FIELDS = ISSUE_FIELDS
"""Fields that people set, for one or many tickets at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person answered to an open question, for one of its rows, or in a cell of a form."""

    question_id: str
    """One of `row_ids_of` the question, or the `cell_id` of a cell."""
    question: str
    answer: str
    """Text; line breaks are kept."""
    answered_by: str
    answered_at: datetime
    row_key: str = ""
    """Key of the row it was said of, one of `OpenQuestion.keys`. Empty: it was said of a cell, or an
    older version kept it and no revision tells the row."""
    row_label: str = ""
    """What people called that row when it was answered."""
    is_of_site: bool = False
    """It is made of an answer for the whole site, for a cell of a form; the store has no such row."""

    @property
    def as_given(self) -> "Answer":
        """The answer without its row: equal for all rows that were answered at once."""
        return replace(self, question_id="", row_key="", row_label="")

    @property
    def row_name(self) -> str:
        """The name of its row, for where no question names it any more; empty: not known."""
        return self.row_label or row_name_of(self.row_key)

    @property
    def is_in_form(self) -> bool:
        """It answers a cell of a form, which shows it."""
        return self.question_id.startswith(CELL_START)


@json_fields("file line record thing column before after")
@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCell:
    """One cell that differs from what the prose of a ticket was written from."""

    file: str
    line: int
    """In the newer sheet; of a row that is gone, in the older one."""
    column: str
    before: str | None
    """None: the row is new."""
    after: str | None
    """None: the row is gone."""
    row: str = ""
    """Key of the row, such as `field:event/field_begin`; empty: an older version noted the change."""
    record: int | None = None
    """The row a spreadsheet program shows; None: an older version noted the change."""

    @property
    def place(self) -> str:
        """File and line as people say them."""
        return place_text(self)

    @property
    def thing(self) -> str:
        """Machine name of what its row describes; empty where the row is not known."""
        return re.split(r"[:/]", self.row.partition(" #")[0])[-1]


@json_fields("file lines records")
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLines:
    """The lines of one file a ticket is made from."""

    file: str
    lines: tuple[int, ...]
    records: tuple[int, ...] = ()
    """The rows a spreadsheet program shows for them; empty: kept by an older version."""

    @property
    def citation(self) -> str:
        """File and lines as people say them."""
        return f"{self.file} {lines_text(self.lines, self.records)}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOutline:
    """What a ticket is about, what it waits for, and the fields that its issue gets."""

    ticket_id: str
    number: int
    group_key: str
    display_group: DisplayGroup
    action: GroupAction
    depends_on: tuple[str, ...]
    """Ticket ids; each becomes a Blocks link."""
    relates_to: tuple[str, ...]
    """Ticket ids; each becomes a Relates link."""
    source_lines: tuple[SourceLines, ...]
    assignee: str | None
    sprint: str | None
    priority: str | None
    labels: tuple[str, ...]
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket(TicketOutline):
    """The work on one group of rows, with its current revision and what people decided about it."""

    session_key: str
    revision: Revision
    ready_hash: str | None = None
    """Hash of all that Jira would get when it was marked ready; None: it is not marked."""
    approved_hash: str | None = None
    """Hash of what the mark covers (`approved_hash_of`), or `APPROVED_AS_IT_IS`."""
    ready_by: str | None = None
    """Who marked it ready."""
    skipped_reason: str | None = None
    sent_back: str | None = None
    """What has to change; None: nobody requests changes."""
    sent_back_about: str = ""
    """As `Exclusion.about`."""
    sent_back_to: str = ""
    """As `Exclusion.to`."""
    withdrawal: Withdrawal | None = None
    """None: its rows are in the sheets."""
    withdrawn_by: str | None = None
    """Who agreed; None also where an older version withdrew it without asking."""
    withdrawal_reason: str = ""
    """What they gave as the reason."""
    position: int | None = None
    """Where people put it among tickets that don't depend on each other; None: by number."""
    assigned_fields: tuple[str, ...] = ()
    """Names of the fields that people set: a new generation leaves them alone."""
    answers: tuple[Answer, ...] = ()
    """Answers to questions it has now, in their order; then to earlier questions and cells of its form.

    Among them are those that an answer for the whole site gives to cells which nobody filled in.
    """
    source_changes: tuple[ChangedCell, ...] = ()
    """Cells that changed since its prose was edited: people have to look at it again."""
    rows_elsewhere: tuple[str, ...] = ()
    """Row ids that its text asks about and that another ticket has now: that one asks them."""
    written_questions: str | None = None
    """HTML of the question items that writers wrote; None: nobody but a writer wrote its text."""

    @property
    def exclusion(self) -> Exclusion | None:
        """Why it is in no export; None: it is."""
        return _exclusion_of(self)

    @property
    def title(self) -> str:
        """Title of the current revision."""
        return self.revision.title

    @property
    def left_open(self) -> tuple[OpenQuestion, ...]:
        """Questions and assumptions of its text about rows that it has itself, in order."""
        if not self.rows_elsewhere:
            return self.revision.left_open
        about_own_rows = (
            without_rows(question, self.rows_elsewhere) for question in self.revision.left_open
        )
        return tuple(question for question in about_own_rows if question is not None)

    @property
    def place(self) -> tuple[int, int]:
        """Key that sorts tickets which do not depend on each other: as people put them, else by number."""
        return (self.number if self.position is None else self.position, self.number)

    @property
    def unanswered(self) -> tuple[OpenQuestion, ...]:
        """Questions of the current revision that people still have to answer for at least one row.

        Assumptions that somebody objects to are among them, until they are answered.
        """
        if not (self.answers or self.rows_elsewhere):
            return self.revision.questions
        settled_rows = self._settled_rows
        texts = self.given_answers
        unanswered = []
        for question in self.revision.questions:
            if not settled_rows >= {*row_ids_of(question)}:
                unanswered.append(question)
        for assumption in self.revision.assumptions:
            if is_objected(assumption, texts):
                unanswered.append(assumption)
        return tuple(unanswered)

    @property
    def assumed(self) -> tuple[OpenQuestion, ...]:
        """Assumptions of the current revision that hold: nobody objected to or answered them."""
        settled_rows = self._settled_rows
        texts = self.given_answers
        assumed = []
        for assumption in self.revision.assumptions:
            is_settled = settled_rows >= {*row_ids_of(assumption)}
            if not is_objected(assumption, texts) and not is_settled:
                assumed.append(assumption)
        return tuple(assumed)

    @property
    def _settled_rows(self) -> frozenset[str]:
        """Row ids that nobody has to answer here: they are answered, or another ticket asks them."""
        texts = self.given_answers.items() if self.answers else ()
        answered = (row_id for row_id, text in texts if not text.startswith(OBJECTION))
        return frozenset((*answered, *self.rows_elsewhere))

    @property
    def given_answers(self) -> Mapping[str, str]:
        """Texts of the answers by row id; the question about its form counts as answered once it is full."""
        given = {answer.question_id: answer.answer for answer in self.answers}
        has_answers_in_form = any(answer.is_in_form for answer in self.answers)
        if not has_answers_in_form or not is_filled_in(self.revision.parts.analysis, given):
            return given
        answers_about_form: dict[str, str] = {}
        for question in self.revision.questions:
            if is_about_form(question.question):
                answers_about_form.update(dict.fromkeys(row_ids_of(question), FORM_FILLED_IN))
        return answers_about_form | given

    @property
    def own_answers(self) -> Mapping[str, str]:
        """Texts of answers by row id or cell id, without those for the whole site."""
        return {
            answer.question_id: answer.answer for answer in self.answers if not answer.is_of_site
        }

    @property
    def analysis(self) -> str:
        """HTML of its analysis, with the answers of people in the cells of its form."""
        html = self.revision.parts.analysis
        in_form = {a.question_id: a.answer for a in self.answers if a.is_in_form}
        return with_answers(html, self.revision.asked_cells, in_form) if in_form else html

    @property
    def decision(self) -> tuple[str | None, ...]:
        """The values of `DECISION_COLUMNS`: what people decided about exporting it."""
        return tuple(getattr(self, name) for name in DECISION_COLUMNS)

    @property
    def is_ready(self) -> bool:
        """Somebody (or auto approval) marked the current content ready."""
        return self.ready_hash is not None

    @property
    def is_to_approve(self) -> bool:
        """It waits for somebody to mark it ready."""
        return not (self.is_ready or self.skipped_reason)

    @property
    def is_worked_on(self) -> bool:
        """People changed its text or fields, or answered one of its questions."""
        is_edited = self.revision.origin is not RevisionOrigin.GENERATED
        return is_edited or bool(self.assigned_fields or self.own_answers)


class ListedTicket(NamedTuple):
    """A ticket as lists show it; a tuple, because ten thousand are made at once."""

    ticket_id: str
    number: int
    title: str
    display_group: DisplayGroup
    action: GroupAction
    is_ready: bool
    skipped_reason: str | None
    assignee: str | None
    sprint: str | None
    priority: str | None
    labels: tuple[str, ...]
    parent: str | None
    estimated_hours: str
    revision_number: int
    is_source_changed: bool
    depends_on: tuple[str, ...]
    relates_to: tuple[str, ...]
    unanswered_count: int
    is_fallback: bool
    """The template wrote it although a model was asked."""
    withdrawal: Withdrawal | None = None
    revised_at: datetime | None = None
    """When its current revision was written."""
    position: int | None = None
    """As `Ticket.position`."""
    sent_back: str | None = None
    sent_back_about: str = ""
    sent_back_to: str = ""
    group_key: str = ""

    @property
    def exclusion(self) -> Exclusion | None:
        """Why it is in no export; None: it is."""
        return _exclusion_of(self)

    @property
    def kind(self) -> str:
        """What it configures, by the key of its group: `content type`, `view`, `user roles`."""
        rule, _, subject = self.group_key.partition(":")
        is_of_type = rule in {GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS, *COMPONENT_KINDS}
        kind = re.split("[/:]", subject)[0] if is_of_type else rule
        if not kind:
            return UNKNOWN_TYPE
        return re.sub("[_-]", " ", kind).lower()

    @property
    def short_title(self) -> str:
        """The title without its kind, which is shown beside it: `Clock Part`, `image styles`."""
        _, _, phrase = self.title.partition(" ")
        return phrase.removeprefix(f"{self.kind}: ") or self.title

    @property
    def place(self) -> tuple[int, int]:
        """As `Ticket.place`."""
        return (self.number if self.position is None else self.position, self.number)


def _exclusion_of(ticket: "Ticket | ListedTicket") -> Exclusion | None:
    if ticket.withdrawal is Withdrawal.AGREED:
        return Withdrawn()
    for kind in GIVEN_REASONS:
        if (reason := getattr(ticket, kind.column)) is not None:
            return kind(reason, *(getattr(ticket, name) for name in kind.word_columns))
    return None


def as_listed(ticket: Ticket) -> ListedTicket:
    """Return a ticket as lists show it."""
    derived: dict[str, Any] = {
        "estimated_hours": ticket.revision.estimated_hours,
        "revision_number": ticket.revision.number,
        "is_source_changed": bool(ticket.source_changes),
        "unanswered_count": len(ticket.unanswered),
        "is_fallback": bool(ticket.revision.fallback_reason),
        "revised_at": ticket.revision.created_at,
    }
    copied_names = [name for name in ListedTicket._fields if name not in derived]
    copied = {name: getattr(ticket, name) for name in copied_names}
    return ListedTicket(**copied, **derived)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTally:
    """Counts of the tickets of a session whose rows are in the sheets."""

    total: int
    excluded: int
    """Left out of exports; everything below is about the other tickets."""
    ready: int
    source_changed: tuple[int, ...] = ()
    """Numbers of tickets with cells that changed after people edited the prose, in order."""
    fallbacks: tuple[int, ...] = ()
    """Numbers of tickets the template wrote although a model was asked, and nobody marked ready."""
    questions: QuestionsLeft = NO_QUESTIONS
    waiting: tuple[tuple[str, int], ...] = ()
    """Each assignee, in order, with how many of their tickets nobody marked ready."""

    @property
    def exportable(self) -> int:
        return self.total - self.excluded


def nothing_to_do(tickets: Iterable[Ticket | ListedTicket]) -> str:
    """Return why there is nothing to export of these tickets; empty where there is something.

    `tickets` are all whose rows are in the sheets.
    """
    all_tickets = tuple(tickets)
    if not all_tickets:
        return (
            "Nothing to build: every row is already there (x), on hold (w) or left out. "
            "Enter a, c or d in column X of the rows to build and upload the sheets again."
        )
    kinds = dict.fromkeys(type(ticket.exclusion) for ticket in all_tickets if ticket.exclusion)
    if any(ticket.exclusion is None for ticket in all_tickets):
        return ""
    commands = " or ".join(f"`tickets {kind.undone_by}`" for kind in kinds)
    return f"Nothing to export: every ticket is {LEFT_OUT}; {commands} includes them again."


def questions_left(tickets: Iterable[Ticket]) -> QuestionsLeft:
    """Count what people have to answer in tickets; those left out of exports ask nothing."""
    unanswered: list[PlacedQuestion] = []
    for ticket in tickets:
        if ticket.exclusion is None:
            for question in ticket.unanswered:
                unanswered.append(PlacedQuestion(ticket.ticket_id, ticket.group_key, question))
    return count_questions(unanswered)


def link_count_of(tickets: Iterable[Ticket | ListedTicket]) -> int:
    """Count the links that an export of tickets makes, and has made already.

    Two tickets that relate to each other have one link. A ticket that is left out has no issue, so
    it has no link.
    """
    exported = {ticket.ticket_id: ticket for ticket in tickets if ticket.exclusion is None}
    blocks: set[tuple[str, str]] = set()
    relates: set[frozenset[str]] = set()  # without direction
    for ticket_id, ticket in exported.items():
        for other in ticket.depends_on:
            if other in exported:
                blocks.add((ticket_id, other))
        for other in ticket.relates_to:
            if other in exported:
                relates.add(frozenset((ticket_id, other)))
    return len(blocks) + len(relates)


def asking_numbers(tickets: Iterable[Ticket]) -> tuple[int, ...]:
    """Return the numbers of the tickets that `questions_left` counts questions in, in order."""
    return tuple(sorted(t.number for t in tickets if t.exclusion is None and t.unanswered))


def open_questions_json(tickets: Sequence[Ticket]) -> dict[str, object]:
    """Return as JSON how many questions tickets leave open, and the numbers of those that ask."""
    return {
        "open_questions": questions_left(tickets).count,
        "open_questions_in": list(asking_numbers(tickets)),
    }


def ticket_id_of(session_key: str, group_key: str) -> str:
    """Return the id of the ticket of a group, such as `t3f2a…`: the same in every generation."""
    digest = hashlib.sha256(f"{session_key}\n{group_key}".encode()).hexdigest()
    return f"t{digest[:15]}"


def question_id_of(question: OpenQuestion) -> str:
    """Return the id of a question: the one of its first row."""
    return row_ids_of(question)[0]


def row_ids_of(question: OpenQuestion) -> tuple[str, ...]:
    """Return the ids of what is asked of each row of a question, in the order of its keys.

    An id is a hash of kind, row and column, without files and words of ours, so it is the same in
    every generation. A question of an older version has no kind: it has one id, a hash of its words.
    """
    if not question.kind:
        return (canonical_hash(question.asks)[:16],)
    # Answers stay where a note moves to another column for notes.
    column = NOTE_COLUMNS[0] if question.column in NOTE_COLUMNS else question.column
    return tuple(canonical_hash((question.kind, key, column))[:16] for key in question.keys)


def without_rows(question: OpenQuestion, row_ids: Collection[str]) -> OpenQuestion | None:
    """Return a question without some of its rows, given by their ids; None: no other row is left."""
    all_ids = row_ids_of(question)
    stays = [row_id not in row_ids for row_id in all_ids]
    if all(stays):
        return question
    if not any(stays):
        return None
    remaining: dict[str, tuple[object, ...]] = {}
    for name in _FIELDS_BY_ROW:
        values = getattr(question, name)
        if len(values) == len(all_ids):  # else the field has no value for each row
            pairs = zip(values, stays, strict=True)
            remaining[name] = tuple(value for value, is_kept in pairs if is_kept)
    return replace(question, **remaining)  # type: ignore[arg-type] # each by its name


def is_objected(assumption: OpenQuestion, texts: Mapping[str, str]) -> bool:
    """Return whether an answer for one of its rows objects to an assumption; `texts` are by row id."""
    return any(texts.get(row_id, "").startswith(OBJECTION) for row_id in row_ids_of(assumption))


def row_name_of(key: str) -> str:
    """Return the name of the entity in one of `OpenQuestion.keys`: `field_begin` of `field:event/field_begin`."""
    return re.split("[:/]", key.partition(" “")[0])[-1]


def row_names_of(keys: Sequence[str]) -> tuple[str, ...]:
    """Return names of rows by which they can be told apart, in the order of their keys.

    That is the name of the entity, or the whole key where two entities share a name.
    """
    names = [row_name_of(key) for key in keys]
    unique_names = []
    for name, key in zip(names, keys, strict=True):
        is_shared = names.count(name) > 1
        unique_names.append((key.partition(":")[2] or key) if is_shared else name)
    return tuple(unique_names)


def row_labels_of(question: OpenQuestion) -> tuple[str, ...]:
    """Return what people call the rows of a question, in the order of its keys."""
    if len(question.labels) == len(question.keys):
        return question.labels
    return row_names_of(question.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuestion:
    """What is asked of one row."""

    question: str
    row_key: str = ""
    """Key of the row; empty: it is a cell of a form, or an older version asked it."""
    row_label: str = ""
    """What people call the row."""


def row_questions_of(question: OpenQuestion) -> Mapping[str, RowQuestion]:
    """Return what a question asks of each of its rows, by the id of the row."""
    row_ids = row_ids_of(question)
    if not question.kind:  # an older version named the question by its words, whatever its rows
        return {row_ids[0]: RowQuestion(question=question.question)}
    return {
        row_id: RowQuestion(question=question.question, row_key=key, row_label=label)
        for row_id, key, label in zip(row_ids, question.keys, row_labels_of(question), strict=True)
    }


def with_row(answer: Answer, revisions: Sequence[Revision]) -> Answer:
    """Return an answer with the key and label of its row, as the newest revision that asks it has them.

    Older versions kept answers without; where no revision asks about the row, none is added.
    """
    if answer.row_key:
        return answer
    for revision in reversed(revisions):
        for question in revision.left_open:
            row_question = row_questions_of(question).get(answer.question_id)
            if row_question is not None:
                row_key = row_question.row_key
                return replace(answer, row_key=row_key, row_label=row_question.row_label)
    return answer


def canonical_hash(value: object) -> str:
    """SHA-256 in hex over canonical JSON: sorted keys, no spaces, UTF-8."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def canonical_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash_of(*, title: str, parts: ProseParts, estimated_hours: str) -> str:
    return canonical_hash({"title": title, "parts": asdict(parts), "hours": estimated_hours})


def refuse_other_fields(tickets: Iterable[Ticket], were: Mapping[str, FieldValue]) -> None:
    """Raise EditConflictError where a ticket has other values of fields than a person saw (`were`)."""
    for ticket in tickets:
        others = [name for name, value in were.items() if getattr(ticket, name) != value]
        if others:
            fields = " and ".join(others).replace("_", " ")
            raise EditConflictError(
                f"Ticket {ticket.number}: {fields} changed in the meantime; nothing was saved.",
                recovery_actions=("Reload the ticket and make your change again.",),
            )


def unconfirmed_withdrawals(vanished: Iterable[Ticket]) -> tuple[Ticket, ...]:
    """Return the tickets that nobody agreed to withdraw yet, of those whose rows are gone."""
    return tuple(t for t in vanished if t.withdrawal is Withdrawal.PROPOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft(TicketOutline):
    """One generated ticket to be stored."""

    title: str
    prose: TicketProse
    facts_hash: str | None = None
    """Hash of what the sheets say of it: with another one it is written again."""
    approved_rows_hash: str = ""
    """Hash of what an approval covers of its rows (`approved_rows_hash_of`)."""
    changed_cells: tuple[ChangedCell, ...] = ()
    """Cells that differ from the sheets which the stored ticket was generated from."""
    rows_from: tuple[str, ...] = ()
    """Ids of the tickets that had some of its rows in those sheets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationOutcome:
    """What storing generated tickets changed."""

    created: int
    rewritten: int
    unchanged: int
    withdrawals_proposed: int
    """Tickets of the generation before whose rows are gone."""
    dropped_dependencies: tuple[tuple[str, str], ...] = ()
    """Dependencies made by hand that contradict the sheets now, by the ids of the two tickets."""


def outcome_in(details: Mapping[str, Any]) -> GenerationOutcome:
    """Return what a generation changed, by the details of its entry in the audit trail.

    Each ticket counts once: one whose rows came back counts as created, not as rewritten.
    """
    created = {*details.get("created", ())}
    rewritten = {*details.get("rewritten", ())} - created
    return GenerationOutcome(
        created=len(created),
        rewritten=len(rewritten),
        unchanged=details.get("unchanged", 0),
        withdrawals_proposed=len(details.get("withdrawals_proposed", ())),
        dropped_dependencies=tuple(
            (ticket_id, other_id) for ticket_id, other_id in details.get("dropped_dependencies", ())
        ),
    )


AnyTicket = TypeVar("AnyTicket", Ticket, ListedTicket)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketsRead(Generic[AnyTicket]):
    """Tickets of a session as they were at one moment."""

    sequence: int
    """Number of the newest entry about the session in the audit trail then; any change adds one."""
    tickets: tuple[AnyTicket, ...]
    is_whole: bool
    """`tickets` are all whose rows are in the sheets; else only those of them that changed."""
