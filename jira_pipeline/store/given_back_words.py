"""What a ticket took over of another one goes back, as far as it is still as it was taken over.

Belongs here: moving it back, in one transaction, by what the audit trail says was moved. Does not:
taking it over (`taken_words`), which act is taken back (`reviews`).

What somebody changed since is the ticket's own, and so is what its former ticket has of its own by
now: nothing is replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jira_pipeline.model.dependencies import find_waiting_cycle
from jira_pipeline.model.tickets import (
    PART_NAMES,
    Answer,
    ProseParts,
    Revision,
    row_questions_of,
)
from jira_pipeline.model.words_to_take import (
    MovedAnswer,
    MovedField,
    MovedTexts,
    MovedWords,
    TakenDependency,
    TicketWords,
)
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change
from jira_pipeline.store.dependency_cycles import waiting_tickets
from jira_pipeline.store.kept_reviews import DEPENDENCY, made_by_people, move_remark
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.moved_rows import move_route
from jira_pipeline.store.taken_words import (
    WITHOUT_REASON,
    move_comment,
    move_proposal,
)
from jira_pipeline.store.ticket_rows import set_cells

_ANSWER = Rows(tables.answers, Answer)


@dataclass(slots=True)
class GivenBack:
    """What one ticket gave back to another one."""

    answers: dict[str, dict[str, str]]
    """The texts by ticket and row; empty for the ticket that has them no longer."""
    count: int = 0
    staying: list[str] = field(default_factory=list)
    """What stays with the ticket that took it over, each with what it is."""

    def add(self, *, is_given: bool, words: str) -> None:
        if is_given:
            self.count += 1
        else:
            self.staying.append(words)

    def join(self, other: "GivenBack") -> None:
        """Add what another act gave back."""
        for ticket_id, of_ticket in other.answers.items():
            self.answers.setdefault(ticket_id, {}).update(of_ticket)
        self.count += other.count
        self.staying += other.staying


def give_words_back(
    change: Change, ticket: TicketWords, former: TicketWords, moved: MovedWords
) -> GivenBack:
    """Move back what a ticket took over, save for texts; say what stays since it is its own now."""
    given = GivenBack({ticket.ticket.ticket_id: {}, former.ticket.ticket_id: {}})
    for answer in moved.answers:
        is_given = _give_answer(change, ticket, former, answer, given)
        given.add(is_given=is_given, words=f"answer: {answer.text}")
    _give_routes(change, ticket, former, moved, given)
    proposals = {proposal.answer_id for proposal in ticket.proposals}
    for proposal in moved.proposals:
        is_there = proposal.answer_id in proposals
        if is_there:
            move_proposal(
                change,
                proposal.answer_id,
                ticket_id=former.ticket.ticket_id,
                question_id=proposal.question_id_before,
            )
        given.add(is_given=is_there, words=f"proposed answer {proposal.answer_id}")
    comment_ids = {comment.comment_id for comment in ticket.comments}
    for comment_id in moved.comment_ids:
        if comment_id in comment_ids:  # else its author removed it
            move_comment(change, comment_id, ticket_id=former.ticket.ticket_id)
            given.count += 1
    for dependency in moved.dependencies:
        is_given = _give_dependency(change, dependency)
        given.add(is_given=is_given, words="a dependency")
    _give_remark(change, ticket, former, moved, given)
    _give_cells(change, ticket, former, moved, given)
    return given


def _give_answer(
    change: Change,
    ticket: TicketWords,
    former: TicketWords,
    moved: MovedAnswer,
    given: GivenBack,
) -> bool:
    """Move an answer back; False: it is another one by now, or its former row has its own."""
    by_row = {answer.question_id: answer for answer in ticket.ticket.answers}
    answer = by_row.get(moved.row_id_now)
    is_taken = answer is not None and answer.answer == moved.text and not answer.is_of_site
    if answer is None or not is_taken or moved.row_id_before in former.ticket.own_answers:
        return False
    before = replace(answer, question_id=moved.row_id_before)
    for question in former.ticket.revision.left_open:
        row_question = row_questions_of(question).get(moved.row_id_before)
        if row_question is not None:
            before = replace(before, row_key=row_question.row_key, row_label=row_question.row_label)
    ticket_id = ticket.ticket.ticket_id
    former_id = former.ticket.ticket_id
    delete_rows(
        change.connection, tables.answers, ticket_id=ticket_id, question_id=moved.row_id_now
    )
    cells = _ANSWER.cells(before, ticket_id=former_id, session_key=change.session_key)
    insert_rows(change.connection, tables.answers, [cells])
    given.answers[ticket_id][moved.row_id_now] = ""
    given.answers[former_id][moved.row_id_before] = moved.text
    return True


def _give_routes(
    change: Change, ticket: TicketWords, former: TicketWords, moved: MovedWords, given: GivenBack
) -> None:
    routes = {route.question_id: route for route in ticket.routes}
    sent_before = {route.question_id for route in former.routes}
    for was in moved.routes:
        route = routes.get(was.question_id_now)
        is_free = was.question_id_before not in sent_before
        is_given = route is not None and route.words == was.words and is_free
        if route is not None and is_given:
            move_route(
                change.connection,
                route,
                ticket_id=former.ticket.ticket_id,
                question_id=was.question_id_before,
            )
        given.add(is_given=is_given, words=f"question sent to somebody: {was.words}".rstrip(": "))


def _give_remark(
    change: Change, ticket: TicketWords, former: TicketWords, moved: MovedWords, given: GivenBack
) -> None:
    if not moved.remark:
        return
    remark = ticket.remark
    is_given = remark is not None and remark.text == moved.remark and former.remark is None
    if remark is not None and is_given:
        move_remark(change, remark, from_id=ticket.ticket.ticket_id, to_id=former.ticket.ticket_id)
    given.add(is_given=is_given, words=f"remark: {moved.remark}")


def _give_dependency(change: Change, moved: TakenDependency) -> bool:
    """Let what people said of the order be about the former ticket again.

    False: somebody changed it since, or the sheets demand the opposite order.
    """
    connection = change.connection
    made = made_by_people(connection, change.session_key)
    before = moved.before
    if moved.now not in made or before in made:
        return False
    waits_for = waiting_tickets(connection, change.session_key)
    if before.is_order_of_people and find_waiting_cycle(
        waits_for, before.ticket_id, before.other_ticket_id
    ):
        return False
    session_cells = {"session_key": change.session_key}
    delete_rows(connection, tables.dependencies, **DEPENDENCY.cells(moved.now, **session_cells))
    insert_rows(connection, tables.dependencies, [DEPENDENCY.cells(before, **session_cells)])
    return True


def _give_cells(
    change: Change, ticket: TicketWords, former: TicketWords, moved: MovedWords, given: GivenBack
) -> None:
    """Move back fields, the reason to be left out of exports and the place in the order."""
    now = ticket.ticket
    before = former.ticket
    cells: dict[str, object] = {}
    cells_before: dict[str, object] = {}
    fields: list[MovedField] = []
    for was in moved.fields:
        is_as_taken = was.name in now.assigned_fields and getattr(now, was.name) == was.taken
        is_given = is_as_taken and was.name not in before.assigned_fields
        if is_given:
            fields.append(was)
            cells[was.name] = was.before
            cells_before[was.name] = getattr(now, was.name)
        given.add(is_given=is_given, words=f"{was.name}: {getattr(now, was.name)}")
    names = {was.name for was in fields}
    cells["assigned_fields"] = tuple(field for field in now.assigned_fields if field not in names)
    cells_before["assigned_fields"] = tuple(sorted({*before.assigned_fields, *names}))

    if moved.reason:
        is_as_taken = all(getattr(now, name) == text for name, text in moved.reason.items())
        is_given = is_as_taken and before.skipped_reason is None and before.sent_back is None
        if is_given:
            cells |= WITHOUT_REASON
            cells_before |= {**WITHOUT_REASON, **moved.reason}
        given.add(is_given=is_given, words="; ".join(filter(None, moved.reason.values())))
    if moved.position is not None:
        is_given = now.position == moved.position and before.position is None
        if is_given:
            cells["position"] = None
            cells_before["position"] = moved.position
        given.add(is_given=is_given, words="its place in the order")
    set_cells(change.connection, {now.ticket_id: cells})
    set_cells(change.connection, {before.ticket_id: cells_before})


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsGivenBack:
    """What two tickets say once the texts of people are back where they were taken from."""

    title: str
    parts: ProseParts
    title_before: str
    parts_before: ProseParts
    author_before: str
    """Of the ticket that gets them back, and who wrote them."""
    given: tuple[str, ...]
    """Names of the parts that go back."""
    staying: tuple[str, ...]
    """Names of those that somebody wrote otherwise since."""


def texts_given_back(
    ticket: Sequence[Revision], former: Sequence[Revision], moved: MovedTexts
) -> TextsGivenBack:
    """Return the texts of both tickets; revisions are all of each, oldest first."""
    by_number = {revision.number: revision for revision in ticket}
    without_taken = by_number[moved.ticket_before]
    with_taken = by_number[moved.ticket_after]
    former_by_number = {revision.number: revision for revision in former}
    taken_from = former_by_number[moved.gone_before]
    now = ticket[-1]
    before = former[-1]
    title = now.title
    title_before = before.title
    parts: dict[str, str] = {}
    parts_before: dict[str, str] = {}
    staying: list[str] = []
    for name in PART_NAMES:
        text_without = getattr(without_taken.parts, name)
        text_taken = getattr(with_taken.parts, name)
        text_now = getattr(now.parts, name)
        text_former = getattr(taken_from.parts, name)
        if text_taken == text_without:
            continue
        if name == "notes" and text_former in text_now:
            parts[name] = text_now.replace(text_former, "", 1)
            parts_before[name] = before.parts.notes + text_former
        elif text_now == text_taken:
            parts[name] = text_without
            parts_before[name] = text_former
        else:
            staying.append(name)
    given = [*parts]
    if with_taken.title != without_taken.title:
        if now.title == with_taken.title:
            title = without_taken.title
            title_before = taken_from.title
            given.append("title")
        else:
            staying.append("title")
    return TextsGivenBack(
        title=title,
        parts=replace(now.parts, **parts),
        title_before=title_before,
        parts_before=replace(before.parts, **parts_before),
        author_before=taken_from.author,
        given=tuple(given),
        staying=tuple(staying),
    )
