"""What people decided about tickets of a session that was removed, kept until its key returns.

Belongs here: keeping it in the transaction of the removal, putting it back in that of a generation.
Does not: which of it there is (`model/kept_reviews`), what a generation makes of a ticket that comes
back (`generations`): the tickets are put back as ones whose rows were gone.

There is one review for each group of rows (`"bundle:Content type/event"`) and one for the session as
a whole, under the empty group key. They return to a session of the same key and kind of source.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from jira_pipeline.model.audit_actions import AuditAction
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
from jira_pipeline.model.records import Comment
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.runs import AUTO_APPROVAL
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.ticket_decisions import APPROVED_AS_IT_IS, Withdrawal
from jira_pipeline.model.tickets import Answer, Ticket, with_row
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
    """Reads what is kept for the key of a session, and forgets it where a person wants that."""

    def list_all(self, session_key: str) -> tuple[ListedReview, ...]:
        """Return what is kept for a session of this key, ordered by kind of source and group."""
        rows = self._database.fetch(_query_of_kept(session_key))
        return tuple(ListedReview(**row._asdict()) for row in rows)

    def settings(self, session: UploadSession) -> Mapping[str, str]:
        """Return the settings that a removed session of this key and kind of source had."""
        query = (
            select(_KEPT.review)
            .where(_KEPT.session_key == session.session_key)
            .where(_KEPT.source_word == session.source_word)
            .where(_KEPT.group_key == OF_SESSION)
        )
        return next((row.review.settings for row in self._database.fetch(query)), {})

    def dependencies(self, session_key: str) -> Sequence[KeptDependency]:
        """Return the dependencies that people made or took away, also of tickets that are gone."""
        return DEPENDENCY.values_of(self._database.fetch(_query_of_people(session_key)))

    @repeated
    def forget(self, session_key: str, *, by: str, at: datetime) -> int:
        """Forget all that is kept for a key; return how many reviews that were.

        An entry of the audit trail keeps their words.
        """
        with self._database.writing() as connection:
            rows = connection.execute(_query_of_kept(session_key)).all()
            texts: list[str] = []
            for row in rows:
                review = ListedReview(**row._asdict())
                texts += [f"{review.name}: {words}" for words in review.words]
            count = delete_rows(connection, tables.kept_reviews, session_key=session_key)
            if count:
                append_audit(
                    connection,
                    at=at,
                    session_key=session_key,
                    actor=by,
                    action=AuditAction.REVIEW_FORGOTTEN,
                    details={"count": count, "forgotten": texts},
                )
            return count


def _query_of_kept(session_key: str) -> Select[Any]:
    return (
        select(_KEPT.session_key, _KEPT.group_key, _KEPT.source_word, _KEPT.kept_at, _KEPT.review)
        .where(_KEPT.session_key == session_key)
        .order_by(_KEPT.source_word, _KEPT.group_key)
    )


def keep_reviews(change: Change) -> int:
    """Keep what people decided about a session that is removed; return about how many tickets.

    What is kept of an earlier session of the key, and did not return, stays kept.
    """
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
        if ticket.revision.number > 1:  # else it has only the current one, which is read already
            revisions = revisions_of(connection, ticket.ticket_id)
        # What the session approved by itself, it approves again. A mark of an older version that was
        # never bound to its rows would count for whatever rows come back.
        is_unbound = ticket.approved_hash == APPROVED_AS_IT_IS
        without_mark = NOT_READY if ticket.ready_by == AUTO_APPROVAL or is_unbound else {}
        ticket_to_keep = kept_ticket(
            replace(ticket, **without_mark),  # type: ignore[arg-type] # each by its name
            revisions=revisions,
            routes=routes.get(ticket.ticket_id, ()),
            proposals=proposals.get(ticket.ticket_id, ()),
            comments=comments.get(ticket.ticket_id, ()),
            remark=remarks.get(ticket.ticket_id),
            fixes=fixes.get(ticket.ticket_id, ()),
        )
        if ticket_to_keep.is_of_people:
            reviews[ticket.group_key] = KeptReview(ticket=ticket_to_keep)
    ticket_count = len(reviews)

    earlier = _kept(connection, change.session).get(OF_SESSION, KeptReview())
    dependencies = (*dependencies_of_people(connection, key), *earlier.dependencies)
    answers = {answer.question_id: answer for answer in earlier.site_answers}
    answers |= {answer.question_id: answer for answer in site_answers_of(connection, key)}
    session_review = KeptReview(
        site_answers=tuple(answers.values()),
        titles={**earlier.titles, **titles},
        settings={**earlier.settings, **settings_made(change.session.manifest)},
    )
    reviews[OF_SESSION] = session_review.with_dependencies(dict.fromkeys(dependencies))
    for group_key, review in reviews.items():
        _put(change, group_key, review)
    return ticket_count


def remarks_of(connection: Connection, session_key: str) -> Mapping[str, KeptRemark]:
    """Return the last remark on each ticket, by ticket id, from the audit trail, which alone has it.

    An empty one takes the remark before away.
    """
    remarks = dict[str, KeptRemark]()
    for entry in read_entries(connection, session_key, AuditAction.TICKETS_REMARKED):
        remark = KeptRemark(text=str(entry.details["remark"]), by=entry.actor)
        remarks |= dict.fromkeys(entry.ticket_ids, remark)
    return {ticket_id: remark for ticket_id, remark in remarks.items() if remark.text}


def note_remark(change: Change, remark: KeptRemark, *, ticket_id: str) -> None:
    """Append the entry that keeps a remark on a ticket, in the name of the remark's author."""
    by_author = replace(change, by=remark.by)
    by_author.note(AuditAction.TICKETS_REMARKED, ticket_ids=[ticket_id], remark=remark.text)


def move_remark(change: Change, remark: KeptRemark, *, from_id: str, to_id: str) -> None:
    """Move a remark from one ticket to another, by one entry for each."""
    note_remark(change, remark, ticket_id=to_id)
    note_remark(change, replace(remark, text=""), ticket_id=from_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedReviews:
    """What came back of a removed session, since its key is used again."""

    ticket_ids: tuple[str, ...] = ()
    counts: Mapping[str, int]
    """How many of each kind came back, by the word for one: `{"comment": 3}`."""
    approvals: Mapping[str, str] = field(default_factory=dict)
    """Who had approved a ticket, by ticket id."""


def return_tickets(change: Change, ticket_ids: Collection[str]) -> ReturnedReviews:
    """Put back the kept tickets with these ids that the session does not have, and site answers.

    They are stored as tickets whose rows are gone. The generation that follows finds them so, and
    handles them as tickets whose rows came back.
    """
    connection = change.connection
    reviews = _kept(connection, change.session)
    present_ids = _ticket_ids(change)
    returned = list[KeptTicket]()
    for group_key, review in reviews.items():
        ticket_review = review.ticket
        if ticket_review is None or ticket_review.ticket.ticket_id in present_ids:
            continue
        if ticket_review.ticket.ticket_id in ticket_ids:
            _return_ticket(change, ticket_review)
            _forget(change, group_key)
            returned.append(ticket_review)

    session_review = reviews.get(OF_SESSION)
    counts = [ticket_review.counts for ticket_review in returned]
    if session_review is not None:
        if session_review.site_answers:
            counts.append(
                {"answer for the whole site": _return_site_answers(change, session_review)}
            )
        # Settings are not put back, since people choose them anew. Kept are those it still lacks.
        settings_now = settings_of(change.session.manifest)
        settings = {
            name: value
            for name, value in session_review.settings.items()
            if value != settings_now.get(name, "")
        }
        _put(change, OF_SESSION, replace(session_review, site_answers=(), settings=settings))
    return ReturnedReviews(
        ticket_ids=tuple(ticket_review.ticket.ticket_id for ticket_review in returned),
        counts=summed(counts),
        approvals={
            ticket_review.ticket.ticket_id: ticket_review.ticket.ready_by
            for ticket_review in returned
            if ticket_review.ticket.ready_by is not None
        },
    )


def return_dependencies(change: Change) -> None:
    """Put back kept dependencies of people whose two tickets exist again; the others stay kept."""
    connection = change.connection
    session_review = _kept(connection, change.session).get(OF_SESSION)
    if session_review is None:
        return
    present_ids = _ticket_ids(change)
    stored = set(dependencies_of_people(connection, change.session_key))
    still_kept = list[KeptDependency]()
    for dependency in session_review.dependencies:
        if not {dependency.ticket_id, dependency.other_ticket_id} <= present_ids:
            still_kept.append(dependency)
        elif dependency not in stored:
            cells = DEPENDENCY.cells(dependency, session_key=change.session_key)
            insert_rows(connection, tables.dependencies, [cells])
    _put(change, OF_SESSION, session_review.with_dependencies(still_kept))


def _ticket_ids(change: Change) -> set[str]:
    """Return the ids of all tickets of the session, also of those whose rows are gone."""
    is_of_session = tables.tickets.c.session_key == change.session_key
    query = select(tables.tickets.c.ticket_id).where(is_of_session)
    return set(change.connection.execute(query).scalars())


def note_returned(change: Change, returned: ReturnedReviews) -> None:
    """Append an entry that says what came back, and for which groups something is still kept."""
    if not (returned.ticket_ids or returned.counts):
        return
    still_kept = [key for key in _kept(change.connection, change.session) if key != OF_SESSION]
    change.note(
        AuditAction.REVIEW_RETURNED,
        ticket_ids=list(returned.ticket_ids),
        counts=dict(returned.counts),
        approvals=dict(returned.approvals),
        left=still_kept,
    )


def _kept(connection: Connection, session: UploadSession) -> dict[str, KeptReview]:
    """Return the reviews kept for a session of this key and kind of source, by group key."""
    query = (
        select(_KEPT.group_key, _KEPT.review)
        .where(_KEPT.session_key == session.session_key)
        .where(_KEPT.source_word == session.source_word)
        .order_by(_KEPT.group_key)
    )
    return dict(connection.execute(query).tuples().all())


def _put(change: Change, group_key: str, review: KeptReview) -> None:
    """Keep a review of a group in place of the one before; of an empty one nothing is kept."""
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


def _return_ticket(change: Change, review: KeptTicket) -> None:
    """Insert a kept ticket as one whose rows are gone, with all that people said of it."""
    connection = change.connection
    ticket = replace(review.ticket, withdrawal=review.ticket.withdrawal or Withdrawal.PROPOSED)
    session_cells = {"session_key": change.session_key}
    ticket_cells = {**session_cells, "ticket_id": ticket.ticket_id}
    cells = _TICKET.cells(ticket, current_revision=ticket.revision.number, **session_cells)
    insert_rows(connection, tables.tickets, [cells])
    revisions = [revision_cells(revision, ticket.ticket_id) for revision in review.revisions]
    insert_rows(connection, tables.revisions, revisions)
    answers_with_row = [with_row(answer, review.revisions) for answer in ticket.answers]
    answers = [_ANSWER.cells(answer, **ticket_cells) for answer in answers_with_row]
    insert_rows(connection, tables.answers, answers)
    routes = [_ROUTE.cells(route, **session_cells) for route in review.routes]
    insert_rows(connection, tables.question_routes, routes)
    proposals = [_PROPOSAL.cells(proposal, **session_cells) for proposal in review.proposals]
    insert_rows(connection, tables.proposed_answers, proposals)
    if review.remark is not None:
        note_remark(change, review.remark, ticket_id=ticket.ticket_id)
    comments = [
        _COMMENT.cells(comment, but=["comment_id"], **session_cells) for comment in review.comments
    ]
    insert_rows(connection, tables.comments, comments)
    _return_fixes(change, review.fixes)


def _return_fixes(change: Change, fixes: Iterable[ManualFix]) -> None:
    """Put back fixes that were marked as done, where the session does not need them again."""
    for fix in fixes:
        identity = {name: getattr(fix, name) for name in FIX_IDENTITY}
        if not _FIX.read(change.connection, **identity):
            insert_rows(change.connection, tables.manual_fixes, [_FIX.cells(fix, but=["fix_id"])])


def _return_site_answers(change: Change, review: KeptReview) -> int:
    """Put back the answers for the whole site that nobody gave anew; return how many."""
    answers_now = site_answers_of(change.connection, change.session_key)
    answered_ids = {answer.question_id for answer in answers_now}
    answers = [answer for answer in review.site_answers if answer.question_id not in answered_ids]
    cells = [SITE_ANSWER.cells(answer, session_key=change.session_key) for answer in answers]
    insert_rows(change.connection, tables.site_answers, cells)
    return len(answers)


def dependencies_of_people(connection: Connection, session_key: str) -> Sequence[KeptDependency]:
    """Return the dependencies that people made or took away, also of tickets that are gone."""
    return DEPENDENCY.values_of(connection.execute(_query_of_people(session_key)).tuples())


def _query_of_people(session_key: str) -> Select[Any]:
    is_of_people = tables.dependencies.c.origin != "computed"
    query = DEPENDENCY.query_where(session_key=session_key).where(is_of_people)
    return query.order_by(*DEPENDENCY.columns)
