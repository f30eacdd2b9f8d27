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
    session: UploadSession
    needs: SessionNeeds
    removal: Removal = KEPT_FOR_GOOD
    """What the clock does with it."""

    @property
    def removal_shown(self) -> Mapping[str, object]:
        return removal_json(self.removal)

    @property
    def removal_text(self) -> str:
        """The same for people; empty where it is kept for good."""
        return removal_text(self.removal)


def listed_sessions(pipeline: Pipeline) -> tuple[ListedSession, ...]:
    """Return all sessions, newest first."""
    waiting = pipeline.store.run_requests.waiting()
    awaited = {request.session_key for request in waiting if request.job_name == RunJob.EXPORT}
    to_decide = pipeline.store.comparisons.open_counts()
    ready = pipeline.store.tickets.ready_sessions()
    begun_undos = pipeline.store.export_runs.open_undos()
    of_target = {session_key for session_key, _ in (*to_decide, *begun_undos)}
    known = known_targets(pipeline)
    listed = []
    for stored in pipeline.store.sessions.list_all():
        session = open_for_current_target(pipeline, stored, targets=known)
        key = stored.session_key
        target = session.target if key in of_target else None
        place = (key, target.target_id) if target is not None else ("", "")
        needs = needs_of(
            session.stored,
            is_export_awaited=key in awaited,
            is_ready=key in ready or session.approves_itself,
            is_undo_open=place in begun_undos,
            to_decide=to_decide.get(place, 0),
        )
        removal = removal_of(session)
        listed.append(ListedSession(session=session.stored, needs=needs, removal=removal))
    return tuple(listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session as the page of all sessions shows it."""

    listed: ListedSession
    tally: TicketTally
    own: tuple[tuple[str, int], ...]
    """How many tickets wait that are assigned to who looks, by how they are written there."""
    last_change: AuditEntry | None
    """By a person; None where nobody did anything that is known."""
    changed: Ticket | None
    """The ticket that was changed last, where it is one alone and still there."""
    stages: Counter[IssueStage | None]
    """How many issues are how far, as last compared; empty where that is not known."""
    arrived: int
    """Questions that clients answered, and nobody decided about since."""
    stranded: int
    """Answers of clients to what is no longer asked, which nobody took."""


def session_lines(
    pipeline: Pipeline, listed: Sequence[ListedSession], *, by: str
) -> tuple[SessionLine, ...]:
    """Return what more is shown of these sessions to who looks: counts, and who changed what last."""
    store = pipeline.store
    keys = [line.session.session_key for line in listed]
    compared_at = store.comparisons.compared_at(keys)
    newest = store.audit.newest_of(keys)
    last = store.audit.last_changes(keys)
    answered = store.client_links.proposed_in()
    lines = []
    for key, line in zip(keys, listed, strict=True):
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
        own = [
            (assignee, count)
            for assignee, count in tally.waiting
            if assignee.casefold() == by.casefold()
        ]
        lines.append(
            SessionLine(
                listed=line,
                tally=tally,
                own=tuple(own),
                last_change=entry,
                stages=stages,
                arrived=arrived,
                stranded=stranded,
                changed=next(iter(changed), None),
            )
        )
    return tuple(lines)
