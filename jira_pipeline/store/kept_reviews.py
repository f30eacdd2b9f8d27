"""What people decided about tickets of a session that was removed, kept until its key returns.

Belongs here: keeping it in the transaction of the removal, putting it back in that of a generation.
Does not: which of it there is (`model/kept_reviews`), what a generation makes of a ticket that comes
back (`generations`): the tickets are put back as ones whose rows were gone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.kept_reviews import (
    KeptDependency,
    KeptRemark,
    KeptReview,
    KeptTicket,
    kept_ticket,
    summed,
)
from jira_pipeline.model.listed_reviews import ListedReview, distinct_titles
from jira_pipeline.model.manifest_settings import settings_made, settings_of
from jira_pipeline.model.manual_fixes import FIX_IDENTITY, ManualFix
from jira_pipeline.model.open_questions import ProposedAnswer, QuestionRoute
from jira_pipeline.model.records import AuditAction, Comment
from jira_pipeline.model.runs import AUTO_APPROVAL
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import (
    APPROVED_AS_IT_IS,
    Answer,
    Revision,
    Ticket,
    Withdrawal,
    with_row,
)
from jira_pipeline.store import tables
from jira_pipeline.store.changes import Change, StorePart, append_audit, read_entries
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows
from jira_pipeline.store.ticket_rows import (
    NOT_READY,
    SITE_ANSWER,
    revision_cells,
    revisions_of,
    site_answers_of,
    tickets_of,
)
from jira_pipeline.store.transactions import repeated

_KEPT = tables.kept_reviews.c
_TICKET = Rows(tables.tickets, Ticket)
_ANSWER = Rows(tables.answers, Answer)
_ROUTE = Rows(tables.question_routes, QuestionRoute)
_PROPOSAL = Rows(tables.proposed_answers, ProposedAnswer, but=["answer_id"])
_COMMENT = Rows(tables.comments, Comment)
_FIX = Rows(tables.manual_fixes, ManualFix)
DEPENDENCY = Rows(tables.dependencies, KeptDependency)
OF_SESSION = ""
"""Stands for the session as a whole in the place of a group."""


class KeptReviewStore(StorePart):
    """Shows what is kept for a key, and forgets it where a person wants that."""

    def list_all(self, session_key: str) -> tuple[ListedReview, ...]:
        """Return what is kept for a session of this key, by kind of source and group."""
        return tuple(
            ListedReview(**row._asdict()) for row in self._database.asked(_kept_of(session_key))
        )

    def settings(self, session: UploadSession) -> Mapping[str, str]:
        """Return the settings that a removed session of this key and kind of source had."""
        chosen = (
            select(_KEPT.review)
            .where(_KEPT.session_key == session.session_key)
            .where(_KEPT.source_word == session.source_word)
            .where(_KEPT.group_key == OF_SESSION)
        )
        return next((row.review.settings for row in self._database.asked(chosen)), {})

    def dependencies(self, session_key: str) -> Sequence[KeptDependency]:
        """Return what people said tickets of a session wait for, of tickets that are gone too."""
        return DEPENDENCY.of(self._database.asked(_select_of_people(session_key)))

    @repeated
    def forget(self, session_key: str, *, by: str, at: datetime) -> int:
        """Forget all that is kept for a key, and return of how many groups; audited."""
        with self._database.writing() as connection:
            rows = connection.execute(_kept_of(session_key)).all()
            forgotten = [ListedReview(**row._asdict()) for row in rows]
            count = delete_rows(connection, tables.kept_reviews, session_key=session_key)
            if count:
                append_audit(
                    connection,
                    at=at,
                    session_key=session_key,
                    actor=by,
                    action=AuditAction.REVIEW_FORGOTTEN,
                    details={
                        "count": count,
                        "forgotten": [
                            f"{review.name}: {words}"
                            for review in forgotten
                            for words in review.words
                        ],
                    },
                )
            return count


def _kept_of(session_key: str) -> Select[Any]:
    return (
        select(_KEPT.session_key, _KEPT.group_key, _KEPT.source_word, _KEPT.kept_at, _KEPT.review)
        .where(_KEPT.session_key == session_key)
        .order_by(_KEPT.source_word, _KEPT.group_key)
    )


def keep_reviews(change: Change) -> int:
    """Keep what people decided about the tickets of a session, and return of how many tickets."""
    connection = change.connection
    key = change.session_key
    routes = group_by(_ROUTE.read(connection, session_key=key), lambda route: route.ticket_id)
    proposals = group_by(
        _PROPOSAL.read(connection, tables.proposed_answers.c.answer_id, session_key=key),
        lambda proposal: proposal.ticket_id,
    )
    comments = group_by(
        _COMMENT.read(connection, tables.comments.c.comment_id, session_key=key),
        lambda comment: comment.ticket_id,
    )
    fixes = group_by(_FIX.read(connection, session_key=key), lambda fix: fix.ticket_id)
    remarks = remarks_of(connection, key)
    reviews = dict[str, KeptReview]()
    tickets = (*tickets_of(connection, key), *tickets_of(connection, key, is_vanished=True))
    titles = distinct_titles(tickets)
    for ticket in tickets:
        revisions: tuple[Revision, ...] = (ticket.revision,)
        if ticket.revision.number > 1:  # most have one
            revisions = revisions_of(connection, ticket.ticket_id)
        # What the session approved by itself, it approves again. A mark of an older version that was
        # never bound to its rows would count for whatever rows come back.
        is_unbound = ticket.approved_hash == APPROVED_AS_IT_IS
        own_mark = NOT_READY if ticket.ready_by == AUTO_APPROVAL or is_unbound else {}
        of_ticket = kept_ticket(
            replace(ticket, **own_mark),  # type: ignore[arg-type] # each by its name
            revisions=revisions,
            routes=routes.get(ticket.ticket_id, ()),
            proposals=proposals.get(ticket.ticket_id, ()),
            comments=comments.get(ticket.ticket_id, ()),
            remark=remarks.get(ticket.ticket_id),
            fixes=fixes.get(ticket.ticket_id, ()),
        )
        if of_ticket.is_of_people:
            reviews[ticket.group_key] = KeptReview(ticket=of_ticket)
    ticket_count = len(reviews)

    earlier = _kept(connection, change.session).get(OF_SESSION, KeptReview())
    dependencies = (*made_by_people(connection, key), *earlier.dependencies)
    answers = {answer.question_id: answer for answer in earlier.site_answers}
    answers |= {answer.question_id: answer for answer in site_answers_of(connection, key)}
    of_session = KeptReview(
        site_answers=tuple(answers.values()),
        titles={**earlier.titles, **titles},
        settings={**earlier.settings, **settings_made(change.session.manifest)},
    )
    reviews[OF_SESSION] = of_session.with_dependencies(dict.fromkeys(dependencies))
    for group_key, review in reviews.items():
        _put(change, group_key, review)
    return ticket_count


def remarks_of(connection: Connection, session_key: str) -> Mapping[str, KeptRemark]:
    """Return what people want of tickets, by ticket id; the audit trail alone has it."""
    remarks = dict[str, KeptRemark]()
    for entry in read_entries(connection, session_key, AuditAction.TICKETS_REMARKED):
        remark = KeptRemark(text=str(entry.details["remark"]), by=entry.actor)
        remarks |= dict.fromkeys(entry.ticket_ids, remark)
    return {ticket_id: remark for ticket_id, remark in remarks.items() if remark.text}


def note_remark(change: Change, remark: KeptRemark, *, ticket_id: str) -> None:
    """Append an entry that makes a remark on a ticket, in the name of whoever made it."""
    by_author = replace(change, by=remark.by)
    by_author.note(AuditAction.TICKETS_REMARKED, ticket_ids=[ticket_id], remark=remark.text)


def move_remark(change: Change, remark: KeptRemark, *, from_id: str, to_id: str) -> None:
    """Let a remark be about another ticket."""
    note_remark(change, remark, ticket_id=to_id)
    note_remark(change, replace(remark, text=""), ticket_id=from_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedReviews:
    """What of a removed session came back with its key."""

    ticket_ids: tuple[str, ...] = ()
    counts: Mapping[str, int]
    """How much of each kind, by what people call one."""
    approvals: Mapping[str, str] = field(default_factory=dict)
    """Who approved them, by ticket id."""


def return_tickets(change: Change, ticket_ids: Collection[str]) -> ReturnedReviews:
    """Put back what was kept of those tickets that the session does not have.

    They come back as tickets whose rows were gone: a generation takes them from there.
    """
    connection = change.connection
    reviews = _kept(connection, change.session)
    present_ids = _ticket_ids(change)
    returned = list[KeptTicket]()
    for group_key, review in reviews.items():
        of_ticket = review.ticket
        if of_ticket is None or of_ticket.ticket.ticket_id in present_ids:
            continue
        if of_ticket.ticket.ticket_id in ticket_ids:
            _return_ticket(change, of_ticket)
            _forget(change, group_key)
            returned.append(of_ticket)

    of_session = reviews.get(OF_SESSION)
    counts = [of_ticket.counts for of_ticket in returned]
    if of_session is not None:
        if of_session.site_answers:
            counts.append({"answer for the whole site": _return_site_answers(change, of_session)})
        # Settings are not put back: only those that the session lacks are still kept.
        settings_now = settings_of(change.session.manifest)
        settings = {
            name: value
            for name, value in of_session.settings.items()
            if value != settings_now.get(name, "")
        }
        _put(change, OF_SESSION, replace(of_session, site_answers=(), settings=settings))
    return ReturnedReviews(
        ticket_ids=tuple(of_ticket.ticket.ticket_id for of_ticket in returned),
        counts=summed(counts),
        approvals={
            of_ticket.ticket.ticket_id: of_ticket.ticket.ready_by
            for of_ticket in returned
            if of_ticket.ticket.ready_by is not None
        },
    )


def return_dependencies(change: Change) -> None:
    """Put back what people said tickets wait for, where both tickets are there again."""
    connection = change.connection
    of_session = _kept(connection, change.session).get(OF_SESSION)
    if of_session is None:
        return
    present_ids = _ticket_ids(change)
    made = set(made_by_people(connection, change.session_key))
    left = list[KeptDependency]()
    for dependency in of_session.dependencies:
        if not {dependency.ticket_id, dependency.other_ticket_id} <= present_ids:
            left.append(dependency)
        elif dependency not in made:
            cells = DEPENDENCY.cells(dependency, session_key=change.session_key)
            insert_rows(connection, tables.dependencies, [cells])
    _put(change, OF_SESSION, of_session.with_dependencies(left))


def _ticket_ids(change: Change) -> set[str]:
    """Return the ids of the tickets that the session has, those whose rows are gone too."""
    of_session = tables.tickets.c.session_key == change.session_key
    chosen = select(tables.tickets.c.ticket_id).where(of_session)
    return set(change.connection.execute(chosen).scalars())


def note_returned(change: Change, returned: ReturnedReviews) -> None:
    """Append an entry that says what came back, and of how many tickets something is still kept."""
    if not (returned.ticket_ids or returned.counts):
        return
    left = [key for key in _kept(change.connection, change.session) if key != OF_SESSION]
    change.note(
        AuditAction.REVIEW_RETURNED,
        ticket_ids=list(returned.ticket_ids),
        counts=dict(returned.counts),
        approvals=dict(returned.approvals),
        left=left,
    )


def _kept(connection: Connection, session: UploadSession) -> dict[str, KeptReview]:
    """Return what is kept for a session of this key and this kind of source, by group."""
    chosen = (
        select(_KEPT.group_key, _KEPT.review)
        .where(_KEPT.session_key == session.session_key)
        .where(_KEPT.source_word == session.source_word)
        .order_by(_KEPT.group_key)
    )
    return dict(connection.execute(chosen).tuples().all())


def _put(change: Change, group_key: str, review: KeptReview) -> None:
    _forget(change, group_key)
    if review != KeptReview():
        row = {
            "session_key": change.session_key,
            "source_word": change.session.source_word,
            "group_key": group_key,
            "kept_at": change.at,
            "review": review,
        }
        insert_rows(change.connection, tables.kept_reviews, [row])


def _forget(change: Change, group_key: str) -> None:
    delete_rows(
        change.connection,
        tables.kept_reviews,
        session_key=change.session_key,
        source_word=change.session.source_word,
        group_key=group_key,
    )


def _return_ticket(change: Change, kept: KeptTicket) -> None:
    connection = change.connection
    ticket = replace(kept.ticket, withdrawal=kept.ticket.withdrawal or Withdrawal.PROPOSED)
    key = {"session_key": change.session_key}
    of_ticket = {**key, "ticket_id": ticket.ticket_id}
    cells = _TICKET.cells(ticket, current_revision=ticket.revision.number, **key)
    insert_rows(connection, tables.tickets, [cells])
    revisions = [revision_cells(revision, ticket.ticket_id) for revision in kept.revisions]
    insert_rows(connection, tables.revisions, revisions)
    named = [with_row(answer, kept.revisions) for answer in ticket.answers]
    answers = [_ANSWER.cells(answer, **of_ticket) for answer in named]
    insert_rows(connection, tables.answers, answers)
    routes = [_ROUTE.cells(route, **key) for route in kept.routes]
    insert_rows(connection, tables.question_routes, routes)
    proposals = [_PROPOSAL.cells(proposal, **key) for proposal in kept.proposals]
    insert_rows(connection, tables.proposed_answers, proposals)
    if kept.remark is not None:
        note_remark(change, kept.remark, ticket_id=ticket.ticket_id)
    comments = [_COMMENT.cells(comment, but=["comment_id"], **key) for comment in kept.comments]
    insert_rows(connection, tables.comments, comments)
    _return_fixes(change, kept.fixes)


def _return_fixes(change: Change, fixes: Iterable[ManualFix]) -> None:
    """Put back fixes that were marked as done, where the session does not need them again."""
    for fix in fixes:
        same = {name: getattr(fix, name) for name in FIX_IDENTITY}
        if not _FIX.read(change.connection, **same):
            insert_rows(change.connection, tables.manual_fixes, [_FIX.cells(fix, but=["fix_id"])])


def _return_site_answers(change: Change, review: KeptReview) -> int:
    """Put back the answers for the whole site that nobody gave anew; return how many."""
    given = site_answers_of(change.connection, change.session_key)
    ids = {answer.question_id for answer in given}
    answers = [answer for answer in review.site_answers if answer.question_id not in ids]
    cells = [SITE_ANSWER.cells(answer, session_key=change.session_key) for answer in answers]
    insert_rows(change.connection, tables.site_answers, cells)
    return len(answers)


def made_by_people(connection: Connection, session_key: str) -> Sequence[KeptDependency]:
    """Return what people said tickets of a session wait for, of tickets that are gone too."""
    return DEPENDENCY.of(connection.execute(_select_of_people(session_key)).tuples())


def _select_of_people(session_key: str) -> Select[Any]:
    of_people = tables.dependencies.c.origin != "computed"
    chosen = DEPENDENCY.having(session_key=session_key).where(of_people)
    return chosen.order_by(*DEPENDENCY.columns)
