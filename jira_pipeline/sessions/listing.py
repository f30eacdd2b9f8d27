"""All sessions in a list, with what each needs; those of a restored store with what each does first.

Belongs here: gathering it. Does not: a closer look at one (`status`), putting a backup in place
(`cli/store`), asking Jira (`export/settle`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jira_pipeline.context.facts import KnownTargets
from jira_pipeline.context.memory import LAST_CHANGED, STAGES, TALLIES
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.states import SessionNeeds, needs_of
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.kept_files import content_sha256, file_hashes_of, upload_place
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.runs import RunJob
from jira_pipeline.model.sessions import AT_WORK, SessionStage, UploadSession
from jira_pipeline.model.tickets import Ticket, TicketTally
from jira_pipeline.review.open_session import open_session, opened_from_here


def known_targets(pipeline: Pipeline) -> KnownTargets:
    """Return what the ledger knows of targets, read once for many sessions."""
    ledger = pipeline.store.ledger
    return KnownTargets(destinations=ledger.destinations(), used=ledger.targets_by_session())


@json_fields(
    "session_key=session.session_key site_name=session.site_name stage=session.stage "
    "status=session.status updated_at=session.updated_at stale=needs.stale "
    "needs_person=needs.needs_person needs=needs.what"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSession:
    session: UploadSession
    needs: SessionNeeds


def listed_sessions(pipeline: Pipeline) -> tuple[ListedSession, ...]:
    """Return all sessions, newest first."""
    awaited = {
        request.session_key
        for request in pipeline.store.run_requests.waiting()
        if request.job_name == RunJob.EXPORT
    }
    to_decide = pipeline.store.comparisons.open_counts()
    ready = pipeline.store.tickets.ready_sessions()
    begun_undos = pipeline.store.export_runs.open_undos()
    of_target = {session_key for session_key, _ in (*to_decide, *begun_undos)}
    known = known_targets(pipeline)
    listed = []
    for stored in pipeline.store.sessions.list_all():
        session, key = opened_from_here(pipeline, stored, known=known), stored.session_key
        target = session.target if key in of_target else None
        place = (key, target.target_id) if target is not None else ("", "")
        needs = needs_of(
            session.stored,
            is_export_awaited=key in awaited,
            is_ready=key in ready or session.approves_itself,
            is_undo_open=place in begun_undos,
            to_decide=to_decide.get(place, 0),
        )
        listed.append(ListedSession(session=session.stored, needs=needs))
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


def session_lines(
    pipeline: Pipeline, listed: Sequence[ListedSession], *, by: str
) -> tuple[SessionLine, ...]:
    """Return what more is shown of these sessions to who looks: counts, and who changed what last."""
    store, keys = pipeline.store, [one.session.session_key for one in listed]
    compared_at = store.comparisons.compared_at(keys)
    newest, last = store.audit.newest_of(keys), store.audit.last_changes(keys)
    answered = store.client_links.proposed_in()
    lines = []
    for key, one in zip(keys, listed, strict=True):
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
        lines.append(
            SessionLine(
                listed=one,
                tally=tally,
                own=tuple(each for each in tally.waiting if each[0].casefold() == by.casefold()),
                last_change=entry,
                stages=stages,
                arrived=len(open_session(pipeline, key).arrived) if key in answered else 0,
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
    store, restored = pipeline.store, []
    sent = store.ledger.targets_by_session()
    for session in sorted(store.sessions.list_all(), key=lambda one: one.session_key):
        folder = store.files.folder(upload_place(session.upload_path))
        is_copy_whole = (
            folder.is_dir() and content_sha256(file_hashes_of(folder)) == session.content_sha256
        )
        first = _first_for(session, sent)
        restored.append(RestoredSession(session=session, is_copy_whole=is_copy_whole, first=first))
    return restored


def _first_for(session: UploadSession, sent: Mapping[str, object]) -> Action | None:
    """Name the command that looks at what exists in Jira before it creates."""
    is_export = session.stage is SessionStage.JIRA_EXPORT
    if is_export and session.status in AT_WORK:
        return Action.of(ActionKind.RESUME, "{}", session_key=session.session_key, force=True)
    if is_export or session.session_key in sent:
        return Action.of(ActionKind.EXPORT, "{}", session_key=session.session_key)
    return None
