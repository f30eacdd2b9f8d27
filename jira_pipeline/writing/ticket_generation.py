"""Third stage: every entity group becomes a ticket; a writer adds the prose.

Belongs here: the order of work, drafts, storing. Does not: wording (`tickets/claims`), tables
(`tickets/documents/configuration_tables`).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.entities import Specification
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import CancelledError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.sessions import SessionStage, SessionStatus, TicketProgress, UploadSession
from jira_pipeline.model.source_changes import changed_facts, facts_hash_of
from jira_pipeline.model.ticket_drafts import GenerationOutcome, TicketDraft
from jira_pipeline.model.tickets import Ticket, TicketProse, nothing_to_do, ticket_id_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.tickets.documents.configuration_tables import source_lines_of
from jira_pipeline.tickets.roles import TicketBrief, TicketWriter


@json_fields(
    "task_id session_key status files estimated_tickets "
    "estimated_duration_minutes=estimated_minutes writer started_at progress_percentage "
    "already_running=is_already_running"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class StartedGeneration:
    task_id: str
    """The Dagster run."""
    session_key: str
    files: int
    estimated_tickets: int
    estimated_minutes: float
    writer: str
    started_at: datetime
    progress_percentage: float = 0.0
    is_already_running: bool = False
    """A generation of this session was running; nothing new was started."""
    status: str = "processing"
    """What programs are told of a session that is at it."""


def generate_tickets(
    session: OpenSession,
    *,
    groups: tuple[EntityGroup, ...],
    previous_groups: Mapping[str, EntityGroup],
    specification: Specification,
    kept: Mapping[str, Ticket],
    writer: TicketWriter,
    sessions: SessionStore,
    run_id: str | None,
) -> GenerationOutcome:
    """Write a ticket for every group and store them in one step.

    Unchanged tickets keep their revision and ready mark, edited ones their prose. The previous
    groups are those of the last generation: they show which cells changed since. What is kept, by
    group key, stays as it is; `sessions` get the progress. At the end the session waits in
    `processing` for its validation.

    Raises:
        CancelledError: Somebody asked for it; no ticket is stored, and what a model was paid for
            is kept.
        WriterError: The writer cannot go on; as above.
    """
    stored, key, now = session.stored, session.key, session.clock.now
    stage = SessionStage.PROCESSING
    sessions.set_stage(key, stage=stage, status=SessionStatus.RUNNING, at=now(), run_id=run_id)
    remarks = {ticket_id: remark.text for ticket_id, remark in session.remarks.items()}
    briefs = briefs_of(stored, groups=groups, specification=specification, remarks=remarks)
    wanted = [brief for brief in briefs if brief.group.key not in kept]
    prose = _prose_of(stored, wanted, writer=writer, sessions=sessions, now=now)
    drafts = []
    for brief in briefs:
        group_key = brief.group.key
        if group_key in kept:
            drafts.append(_as_it_is(stored, brief, kept[group_key]))
            continue
        before = previous_groups.get(group_key)
        draft = draft_of(stored, brief, prose=prose[group_key])
        cells = () if before is None else changed_facts(before, brief.group)
        drafts.append(replace(draft, changed_cells=cells))
    outcome = session.store.tickets.save_generated(key, drafts, at=now())
    sessions.mark_generated(key, from_sha256=stored.content_sha256, at=now())
    written = f"{len(wanted)} ticket{'' if len(wanted) == 1 else 's'} written"
    details = TicketProgress(
        done=len(wanted),
        failed=sum(bool(one.fallback_reason) for one in prose.values()),
        total=len(wanted),
        remaining_seconds=0.0,
    )
    text = written if drafts else nothing_to_do(())
    sessions.set_progress(key, percentage=100.0, text=text, at=now(), details=details)
    sessions.set_stage(key, stage=stage, status=SessionStatus.WAITING, at=now())
    return outcome


def _prose_of(
    session: UploadSession,
    briefs: Sequence[TicketBrief],
    *,
    writer: TicketWriter,
    sessions: SessionStore,
    now: Callable[[], datetime],
) -> dict[str, TicketProse]:
    """Have the prose of every group written, as it arrives; by group key.

    What a model cannot write about one group, the template does: no group fails by itself.
    """
    key = session.session_key
    by_key = {brief.group.key: brief.group for brief in briefs}
    prose: dict[str, TicketProse] = {}
    began_at = now()
    with closing(writer.write_all(briefs, session_key=key)) as arriving:
        while len(prose) < len(briefs):
            _stop_if_cancelled(sessions, key, written=len(prose), total=len(briefs))
            _report_progress(session, briefs, prose, sessions=sessions, began_at=began_at, at=now())
            written = next(arriving, None)
            if written is None:
                break
            prose[written.group_key] = written.prose
    unwritten = [group.title for group_key, group in by_key.items() if group_key not in prose]
    if unwritten:
        raise ValueError(f"{writer.name} wrote nothing for {', '.join(unwritten)}.")
    return prose


def _report_progress(
    session: UploadSession,
    briefs: Sequence[TicketBrief],
    prose: Mapping[str, TicketProse],
    *,
    sessions: SessionStore,
    began_at: datetime,
    at: datetime,
) -> None:
    """Tell which ticket is written next; where several are asked at once, the first of them."""
    group = next(brief.group for brief in briefs if brief.group.key not in prose)
    done, total = len(prose), len(briefs)
    instead = sum(bool(p.fallback_reason) for p in prose.values())
    by_template = f", {instead} by the template instead" if instead else ""
    members = [b.group for b in briefs if b.group.display_group is group.display_group]
    seconds = (at - began_at).total_seconds()
    sessions.set_progress(
        session.session_key,
        percentage=100 * done / total,
        text=f"Writing ticket {done + 1} of {total}{by_template}: {group.title}",
        at=at,
        details=TicketProgress(
            ticket_id=ticket_id_of(session.session_key, group.key),
            ticket_title=group.title,
            done=done,
            failed=instead,
            total=total,
            remaining_seconds=round(seconds / done * (total - done), 1) if done else None,
            entity_group=group.display_group.value,
            entities_in_group=sum(len(g.members or g.heads) for g in members),
        ),
    )


def _stop_if_cancelled(
    sessions: SessionStore, session_key: str, *, written: int, total: int
) -> None:
    """Look whether somebody asked the run to stop."""
    if sessions.is_cancel_requested(session_key) and written < total:
        raise CancelledError(
            f"Writing the tickets was cancelled after {written} of {total}; "
            "no ticket was changed, and no answer of a model is requested again.",
            recovery_actions=(
                Action.of(ActionKind.RESUME, "Run {} to continue.", session_key=session_key),
            ),
        )


def briefs_of(
    session: UploadSession,
    *,
    groups: Sequence[EntityGroup],
    specification: Specification,
    remarks: Mapping[str, str],
) -> tuple[TicketBrief, ...]:
    """Say what a writer is given for each group, in their order; remarks are by ticket id."""
    by_key = {group.key: group for group in groups}
    return tuple(
        TicketBrief(
            group=group,
            groups=by_key,
            specification=specification,
            site_name=session.site_name,
            site_description=session.manifest.site_description,
            remark=remarks.get(ticket_id_of(session.session_key, group.key), ""),
        )
        for group in groups
    )


def draft_of(session: UploadSession, brief: TicketBrief, *, prose: TicketProse) -> TicketDraft:
    """Make the draft of one group's ticket: prose by the writer, everything else computed."""
    group = brief.group
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
                if relation.group_key is not None and relation.group_key in brief.groups
            ],
        ),
        source_lines=source_lines_of(group),
        assignee=defaults.assignee,
        sprint=defaults.sprint,
        priority=defaults.priority,
        labels=tuple(sorted(set(defaults.labels))),
        parent=session.manifest.parent,
        facts_hash=facts_hash_of(group),
    )


def _as_it_is(session: UploadSession, brief: TicketBrief, ticket: Ticket) -> TicketDraft:
    """Make the draft that leaves a ticket as it is, whatever would be written of its group now."""
    current = ticket.revision
    draft = draft_of(session, brief, prose=current)
    return replace(draft, title=current.title, facts_hash=current.facts_hash)


def _ticket_ids(session: UploadSession, group_keys: list[str]) -> tuple[str, ...]:
    """Name the tickets of groups once each, in the order given."""
    return tuple(ticket_id_of(session.session_key, key) for key in dict.fromkeys(group_keys))
