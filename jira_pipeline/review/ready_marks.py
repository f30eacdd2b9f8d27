"""Rules of ready marks, and of tickets that are left out.

Belongs here: marks as the audit trail has them, whether a session approves itself, what leaving
tickets out means for others. Does not: giving marks (`approvals`), the gate (`export/gate`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import InputError
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import Exclusion, Ticket

AUTO_APPROVAL = "auto_approve"
MARKED, UNMARKED = AuditAction.TICKETS_MARKED_READY, AuditAction.TICKETS_UNMARKED_READY


class ReadyMark(NamedTuple):
    """A ready mark as the audit trail has it; a tuple, because ten thousand are kept."""

    sequence: int
    """Of its entry."""
    at: datetime
    by: str


def marks_after(
    entries: Sequence[AuditEntry], before: Mapping[str, ReadyMark]
) -> Mapping[str, ReadyMark]:
    """Return the last mark of each ticket, by its id; none where somebody took it away.

    `entries` give and take marks, newest first; `before` are the marks before them.
    """
    found = dict(before)
    for entry in reversed(entries):
        for ticket_id in entry.ticket_ids:
            if entry.action == MARKED:
                found[ticket_id] = ReadyMark(entry.sequence, entry.at, entry.actor)
            else:
                found.pop(ticket_id, None)
    return found


def may_approve_automatically(session: UploadSession, *, is_sandbox: bool) -> bool:
    """Tell whether auto approval is asked for and allowed.

    Against a real Jira only when the manifest itself names the project.
    """
    manifest = session.manifest
    return manifest.auto_approve and (is_sandbox or manifest.jira_project_key is not None)


def skipped_dependencies(tickets: Iterable[Ticket]) -> dict[int, tuple[Ticket, ...]]:
    """Return the skipped tickets that others depend on, by the number of the dependent one.

    The dependent ones are exported all the same, without a link: there is no issue to link to.
    """
    known = tuple(tickets)
    skipped = {t.ticket_id: t for t in known if t.exclusion is not None}
    found = {
        t.number: tuple(skipped[i] for i in t.depends_on if i in skipped)
        for t in known
        if t.exclusion is None
    }
    return {number: missing for number, missing in found.items() if missing}


def refuse_to_exclude(
    tickets: Iterable[Ticket],
    issue_keys: Mapping[str, str | None],
    kind: type[Exclusion],
    *,
    reason: str,
) -> None:
    """Stop leaving tickets out without a reason, or one that has an issue already."""
    if not reason.strip():
        raise InputError(
            "Leaving tickets out requires a reason.",
            recovery_actions=("Say why the tickets are left out.",),
        )
    for ticket in tickets:
        jira_key = issue_keys.get(ticket.ticket_id)
        if jira_key is not None:
            raise InputError(
                f"Ticket {ticket.number} already has the issue {jira_key}; leaving it out would "
                "change nothing in Jira.",
                recovery_actions=(
                    f"Change or close {jira_key} in Jira.",
                    Action.of(
                        ActionKind.UNDO,
                        f"Or delete the unchanged issues, then {kind.taken_by}: {{}}.",
                    ),
                ),
            )
