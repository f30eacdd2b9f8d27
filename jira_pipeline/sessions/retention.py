"""Removing sessions after RETENTION_DAYS: gathering what is open in them, announcing, removing.

Where that setting is set, a completed session in which nothing is open and nobody did anything for
so long is announced to the team, and removed later. Whatever happens meanwhile calls it off. A
session with anything open, such as an answer that nobody read, stays.

Belongs here: gathering the facts of the rule, and doing what it decides. Does not: the rule and its
words (`context/retention`), the order of removing (`upload`), runs in flight (`defs/sessions/jobs`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.context.facts import KnownTargets
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.retention import (
    KEPT_FOR_GOOD,
    RETENTION_EXPLAINED,
    Announced,
    Announcement,
    Due,
    OpenMatter,
    Removal,
    RetentionFacts,
    StayReason,
    ToBeAnnounced,
    decide_removal,
)
from jira_pipeline.export.results import fixes_as_of
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.differences import ComparedIssue
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.listed_reviews import ListedReview
from jira_pipeline.model.manual_fixes import FixState
from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.model.runs import RETENTION
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.review.open_session import OpenSession, open_for_current_target
from jira_pipeline.sessions.notifying import notify_of_removal

_NOTICES = frozenset({AuditAction.REMOVAL_ANNOUNCED, AuditAction.REMOVAL_CALLED_OFF})


def removal_of(session: OpenSession) -> Removal:
    """Return when a session is removed, or why it stays.

    Nothing is read where RETENTION_DAYS is not set.
    """
    keep_days = session.settings.retention_days
    if keep_days is None:
        return KEPT_FOR_GOOD
    return decide_removal(retention_facts(session), keep_days=keep_days, now=session.clock.now())


def retention_facts(session: OpenSession) -> RetentionFacts:
    """Return what decides about the removal of a session: what is open, the last act, the notice."""
    return RetentionFacts(
        open=_open_matters(session),
        last_act_at=_last_act_at(session),
        announcement=_announcement(session),
    )


def _open_matters(session: OpenSession) -> tuple[StayReason, ...]:
    """Return the reasons why a session stays; none where nothing is open in it."""
    stored = session.stored
    if session.elsewhere is not None:
        # What was completed on another target, such as in a test, may still wait for this one.
        return (StayReason(matter=OpenMatter.ELSEWHERE),)
    is_completed = (
        stored.stage is SessionStage.COMPLETED and stored.status is SessionStatus.COMPLETED
    )
    if not is_completed:
        return (StayReason(matter=OpenMatter.NOT_COMPLETED),)
    counts = {
        OpenMatter.WAITING_UPLOAD: 1 if stored.waiting_sha256 is not None else 0,
        OpenMatter.UNREAD_ANSWERS: _unread_answer_count(session),
        OpenMatter.CLIENT_LINKS: _valid_link_count(session),
        OpenMatter.REQUESTED_CHANGES: _requested_change_count(session),
        OpenMatter.DOUBTS: _doubt_count(session),
        OpenMatter.MANUAL_FIXES: _open_fix_count(session),
        OpenMatter.ISSUES_NOT_DONE: _undone_issue_count(session),
    }
    reasons = []
    for matter, count in counts.items():
        if count:
            reasons.append(StayReason(matter=matter, count=count))
    return tuple(reasons)


def _unread_answer_count(session: OpenSession) -> int:
    """Count the answers of clients that nobody decided about, also to questions that are gone."""
    unread = set[ProposedAnswer]()
    for once in session.questions_with_proposals:
        for offers in session.offers_of(once):
            unread.update(offered.proposal for offered in offers.proposals)
    return len(unread) + len(session.stranded_answers)


def _valid_link_count(session: OpenSession) -> int:
    now = session.clock.now()
    links = session.store.client_links.of_session(session.key)
    return sum(link.expires_at > now for link in links)


def _requested_change_count(session: OpenSession) -> int:
    present = sum(ticket.sent_back is not None for ticket in session.listed)
    return present + sum(ticket.sent_back is not None for ticket in session.vanished_tickets)


def _doubt_count(session: OpenSession) -> int:
    """Count the issues whose state is unknown or undecided; an unfinished undo counts as one."""
    marks = session.ledger_marks
    count = marks.given_up_count
    count += sum(place.state is TicketState.IN_DOUBT for place in session.places.values())
    if session.comparison is not None:
        count += sum(difference.is_open for difference in session.comparison.differences)
    if marks.open_undo is not None:
        count += 1
    return count


def _open_fix_count(session: OpenSession) -> int:
    if session.target is None:
        return 0
    target_id = session.target.target_id
    fixes = session.store.manual_fixes.list_all(session.key, target_id=target_id)
    seen = fixes_as_of(fixes, gone=session.gone_ids)
    return sum(fix.state is FixState.OPEN for fix in seen)


def _undone_issue_count(session: OpenSession) -> int:
    """Count the issues that were not done when Jira was last read, or that were never read.

    Issues of epics and of tickets without rows count, too.
    """
    states = () if session.comparison is None else session.comparison.states or ()
    seen: Mapping[str, ComparedIssue] = {state.ticket_id: state for state in states}
    places = {**session.places_of(session.vanished_tickets), **session.places}
    undone = {ticket_id for ticket_id, state in seen.items() if state.stage is not IssueStage.DONE}
    for ticket_id, place in places.items():
        state = seen.get(ticket_id)
        if place.issue_id is None:
            undone.discard(ticket_id)
        elif state is None or state.issue_id != place.issue_id:
            undone.add(ticket_id)
    return len(undone)


def _last_act_at(session: OpenSession) -> datetime:
    """Return when a person or a client last did anything in a session, at least its beginning."""
    times = [session.stored.created_at]
    entry = session.store.audit.last_act_of_people(session.key)
    if entry is not None:
        times.append(entry.at)
    times += [answer.at for answer in session.store.client_links.proposed(session.key)]
    for link in session.store.client_links.of_session(session.key):
        if link.sent_at is not None:  # sending the same answers again is an act, too
            times.append(link.sent_at)
    return max(times)


def _announcement(session: OpenSession) -> Announcement | None:
    """Return the announcement that holds; None where there is none, or it was called off."""
    for entry in session.store.audit.latest(session.key, actions=_NOTICES, most=1):
        keep_days = entry.details.get("keep_days")
        if entry.action is AuditAction.REMOVAL_ANNOUNCED and isinstance(keep_days, int | float):
            return Announcement(at=entry.at, keep_days=float(keep_days))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLook:
    """What one look at all sessions decided and did; sessions by their keys."""

    removals: Mapping[str, Removal]
    """The decision about each session."""
    announced: tuple[str, ...]
    removed: tuple[str, ...]
    busy: tuple[str, ...]
    """Sessions with a run in flight, or in which something was done meanwhile."""


def look_at_sessions(
    pipeline: Pipeline, *, targets: KnownTargets, remove: Callable[[str, int], bool]
) -> RetentionLook:
    """Announce and remove the sessions that are due, and call off removals that no longer are.

    `remove` gets a key and the last audit entry that was read; it removes the session unless
    something was done in it since, and returns whether it did.
    """
    removals = dict[str, Removal]()
    announced = list[str]()
    removed = list[str]()
    busy = list[str]()
    keys = sorted(stored.session_key for stored in pipeline.store.sessions.list_all())
    for key in keys:
        last_entry = pipeline.store.audit.newest(key)  # before anything else is read
        stored = pipeline.store.sessions.find(key)
        if stored is None:
            continue
        session = open_for_current_target(pipeline, stored, targets=targets)
        removal = removal_of(session)
        removals[key] = removal
        match removal:
            case Due():
                (removed if remove(key, last_entry) else busy).append(key)
            case ToBeAnnounced():
                _announce(session)
                announced.append(key)
            case Announced():
                # Again, once: whoever announced it may have been killed before the team was notified.
                notify_of_removal(session, removed_on=removal.removed_on)
            case _ if _announcement(session) is not None:
                # It stays now, although its removal was announced.
                session.note(AuditAction.REMOVAL_CALLED_OFF, by=RETENTION)
    return RetentionLook(
        removals=removals, announced=tuple(announced), removed=tuple(removed), busy=tuple(busy)
    )


def _announce(session: OpenSession) -> None:
    """Record that a session will be removed, and have the team notified of it."""
    keep_days = session.settings.retention_days
    session.note(AuditAction.REMOVAL_ANNOUNCED, by=RETENTION, keep_days=keep_days)
    removal = removal_of(session)
    if isinstance(removal, Announced):
        notify_of_removal(session, removed_on=removal.removed_on)


def explain_retention(pipeline: Pipeline) -> str:
    """Return the explanation of RETENTION_DAYS the first time that it is set; empty afterwards.

    That it was given is recorded in the audit trail.
    """
    is_told = pipeline.store.audit.has(AuditAction.RETENTION_EXPLAINED)
    if pipeline.settings.retention_days is None or is_told:
        return ""
    pipeline.store.audit.append(
        at=pipeline.clock.now(),
        session_key=None,
        actor=RETENTION,
        action=AuditAction.RETENTION_EXPLAINED,
        details={"keep_days": pipeline.settings.retention_days},
    )
    return RETENTION_EXPLAINED


def kept_reviews_of(pipeline: Pipeline, session_key: str) -> tuple[ListedReview, ...]:
    """Return people's decisions that were kept when the session of a key was removed."""
    return pipeline.store.kept_reviews.list_all(session_key)


def forget_reviews(pipeline: Pipeline, session_key: str, *, by: str) -> int:
    """Delete these kept decisions for good, with an audit entry; return of how many groups."""
    at = pipeline.clock.now()
    return pipeline.store.kept_reviews.forget(session_key, by=by, at=at)
