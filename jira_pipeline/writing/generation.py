"""Writing the tickets of a session: the sheets, the generation, what it keeps of the one before.

Belongs here: calling `writing/ticket_generation` with what the session holds. Does not: rules
(there), which adapter writes (`writing/writers`), starting a run (`sessions/starting`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jira_pipeline.context.runs import ObservedSessions, PassOn
from jira_pipeline.context.states import refuse_without_tickets, writing_again
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import GateError, GateRule, InputError, WrongUseError
from jira_pipeline.model.records import PIPELINE
from jira_pipeline.model.rendered_tickets import FACTS, WRITER, content_of
from jira_pipeline.model.runs import RunHistory
from jira_pipeline.model.source_changes import facts_hash_of
from jira_pipeline.model.ticket_drafts import GenerationOutcome
from jira_pipeline.model.tickets import Ticket, is_of_people
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import tickets_of
from jira_pipeline.review.remarks import REMARKED, checked_remark
from jira_pipeline.store.mapping import storable_text
from jira_pipeline.tickets.documents.adf_validation import render_tickets
from jira_pipeline.writing.ticket_generation import StartedGeneration, generate_tickets
from jira_pipeline.writing.writers import (
    WritingOrder,
    choose_writer,
    estimate,
    reads_remarks,
    require_writer,
    writer_named,
    writing_lease,
)

TICKETS_STEP = "tickets"
"""The step of a run that writes them."""


def ordered(session: OpenSession, order: WritingOrder, *, by: str) -> OpenSession:
    """Make sure that tickets can be written as somebody wants; keep writer and remark.

    Returns the session as it is then.

    Raises:
        GateError: There are no tickets yet, or they are of other sheets.
        InputError: There is none of a number, its text is of people, or nobody reads the remark.
        WriterError: The writer cannot be used now, or not as it is configured.
    """
    if order.remark is not None:
        order = replace(order, remark=storable_text(checked_remark(order.remark)))
        if not order.numbers:
            raise WrongUseError(
                "A remark is about certain tickets, and none is named.",
                recovery_actions=("Name their numbers.",),
            )
    chosen = _writable(session, order.numbers)
    if order.remark:
        _refuse_unread_remark(session, chosen[0], writer=order.writer)
    require_writer(session, order)
    if order.writer is not None:
        choose_writer(session, order.writer, by=by)
    if order.remark is not None:
        ids = [ticket.ticket_id for ticket in chosen]
        session.note(REMARKED, by=by, ticket_ids=ids, remark=order.remark)
    return session.again()


def _writable(session: OpenSession, numbers: Sequence[int]) -> tuple[Ticket, ...]:
    """Return the tickets of these numbers, which a writer may write again."""
    if not numbers:
        return ()
    refuse_without_tickets(session.stored)
    if session.stored.generated_from_sha256 != session.stored.content_sha256:
        raise GateError(
            f"Other {session.stored.source_word} of session {session.key} were uploaded since its tickets "
            "were written: all of them are to be written first.",
            rule=GateRule.STALE,
            recovery_actions=(
                writing_again(session.key, source_word=session.stored.source_word).action,
            ),
        )
    chosen = tickets_of(session, numbers)
    for ticket in chosen:
        if is_of_people(session.revisions(ticket)):
            raise InputError(
                f"Ticket {ticket.number} was edited by people, and a writer leaves their text alone.",
                recovery_actions=(
                    Action.of(
                        ActionKind.DIFF_TICKET,
                        "Bring back the revision that was generated ({} shows them), or leave this "
                        "ticket out.",
                        session_key=session.key,
                        number=ticket.number,
                    ),
                ),
            )
    return chosen


def _refuse_unread_remark(session: OpenSession, ticket: Ticket, *, writer: str | None) -> None:
    """Stop where the template writes: it would leave the remark unread."""
    if reads_remarks(session, writer=writer):
        return
    raise InputError(
        f"Ticket {ticket.number} is written by the template, which reads no remarks: only models do.",
        recovery_actions=(
            Action.of(
                ActionKind.REGENERATE,
                "Name a model, too, which writes this session from then on, as in {}.",
                session_key=session.key,
                writer="openai:NAME",
            ),
            Action.of(
                ActionKind.EDIT_TICKET,
                "Or write it into the ticket yourself: {}.",
                session_key=session.key,
                number=ticket.number,
            ),
        ),
    )


def refuse_while_writing(running: StartedGeneration, order: WritingOrder) -> None:
    """Stop where a run writes the tickets already: it knows nothing of what is wanted of some.

    Raises:
        GateError: Some tickets are wanted.
    """
    if order.numbers or order.remark is not None:
        key = running.session_key
        raise GateError(
            f"The tickets of session {key} are being written by run {running.task_id}; nothing was "
            "kept or started.",
            rule=GateRule.GENERATION_RUNNING,
            session_key=key,
        )


def generate(
    session: OpenSession,
    *,
    run_id: str | None,
    numbers: tuple[int, ...] = (),
    writer_name: str | None = None,
    pass_on: PassOn | None = None,
) -> GenerationOutcome:
    """Write the tickets of a session; one process at a time does. `pass_on` gets its progress.

    With numbers only these are written. A named writer writes from now on.

    Raises:
        ConfigurationError: Nobody writes under that name; nothing is chosen.
        GateError: The tickets are not of the sheets the session has now.
        InputError: There is no ticket of a number, or its text is of people.
        LeaseBusyError: Another process writes the tickets of this session.
    """
    key, store = session.key, session.store
    with writing_lease(session, who=f"run {run_id or '-'}"):
        before = _ready_before(session)
        chosen = {ticket.group_key for ticket in _writable(session, numbers)}
        kept = {t.group_key: t for t in session.tickets if t.group_key not in chosen}
        if writer_name is not None:
            choose_writer(session, writer_name, by=f"run {run_id or '-'}")
            session = session.again()
        name = session.writer_name
        writer = writer_named(session.pipeline, name)
        outcome = generate_tickets(
            session,
            groups=session.contents.groups,
            previous_groups=before.groups,
            specification=session.contents.specification,
            kept=kept if chosen else {},
            writer=writer,
            sessions=store.sessions if pass_on is None else ObservedSessions(store, pass_on),
            run_id=run_id,
        )
        # it stays from now on: not before, as a model that cannot be asked is chosen by nobody
        store.sessions.choose_writer(key, name, by=PIPELINE, at=session.clock.now())
        _carry_ready_marks(session.again(), before)
        return outcome


def started_generation(
    session: OpenSession,
    *,
    run_id: str,
    numbers: tuple[int, ...] = (),
    started_at: datetime | None = None,
) -> StartedGeneration:
    """Answer the start of a generation; with `started_at`, of one that is running."""
    writer = session.writer_name
    found = estimate(session, writer=writer, numbers=numbers).estimate
    is_running = started_at is not None
    return StartedGeneration(
        task_id=run_id,
        session_key=session.key,
        files=len(session.files),
        estimated_tickets=found.tickets,
        estimated_minutes=round((found.minutes_low + found.minutes_high) / 2, 2),
        writer=writer,
        started_at=started_at or session.clock.now(),
        progress_percentage=session.stored.progress_percentage if is_running else 0.0,
        is_already_running=is_running,
    )


def last_generation(session: OpenSession) -> GenerationOutcome:
    """Return what the last generation of a session changed, by the audit trail."""
    entries = session.store.audit.entries(session.key, actions={AuditAction.TICKETS_GENERATED})
    details = entries[-1].details if entries else {}
    counts = {
        name: len(ids) if isinstance(ids := details.get(name), list) else 0
        for name in ("created", "rewritten", "withdrawals_proposed")
    }
    unchanged, dropped = details.get("unchanged"), details.get("dropped_dependencies")
    return GenerationOutcome(
        unchanged=unchanged if isinstance(unchanged, int) else 0,
        dropped_dependencies=tuple((str(a), str(b)) for a, b in dropped)
        if isinstance(dropped, list)
        else (),
        **counts,
    )


def running_generation(session: OpenSession, runs: RunHistory) -> StartedGeneration | None:
    """Return the run that writes the tickets of a session now, or None.

    The lock of the run shows it: a live process of this host only holds it.
    """
    for run in runs.in_flight(session.key):
        if not session.store.run_locks.is_alive(run.run_id):
            continue
        if TICKETS_STEP in runs.unfinished_steps(run.run_id):
            return started_generation(session, run_id=run.run_id, started_at=run.created_at)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """A session as it was before its tickets were written again."""

    groups: Mapping[str, EntityGroup]
    """Of the sheets the tickets were written from; empty without an earlier copy."""
    ready: Mapping[str, Ticket]
    """Tickets whose ready mark held, by id."""


def _ready_before(session: OpenSession) -> _Before:
    """Return what holds now, before other sheets are taken."""
    sha256 = session.stored.generated_from_sha256
    if sha256 is None or sha256 == session.stored.content_sha256:
        return _Before(groups={}, ready={})
    groups = session.earlier_groups(sha256)
    if not groups:
        return _Before(groups={}, ready={})
    marked = [
        ticket for ticket in session.tickets if ticket.is_ready and ticket.group_key in groups
    ]
    rendered = render_tickets(
        marked, groups=groups, body_max_bytes=session.settings.adf_body_max_bytes
    )
    held = [r for r in rendered if r.rendered_hash == r.ticket.ready_hash]
    return _Before(groups=groups, ready={r.ticket.ticket_id: r.ticket for r in held})


def _carry_ready_marks(session: OpenSession, before: _Before) -> None:
    """Keep the marks of tickets that have the content they had, whoever wrote it."""
    if not before.ready:
        return
    carried = {
        r.ticket.ticket_id: r.rendered_hash
        for r in session.judged
        if (was := before.ready.get(r.ticket.ticket_id)) is not None
        and _content(r.ticket, session.groups) == _content(was, before.groups)
    }
    marked_by = {ticket_id: before.ready[ticket_id].ready_by or "" for ticket_id in carried}
    for person in sorted(set(marked_by.values())):
        of_person = {i: h for i, h in carried.items() if marked_by[i] == person}
        session.store.tickets.mark_ready(session.key, of_person, by=person, at=session.clock.now())


def _content(ticket: Ticket, groups: Mapping[str, EntityGroup]) -> dict[str, str]:
    group = groups[ticket.group_key]
    return content_of(ticket, group) | {WRITER: "", FACTS: facts_hash_of(group)}
