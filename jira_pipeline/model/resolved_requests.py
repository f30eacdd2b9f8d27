"""Changes that somebody requested of a ticket and somebody resolved: only the audit trail has them.

Belongs here: this value, and finding them in entries. Does not: a request that is open, which is a
reason of the ticket (`tickets.SentBack`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.records import AuditEntry

REQUEST_ACTIONS = (
    AuditAction.TICKETS_SENT_BACK,
    AuditAction.TICKETS_RESOLVED,
    AuditAction.WORDS_TAKEN,
    AuditAction.WORDS_GIVEN_BACK,
)
"""Actions that request changes, resolve requests, or move them from one ticket to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedRequest:
    """What somebody wanted changed, and what became of it."""

    requested_by: str
    reason: str
    resolved_by: str
    answer: str
    """Empty: whoever resolved it said nothing."""

    @property
    def words(self) -> str:
        answer = f": “{self.answer}”" if self.answer else ""
        return (
            f"changes requested by {self.requested_by}: “{self.reason}”; resolved by "
            f"{self.resolved_by}{answer}"
        )


def find_resolved_requests(
    entries: Iterable[AuditEntry],
) -> Mapping[str, Sequence[ResolvedRequest]]:
    """Return the resolved requests by ticket id, from entries of `REQUEST_ACTIONS`, oldest first.

    Where a ticket took over the words of another one, it has the requests of that one too, resolved
    and open, until it gives them back.
    """
    open_requests: dict[str, AuditEntry] = {}
    resolved: dict[str, list[ResolvedRequest]] = {}
    for entry in entries:
        if entry.action in {AuditAction.WORDS_TAKEN, AuditAction.WORDS_GIVEN_BACK}:
            receiving_id, giving_id = entry.ticket_ids
            resolved.setdefault(receiving_id, []).extend(resolved.pop(giving_id, ()))
            if giving_id in open_requests and receiving_id not in open_requests:
                open_requests[receiving_id] = open_requests.pop(giving_id)
            continue
        for ticket_id in entry.ticket_ids:
            if entry.action is AuditAction.TICKETS_SENT_BACK:
                open_requests[ticket_id] = entry
            elif ticket_id in open_requests:
                request = open_requests.pop(ticket_id)
                resolved.setdefault(ticket_id, []).append(
                    ResolvedRequest(
                        requested_by=request.actor,
                        reason=str(request.details["reason"]),
                        resolved_by=entry.actor,
                        answer=str(entry.details.get("answer", "")),
                    )
                )
    return resolved
