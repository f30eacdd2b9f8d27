"""What an export leaves to people: it becomes a manual fix, and is not tried again.

Belongs here: making the fix of a fallback, remembering which there are, which refusals are for
people. Does not: the words of each (`fields`, `attachments`, `links`, `placing`, `doubts`), keeping
fixes (`store/exports`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.model.errors import AccessError, RefusedError
from jira_pipeline.model.exports import FixState, FixType, ManualFix
from jira_pipeline.model.target_shares import issue_url_of
from jira_pipeline.model.tickets import Ticket

UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """Something that was left out, and what a person should do about it."""

    fix_type: FixType
    subject: str
    title: str
    original_value: str
    recommended_action: str


def is_for_people(error: Exception) -> bool:
    """Tell whether a refused link or file is left to people instead of stopping the export.

    Lost authentication, an unreachable Jira and a request to wait concern the whole export.
    """
    if isinstance(error, AccessError):
        return error.status_code != UNAUTHORIZED
    return isinstance(error, RefusedError)


def record_fix(run: ExportRun, ticket: Ticket, fallback: Fallback, *, key: str | None) -> None:
    """Keep what a person has to do about a ticket; the key is that of its issue, where known."""
    run.tools.store.manual_fixes.record(
        ManualFix(
            fix_type=fallback.fix_type,
            session_key=ticket.session_key,
            target_id=run.target.target_id,
            ticket_id=ticket.ticket_id,
            subject=fallback.subject,
            title=fallback.title,
            original_value=fallback.original_value,
            recommended_action=fallback.recommended_action,
            jira_key=key,
            jira_url=issue_url_of(run.target, key) if key else None,
            state=FixState.OPEN,
            created_at=run.tools.clock.now(),
        )
    )


def end_fixes(
    run: ExportRun, *, is_over: Callable[[ManualFix], bool], state: FixState, by: str
) -> None:
    """Give those fixes another state that are over, such as those about an issue that is gone."""
    known = run.tools.store.manual_fixes.list_all(
        run.order.session_key, target_id=run.target.target_id
    )
    for fix in known:
        if fix.state is not state and is_over(fix):
            run.tools.store.manual_fixes.set_state(
                run.order.session_key, fix.fix_id, state, by=by, at=run.tools.clock.now()
            )


class FixesOnRecord:
    """What of some types people are asked to do on the target of a run."""

    def __init__(self, run: ExportRun, *fix_types: FixType) -> None:
        """Read what earlier executions left; obsolete fixes are about issues that are gone."""
        self._run = run
        fixes = run.tools.store.manual_fixes.list_all(
            run.order.session_key, target_id=run.target.target_id
        )
        self._known = {
            (fix.ticket_id, fix.subject)
            for fix in fixes
            if fix.fix_type in fix_types and fix.state is not FixState.OBSOLETE
        }

    def has(self, ticket: Ticket, subject: str) -> bool:
        """Tell whether this was left to people already."""
        return (ticket.ticket_id, subject) in self._known

    def leave(self, ticket: Ticket, fallback: Fallback, *, key: str | None) -> None:
        """Leave this to people from now on."""
        record_fix(self._run, ticket, fallback, key=key)
        self._known.add((ticket.ticket_id, fallback.subject))
