"""What one ticket takes over of what people said of another one, worked out before anything is moved.

Belongs here: which row is which, what moves, what stays because the other ticket has its own, and
what an act moved, so that it can be given back. Does not: moving it (`store/taken_words`), giving it
back (`store/given_back_words`), which tickets are offered (`review/successors`).

The rows of one ticket (parameter `gone`) left the sheets, and a person says that another ticket is the same
thing under another name: the type `event` became `occasion`, so the row `field:event/field_begin` is
`field:occasion/field_begin` now. Words are all that people said of a ticket (`TicketWords`).
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
    """Which row ids of a gone ticket became which of the other ticket."""

    ids: Mapping[str, str]
    """New row ids by former ones, and cell ids by themselves; what is not asked any more is left out."""
    first_rows: Mapping[str, str]
    """The first row id of the question that asks about a row now, by the id of the row."""
    questions: Mapping[str, RowQuestion]
    """What is asked now, by the id of the row."""


def renamed_rows(gone: Ticket, ticket: Ticket) -> RenamedRows:
    """Return which rows of a gone ticket are which of the other one.

    A row is matched if its key differs only in the name of the group that its ticket is about.
    """
    questions: dict[str, RowQuestion] = {}
    first_rows: dict[str, str] = {}
    for question in ticket.left_open:
        row_questions = row_questions_of(question)
        questions |= row_questions
        first_rows |= dict.fromkeys(row_questions, row_ids_of(question)[0])
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
    """Return the key of a row with the new name of its group; other keys are returned as they are."""
    _, _, name_before = gone.group_key.partition(":")
    _, _, name_now = ticket.group_key.partition(":")
    kind, colon, name = key.partition(":")
    # After the name of the group a key may have the part of a row, or the passage of a cell.
    is_part_of_group = name.startswith((f"{name_before}/", f"{name_before} “"))
    if name != name_before and not is_part_of_group:
        return key
    rest = name.removeprefix(name_before)
    return f"{kind}{colon}{name_now}{rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWords:
    """A ticket with all that people said of it and that the ticket itself does not hold."""

    ticket: Ticket
    revisions: Sequence[Revision]
    """All of them, oldest first."""
    routes: Sequence[QuestionRoute] = ()
    proposals: Sequence[ProposedAnswer] = ()
    comments: Sequence[Comment] = ()
    requests: Sequence[ResolvedRequest] = ()
    """Changes that somebody requested, with what became of them."""
    remark: KeptRemark | None = None
    """What somebody wants of the ticket when it is written next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenAnswer:
    """An answer as the gone ticket has it, and as the other one gets it."""

    before: Answer
    now: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRoute:
    """The route of a question (whom it goes to), and the question of the other ticket that gets it."""

    before: QuestionRoute
    question_id_now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenProposal:
    """An answer that a client proposed, and the question of the other ticket that it is for now."""

    before: ProposedAnswer
    question_id_now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDependency:
    """A dependency of the gone ticket, and the same one of the other ticket."""

    before: KeptDependency
    now: KeptDependency


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsToTake:
    """What goes from a gone ticket to another one."""

    answers: tuple[TakenAnswer, ...]
    copies: tuple[Answer, ...]
    """Answers that the other ticket has in the same words: they are only deleted at the gone one."""
    routes: tuple[TakenRoute, ...]
    proposals: tuple[TakenProposal, ...]
    comments: tuple[Comment, ...]
    dependencies: tuple[TakenDependency, ...]
    fields: tuple[str, ...]
    """Names of the fields that people set on the gone ticket and not on the other."""
    has_reason: bool
    """The reason why the gone ticket is left out of exports is among it."""
    has_position: bool
    """The position of the gone ticket in the order is among it."""
    texts: TakenTexts | None
    """Texts of people, with what both tickets say then; None: there are none to take over."""
    requests: tuple[ResolvedRequest, ...]
    """Requested changes stay in the history; both tickets show them from then on."""
    remark: KeptRemark | None
    """What somebody wants of the ticket when it is written next."""
    approved_by: str | None
    """Who approved the gone ticket: that approval ends, and they have to give it anew."""

    @property
    def count(self) -> int:
        """How many words go to the other ticket, or end."""
        lists = (
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
        return sum(map(len, lists)) + sum(flags)

    @property
    def changes_ticket(self) -> bool:
        """The ticket says something else afterwards: there is more than comments, remark and requests."""
        count_without_effect = len(self.comments) + len(self.requests)
        count_without_effect += int(self.remark is not None)
        return self.count > count_without_effect


def find_words_to_take(
    gone: TicketWords,
    taking: TicketWords,
    *,
    dependencies: Sequence[KeptDependency],
    waits_for: Mapping[str, Sequence[str]],
    may_exclude: bool,
) -> WordsToTake:
    """Return what a ticket takes over of a gone one; what it has of its own is not replaced.

    `dependencies` are all that people made in the session; `waits_for` has for each ticket those it
    waits for. `may_exclude` is False where the ticket has an issue: then it takes over no reason to
    be skipped, since that issue would be left behind.
    """
    gone_ticket = gone.ticket
    ticket = taking.ticket
    rows = renamed_rows(gone_ticket, ticket)
    answers, copies = _answers_to_take(gone_ticket, ticket, rows)
    routes = _routes_to_take(gone.routes, taking.routes, rows)
    proposals = _proposals_to_take(gone.proposals, rows)
    dependencies_taken = _dependencies_to_take(
        gone_ticket.ticket_id, ticket.ticket_id, dependencies, waits_for=waits_for
    )
    fields = []
    for name in gone_ticket.assigned_fields:
        if name not in ticket.assigned_fields:
            fields.append(name)
    has_position = gone_ticket.position is not None and ticket.position is None
    remark = gone.remark if taking.remark is None else None
    return WordsToTake(
        answers=answers,
        copies=copies,
        routes=routes,
        proposals=proposals,
        comments=tuple(gone.comments),
        dependencies=dependencies_taken,
        fields=tuple(fields),
        has_reason=_takes_reason(gone_ticket, ticket, may_exclude=may_exclude),
        has_position=has_position,
        texts=texts_taken(gone.revisions, taking.revisions),
        requests=tuple(gone.requests),
        remark=remark,
        approved_by=gone_ticket.ready_by,
    )


def _takes_reason(gone: Ticket, ticket: Ticket, *, may_exclude: bool) -> bool:
    """Return whether a ticket takes over why the gone one is left out of exports."""
    if ticket.skipped_reason is not None or ticket.sent_back is not None:
        return False
    if gone.sent_back is not None:  # changes were requested: that leaves an issue as it is
        return True
    return gone.skipped_reason is not None and may_exclude


def _proposals_to_take(
    proposals: Iterable[ProposedAnswer], rows: RenamedRows
) -> tuple[TakenProposal, ...]:
    """Return all proposals, each with the ids that its rows have now."""
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
    texts_of_ticket = {**ticket.own_answers}
    for answer in gone.answers:
        if answer.is_of_site:
            continue
        row_id_now = rows.ids.get(answer.question_id, answer.question_id)
        if row_id_now in texts_of_ticket:
            if texts_of_ticket[row_id_now] == answer.answer:
                copies.append(answer)
            continue
        answer_now = replace(answer, question_id=row_id_now)
        row = rows.questions.get(row_id_now)
        if row is not None:
            answer_now = replace(answer_now, row_key=row.row_key, row_label=row.row_label)
        taken.append(TakenAnswer(before=answer, now=answer_now))
        texts_of_ticket[row_id_now] = answer.answer
    return tuple(taken), tuple(copies)


def _routes_to_take(
    routes: Sequence[QuestionRoute], routes_of_ticket: Sequence[QuestionRoute], rows: RenamedRows
) -> tuple[TakenRoute, ...]:
    """Return the routes for questions of the other ticket that have none, the first for each."""
    routed_ids = {route.question_id for route in routes_of_ticket}
    taken = []
    for route in routes:
        row_id = rows.ids.get(route.question_id, route.question_id)
        question_id = rows.first_rows.get(row_id, row_id)
        if question_id not in routed_ids:
            routed_ids.add(question_id)
            taken.append(TakenRoute(before=route, question_id_now=question_id))
    return tuple(taken)


def _dependencies_to_take(
    gone_id: str,
    ticket_id: str,
    dependencies: Sequence[KeptDependency],
    *,
    waits_for: Mapping[str, Sequence[str]],
) -> tuple[TakenDependency, ...]:
    """Return the dependencies of a gone ticket that the other one takes over.

    Left out are those that it has already, and those by which tickets would wait for each other.
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
    """Return a dependency with one ticket replaced by another, whichever of the two it is."""
    return replace(
        dependency,
        ticket_id=now if dependency.ticket_id == before else dependency.ticket_id,
        other_ticket_id=now if dependency.other_ticket_id == before else dependency.other_ticket_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedAnswer:
    """An answer that was moved, with its row id at the gone ticket and at the other."""

    row_id_before: str
    row_id_now: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedRoute:
    """A route that was moved, with its question at the gone ticket and at the other."""

    question_id_before: str
    question_id_now: str
    words: str
    """The words for the client; empty: those of the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedProposal:
    """A proposed answer that was moved, with its question at the gone ticket."""

    answer_id: int
    question_id_before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedField:
    """A field whose value was moved."""

    name: str
    before: FieldValue
    """The value that the other ticket had before, which nobody had set."""
    taken: FieldValue
    """The value that it took over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTexts:
    """Numbers of the revisions that show which texts were moved; revisions never change."""

    ticket_before: int
    ticket_after: int
    """The other ticket without and with the texts that it took over."""
    gone_before: int
    """The gone ticket with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedWords:
    """What was moved at once from a gone ticket to another, as the audit trail keeps it."""

    answers: tuple[MovedAnswer, ...]
    routes: tuple[MovedRoute, ...]
    proposals: tuple[MovedProposal, ...]
    comment_ids: tuple[int, ...]
    dependencies: tuple[TakenDependency, ...]
    fields: tuple[MovedField, ...]
    reason: Mapping[str, str]
    """Texts by `EXCLUSION_COLUMNS` of why it is left out of exports; empty: no reason was moved."""
    position: int | None
    """None: no position was moved."""
    texts: MovedTexts | None
    remark: str = ""

    def as_details(self) -> Mapping[str, object]:
        """Return it as JSON for the details of an entry; `moved_words_in` reads it."""
        details: Mapping[str, object] = _MOVED_WORDS.dump_python(self, mode="json")
        return details


_MOVED_WORDS = TypeAdapter(MovedWords)


def moved_words_in(details: object) -> MovedWords:
    """Return what was moved, from the details of its entry."""
    return _MOVED_WORDS.validate_python(details)


def moved_words(
    words: WordsToTake, gone: Ticket, ticket: Ticket, *, texts: MovedTexts | None
) -> MovedWords:
    """Return what the audit trail keeps of words that are taken over, so that they can be given back."""
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
