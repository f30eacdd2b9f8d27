"""What a ticket took over of another one goes back, as far as it is still as it was taken over.

Belongs here: moving it back, in one transaction, by what the audit trail says was moved. Does not:
taking it over (`taken_words`), which act is taken back (`reviews`).

Two tickets are involved: the ticket (parameter `ticket`) took over words of its former one (parameter
`former`), whose rows were gone. Words are answers, routes of questions, proposals, comments, dependencies, a
remark, fields, and texts. Nothing is replaced: what somebody changed since stays with the ticket, and
what the former one has of its own by now stays there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jira_pipeline.model.dependencies import find_waiting_cycle
from jira_pipeline.model.revisions import PART_NAMES, ProseParts, Revision
from jira_pipeline.model.tickets import Answer, row_questions_of
from jira_pipeline.model.words_to_take import (
    MovedAnswer,
    MovedTexts,
    MovedWords,
    TakenDependency,
    TicketWords,
)
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change
from jira_pipeline.store.dependency_cycles import waiting_tickets
from jira_pipeline.store.kept_reviews import DEPENDENCY, dependencies_of_people, move_remark
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.moved_rows import move_route
from jira_pipeline.store.taken_words import WITHOUT_REASON, move_comment, move_proposal
from jira_pipeline.store.ticket_rows import set_cells

_ANSWER = Rows(tables.answers, Answer)


@dataclass(slots=True)
class GivenBack:
    """What one ticket gave back to its former one, filled while that is done."""

    answers: dict[str, dict[str, str]]
    """Answers that moved, by ticket id, then row id; empty for the ticket that has one no longer."""
    count: int = 0
    """How many words went back."""
    staying: list[str] = field(default_factory=list)
    """Words that stay with the ticket, as people read them: `answer: 5 MB`."""

    def add(self, *, is_given: bool, words: str) -> None:
        """Count one that went back, or note the words of one that stays."""
        if is_given:
            self.count += 1
        else:
            self.staying.append(words)

    def join(self, other: "GivenBack") -> None:
        """Add what was given back by another entry of the audit trail."""
        for ticket_id, texts in other.answers.items():
            self.answers.setdefault(ticket_id, {}).update(texts)
        self.count += other.count
        self.staying += other.staying


def give_words_back(
    change: Change, ticket: TicketWords, former: TicketWords, moved: MovedWords
) -> GivenBack:
    """Move what a ticket took over of its former one back, save for texts; return what was done."""
    given = GivenBack({ticket.ticket.ticket_id: {}, former.ticket.ticket_id: {}})
    for answer in moved.answers:
        is_given = _give_answer(change, ticket, former, answer, given)
        given.add(is_given=is_given, words=f"answer: {answer.text}")
    _give_routes(change, ticket, former, moved, given)
    proposal_ids = {proposal.answer_id for proposal in ticket.proposals}
    for proposal in moved.proposals:
        is_there = proposal.answer_id in proposal_ids
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
        if comment_id in comment_ids:  # else its author removed the comment
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
    """Move an answer back, and add its texts to `given`; return whether it was moved.

    It is not where the ticket has another answer now, or the former one has its own for that row.
    """
    answers_by_row = {answer.question_id: answer for answer in ticket.ticket.answers}
    answer = answers_by_row.get(moved.row_id_now)
    if answer is None or answer.is_of_site or answer.answer != moved.text:
        return False
    if moved.row_id_before in former.ticket.own_answers:
        return False
    former_answer = replace(answer, question_id=moved.row_id_before)
    for question in former.ticket.revision.left_open:
        row_question = row_questions_of(question).get(moved.row_id_before)
        if row_question is not None:
            former_answer = replace(
                former_answer, row_key=row_question.row_key, row_label=row_question.row_label
            )
    ticket_id = ticket.ticket.ticket_id
    former_id = former.ticket.ticket_id
    delete_rows(
        change.connection, tables.answers, ticket_id=ticket_id, question_id=moved.row_id_now
    )
    cells = _ANSWER.cells(former_answer, ticket_id=former_id, session_key=change.session_key)
    insert_rows(change.connection, tables.answers, [cells])
    given.answers[ticket_id][moved.row_id_now] = ""
    given.answers[former_id][moved.row_id_before] = moved.text
    return True


def _give_routes(
    change: Change, ticket: TicketWords, former: TicketWords, moved: MovedWords, given: GivenBack
) -> None:
    """Move routes back that still have their words, to questions without a route of their own."""
    routes = {route.question_id: route for route in ticket.routes}
    former_routed_ids = {route.question_id for route in former.routes}
    for moved_route in moved.routes:
        route = routes.get(moved_route.question_id_now)
        is_free = moved_route.question_id_before not in former_routed_ids
        is_given = route is not None and route.words == moved_route.words and is_free
        if route is not None and is_given:
            move_route(
                change.connection,
                route,
                ticket_id=former.ticket.ticket_id,
                question_id=moved_route.question_id_before,
            )
        words = f"question sent to somebody: {moved_route.words}".rstrip(": ")
        given.add(is_given=is_given, words=words)


def _give_remark(
    change: Change, ticket: TicketWords, former: TicketWords, moved: MovedWords, given: GivenBack
) -> None:
    """Move the remark back, if it still is the same and the former ticket has none."""
    if not moved.remark:
        return
    remark = ticket.remark
    is_given = remark is not None and remark.text == moved.remark and former.remark is None
    if remark is not None and is_given:
        move_remark(change, remark, from_id=ticket.ticket.ticket_id, to_id=former.ticket.ticket_id)
    given.add(is_given=is_given, words=f"remark: {moved.remark}")


def _give_dependency(change: Change, moved: TakenDependency) -> bool:
    """Move a dependency that people made back to the former ticket; return whether it was moved.

    It is not where somebody changed either since, or the tickets would wait for each other.
    """
    connection = change.connection
    made = dependencies_of_people(connection, change.session_key)
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
    """Move back fields, the reason to be left out of exports and the position in the order.

    Each goes back if the ticket still has it as it took it over, and the former one has none.
    """
    ticket_now = ticket.ticket
    former_now = former.ticket
    cells: dict[str, object] = {}
    former_cells: dict[str, object] = {}
    given_names: set[str] = set()
    for moved_field in moved.fields:
        name = moved_field.name
        value = getattr(ticket_now, name)
        is_as_taken = name in ticket_now.assigned_fields and value == moved_field.taken
        is_given = is_as_taken and name not in former_now.assigned_fields
        if is_given:
            given_names.add(name)
            cells[name] = moved_field.before
            former_cells[name] = value
        given.add(is_given=is_given, words=f"{name}: {value}")
    still_assigned = [name for name in ticket_now.assigned_fields if name not in given_names]
    cells["assigned_fields"] = tuple(still_assigned)
    former_cells["assigned_fields"] = tuple(sorted({*former_now.assigned_fields, *given_names}))

    if moved.reason:
        is_as_taken = all(getattr(ticket_now, name) == text for name, text in moved.reason.items())
        has_former_reason = (
            former_now.skipped_reason is not None or former_now.sent_back is not None
        )
        is_given = is_as_taken and not has_former_reason
        if is_given:
            cells |= WITHOUT_REASON
            former_cells |= {**WITHOUT_REASON, **moved.reason}
        given.add(is_given=is_given, words="; ".join(filter(None, moved.reason.values())))
    if moved.position is not None:
        is_given = ticket_now.position == moved.position and former_now.position is None
        if is_given:
            cells["position"] = None
            former_cells["position"] = moved.position
        given.add(is_given=is_given, words="its place in the order")
    set_cells(change.connection, {ticket_now.ticket_id: cells})
    set_cells(change.connection, {former_now.ticket_id: former_cells})


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsGivenBack:
    """What two tickets say once the texts of people are back where they were taken from."""

    title: str
    parts: ProseParts
    """Title and parts of the ticket that had taken them over."""
    title_before: str
    parts_before: ProseParts
    """Title and parts of the former ticket, which gets them back."""
    author_before: str
    """Who wrote the texts that go back."""
    given: tuple[str, ...]
    """Names of the parts that go back, `title` among them."""
    staying: tuple[str, ...]
    """Names of the parts that stay, since somebody changed them after they were taken over."""


def texts_given_back(
    ticket: Sequence[Revision], former: Sequence[Revision], moved: MovedTexts
) -> TextsGivenBack:
    """Return what both tickets say once texts went back, as far as nobody changed them since.

    `ticket` and `former` are all revisions of the two tickets, oldest first; `moved` has the numbers
    of those between which texts were taken over.
    """
    revisions = {revision.number: revision for revision in ticket}
    former_revisions = {revision.number: revision for revision in former}
    without_taken = revisions[moved.ticket_before]
    with_taken = revisions[moved.ticket_after]
    taken_from = former_revisions[moved.gone_before]
    current = ticket[-1]
    former_current = former[-1]
    title = current.title
    title_before = former_current.title
    parts: dict[str, str] = {}
    parts_before: dict[str, str] = {}
    staying: list[str] = []
    for name in PART_NAMES:
        text_without = getattr(without_taken.parts, name)
        text_taken = getattr(with_taken.parts, name)
        text_now = getattr(current.parts, name)
        text_former = getattr(taken_from.parts, name)
        if text_taken == text_without:  # this part was not taken over
            continue
        if name == "notes" and text_former in text_now:
            # Notes were added below those of the ticket: only they are taken out of it.
            parts[name] = text_now.replace(text_former, "", 1)
            parts_before[name] = former_current.parts.notes + text_former
        elif text_now == text_taken:
            parts[name] = text_without
            parts_before[name] = text_former
        else:
            staying.append(name)
    given = [*parts]
    if with_taken.title != without_taken.title:
        if current.title == with_taken.title:
            title = without_taken.title
            title_before = taken_from.title
            given.append("title")
        else:
            staying.append("title")
    return TextsGivenBack(
        title=title,
        parts=replace(current.parts, **parts),
        title_before=title_before,
        parts_before=replace(former_current.parts, **parts_before),
        author_before=taken_from.author,
        given=tuple(given),
        staying=tuple(staying),
    )
