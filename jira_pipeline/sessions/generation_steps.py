"""How the tickets of a session are written, as the asset and the command line take it.

Belongs here: calling `stages/ticket_generation` with the pipeline's adapters, what a generation
keeps of the one before. Does not: rules (there), runs (`generation_runs`), terminal words (`cli`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.domain.entities import Specification
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.next_step import writing_anew
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.errors import GateError, GateRule
from jira_pipeline.ports.tickets import GenerationOutcome
from jira_pipeline.sessions import writer_steps
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.lease_holders import holder_name
from jira_pipeline.sessions.observed_sessions import ObservedSessions, Tell
from jira_pipeline.stages.adf_validation import render_tickets
from jira_pipeline.stages.review.approval import says_as_much
from jira_pipeline.stages.ticket_generation import StartedGeneration, generate_tickets
from jira_pipeline.store.audit import PIPELINE


def generate(
    pipeline: Pipeline,
    session: UploadSession,
    *,
    specification: Specification,
    groups: tuple[EntityGroup, ...],
    run_id: str | None,
    writer_name: str | None = None,
    tell: Tell | None = None,
) -> GenerationOutcome:
    """Write the tickets of a session; one process at a time does. `tell` is told its progress.

    A named writer writes them from now on.

    Raises:
        ConfigurationError: Nobody writes under that name; nothing is chosen.
        GateError: The groups are not of the sheets the session has now.
        LeaseBusyError: Another process writes the tickets of this session.
    """
    _refuse_other_sheets(pipeline, session, groups)
    key, store = session.session_key, pipeline.store
    with writing_lease(pipeline, session, who=f"run {run_id or '-'}"):
        before = _ready_before(pipeline, session)
        if writer_name is not None:
            pipeline.choose_writer(session, writer_name, by=f"run {run_id or '-'}")
            session = store.sessions.get(key)
        writer = pipeline.writer(session)
        name = pipeline.writer_name(session)
        store.sessions.choose_writer(key, name, by=PIPELINE, at=pipeline.clock.now())
        outcome = generate_tickets(
            session,
            groups=groups,
            previous_groups=before.groups,
            specification=specification,
            writer=writer,
            sessions=store.sessions if tell is None else ObservedSessions(store.sessions, tell),
            tickets=store.tickets,
            now=pipeline.clock.now,
            run_id=run_id,
        )
        _carry_ready_marks(pipeline, session, before.ready)
        return outcome


@contextmanager
def writing_lease(pipeline: Pipeline, session: UploadSession, *, who: str) -> Iterator[None]:
    """Hold what lets one process at a time write tickets of a session, or have a model write some.

    Two at once could pay for the same answers twice; the limits of the session hold without it.

    Raises:
        LeaseBusyError: Another process holds it; the message names it.
    """
    holder = holder_name(who)
    with pipeline.store.leases.hold(f"Session {session.session_key}", holder=holder):
        yield


def started_generation(
    pipeline: Pipeline,
    session: UploadSession,
    *,
    run_id: str,
    started_at: datetime | None = None,
) -> StartedGeneration:
    """Answer the start of a generation (S1-4); with `started_at`, of one that is running (S1-2)."""
    writer = pipeline.writer_name(session)
    estimate = writer_steps.estimate(pipeline, session, writer=writer).estimate
    is_running = started_at is not None
    return StartedGeneration(
        task_id=run_id,
        session_key=session.session_key,
        files=len(pipeline.store.sessions.files(session.session_key)),
        estimated_tickets=estimate.tickets,
        estimated_minutes=round((estimate.minutes_low + estimate.minutes_high) / 2, 2),
        writer=writer,
        started_at=started_at or pipeline.clock.now(),
        progress_percentage=session.progress_percentage if is_running else 0.0,
        is_already_running=is_running,
    )


def last_generation(pipeline: Pipeline, session_key: str) -> GenerationOutcome:
    """Return what the last generation of a session changed, by the audit trail."""
    entries = pipeline.store.audit.entries(session_key, actions={"tickets_generated"})
    details = entries[-1].details if entries else {}
    counts = {
        name: len(ids) if isinstance(ids := details.get(name), list) else 0
        for name in ("created", "rewritten", "withdrawals_proposed", "source_changed")
    }
    unchanged = details.get("unchanged")
    return GenerationOutcome(unchanged=unchanged if isinstance(unchanged, int) else 0, **counts)


def _refuse_other_sheets(
    pipeline: Pipeline, session: UploadSession, groups: tuple[EntityGroup, ...]
) -> None:
    """Stop a run that goes on behind a new upload: its tickets would pass for the new sheets'.

    A re-execution from failure reads what an earlier run left.
    """
    if groups == pipeline.contents(session).groups:
        return
    key = session.session_key
    raise GateError(
        f"The sheets of session {key} are not those this run has read: others were uploaded since.",
        rule=GateRule.STALE,
        recovery_actions=(writing_anew(key).action,),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """A session as it was before its tickets were written again."""

    groups: Mapping[str, EntityGroup]
    """Of the sheets the tickets were written from; empty without an earlier copy."""
    ready: Mapping[str, RenderedTicket]
    """Tickets whose ready mark held, by id."""


def _ready_before(pipeline: Pipeline, session: UploadSession) -> _Before:
    """Look at what holds now, before other sheets are taken."""
    sha256 = session.generated_from_sha256
    is_other = sha256 is not None and sha256 != session.content_sha256
    groups = pipeline.memory.earlier_groups(session, sha256) if is_other and sha256 else None
    if not groups:
        return _Before(groups={}, ready={})
    marked = [
        ticket
        for ticket in pipeline.store.tickets.list_all(session.session_key)
        if ticket.is_ready and ticket.group_key in groups
    ]
    rendered = render_tickets(
        marked, groups=groups, body_max_bytes=pipeline.settings.adf_body_max_bytes
    )
    held = [r for r in rendered if r.rendered_hash == r.ticket.ready_hash]
    return _Before(groups=groups, ready={r.ticket.ticket_id: r for r in held})


def _carry_ready_marks(
    pipeline: Pipeline, session: UploadSession, before: Mapping[str, RenderedTicket]
) -> None:
    """Keep the marks of tickets of which only lines in the sheets, or numbers, changed."""
    if not before:
        return
    carried = {
        r.ticket.ticket_id: r.rendered_hash
        for r in pipeline.rendered(pipeline.store.sessions.get(session.session_key))
        if (was := before.get(r.ticket.ticket_id)) is not None and says_as_much(r, was)
    }
    marked_by = {ticket_id: before[ticket_id].ticket.ready_by or "" for ticket_id in carried}
    for person in sorted(set(marked_by.values())):
        of_person = {i: h for i, h in carried.items() if marked_by[i] == person}
        pipeline.store.tickets.mark_ready(
            session.session_key, of_person, by=person, at=pipeline.clock.now()
        )
