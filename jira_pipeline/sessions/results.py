"""What an export left in Jira: the results, what to change there, what differs from the ledger.

Belongs here: gathering what the stage adds up. Does not: adding up (`stages/jira_export/results`),
sending (`export`).
"""

from collections.abc import Iterable
from functools import partial

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.export_ledger import current_entries
from jira_pipeline.domain.manual_fixes import FixState, ManualFix
from jira_pipeline.domain.same_specification import SameSpecification
from jira_pipeline.domain.tickets import nothing_to_do
from jira_pipeline.domain.work_records import Work, WorkRecord, work_record
from jira_pipeline.errors import GateError, GateRule, WrongUseError
from jira_pipeline.sessions.open_session import OpenSession
from jira_pipeline.stages.jira_export.gate import same_specifications_on
from jira_pipeline.stages.jira_export.later_changes import LaterChange, later_changes
from jira_pipeline.stages.jira_export.results import (
    ExportResults,
    export_results,
    sent_contents,
)
from jira_pipeline.stages.ticket_rendering.rendering import render_ticket


def same_specifications(
    session: OpenSession, group_keys: Iterable[str]
) -> tuple[SameSpecification, ...]:
    """Return the sessions whose issues this one would create once more, without asking Jira.

    They count as answered where the manifest says `as_new`, too.
    """
    target = session.coming_target
    if target is None:
        return ()
    return same_specifications_on(
        target,
        session.stored,
        group_keys,
        ledger=session.store.ledger,
        is_as_new=session.stored.manifest.as_new,
    )


def results(session: OpenSession) -> ExportResults | None:
    """Return what the session has on the current target, or None before any export."""
    target = session.target
    if target is None and idle_reason(session):  # there was nothing to export
        target = session.coming_target
    if target is None:
        return None
    store = session.store
    return export_results(
        session.key,
        target=target,
        tickets=session.tickets,
        ledger=store.ledger,
        fixes=store.manual_fixes,
        changes=changes_in_jira(session),
        steps=store.export_runs.steps(session.key, target_id=target.target_id),
        spending=store.writing.spending(session.key),
        record=record_of(session, work=Work.EXPORT),
        comparison=store.comparisons.latest(session.key, target_id=target.target_id),
    )


def record_of(session: OpenSession, *, work: Work | None = None) -> WorkRecord:
    """Return when one work on a session, or the latest, began and ended, and what was retried."""
    return work_record(
        session.stored,
        entries=session.recorded,
        errors=session.errors,
        retry_count_of=session.retry_count,
        work=work,
    )


def changes_in_jira(session: OpenSession) -> tuple[LaterChange, ...]:
    """Return what people have to change in its issues; nothing before tickets are written.

    Raises:
        GateError: A ticket's group is not in the sheets any more.
    """
    if session.stored.generated_from_sha256 != session.stored.content_sha256:
        return ()
    return later_changes(
        session.rendered,
        session.vanished,
        places=session.places_of([*(r.ticket for r in session.rendered), *session.vanished]),
        sent=sent_contents(current_entries(session.entries)),
        revisions=session.store.tickets.revisions,
        groups=session.groups,
        groups_of=partial(session.pipeline.memory.earlier_groups, session.stored),
        render=lambda ticket, groups: render_ticket(
            ticket,
            groups[ticket.group_key],
            groups=groups,
            body_max_bytes=session.settings.adf_body_max_bytes,
        ),
    )


def idle_reason(session: OpenSession) -> str:
    """Say why there is nothing to export and never was; empty where there is."""
    if session.stored.generated_at is None or session.target is not None:
        return ""
    if session.stored.generated_from_sha256 != session.stored.content_sha256:
        return ""
    if session.tally.exportable:
        return ""
    return nothing_to_do(session.store.tickets.listed(session.key))


def required_results(session: OpenSession) -> ExportResults:
    """Return what the session has on the current target.

    Raises:
        GateError: It was not exported there yet.
    """
    found = results(session)
    if found is None:
        idle = idle_reason(session)
        if idle:
            raise GateError(
                f"Session {session.key} has no issues. {idle}",
                rule=GateRule.NOTHING_TO_EXPORT,
                recovery_actions=("Change the sheets and upload them again.",),
            )
        where = "the sandbox" if session.settings.is_sandbox else session.settings.jira_site_url
        raise GateError(
            f"Session {session.key} was not exported to {where} yet.",
            rule=GateRule.NOT_EXPORTED,
            recovery_actions=(
                Action.of(
                    ActionKind.SHOW_STATUS, "{} names the next step.", session_key=session.key
                ),
            ),
        )
    return found


def finish_fix(session: OpenSession, fix_id: int, *, by: str) -> ManualFix:
    """Store that a person did what a manual fix asks for; audited."""
    return session.store.manual_fixes.set_state(
        session.key, fix_id, FixState.DONE, by=by, at=session.clock.now()
    )


def reopen_fix(session: OpenSession, fix_id: int, *, by: str) -> ManualFix:
    """Store that a manual fix was ticked off by mistake; audited.

    Raises:
        WrongUseError: It is not done: what the program itself closed stays closed.
    """
    fixes = session.store.manual_fixes
    known = {fix.fix_id: fix for fix in fixes.list_all(session.key)}
    if fix_id in known and known[fix_id].state is not FixState.DONE:
        raise WrongUseError(
            f"Manual fix {fix_id} is {known[fix_id].state.value}: nobody ticked it off."
        )
    return fixes.set_state(session.key, fix_id, FixState.OPEN, by=by, at=session.clock.now())
