"""What is looked up of sessions: all in a list, with what each needs; errors, the audit trail.

Belongs here: gathering it, and which of what is kept belongs to what somebody asks; what those of a
restored store do first. Does not: a closer look at one (`status`), what an error means
(`context/error_explanations`), putting a backup in place (`cli/homes`), asking Jira (`export/settle`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jira_pipeline.context.error_explanations import ErrorExplanation, explain_error
from jira_pipeline.context.facts import KnownTargets
from jira_pipeline.context.pipeline import LAST_CHANGED, STAGES, TALLIES, Pipeline
from jira_pipeline.context.retention import KEPT_FOR_GOOD, Removal, removal_json, removal_text
from jira_pipeline.context.states import SessionNeeds, needs_of
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import NotFoundError, NotFoundKind
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.kept_files import folder_content_sha256, upload_place
from jira_pipeline.model.records import AuditEntry, StoredError
from jira_pipeline.model.runs import RunJob
from jira_pipeline.model.sessions import AT_WORK, SessionStage, UploadSession
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredSession:
    """A session of a store that may be older than Jira."""

    session: UploadSession
    is_copy_whole: bool
    """What it was uploaded with is there, as it was."""
    first: Action | None
    """What looks at Jira before anything else is sent; None where nothing was sent."""


def look_at_restored(pipeline: Pipeline) -> list[RestoredSession]:
    """Hash every copy, and say what to do first with each session; Jira is not asked."""
    store = pipeline.store
    restored = []
    sent = store.ledger.targets_by_session()
    for session in sorted(store.sessions.list_all(), key=lambda session: session.session_key):
        folder = store.files.folder(upload_place(session.upload_path))
        is_copy_whole = folder.is_dir() and folder_content_sha256(folder) == session.content_sha256
        first = _first_for(session, sent)
        restored.append(RestoredSession(session=session, is_copy_whole=is_copy_whole, first=first))
    return restored


def _first_for(session: UploadSession, sent: Mapping[str, object]) -> Action | None:
    """Name the command that looks at what exists in Jira before it creates."""
    is_export = session.stage is SessionStage.JIRA_EXPORT
    key = session.session_key
    if is_export and session.status in AT_WORK:
        return Action.of(ActionKind.RESUME, "{}", session_key=key, force=True)
    is_sent = is_export or key in sent
    return Action.of(ActionKind.EXPORT, "{}", session_key=key) if is_sent else None


def errors_of(pipeline: Pipeline, session_key: str) -> tuple[StoredError, ...]:
    """Return what failed in a session, oldest first; also of a folder that never became one."""
    return pipeline.store.errors.list_all(session_key) or _none_of(pipeline, session_key)


def explained(
    pipeline: Pipeline, error_id: int, *, session_key: str | None = None
) -> ErrorExplanation:
    """Explain a stored error; of a session, where one is named."""
    store = pipeline.store
    error = store.errors.get(error_id)
    key = error.session_key
    if session_key not in (None, key):
        raise NotFoundError(kind=NotFoundKind.ERROR, error_id=error_id)
    if key is None:
        return explain_error(error)
    stored = store.sessions.find(key)
    about = [] if error.ticket_id is None else [error.ticket_id]
    tickets = (*store.tickets.some(key, about), *store.tickets.list_vanished(key))
    return explain_error(
        error,
        ticket=next((t for t in tickets if t.ticket_id in about), None),
        session=None if stored is None else open_for_current_target(pipeline, stored).stored,
        errors=store.errors.list_all(key),
    )


def audit_trail(pipeline: Pipeline, session_key: str) -> tuple[AuditEntry, ...]:
    """Return who did what to a session, oldest first; also to one that was removed."""
    return pipeline.store.audit.entries(session_key) or _none_of(pipeline, session_key)


def _none_of(pipeline: Pipeline, session_key: str) -> tuple[()]:
    """Return nothing where there is such a session.

    Raises:
        NotFoundError: There is none.
    """
    pipeline.store.sessions.get(session_key)
    return ()


def ticket_numbers(pipeline: Pipeline, session_key: str) -> Mapping[str, int]:
    """Return the numbers of all tickets by id, of those without rows too; none of a removed session."""
    tickets = pipeline.store.tickets
    gone = {ticket.ticket_id: ticket.number for ticket in tickets.list_vanished(session_key)}
    return {**gone, **tickets.numbers(session_key)}
