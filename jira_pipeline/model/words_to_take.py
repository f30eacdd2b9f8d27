"""What one ticket takes over of what people said of another one, told before anything is moved.

Belongs here: which row is which, what moves, what stays because the other ticket has its own, and
what an act moved, so that it can be given back. Does not: moving it (`store/taken_words`), giving it
back (`store/given_back_words`), which tickets are offered (`review/successors`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from jira_pipeline.model.dependencies import find_waiting_cycle
from jira_pipeline.model.kept_reviews import KeptDependency, KeptRemark
from jira_pipeline.model.open_questions import ProposedAnswer, QuestionRoute
from jira_pipeline.model.records import Comment
from jira_pipeline.model.resolved_requests import ResolvedRequest
from jira_pipeline.model.revisions import Revision, TakenTexts, texts_taken
from jira_pipeline.model.ticket_decisions import EXCLUSION_COLUMNS
from jira_pipeline.model.tickets import (
    Answer,
    FieldValue,
    RowQuestion,
    Ticket,
    row_ids_of,
    row_questions_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamedRows:
    """What the rows of a ticket are called in the ticket that it is now."""

    ids: Mapping[str, str]
    """By the id of a row of before; what is not in it is asked no longer."""
    first_rows: Mapping[str, str]
    """The first row of the question that asks about a row now, by its id."""
    questions: Mapping[str, RowQuestion]
    """What is asked now, by the id of the row."""


def renamed_rows(gone: Ticket, ticket: Ticket) -> RenamedRows:
    """Tell which row is which, where all that differs is the name of what the two tickets are about."""
    questions: dict[str, RowQuestion] = {}
    first_rows: dict[str, str] = {}
    for question in ticket.left_open:
        of_rows = row_questions_of(question)
        questions |= of_rows
        first_rows |= dict.fromkeys(of_rows, row_ids_of(question)[0])
    cell_ids = {cell.cell_id for cell in ticket.revision.asked_cells}
    ids = {cell_id: cell_id for cell_id in cell_ids}
    for question in gone.revision.left_open:
        if not question.kind:
            continue
        renamed = replace(
            question, keys=tuple(_key_now(key, gone, ticket) for key in question.keys)
        )
        for row_id, row_id_now in zip(row_ids_of(question), row_ids_of(renamed), strict=True):
            if row_id_now in questions:
                ids[row_id] = row_id_now
    return RenamedRows(ids=ids, first_rows=first_rows, questions=questions)


def _key_now(key: str, gone: Ticket, ticket: Ticket) -> str:
    """Return the key of a row with the name that its group has now."""
    _, _, name_before = gone.group_key.partition(":")
    _, _, name_now = ticket.group_key.partition(":")
    kind, colon, name = key.partition(":")
    # A key goes on with a part of its row, or with a passage of a cell.
    is_part_of_group = name.startswith((f"{name_before}/", f"{name_before} “"))
    if name != name_before and not is_part_of_group:
        return key
    rest = name.removeprefix(name_before)
    return f"{kind}{colon}{name_now}{rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWords:
    """A ticket with what people said of it beside what it holds itself."""

    ticket: Ticket
    revisions: Sequence[Revision]
    """All of them, oldest first."""
    routes: Sequence[QuestionRoute] = ()
    proposals: Sequence[ProposedAnswer] = ()
    comments: Sequence[Comment] = ()
    requests: Sequence[ResolvedRequest] = ()
    """Changes that somebody requested, with what became of them."""
    remark: KeptRemark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenAnswer:
    """An answer before and after it is taken over."""

    before: Answer
    now: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRoute:
    """Whom a question goes to, and the question of the other ticket that goes there now."""

    before: QuestionRoute
    question_id_now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenProposal:
    before: ProposedAnswer
    question_id_now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDependency:
    before: KeptDependency
    now: KeptDependency


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsToTake:
    """What goes from a ticket to another one."""

    answers: tuple[TakenAnswer, ...]
    copies: tuple[Answer, ...]
    """Answers that the other ticket has in the same words: they only leave."""
    routes: tuple[TakenRoute, ...]
    proposals: tuple[TakenProposal, ...]
    comments: tuple[Comment, ...]
    dependencies: tuple[TakenDependency, ...]
    fields: tuple[str, ...]
    """Names of the fields that people set and the other ticket does not have from people."""
    has_reason: bool
    """Why it is left out of exports goes along."""
    has_position: bool
    """Its place in the order goes along."""
    texts: TakenTexts | None
    requests: tuple[ResolvedRequest, ...]
    """They stay in the history, which both tickets show from then on."""
    remark: KeptRemark | None
    """What somebody wants of it when it is written."""
    approved_by: str | None
    """Whose approval goes: they have to give it anew."""

    @property
    def count(self) -> int:
        each = (
            self.answers,
            self.copies,
            self.routes,
            self.proposals,
            self.comments,
            self.dependencies,
            self.fields,
            self.requests,
        )
        flags = (
            self.has_reason,
            self.has_position,
            self.texts is not None,
            self.approved_by is not None,
            self.remark is not None,
        )
        return sum(map(len, each)) + sum(flags)

    @property
    def changes_ticket(self) -> bool:
        """The ticket says something else afterwards.

        Comments, a remark and requests that were resolved change nothing of what it says.
        """
        said_beside = len(self.comments) + len(self.requests) + int(self.remark is not None)
        return self.count > said_beside


def find_words_to_take(
    gone: TicketWords,
    taking: TicketWords,
    *,
    dependencies: Sequence[KeptDependency],
    waits_for: Mapping[str, Sequence[str]],
    may_exclude: bool,
) -> WordsToTake:
    """Return what a ticket takes over of one that is gone; what it has of its own is not replaced.

    `dependencies` are all that people made in the session, `waits_for` says what tickets wait for. A
    ticket that has an issue takes no reason to be left out of exports (`may_exclude`).
    """
    before = gone.ticket
    now = taking.ticket
    rows = renamed_rows(before, now)
    answers, copies = _answers_to_take(before, now, rows)
    dependencies_taken = _dependencies_to_take(
        before.ticket_id, now.ticket_id, dependencies, waits_for=waits_for
    )
    fields = [name for name in before.assigned_fields if name not in now.assigned_fields]
    has_reason = before.skipped_reason is not None or before.sent_back is not None
    has_reason_now = now.skipped_reason is not None or now.sent_back is not None
    may_take_reason = may_exclude or before.sent_back is not None
    return WordsToTake(
        answers=answers,
        copies=copies,
        routes=_routes_to_take(gone.routes, taking.routes, rows),
        proposals=_proposals_to_take(gone.proposals, rows),
        comments=tuple(gone.comments),
        dependencies=dependencies_taken,
        fields=tuple(fields),
        has_reason=has_reason and not has_reason_now and may_take_reason,
        has_position=before.position is not None and now.position is None,
        texts=texts_taken(gone.revisions, taking.revisions),
        requests=tuple(gone.requests),
        remark=gone.remark if taking.remark is None else None,
        approved_by=before.ready_by,
    )


def _proposals_to_take(
    proposals: Iterable[ProposedAnswer], rows: RenamedRows
) -> tuple[TakenProposal, ...]:
    """Return all proposals, each for the rows as they are called now."""
    taken: list[TakenProposal] = []
    for proposal in proposals:
        row_ids = proposal.question_id.split()
        row_ids_now = [rows.ids.get(row_id, row_id) for row_id in row_ids]
        taken.append(TakenProposal(before=proposal, question_id_now=" ".join(row_ids_now)))
    return tuple(taken)


def _answers_to_take(
    gone: Ticket, ticket: Ticket, rows: RenamedRows
) -> tuple[tuple[TakenAnswer, ...], tuple[Answer, ...]]:
    """Return the answers to move, and those that the other ticket has in the same words."""
    taken = []
    copies = []
    texts_there = {**ticket.own_answers}
    for answer in gone.answers:
        if answer.is_of_site:
            continue
        row_id_now = rows.ids.get(answer.question_id, answer.question_id)
        if row_id_now in texts_there:
            if texts_there[row_id_now] == answer.answer:
                copies.append(answer)
            continue
        row = rows.questions.get(row_id_now)
        named = answer
        if row is not None:
            named = replace(answer, row_key=row.row_key, row_label=row.row_label)
        taken.append(TakenAnswer(before=answer, now=replace(named, question_id=row_id_now)))
        texts_there[row_id_now] = answer.answer
    return tuple(taken), tuple(copies)


def _routes_to_take(
    routes: Sequence[QuestionRoute], routes_there: Sequence[QuestionRoute], rows: RenamedRows
) -> tuple[TakenRoute, ...]:
    sent = {route.question_id for route in routes_there}
    taken = []
    for route in routes:
        row_id = rows.ids.get(route.question_id, route.question_id)
        question_id = rows.first_rows.get(row_id, row_id)
        if question_id not in sent:
            sent.add(question_id)
            taken.append(TakenRoute(before=route, question_id_now=question_id))
    return tuple(taken)


def _dependencies_to_take(
    gone_id: str,
    ticket_id: str,
    dependencies: Sequence[KeptDependency],
    *,
    waits_for: Mapping[str, Sequence[str]],
) -> tuple[TakenDependency, ...]:
    """Return what the other ticket waits for from now on, or is waited for by.

    Not where the sheets demand the opposite order.
    """
    graph = {waiting: [*others] for waiting, others in waits_for.items()}
    taken = []
    for dependency in dependencies:
        now = _with_other_ticket(dependency, gone_id, ticket_id)
        if now in dependencies or now.ticket_id == now.other_ticket_id:
            continue
        if now.is_order_of_people:
            if find_waiting_cycle(graph, now.ticket_id, now.other_ticket_id):
                continue
            graph.setdefault(now.ticket_id, []).append(now.other_ticket_id)
        taken.append(TakenDependency(before=dependency, now=now))
    return tuple(taken)


def _with_other_ticket(dependency: KeptDependency, before: str, now: str) -> KeptDependency:
    """Return a dependency with one ticket in the place of another, at whichever end that is."""
    return replace(
        dependency,
        ticket_id=now if dependency.ticket_id == before else dependency.ticket_id,
        other_ticket_id=now if dependency.other_ticket_id == before else dependency.other_ticket_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedAnswer:
    row_id_before: str
    row_id_now: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedRoute:
    question_id_before: str
    question_id_now: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedProposal:
    answer_id: int
    question_id_before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedField:
    name: str
    before: FieldValue
    """Of the ticket that took it over, which nobody had set."""
    taken: FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTexts:
    """The revisions that say what the texts of both tickets were; they are never changed."""

    ticket_before: int
    ticket_after: int
    gone_before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedWords:
    """What one act moved from a ticket to another one, as its entry of the audit trail keeps it."""

    answers: tuple[MovedAnswer, ...]
    routes: tuple[MovedRoute, ...]
    proposals: tuple[MovedProposal, ...]
    comment_ids: tuple[int, ...]
    dependencies: tuple[TakenDependency, ...]
    fields: tuple[MovedField, ...]
    reason: Mapping[str, str]
    """The columns of why it is left out of exports; empty: that did not go along."""
    position: int | None
    texts: MovedTexts | None
    remark: str = ""

    def as_details(self) -> Mapping[str, object]:
        """Return it as the details of an entry hold it."""
        written: Mapping[str, object] = _MOVED_WORDS.dump_python(self, mode="json")
        return written


_MOVED_WORDS = TypeAdapter(MovedWords)


def moved_words_in(details: object) -> MovedWords:
    """Return what an act moved, by the details of its entry."""
    return _MOVED_WORDS.validate_python(details)


def moved_words(
    words: WordsToTake, gone: Ticket, ticket: Ticket, *, texts: MovedTexts | None
) -> MovedWords:
    """Return what is to be remembered of words that are taken over, so that they can be given back."""
    answers: list[MovedAnswer] = []
    for answer in words.answers:
        moved_answer = MovedAnswer(
            row_id_before=answer.before.question_id,
            row_id_now=answer.now.question_id,
            text=answer.now.answer,
        )
        answers.append(moved_answer)
    routes: list[MovedRoute] = []
    for route in words.routes:
        moved_route = MovedRoute(
            question_id_before=route.before.question_id,
            question_id_now=route.question_id_now,
            words=route.before.words,
        )
        routes.append(moved_route)
    proposals: list[MovedProposal] = []
    for proposal in words.proposals:
        row_ids = proposal.before.question_id
        moved = MovedProposal(answer_id=proposal.before.answer_id, question_id_before=row_ids)
        proposals.append(moved)
    fields: list[MovedField] = []
    for name in words.fields:
        fields.append(
            MovedField(name=name, before=getattr(ticket, name), taken=getattr(gone, name))
        )
    reason: dict[str, str] = {}
    if words.has_reason:
        for name in EXCLUSION_COLUMNS:
            text = getattr(gone, name)
            if text is not None:
                reason[name] = text
    return MovedWords(
        answers=tuple(answers),
        routes=tuple(routes),
        proposals=tuple(proposals),
        comment_ids=tuple(comment.comment_id for comment in words.comments),
        dependencies=words.dependencies,
        fields=tuple(fields),
        reason=reason,
        position=gone.position if words.has_position else None,
        texts=texts,
        remark="" if words.remark is None else words.remark.text,
    )
