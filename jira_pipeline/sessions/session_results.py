"""What a session has on the target that it is exported to.

Belongs here: which target that is, where its tickets stand there, the results with what is left to
people. Does not: adding up (`stages/jira_export/results`), sending (`export_steps`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.export_ledger import (
    GivenUp,
    LedgerEntry,
    Target,
    ledger_state_of,
    open_removal_of,
    standing_entries,
    was_taken_back,
)
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.same_specification import SameSpecification
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.domain.tickets import ListedTicket, Ticket, nothing_to_do
from jira_pipeline.domain.work_records import RECORDED_ACTIONS, Work, WorkRecord, work_record
from jira_pipeline.errors import GateError, GateRule
from jira_pipeline.jira_client.addresses import cloud_id_of
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.stages.jira_export.gate import same_specifications_on
from jira_pipeline.stages.jira_export.later_changes import LaterChange, later_changes
from jira_pipeline.stages.jira_export.results import (
    ExportResults,
    TicketExport,
    export_results,
    sent_contents,
    ticket_exports,
    unexported,
)
from jira_pipeline.stages.ticket_rendering.rendering import render_ticket


def current_target(pipeline: Pipeline, session: UploadSession) -> Target | None:
    """Return the target this session was last exported to with the settings as they are.

    A site may call itself by another address than the configured one; it is taken for that site
    where the session went to no other.
    """
    used = reversed(pipeline.store.ledger.targets_of(session.session_key))
    return next(iter(_of_this_site(pipeline, used)), None)


def coming_target(pipeline: Pipeline, session: UploadSession) -> Target | None:
    """Return the target the next export of a session goes to, without asking Jira.

    None where nothing was exported to that project before.
    """
    project_key = pipeline.known_project_key(session)
    known = _of_this_site(pipeline, pipeline.store.ledger.targets())
    return next((target for target in known if target.project_key == project_key), None)


def _of_this_site(pipeline: Pipeline, targets: Iterable[Target]) -> Sequence[Target]:
    """Return those targets that are on the configured site."""
    base_url = pipeline.settings.jira_base_url
    known = [target for target in targets if target.is_sandbox == (base_url is None)]
    if base_url is None:
        return known
    named = [target for target in known if _is_at(target, base_url)]
    is_one_site = len({target.site_id for target in known}) == 1
    return named or (known if is_one_site else ())


def same_specifications(
    pipeline: Pipeline, session: UploadSession, group_keys: Iterable[str]
) -> tuple[SameSpecification, ...]:
    """Return the sessions whose issues this one would create once more, without asking Jira.

    They count as answered where the manifest says `as_new`, too.
    """
    target = coming_target(pipeline, session)
    if target is None:
        return ()
    return same_specifications_on(
        target,
        session,
        group_keys,
        ledger=pipeline.store.ledger,
        is_as_new=session.manifest.as_new,
    )


def _is_at(target: Target, base_url: str) -> bool:
    """Tell whether requests to an address reach the site of a target."""
    cloud_id = cloud_id_of(base_url)
    if cloud_id is not None:
        return target.site_id.lower() == cloud_id
    return target.base_url == base_url.rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMarks:
    """What the ledger says of a session beyond its issues."""

    is_undone: bool = False
    """Issues were taken back and not created again."""
    is_undo_open: bool = False
    """An undo was interrupted."""
    given_up_count: int = 0
    """Issues that a person has to settle."""


def ledger_marks(pipeline: Pipeline, session: UploadSession) -> LedgerMarks:
    """Return what the ledger says of a session on the current target."""
    target = current_target(pipeline, session)
    if target is None:
        return LedgerMarks()
    by_identity: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in pipeline.store.ledger.entries(
        target_id=target.target_id, session_key=session.session_key
    ):
        by_identity[entry.identity].append(entry)
    known = by_identity.values()
    return LedgerMarks(
        is_undone=any(was_taken_back(entries) for entries in known),
        is_undo_open=any(open_removal_of(entries) is not None for entries in known),
        given_up_count=sum(isinstance(ledger_state_of(entries), GivenUp) for entries in known),
    )


def is_undone(pipeline: Pipeline, session: UploadSession) -> bool:
    """Tell whether issues of the session were taken back and not created again."""
    return ledger_marks(pipeline, session).is_undone


def results(pipeline: Pipeline, session: UploadSession) -> ExportResults | None:
    """Return what the session has on the current target, or None before any export."""
    target = current_target(pipeline, session) or _target_without_issues(pipeline, session)
    if target is None:
        return None
    store = pipeline.store
    return export_results(
        session.session_key,
        target=target,
        tickets=store.tickets.list_all(session.session_key),
        ledger=store.ledger,
        fixes=store.manual_fixes,
        changes=changes_in_jira(pipeline, session, target),
        steps=store.export_runs.steps(session.session_key, target_id=target.target_id),
        spending=store.writing.spending(session.session_key),
        record=record_of(pipeline, session, work=Work.EXPORT),
        comparison=store.comparisons.latest(session.session_key, target_id=target.target_id),
    )


def record_of(
    pipeline: Pipeline, session: UploadSession, *, work: Work | None = None
) -> WorkRecord:
    """Return when one work on a session, or the latest, began and ended, and what was retried."""
    store, key = pipeline.store, session.session_key
    return work_record(
        session,
        entries=store.audit.entries(key, actions=RECORDED_ACTIONS),
        errors=store.errors.list_all(key),
        retry_count_of=partial(retry_count, pipeline, session),
        work=work,
    )


def retry_count(pipeline: Pipeline, session: UploadSession, work: Work) -> int:
    """Return how many retries one work on a session has used."""
    return pipeline.store.export_runs.retry_count(
        session.session_key, what="generation" if work is Work.WRITING else "export"
    )


def changes_in_jira(
    pipeline: Pipeline, session: UploadSession, target: Target
) -> tuple[LaterChange, ...]:
    """Return what people have to change in issues of a target; none before tickets are written."""
    if session.generated_from_sha256 != session.content_sha256:
        return ()
    store, key = pipeline.store, session.session_key
    vanished = store.tickets.list_vanished(key)
    entries = standing_entries(store.ledger.entries(target_id=target.target_id, session_key=key))
    rendered = pipeline.rendered(session)
    everyone = [*(r.ticket for r in rendered), *vanished]
    return later_changes(
        rendered,
        vanished,
        places=ticket_exports(everyone, target=target, entries=entries),
        sent=sent_contents(entries),
        revisions=store.tickets.revisions,
        groups=pipeline.contents(session).groups_by_key,
        groups_of=partial(pipeline.memory.earlier_groups, session),
        render=partial(_rendered_among, body_max_bytes=pipeline.settings.adf_body_max_bytes),
    )


def _rendered_among(
    ticket: Ticket, groups: Mapping[str, EntityGroup], *, body_max_bytes: int
) -> RenderedTicket:
    return render_ticket(
        ticket, groups[ticket.group_key], groups=groups, body_max_bytes=body_max_bytes
    )


def idle_reason(pipeline: Pipeline, session: UploadSession) -> str:
    """Say why there is nothing to export and never was; empty where there is."""
    if session.generated_at is None or current_target(pipeline, session) is not None:
        return ""
    if session.generated_from_sha256 != session.content_sha256:
        return ""
    if pipeline.store.tickets.tally(session.session_key).exportable:
        return ""
    return nothing_to_do(pipeline.store.tickets.listed(session.session_key))


def _target_without_issues(pipeline: Pipeline, session: UploadSession) -> Target | None:
    """Return where a session without anything to export was exported to, if it was."""
    return coming_target(pipeline, session) if idle_reason(pipeline, session) else None


def required_results(pipeline: Pipeline, session: UploadSession) -> ExportResults:
    """Return what the session has on the current target.

    Raises:
        GateError: It was not exported there yet.
    """
    found = results(pipeline, session)
    if found is None:
        idle = idle_reason(pipeline, session)
        if idle:
            raise GateError(
                f"Session {session.session_key} has no issues. {idle}",
                rule=GateRule.NOTHING_TO_EXPORT,
                recovery_actions=("Change the sheets and upload them again.",),
            )
        where = "the sandbox" if pipeline.settings.is_sandbox else pipeline.settings.jira_base_url
        raise GateError(
            f"Session {session.session_key} was not exported to {where} yet.",
            rule=GateRule.NOT_EXPORTED,
            recovery_actions=(
                f"`jira-pipeline status {session.session_key}` names the next step.",
            ),
        )
    return found


def places(pipeline: Pipeline, session: UploadSession) -> dict[str, TicketExport]:
    """Return where each ticket of the session stands, by ticket id."""
    return places_of(pipeline, session, pipeline.store.tickets.listed(session.session_key))


def places_of(
    pipeline: Pipeline, session: UploadSession, tickets: Sequence[Ticket | ListedTicket]
) -> dict[str, TicketExport]:
    """Return where each of these tickets of the session stands, by ticket id."""
    target = current_target(pipeline, session)
    if target is None:
        return {ticket.ticket_id: unexported(ticket) for ticket in tickets}
    entries = pipeline.store.ledger.entries(
        target_id=target.target_id, session_key=session.session_key
    )
    return ticket_exports(tickets, target=target, entries=entries)
