"""Writing the tickets of a session: from the entity groups of its sheets to stored revisions.

Every entity group (the rows of one thing to build, such as a content type with its fields) becomes
one ticket. A writer, the template or a model, adds the prose; everything else of the draft is
computed. All drafts of a session are stored in one step, with the progress noted meanwhile.

Belongs here: the order of work, drafts. Does not: wording (`drupal/rules`), which adapter writes
(`writers`), which ready marks stay (`store/generations`), tables
(`tickets/documents/configuration_tables`), starting a run (`sessions/starting`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeAlias

from jira_pipeline.context.observed_progress import ObservedSessions, PassOn
from jira_pipeline.context.pipeline import holder_name
from jira_pipeline.context.states import refuse_without_tickets, writing_again
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.changed_cells import changed_facts
from jira_pipeline.model.entity_groups import DisplayGroup, EntityGroup
from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    InputError,
    WritingCancelledError,
    WrongUseError,
)
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.revisions import RevisionOrigin, TicketProse, is_of_people
from jira_pipeline.model.runs import PIPELINE, TICKETS_STEP, RunHistory, run_or_request
from jira_pipeline.model.sessions import (
    WRITING_PERCENTAGE_MAX,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
    writing_percentage,
)
from jira_pipeline.model.ticket_decisions import APPROVED_AS_IT_IS
from jira_pipeline.model.ticket_hashes import approved_hash_of, approved_rows_hash_of, facts_hash_of
from jira_pipeline.model.tickets import (
    GenerationOutcome,
    Ticket,
    TicketDraft,
    nothing_to_do,
    outcome_in,
    ticket_id_of,
)
from jira_pipeline.model.work_records import Work
from jira_pipeline.model.written_from import WrittenFrom
from jira_pipeline.review.marks import REMARKED, checked_remark
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import tickets_of
from jira_pipeline.review.session_rows import rows_of_session
from jira_pipeline.store.mapping import storable_text
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.tickets.documents.configuration_tables import source_lines_of
from jira_pipeline.tickets.reads_of_tickets import SessionReads
from jira_pipeline.tickets.template import TemplateWriter, TicketWriter
from jira_pipeline.writing.left_tickets import tickets_left_as_they_are
from jira_pipeline.writing.whole.earlier_text import earlier_text_of
from jira_pipeline.writing.writers import (
    WritingOrder,
    briefs_in,
    choose_writer,
    estimate,
    reads_remarks,
    require_writer,
    writer_named,
)

PreviousGroups: TypeAlias = Callable[[Collection[str]], Mapping[str, EntityGroup]]
"""Returns the groups that tickets with these ids were written from, by key."""
SHOWN_EVERY_SECONDS = 0.5
"""Nobody reads faster, and each look is a transaction."""


@json_fields(
    "task_id run_id run_url session_key status files estimated_tickets "
    "estimated_duration_minutes=estimated_minutes writer started_at progress_percentage "
    "already_running=is_already_running"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class StartedGeneration:
    """What the start of a generation is answered with: what is written, and how long it may take."""

    task_id: str
    """The id of the request, which stays the same before and after Dagster has a run for it."""
    session_key: str
    files: int
    estimated_tickets: int
    estimated_minutes: float
    writer: str
    started_at: datetime
    progress_percentage: float = 0.0
    is_already_running: bool = False
    """A generation of this session was running; nothing new was started."""
    run_id: str | None = None
    """Dagster's id of the run; None before there is a run."""
    run_url: str | None = None
    status: str = "processing"
    """The session's state in the API while its tickets are being written."""

    @property
    def shown_name(self) -> str:
        return run_or_request(run_id=self.run_id, task_id=self.task_id)


def accept_writing_order(session: OpenSession, order: WritingOrder, *, by: str) -> OpenSession:
    """Check that tickets can be written as ordered, then store the order's writer and remark.

    Returns the session, read again with what was stored.

    Raises:
        GateError: There are no tickets yet, or they were written from other sheets.
        InputError: No ticket has a number of the order, people wrote its text, or the writer reads
            no remarks.
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
    if order.remark and not reads_remarks(session, writer=order.writer):
        number = chosen[0].number
        raise InputError(
            f"Ticket {number} is written by the template, which reads no remarks: only models do.",
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
                    number=number,
                ),
            ),
        )
    require_writer(session, order)
    if order.writer is not None:
        choose_writer(session, order.writer, by=by)
    if order.remark is not None:
        ids = [ticket.ticket_id for ticket in chosen]
        session.note(REMARKED, by=by, ticket_ids=ids, remark=order.remark)
    return session.reload()


def _writable(session: OpenSession, numbers: Sequence[int]) -> tuple[Ticket, ...]:
    """Return the tickets of these numbers; none without numbers, which means the whole session.

    Raises:
        GateError: The sheets changed since the tickets were written.
        InputError: No ticket has a number, or people wrote its text.
    """
    if not numbers:
        return ()
    refuse_tickets_of_other_sheets(session)
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


def refuse_tickets_of_other_sheets(session: OpenSession) -> None:
    """Refuse to write tickets anew that are not of the sheets the session has now.

    Raises:
        GateError: The sheets changed since the tickets were written, or there are none.
    """
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


def refuse_while_writing(running: StartedGeneration, order: WritingOrder) -> None:
    """Refuse an order for certain tickets while a run writes all of them, as it would be lost.

    Raises:
        GateError: The order names tickets, or has a remark.
    """
    if order.numbers or order.remark is not None:
        key = running.session_key
        raise GateError(
            f"The tickets of session {key} are being written ({running.shown_name}); nothing was kept "
            "or started.",
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
    """Write the tickets of a session, or those of some numbers, while holding the session's lease.

    A named writer is the session's writer from then on. `pass_on` gets the progress.

    Raises:
        ConfigurationError: Nobody writes under that name; nothing is chosen.
        GateError: The tickets are not of the sheets the session has now.
        InputError: No ticket has a number, or people wrote its text.
        LeaseBusyError: Another process writes the tickets of this session.
    """
    key = session.key
    store = session.store
    who = f"run {run_id or '-'}"
    # Two at once could pay for the same answers twice; the limits of the session hold without it.
    with store.leases.hold(f"Session {key}", holder=holder_name(who)):
        # Whoever had the lease before may have written the tickets that were read before it.
        session = session.reload()
        previous_groups = partial(_groups_written_from, session)
        _settle_older_marks(session, previous_groups)
        chosen = {ticket.group_key for ticket in _writable(session, numbers)}
        others = {t.group_key: t for t in session.tickets if t.group_key not in chosen}
        if writer_name is not None:
            choose_writer(session, writer_name, by=who)
            session = session.reload()
        name = session.writer_name
        writer = writer_named(session, name)
        outcome = generate_tickets(
            session,
            previous_groups=previous_groups,
            unchanged_tickets=others if chosen else {},
            is_ordered=bool(chosen),
            writer=writer,
            sessions=store.sessions if pass_on is None else ObservedSessions(store, pass_on),
            run_id=run_id,
        )
        # Also a default becomes the session's writer, but only now that it has written: a model
        # that cannot be asked must not stay chosen.
        store.sessions.choose_writer(key, name, by=PIPELINE, at=session.clock.now())
        return outcome


def _groups_written_from(
    session: OpenSession, ticket_ids: Collection[str]
) -> Mapping[str, EntityGroup]:
    """Return the groups that some tickets were written from, by key.

    Empty where no copy of those sheets is left. There may be groups of other tickets among them.
    """
    written_from = session.stored.generated_from_sha256
    if written_from is None or not ticket_ids:
        return {}
    if written_from == session.stored.content_sha256:
        return session.groups
    return session.earlier_groups(written_from, only=ticket_ids) or {}


def _settle_older_marks(session: OpenSession, previous_groups: PreviousGroups) -> None:
    """Give ready marks of an older version the hash of what they cover, before tickets change.

    Older versions stored only that a ticket was approved as it is. The mark of a ticket whose group
    is not known any more is lost with the ticket's next revision.
    """
    marked = [ticket for ticket in session.tickets if ticket.approved_hash == APPROVED_AS_IT_IS]
    written_from = previous_groups([ticket.ticket_id for ticket in marked])
    approved_hashes: dict[str, str] = {}
    for ticket in marked:
        group = written_from.get(ticket.group_key)
        if group is not None:
            approved_hash = approved_hash_of(ticket, approved_rows_hash_of(group))
            approved_hashes[ticket.ticket_id] = approved_hash
    if approved_hashes:
        session.store.tickets.settle_older_marks(
            session.key, approved_hashes, at=session.clock.now()
        )


def generate_tickets(
    session: OpenSession,
    *,
    previous_groups: PreviousGroups,
    unchanged_tickets: Mapping[str, Ticket],
    writer: TicketWriter,
    sessions: SessionStore,
    run_id: str | None,
    is_ordered: bool = False,
) -> GenerationOutcome:
    """Write a ticket for every group and store them in one step.

    Tickets with the same facts keep their revision and ready mark, edited ones their prose. At the
    end the session waits in `processing` for its validation.

    Args:
        session: The session, with its groups and its tickets.
        previous_groups: Returns groups of the last generation: they show which cells changed.
        unchanged_tickets: By group key, the tickets that nobody ordered; they stay as they are.
        writer: Writes the prose of all other tickets.
        sessions: Where the progress is noted.
        run_id: Dagster's run; None where no run writes.
        is_ordered: Somebody ordered these tickets: no sentence of theirs has to stay.

    Raises:
        WritingCancelledError: Somebody cancelled; no ticket is stored, but every paid answer of a model.
        WriterError: The writer cannot go on; what is stored is the same as after cancelling.
    """
    stored = session.stored
    key = session.key
    now = session.clock.now
    stage = SessionStage.PROCESSING
    sessions.set_stage(key, stage=stage, status=SessionStatus.RUNNING, at=now(), run_id=run_id)
    reads: SessionReads | None = None
    # Of its subclasses nobody knows what else they read.
    if type(writer) is TemplateWriter:
        reads = SessionReads(rows_of_session(session), session.store.written_from.find(key))
        if not is_ordered:
            unchanged_tickets = _unchanged_tickets(session, reads)
    briefs = briefs_in(session, but=unchanged_tickets, reads=reads)
    if not is_ordered and reads is None:
        unchanged_tickets = tickets_left_as_they_are(session, briefs, writer_name=writer.name)
    changing_ids = [t.ticket_id for t in session.tickets if t.group_key not in unchanged_tickets]
    groups_before = previous_groups(changing_ids)
    wanted = [brief for brief in briefs if brief.group.key not in unchanged_tickets]
    if reads is None:
        wanted = _with_earlier_texts(
            session, wanted, groups_before, writer=writer, is_ordered=is_ordered
        )
    prose = _prose_of(session, wanted, writer=writer, sessions=sessions)
    groups_of_rows = _groups_of_rows(session, groups_before, unchanged_tickets)
    groups = session.contents.groups_by_key
    drafts = []
    for group in session.contents.groups:
        before = groups_before.get(group.key)
        if group.key in unchanged_tickets:
            # Its text stays even where its group would read otherwise now: nobody ordered it then.
            current = unchanged_tickets[group.key].revision
            draft = draft_of(stored, group, groups, prose=current)
            draft = replace(draft, title=current.title, facts_hash=current.facts_hash)
        else:
            draft = draft_of(stored, group, groups, prose=prose[group.key])
            cells = () if before is None else changed_facts(before, group)
            draft = replace(
                draft,
                changed_cells=cells,
                facts_hash=facts_hash_of(group),
                approved_rows_hash=approved_rows_hash_of(group),
            )
        rows = (*group.heads, *group.members)
        others = {groups_of_rows.get(row.key, group.key) for row in rows} - {group.key}
        drafts.append(replace(draft, rows_from=_ticket_ids(stored, sorted(others))))
    written_from = partial(_written_from, stored, reads, [draft.group_key for draft in drafts])
    outcome = session.store.tickets.save_generated(key, drafts, at=now(), written_from=written_from)
    sessions.mark_generated(key, from_sha256=stored.content_sha256, at=now())
    written = f"{format_count(len(wanted), 'ticket')} written"
    if not is_ordered and unchanged_tickets:
        written += f", {len(unchanged_tickets)} unchanged"
    details = TicketProgress(
        done=len(wanted),
        failed=sum(bool(ticket_prose.fallback_reason) for ticket_prose in prose.values()),
        total=len(wanted),
        remaining_seconds=0.0,
    )
    text = written if drafts else nothing_to_do(())
    sessions.set_progress(
        key, percentage=WRITING_PERCENTAGE_MAX, text=text, at=now(), details=details
    )
    sessions.set_stage(key, stage=stage, status=SessionStatus.WAITING, at=now())
    return outcome


def _unchanged_tickets(session: OpenSession, reads: SessionReads) -> Mapping[str, Ticket]:
    """Return, by group key, the tickets whose text the template would write again as it is."""
    unchanged = reads.unchanged()
    tickets: dict[str, Ticket] = {}
    for ticket in session.tickets:
        is_text_of_writer = ticket.revision.origin is RevisionOrigin.GENERATED
        if ticket.group_key in unchanged and is_text_of_writer and ticket.withdrawal is None:
            tickets[ticket.group_key] = ticket
    return tickets


def _written_from(
    session: UploadSession,
    reads: SessionReads | None,
    group_keys: Sequence[str],
    ticket_ids: Collection[str],
) -> WrittenFrom | None:
    """Return what to keep of what the tickets with these ids were said from; None: of a model."""
    if reads is None:
        return None
    key = session.session_key
    return reads.kept(key, [name for name in group_keys if ticket_id_of(key, name) in ticket_ids])


def _groups_of_rows(
    session: OpenSession,
    groups_before: Mapping[str, EntityGroup],
    unchanged_tickets: Mapping[str, Ticket],
) -> Mapping[str, str]:
    """Return the key of the group that each row was in at the last generation, by key of the row."""
    groups = dict(groups_before)
    for group in session.contents.groups:
        if group.key in unchanged_tickets:
            groups.setdefault(group.key, group)
    groups_of_rows: dict[str, str] = {}
    for group in sorted(groups.values(), key=lambda group: group.number):
        groups_of_rows.update({row.key: group.key for row in (*group.heads, *group.members)})
    return groups_of_rows


def _with_earlier_texts(
    session: OpenSession,
    briefs: Sequence[TicketRows],
    previous_groups: Mapping[str, EntityGroup],
    *,
    writer: TicketWriter,
    is_ordered: bool,
) -> list[TicketRows]:
    """Return briefs with what their tickets say, asked and were answered before.

    What another writer wrote is written anew.
    """
    tickets = {ticket.group_key: ticket for ticket in session.tickets}
    with_texts = []
    for brief in briefs:
        ticket = tickets.get(brief.group.key)
        if ticket is None:
            with_texts.append(brief)
            continue
        before = previous_groups.get(brief.group.key)
        changed = () if before is None else changed_facts(before, brief.group)
        is_of_others = before is None or ticket.revision.writer != writer.name
        earlier = earlier_text_of(ticket, changed, is_ordered=is_ordered or is_of_others)
        with_texts.append(replace(brief, earlier=earlier))
    return with_texts


def _prose_of(
    session: OpenSession,
    briefs: Sequence[TicketRows],
    *,
    writer: TicketWriter,
    sessions: SessionStore,
) -> dict[str, TicketProse]:
    """Have the prose of every group written, and return it by group key.

    The progress is noted as prose arrives. Where a model cannot write about a group, the prose
    that arrives is the template's, with the reason: no single group stops the others.

    Raises:
        WritingCancelledError: Somebody cancelled meanwhile.
        ValueError: The writer ended without prose for some group.
    """
    prose: dict[str, TicketProse] = {}
    unwritten = {brief.group.key: brief.group for brief in briefs}
    sizes = Counter[DisplayGroup]()
    for group in unwritten.values():
        sizes[group.display_group] += len(group.members or group.heads)
    began_at = session.clock.now()
    shown_at = began_at
    fallback_count = 0
    total = len(briefs)
    with closing(writer.write_all(briefs, session_key=session.key)) as arriving:
        while unwritten:
            if sessions.is_cancel_requested(session.key):
                resume = Action.of(
                    ActionKind.RESUME,
                    "Continue: {}.",
                    session_key=session.key,
                    work=Work.WRITING.value,
                )
                raise WritingCancelledError(
                    f"Writing the tickets was cancelled after {len(prose)} of {total}; "
                    "no ticket was changed, and no answer of a model is requested again.",
                    recovery_actions=(resume,),
                )
            at = session.clock.now()
            # The clock of the host may be set back; then the progress is noted, too.
            if not prose or not 0 <= (at - shown_at).total_seconds() < SHOWN_EVERY_SECONDS:
                shown_at = at
                group = next(iter(unwritten.values()))  # a model is asked about several at once
                seconds_a_ticket = (at - began_at).total_seconds() / max(len(prose), 1)
                remaining = round(seconds_a_ticket * len(unwritten), 1) if prose else None
                progress = TicketProgress(
                    ticket_id=ticket_id_of(session.key, group.key),
                    ticket_title=group.title,
                    done=len(prose),
                    failed=fallback_count,
                    total=total,
                    remaining_seconds=remaining,
                    entity_group=group.display_group.value,
                    entities_in_group=sizes[group.display_group],
                )
                by_template = ""
                if fallback_count:
                    by_template = f", {fallback_count} by the template instead"
                sessions.set_progress(
                    session.key,
                    percentage=writing_percentage(len(prose), total_count=total),
                    text=f"Writing ticket {len(prose) + 1} of {total}{by_template}: {group.title}",
                    at=at,
                    details=progress,
                )
            written = next(arriving, None)
            if written is None:
                break
            prose[written.group_key] = written.prose
            fallback_count += bool(written.prose.fallback_reason)
            unwritten.pop(written.group_key, None)
    if unwritten:
        titles = ", ".join(group.title for group in unwritten.values())
        raise ValueError(f"{writer.name} wrote nothing for {titles}.")
    return prose


def draft_of(
    session: UploadSession,
    group: EntityGroup,
    groups: Mapping[str, EntityGroup],
    *,
    prose: TicketProse,
) -> TicketDraft:
    """Make the draft of one group's ticket from its prose; everything else is computed here.

    The hashes of its rows are left to whoever compares them.
    """
    defaults = session.manifest.defaults
    return TicketDraft(
        ticket_id=ticket_id_of(session.session_key, group.key),
        number=group.number,
        group_key=group.key,
        display_group=group.display_group,
        action=group.action,
        title=group.title,
        prose=prose,
        depends_on=_ticket_ids(session, [d.group_key for d in group.linked_dependencies]),
        relates_to=_ticket_ids(
            session,
            [
                relation.group_key
                for relation in group.linked_relations
                if relation.group_key is not None and relation.group_key in groups
            ],
        ),
        source_lines=source_lines_of(group),
        assignee=defaults.assignee,
        sprint=defaults.sprint,
        priority=defaults.priority,
        labels=tuple(sorted(set(defaults.labels))),
        parent=session.manifest.parent,
    )


def _ticket_ids(session: UploadSession, group_keys: list[str]) -> tuple[str, ...]:
    """Name the tickets of groups once each, in the order given."""
    return tuple(ticket_id_of(session.session_key, key) for key in dict.fromkeys(group_keys))


def started_generation(
    session: OpenSession,
    *,
    task_id: str,
    run_id: str | None = None,
    numbers: tuple[int, ...] = (),
    started_at: datetime | None = None,
) -> StartedGeneration:
    """Describe a generation to whoever starts it; with `started_at` it was running before."""
    writer = session.writer_name
    expected = estimate(session, writer=writer, numbers=numbers).estimate
    is_running = started_at is not None
    return StartedGeneration(
        task_id=task_id,
        run_id=run_id,
        run_url=session.run_link(run_id),
        session_key=session.key,
        files=len(session.files),
        estimated_tickets=expected.tickets,
        estimated_minutes=round((expected.minutes_low + expected.minutes_high) / 2, 2),
        writer=writer,
        started_at=started_at or session.clock.now(),
        progress_percentage=session.stored.progress_percentage if is_running else 0.0,
        is_already_running=is_running,
    )


def last_generation(session: OpenSession) -> GenerationOutcome:
    """Return what the last generation of a session changed, by the audit trail; empty before one."""
    entries = session.store.audit.entries(session.key, actions={AuditAction.TICKETS_GENERATED})
    return outcome_in(entries[-1].details if entries else {})


def running_generation(session: OpenSession, runs: RunHistory) -> StartedGeneration | None:
    """Return the generation that a live run is at now, or None.

    Dagster may call a run started whose process is dead; the lock of a run is held only by a
    living process of this host, so it decides.
    """
    for run in runs.in_flight(session.key):
        if not session.store.run_locks.is_alive(run.run_id):
            continue
        if TICKETS_STEP in runs.unfinished_steps(run.run_id):
            return started_generation(
                session, task_id=run.task_id, run_id=run.run_id, started_at=run.created_at
            )
    return None
