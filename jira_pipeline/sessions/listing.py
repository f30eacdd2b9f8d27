"""All sessions in a list, with what each needs, and the Jira projects that they were exported to.

Belongs here: gathering it. Does not: a closer look at one (`status`), its errors and audit trail
(`session_records`), sessions of a restored store (`restored_sessions`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jira_pipeline.context.facts import KnownTargets
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.retention import KEPT_FOR_GOOD, Removal, removal_json, removal_text
from jira_pipeline.context.session_memory import LAST_CHANGED, STAGES, TALLIES
from jira_pipeline.context.session_needs import SessionNeeds, needs_of
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.runs import RunJob
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import Ticket, TicketTally
from jira_pipeline.review.approvals import count_left_to_people
from jira_pipeline.review.open_session import open_for_current_target, open_session
from jira_pipeline.sessions.retention import removal_of


def known_targets(pipeline: Pipeline) -> KnownTargets:
    """Return what the ledger knows of targets, read once for many sessions."""
    ledger = pipeline.store.ledger
    return KnownTargets(destinations=ledger.destinations(), used=ledger.targets_by_session())


@json_fields(
    "session_key=session.session_key site_name=session.site_name stage=session.stage "
    "status=session.status updated_at=session.updated_at stale=needs.stale "
    "needs_person=needs.needs_person needs=needs.what removal=removal_shown"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSession:
    """A session in a list, with what it needs next."""

    session: UploadSession
    needs: SessionNeeds
    removal: Removal = KEPT_FOR_GOOD
    """When it is removed by RETENTION_DAYS, or why it stays."""

    @property
    def removal_shown(self) -> Mapping[str, object]:
        return removal_json(self.removal)

    @property
    def removal_text(self) -> str:
        """The removal as text for people; empty where the session is kept for good."""
        return removal_text(self.removal)


def list_sessions(pipeline: Pipeline) -> tuple[ListedSession, ...]:
    """Return all sessions with what each needs next, newest first.

    What the needs depend on is read once for all sessions.
    """
    waiting = pipeline.store.run_requests.waiting()
    awaited = {request.session_key for request in waiting if request.job_name == RunJob.EXPORT}
    to_decide = pipeline.store.comparisons.open_counts()
    ready = pipeline.store.tickets.ready_sessions()
    begun_undos = pipeline.store.export_runs.open_undos()
    # Both are by session and target; of all others the target need not be read.
    keys_with_target = {session_key for session_key, _ in (*to_decide, *begun_undos)}
    all_targets = known_targets(pipeline)
    listed = []
    for stored in pipeline.store.sessions.list_all():
        session = open_for_current_target(pipeline, stored, targets=all_targets)
        key = stored.session_key
        target = session.target if key in keys_with_target else None
        place = (key, target.target_id) if target is not None else ("", "")
        needs = needs_of(
            session.stored,
            is_export_awaited=key in awaited,
            is_ready=key in ready
            or (session.approves_itself and not count_left_to_people(session)),
            is_undo_open=place in begun_undos,
            to_decide=to_decide.get(place, 0),
        )
        removal = removal_of(session)
        listed.append(ListedSession(session=session.stored, needs=needs, removal=removal))
    return tuple(listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session as a line on the page of all sessions."""

    listed: ListedSession
    tally: TicketTally
    own: tuple[tuple[str, int], ...]
    """Pairs of an assignee and how many tickets wait for them, where that is who looks at the page.

    Sheets may write the name in several ways, so it may be several pairs.
    """
    last_change: AuditEntry | None
    """The last entry by a person; None where there is none."""
    changed: Ticket | None
    """The ticket of that entry; None where it names several, or the ticket is gone."""
    stages: Counter[IssueStage | None]
    """How many issues are to do, doing and done, as last compared; empty before that."""
    arrived: int
    """How many questions have an answer of a client that nobody decided about."""
    stranded: int
    """How many answers of clients, whose question is gone, nobody took."""


def session_lines(
    pipeline: Pipeline, listed: Sequence[ListedSession], *, by: str
) -> tuple[SessionLine, ...]:
    """Return these sessions as lines for a person: with counts, and who changed what last.

    Counts are remembered until the session's audit trail or comparison has a newer entry.
    """
    store = pipeline.store
    keys = [listed_session.session.session_key for listed_session in listed]
    compared_at = store.comparisons.compared_at(keys)
    newest = store.audit.newest_of(keys)
    last = store.audit.last_changes(keys)
    answered = store.client_links.proposed_in()
    lines = []
    for key, listed_session in zip(keys, listed, strict=True):
        entry = last.get(key)
        ids = () if entry is None else entry.ticket_ids
        at = newest.get(key, 0)
        tally = pipeline.memory.as_of(at, TALLIES, key, partial(store.tickets.tally, key))
        one_alone = ids if len(ids) == 1 else ()
        changed = pipeline.memory.as_of(
            (at, one_alone), LAST_CHANGED, key, partial(store.tickets.some, key, one_alone)
        )
        stages = pipeline.memory.as_of(
            compared_at.get(key), STAGES, key, partial(store.comparisons.stage_counts, key)
        )
        arrived = 0
        stranded = 0
        if key in answered:
            session = open_session(pipeline, key)
            arrived = len(session.questions_with_proposals)
            stranded = len(session.stranded_answers)
        waiting_for_person = [
            (assignee, count)
            for assignee, count in tally.waiting
            if assignee.casefold() == by.casefold()
        ]
        lines.append(
            SessionLine(
                listed=listed_session,
                tally=tally,
                own=tuple(waiting_for_person),
                last_change=entry,
                stages=stages,
                arrived=arrived,
                stranded=stranded,
                changed=next(iter(changed), None),
            )
        )
    return tuple(lines)
