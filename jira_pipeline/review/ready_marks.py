"""Ready marks, and tickets that are left out.

Belongs here: ready marks, given by people or by auto approval, always bound to what was
validated, those that were lost, as the audit trail has them; what leaving tickets out means for others. Does not: editing (`editing`), the gate
(`export/gate`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from jira_pipeline.context.states import next_step, situation_before_export
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import EditConflictError, GateError, GateRule, InputError
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.tickets import Exclusion, Ticket

if TYPE_CHECKING:  # what only offers a verb loads no store
    from jira_pipeline.store.ticket_store import TicketStore
    from jira_pipeline.store.validations import ValidationStore

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


def mark_ready(
    session: UploadSession,
    rendered: Sequence[RenderedTicket],
    *,
    numbers: Collection[int],
    seen: Mapping[int, str] | None = None,
    tickets: "TicketStore",
    validations: "ValidationStore",
    by: str,
    at: datetime,
) -> int:
    """Mark tickets ready; return how many were not before.

    Raises:
        EditConflictError: One is not as people read it: `seen` has the hash of that, by number.
        GateError: A ticket was not validated, did not pass, or changed since.
    """
    wanted = set(numbers)
    chosen = [ticket for ticket in rendered if ticket.ticket.number in wanted]
    for one in chosen:
        if (seen or {}).get(one.ticket.number, one.rendered_hash) != one.rendered_hash:
            raise EditConflictError(
                f"Ticket {one.ticket.number} changed while you read it, so nothing was decided.",
                recovery_actions=("Read it again, then decide.",),
            )
    passed = _passed_hashes(session.session_key, validations)
    refused = [t for t in chosen if passed.get(t.ticket.ticket_id) != t.rendered_hash]
    if refused:
        now = situation_before_export(
            session, checked=validations.checked(session.session_key), rendered=tuple(rendered)
        )
        numbers_named = ", ".join(str(t.ticket.number) for t in refused[:10])
        more = f" and {len(refused) - 10} more" if len(refused) > 10 else ""  # noqa: PLR2004
        raise GateError(
            f"Tickets {numbers_named}{more} of {session.session_key} have not passed validation as "
            "they are now.",
            rule=GateRule.VALIDATION_FAILED,
            recovery_actions=(next_step(now).action,),
        )
    hashes = {t.ticket.ticket_id: t.rendered_hash for t in chosen}
    open_questions = _open_questions(chosen)
    return tickets.mark_ready(
        session.session_key, hashes, open_questions=open_questions, by=by, at=at
    )


def approve_automatically(
    session: UploadSession,
    rendered: Sequence[RenderedTicket],
    *,
    is_sandbox: bool,
    tickets: "TicketStore",
    validations: "ValidationStore",
    at: datetime,
) -> int:
    """Mark valid tickets ready where the session asks for it; returns how many.

    Against a real Jira only when the manifest itself names the project.
    """
    approved = rendered_as_approved(
        session, rendered, is_sandbox=is_sandbox, validations=validations
    )
    hashes = {
        after.ticket.ticket_id: after.rendered_hash
        for before, after in zip(rendered, approved, strict=True)
        if before is not after
    }
    return tickets.mark_ready(
        session.session_key,
        hashes,
        open_questions=_open_questions(approved),
        by=AUTO_APPROVAL,
        at=at,
    )


def rendered_as_approved(
    session: UploadSession,
    rendered: Sequence[RenderedTicket],
    *,
    is_sandbox: bool,
    validations: "ValidationStore",
) -> tuple[RenderedTicket, ...]:
    """Return the tickets as auto approval would leave them; nothing is stored."""
    if not may_approve_automatically(session, is_sandbox=is_sandbox):
        return tuple(rendered)
    passed = _passed_hashes(session.session_key, validations)
    return tuple(
        replace(r, ticket=replace(r.ticket, ready_hash=r.rendered_hash))
        if not r.is_excluded
        and not r.ticket.source_changes
        and r.ticket.ready_hash != r.rendered_hash
        and passed.get(r.ticket.ticket_id) == r.rendered_hash
        else r
        for r in rendered
    )


def may_approve_automatically(session: UploadSession, *, is_sandbox: bool) -> bool:
    """Tell whether auto approval is asked for and allowed."""
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


def _open_questions(rendered: Iterable[RenderedTicket]) -> dict[str, int]:
    counts = {one.ticket.ticket_id: len(one.ticket.unanswered) for one in rendered}
    return {ticket_id: count for ticket_id, count in counts.items() if count}


def _passed_hashes(session_key: str, validations: "ValidationStore") -> Mapping[str, str]:
    checked = validations.checked(session_key)
    return {} if checked is None else checked.passed_hashes
