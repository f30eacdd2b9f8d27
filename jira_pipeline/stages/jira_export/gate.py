"""What must hold before anything is written to a target (S0-1 … S0-5).

Belongs here: the rules, and the question before a session creates what another session created.
Does not: lease and access (`target`), the rule which specifications are the same
(`domain/same_specification`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.export_ledger import (
    Exists,
    LedgerEntry,
    LedgerSubject,
    NotSent,
    Target,
    ledger_state_of,
)
from jira_pipeline.domain.next_step import next_step, refuse_without_tickets
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.same_specification import SameSpecification, same_specifications
from jira_pipeline.domain.sessions import AsNew, UploadSession
from jira_pipeline.domain.staleness import Stale
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.domain.validations import CheckedContents
from jira_pipeline.errors import GateError, GateRule
from jira_pipeline.ports.export import ExportLedger
from jira_pipeline.stages.jira_export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.stages.review.withdrawals import proposed_among, vanished_list, ways_out
from jira_pipeline.stages.situations import situation_before_export, staleness_of

NOT_AGREED_AUTOMATICALLY = (
    "Valid tickets are approved automatically, but not this: people worked on one of them, one has an issue, a "
    "sheet has no row any more, or they are more than one and more than a tenth of all."
)
SESSIONS_NAMED = 3


def check_gate(
    session: UploadSession,
    *,
    checked: CheckedContents | None,
    rendered: tuple[RenderedTicket, ...],
    vanished: Sequence[Ticket],
) -> None:
    """Let the session pass, or say what a person must do first.

    S0-1 (an export of the session is already running) is the lease, which `target` takes.
    `vanished` are the tickets whose rows are gone, with the agreement of people or without.

    Raises:
        GateError: There are no tickets yet, or the first of S0-2, S0-3, S0-4, withdrawal, S0-5
            that does not hold.
    """
    refuse_without_tickets(session)
    key, proposed = session.session_key, proposed_among(vanished)

    def closed(message: str, rule: GateRule, *then: Action | str) -> GateError:
        now = situation_before_export(session, checked=checked, rendered=rendered)
        step = next_step(replace(now, withdrawals=len(proposed)))
        return GateError(message, rule=rule, recovery_actions=(step.action, *then))

    if checked is None:
        raise closed(
            f"ADF validation required: session {key} was never validated.", GateRule.NOT_VALIDATED
        )
    if checked.failures:
        raise closed(
            f"ADF validation did not pass: {len(checked.failures)} of "
            f"{len(checked.rendered_hashes)} tickets of session {key} failed; the first is "
            f"{checked.failures[0]}.",
            GateRule.VALIDATION_FAILED,
        )
    verdict = staleness_of(session, checked=checked, rendered=rendered)
    if isinstance(verdict, Stale):
        raise closed(
            f"Re-validation required for session {key}: {'; '.join(verdict.reasons)}.",
            GateRule.STALE,
            "What changed is validated again when you look at it and mark it ready.",
            Action.of(ActionKind.EXPORT, "Then run {}.", session_key=key),
        )
    if proposed:
        is_one = len(proposed) == 1
        tickets = "1 ticket is" if is_one else f"{len(proposed)} tickets are"
        by_itself = f" {NOT_AGREED_AUTOMATICALLY}" if session.manifest.auto_approve else ""
        raise closed(
            f"{tickets} no longer in the sheets of session {key}, and nobody agreed to "
            f"withdraw {'it' if is_one else 'them'}: {vanished_list(proposed)}.{by_itself}",
            GateRule.QUESTIONS_OF_WITHDRAWAL,
            *ways_out(key)[1:],
        )
    waiting = [
        r.ticket.number
        for r in rendered
        if not r.is_skipped and r.ticket.ready_hash != r.rendered_hash
    ]
    if waiting:
        noun = "ticket waits" if len(waiting) == 1 else "tickets wait"
        why = Action.of(
            ActionKind.SHOW_STATUS,
            "{} says why they are not approved automatically.",
            session_key=key,
        )
        raise closed(
            f"{len(waiting)} {noun} for review in session {key}; "
            f"the first is number {min(waiting)}.",
            GateRule.NOT_READY,
            Action.of(
                ActionKind.SHOW_TICKET, "Read them in review.html, or with {}.", session_key=key
            ),
            *((why,) if session.manifest.auto_approve else ()),
        )


def check_order(tools: ExportTools, order: ExportOrder) -> None:
    """Let an order pass by what the store says now.

    Raises:
        GateError: A person must act first, or somebody decided otherwise since the tickets were
            rendered.
    """
    key = order.session_key
    check_gate(
        tools.sessions.get(key),
        checked=tools.validations.checked(key),
        rendered=order.rendered,
        vanished=tools.tickets.list_vanished(key),
    )
    now = tools.tickets.decisions(key)
    changed = sorted(
        r.ticket.number for r in order.rendered if now.get(r.ticket.ticket_id) != r.ticket.decision
    )
    if changed:
        numbers = ", ".join(str(number) for number in changed)
        raise GateError(
            f"Somebody decided otherwise about tickets {numbers} of session {key} "
            "while this export began; nothing was sent.",
            rule=GateRule.DECISION_CHANGED,
            recovery_actions=(
                Action.of(ActionKind.SHOW_STATUS, "{} says what is next.", session_key=key),
                Action.of(ActionKind.EXPORT, "Then run {} again.", session_key=key),
            ),
        )


def check_target(run: ExportRun) -> None:
    """Let a run pass by what the ledger says of its target; called under the lease.

    An answer that the order brings along is stored: what another session created while this one
    waited for the lease is covered.

    Raises:
        GateError: Another session created the same tickets and nobody said that new ones are
            wanted, or an undo was interrupted: its last deletion may still be under way.
    """
    order, key = run.order, run.order.session_key
    same = same_specifications_of(run)
    question = question_of(same, session_key=key, target=run.target)
    if question is not None:
        if order.as_new_by is None:
            raise question
        run.tools.sessions.answer_as_new(
            key,
            target_id=run.target.target_id,
            others=[one.session_key for one in same],
            by=order.as_new_by,
            at=run.tools.clock.now(),
        )

    keys = [entry.remote_key or entry.identity for entry in run.page.open_removals()]
    if keys:
        raise GateError(
            f"An undo of session {key} was interrupted: whether {', '.join(keys)} "
            "was deleted is not known.",
            rule=GateRule.UNDO_OPEN,
            recovery_actions=(Action.of(ActionKind.UNDO, "Run {} to finish it.", session_key=key),),
        )


def same_specifications_on(
    target: Target,
    session: UploadSession,
    group_keys: Iterable[str],
    *,
    ledger: ExportLedger,
    is_as_new: bool = False,
) -> tuple[SameSpecification, ...]:
    """Return the sessions whose issues on a target this session would create once more.

    With `is_as_new` all of them count as answered. The entries of a session are read only where it
    sent tickets of at least half of the groups.
    """
    key, wanted = session.session_key, tuple(group_keys)
    sent = ledger.tickets_sent(target.target_id)
    likely = same_specifications(
        wanted,
        session_key=key,
        issues={other: dict.fromkeys(ids) for other, ids in sent.items() if other != key},
    )
    if not likely:
        return ()
    found = same_specifications(
        wanted,
        session_key=key,
        issues={
            one: _issues_among(ledger.entries(target_id=target.target_id, session_key=one))
            for one in (key, *(same.session_key for same in likely))
        },
    )
    return tuple(
        replace(
            same,
            is_answered=is_as_new
            or AsNew(target_id=target.target_id, session_key=same.session_key) in session.as_new,
        )
        for same in found
    )


def same_specifications_of(
    run: ExportRun, *, is_as_new: bool = False
) -> tuple[SameSpecification, ...]:
    """Return the sessions whose issues an order would create once more."""
    return same_specifications_on(
        run.target,
        run.tools.sessions.get(run.order.session_key),
        (rendered.ticket.group_key for rendered in run.order.in_build_order),
        ledger=run.tools.ledger,
        is_as_new=is_as_new,
    )


def question_of(
    same: Sequence[SameSpecification], *, session_key: str, target: Target
) -> GateError | None:
    """Return what people have to answer first; None where they did, or nothing is to answer."""
    asked = [one for one in same if not one.is_answered]
    if not asked:
        return None
    other = asked[0].session_key
    parts = "; ".join(one.summary for one in asked[:SESSIONS_NAMED])
    parts += f"; and {left} more sessions" if (left := len(asked) - SESSIONS_NAMED) > 0 else ""
    return GateError(
        f"Session {session_key} repeats the specification of another session: in {target.name}, "
        f"{parts}. An export would create them once more.",
        rule=GateRule.SAME_SPECIFICATION,
        recovery_actions=(
            Action.of(
                ActionKind.UPLOAD,
                f"To go on with session {other}, upload these sheets to it: {{}}.",
                session=other,
            ),
            Action.of(
                ActionKind.EXPORT,
                "To create new issues beside them: {}; it is audited.",
                session_key=session_key,
                as_new=True,
            ),
        ),
    )


def _issues_among(entries: Iterable[LedgerEntry]) -> dict[str, str | None]:
    """Return the key of every issue that exists or may exist, by ticket; None where in doubt."""
    by_identity: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        if entry.subject is LedgerSubject.ISSUE:
            by_identity.setdefault(entry.identity, []).append(entry)
    found: dict[str, str | None] = {}
    for known in by_identity.values():
        state = ledger_state_of(known)
        if not isinstance(state, NotSent):
            key = state.receipt.remote_key if isinstance(state, Exists) else None
            found[known[0].ticket_id] = key
    return found
