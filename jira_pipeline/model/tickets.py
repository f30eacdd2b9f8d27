"""Tickets as they are stored and listed: what a ticket is called, where it stands, what is asked of it.

Belongs here: `Ticket`, the shorter `ListedTicket` of lists, the fields that Jira gets, answers and
which row each was said of, drafts and the outcome of writing tickets. Does not: their texts
(`revisions`), why a ticket is in no export (`ticket_decisions`), hashes of them (`ticket_hashes`),
writing prose (`tickets/claims`), rendering (`tickets/documents`), keeping (`store`).

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
_NAMED_BY_ROW = ("keys", "labels", "client_quotes", "suggestions")
"""What a question says of each of its rows, in one order."""
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
        """Take the id of Jira, empty where no creation sends it, and how session.yaml gives it."""
        self.jira_id = jira_id
        self.fix_type = fix_type
        self.given_as = given_as
        self.of_ticket = self.name.lower()

    def original_value(self, ticket: "TicketOutline") -> FieldValue:
        return cast("FieldValue", getattr(ticket, self.of_ticket))


NAMED_IN_JIRA = (IssueField.ASSIGNEE.of_ticket, IssueField.SPRINT.of_ticket)
"""Fields whose values are names of what only Jira knows."""
ISSUE_FIELDS = tuple(field.of_ticket for field in IssueField)
"""Their names in a ticket."""
ASSIGNABLE_FIELDS = ISSUE_FIELDS
"""Those that people set, for one or many at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person answered to an open question, for one of its rows, or in a cell of a form."""

    question_id: str
    """One of `row_ids_of` the question, `cell_id` of the cell."""
    question: str
    answer: str
    """Text; line breaks are kept."""
    answered_by: str
    answered_at: datetime
    row_key: str = ""
    """Of the row it was said of, one of `OpenQuestion.keys`; empty: of a cell, or an older version
    kept the answer and no revision tells it."""
    row_label: str = ""
    """What people called that row then."""
    is_of_site: bool = False
    """It is what an answer for the whole site says in the cell of a form; nothing keeps it there."""

    @property
    def as_given(self) -> "Answer":
        """What was said, the same for each row it was said of."""
        return replace(self, question_id="", row_key="", row_label="")

    @property
    def row_name(self) -> str:
        """What names its row where nothing asks about it any more; empty: nobody knows."""
        return self.row_label or row_name_of(self.row_key)

    @property
    def is_in_form(self) -> bool:
        """It is the answer in a cell of a form: that shows it while it takes one, nothing else."""
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
    """Which row of the ticket, whatever its line; empty: remembered by an older version."""
    record: int | None = None
    """The row a spreadsheet program shows; None: remembered by an older version."""

    @property
    def place(self) -> str:
        """File and line as people say them."""
        return place_text(self)

    @property
    def thing(self) -> str:
        """Machine name of what its row describes; empty where an older version remembered it."""
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
    """Our stable identity for one group's work, with its current revision."""

    session_key: str
    revision: Revision
    ready_hash: str | None = None
    """Rendered content hash it was marked ready with; an edit takes it away."""
    approved_hash: str | None = None
    """What the mark covers (`approved_hash_of`), or `APPROVED_AS_IT_IS`."""
    ready_by: str | None = None
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
    """Of questions it still has, in their order, then of others and of cells of its form.

    So are those that an answer for the site gives to cells which nobody filled in.
    """
    source_changes: tuple[ChangedCell, ...] = ()
    """Cells that changed since its prose was edited: people have to look at it again."""
    rows_elsewhere: tuple[str, ...] = ()
    """Ids of rows that a text of it asks about and another ticket has since: that one asks."""
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
        """What its text leaves open of the rows that it has, in the order of the text."""
        if not self.rows_elsewhere:
            return self.revision.left_open
        of_own_rows = (
            without_rows(question, self.rows_elsewhere) for question in self.revision.left_open
        )
        return tuple(question for question in of_own_rows if question is not None)

    @property
    def place(self) -> tuple[int, int]:
        """Sort tickets that don't depend on each other as people put them, else by number."""
        return (self.number if self.position is None else self.position, self.number)

    @property
    def unanswered(self) -> tuple[OpenQuestion, ...]:
        """Questions of the current revision that nobody answered for all of their rows.

        So are assumptions that somebody objects to, until they are answered.
        """
        if not (self.answers or self.rows_elsewhere):
            return self.revision.questions
        left = (q for q in self.revision.questions if not self._settled_rows >= {*row_ids_of(q)})
        given = self.given_answers
        return (*left, *(one for one in self.revision.assumptions if is_objected(one, given)))

    @property
    def assumed(self) -> tuple[OpenQuestion, ...]:
        """Questions whose assumption holds: nobody objects, or answered all of their rows."""
        return tuple(
            one
            for one in self.revision.assumptions
            if not (
                is_objected(one, self.given_answers) or self._settled_rows >= {*row_ids_of(one)}
            )
        )

    @property
    def _settled_rows(self) -> frozenset[str]:
        """The rows that nobody has to answer here: another ticket asks about some of them."""
        given = self.given_answers.items() if self.answers else ()
        answered = (row_id for row_id, text in given if not text.startswith(OBJECTION))
        return frozenset((*answered, *self.rows_elsewhere))

    @property
    def given_answers(self) -> Mapping[str, str]:
        """The answers by row of a question; that of the question about its form, filled in, is made."""
        given = {answer.question_id: answer.answer for answer in self.answers}
        has_answers_in_form = any(answer.is_in_form for answer in self.answers)
        if not has_answers_in_form or not is_filled_in(self.revision.parts.analysis, given):
            return given
        of_form: dict[str, str] = {}
        for question in self.revision.questions:
            if is_about_form(question.question):
                of_form.update(dict.fromkeys(row_ids_of(question), FORM_FILLED_IN))
        return of_form | given

    @property
    def own_answers(self) -> Mapping[str, str]:
        """What people answered here, by row of a question and by cell, without those for the site."""
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
        """What people decided about exporting it: `DECISION_COLUMNS`."""
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
        """The title where its kind is beside it: `Clock Part`, `image styles`."""
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
            return kind(reason, *(getattr(ticket, name) for name in kind.beside))
    return None


def as_listed(ticket: Ticket) -> ListedTicket:
    """Return a whole ticket as lists show it."""
    beside: dict[str, Any] = {
        "estimated_hours": ticket.revision.estimated_hours,
        "revision_number": ticket.revision.number,
        "is_source_changed": bool(ticket.source_changes),
        "unanswered_count": len(ticket.unanswered),
        "is_fallback": bool(ticket.revision.fallback_reason),
        "revised_at": ticket.revision.created_at,
    }
    alike = [name for name in ListedTicket._fields if name not in beside]
    return ListedTicket(**{name: getattr(ticket, name) for name in alike}, **beside)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTally:
    """How many tickets of a session there are, of those whose rows are in the sheets."""

    total: int
    excluded: int
    ready: int
    """Of those that are not excluded, as the others below."""
    source_changed: tuple[int, ...] = ()
    """Numbers of those with cells changed after people edited the prose, in order."""
    fallbacks: tuple[int, ...] = ()
    """Numbers of those the template wrote although a model was asked, and nobody marked ready."""
    questions: QuestionsLeft = NO_QUESTIONS
    waiting: tuple[tuple[str, int], ...] = ()
    """Assignees in order, and how many of the tickets of each nobody marked ready."""

    @property
    def exportable(self) -> int:
        return self.total - self.excluded


def nothing_to_do(tickets: Iterable[Ticket | ListedTicket]) -> str:
    """Say why there is nothing to export, of tickets in the sheets; empty if there is."""
    known = tuple(tickets)
    if not known:
        return (
            "Nothing to build: every row is already there (x), on hold (w) or left out. "
            "Enter a, c or d in column X of the rows to build and upload the sheets again."
        )
    reasons = {type(ticket.exclusion): ticket.exclusion for ticket in known}.values()
    if all(reasons):
        ways = " or ".join(f"`tickets {exclusion.undone_by}`" for exclusion in reasons if exclusion)
        return f"Nothing to export: every ticket is {LEFT_OUT}; {ways} includes them again."
    return ""


def questions_left(tickets: Iterable[Ticket]) -> QuestionsLeft:
    """Count what people have to answer in tickets; excluded ones ask nothing."""
    return count_questions(
        PlacedQuestion(ticket.ticket_id, ticket.group_key, question)
        for ticket in tickets
        if ticket.exclusion is None
        for question in ticket.unanswered
    )


def link_count_of(tickets: Iterable[Ticket | ListedTicket]) -> int:
    """Count the links an export of tickets makes, those that are made already included.

    Two tickets that relate to each other have one link; an excluded ticket has no issue, so none.
    """
    exported = {t.ticket_id: t for t in tickets if t.exclusion is None}
    blocks = {(i, other) for i, t in exported.items() for other in t.depends_on}
    relates = {frozenset((i, other)) for i, t in exported.items() for other in t.relates_to}
    return sum(exported.keys() >= set(pair) for pair in (*blocks, *relates))


def asking_numbers(tickets: Iterable[Ticket]) -> tuple[int, ...]:
    """Return the numbers of the tickets that `questions_left` counts questions in, in order."""
    return tuple(sorted(t.number for t in tickets if t.exclusion is None and t.unanswered))


def open_questions_json(tickets: Sequence[Ticket]) -> dict[str, object]:
    """Say to programs how many questions tickets leave open, and which of them ask."""
    return {
        "open_questions": questions_left(tickets).count,
        "open_questions_in": list(asking_numbers(tickets)),
    }


def ticket_id_of(session_key: str, group_key: str) -> str:
    """Name the ticket of a group: the same for every generation of the session."""
    digest = hashlib.sha256(f"{session_key}\n{group_key}".encode()).hexdigest()
    return f"t{digest[:15]}"


def question_id_of(question: OpenQuestion) -> str:
    """Name a question by the first of its rows."""
    return row_ids_of(question)[0]


def row_ids_of(question: OpenQuestion) -> tuple[str, ...]:
    """Name what is asked of each row of a question, the same in every generation.

    By kind, row and column: neither files nor our words are in it. One without a kind, of an older
    version, has one name, of its words.
    """
    column = NOTE_COLUMNS[0] if question.column in NOTE_COLUMNS else question.column
    named: Sequence[tuple[str, ...]] = [(question.kind, key, column) for key in question.keys]
    return tuple(
        canonical_hash(parts)[:16] for parts in (named if question.kind else [question.asks])
    )


def without_rows(question: OpenQuestion, row_ids: Collection[str]) -> OpenQuestion | None:
    """Return a question without some of its rows; None: it is about no other one."""
    of_question = row_ids_of(question)
    stays = [row_id not in row_ids for row_id in of_question]
    if all(stays):
        return question
    if not any(stays):
        return None
    by_row = {}
    for name in _NAMED_BY_ROW:
        values = getattr(question, name)
        if len(values) == len(of_question):  # else it says nothing of each row
            by_row[name] = tuple(
                value for value, is_kept in zip(values, stays, strict=True) if is_kept
            )
    return replace(question, **by_row)  # type: ignore[arg-type] # each by its name


def is_objected(assumed: OpenQuestion, given: Mapping[str, str]) -> bool:
    """Tell whether an answer to one of its rows says that the assumption does not hold."""
    return any(given.get(row_id, "").startswith(OBJECTION) for row_id in row_ids_of(assumed))


def row_name_of(key: str) -> str:
    """Name the entity of one of `OpenQuestion.keys`, without what that belongs to."""
    return re.split("[:/]", key.partition(" “")[0])[-1]


def row_names_of(keys: Sequence[str]) -> tuple[str, ...]:
    """Name the rows of a question apart: by their entity, or by the whole key where two share that."""
    names = [row_name_of(key) for key in keys]
    return tuple(
        name if names.count(name) == 1 else key.partition(":")[2] or key
        for name, key in zip(names, keys, strict=True)
    )


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
    """Empty: it is a cell of a form, or an older version asked it."""
    row_label: str = ""


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
    """Return an answer with its row, where an older version kept it without and a revision tells it."""
    if answer.row_key:
        return answer
    for revision in reversed(revisions):
        for question in revision.left_open:
            asked = row_questions_of(question).get(answer.question_id)
            if asked is not None:
                return replace(answer, row_key=asked.row_key, row_label=asked.row_label)
    return answer


def canonical_hash(value: object) -> str:
    """SHA-256 in hex over canonical JSON: sorted keys, no spaces, UTF-8."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def canonical_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash_of(*, title: str, parts: ProseParts, estimated_hours: str) -> str:
    return canonical_hash({"title": title, "parts": asdict(parts), "hours": estimated_hours})


def refuse_other_fields(tickets: Iterable[Ticket], were: Mapping[str, FieldValue]) -> None:
    """Stop what was decided when fields had other values than they have."""
    for ticket in tickets:
        others = [name for name, value in were.items() if getattr(ticket, name) != value]
        if others:
            fields = " and ".join(others).replace("_", " ")
            raise EditConflictError(
                f"Ticket {ticket.number}: {fields} changed in the meantime; nothing was saved.",
                recovery_actions=("Reload the ticket and make your change again.",),
            )


def unconfirmed_withdrawals(vanished: Iterable[Ticket]) -> tuple[Ticket, ...]:
    """Return those that nobody agreed to withdraw."""
    return tuple(t for t in vanished if t.withdrawal is Withdrawal.PROPOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft(TicketOutline):
    """One generated ticket to be stored."""

    title: str
    prose: TicketProse
    facts_hash: str | None = None
    """What the sheets say of it: with other facts it is written again."""
    approved_rows_hash: str = ""
    """What an approval covers of its rows (`approved_rows_hash_of`)."""
    changed_cells: tuple[ChangedCell, ...] = ()
    """What differs from the sheets the stored ticket was generated from."""
    rows_from: tuple[str, ...] = ()
    """Ids of the tickets that had rows of it in those sheets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationOutcome:
    """What storing generated tickets changed."""

    created: int
    rewritten: int
    unchanged: int
    withdrawals_proposed: int
    """Tickets of the generation before whose rows are gone."""
    dropped_dependencies: tuple[tuple[str, str], ...] = ()
    """Made by hand, and against what the sheets demand now: ids of a ticket and of the other."""


def outcome_in(details: Mapping[str, Any]) -> GenerationOutcome:
    """Return what a generation changed, by the details of its entry in the audit trail.

    Each ticket counts once: one whose rows came back is new, also where it is written again.
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
    """Of the newest entry about the session in the audit trail then: what changes, adds one."""
    tickets: tuple[AnyTicket, ...]
    is_whole: bool
    """All tickets whose rows are in the sheets; else those of them that were changed."""
