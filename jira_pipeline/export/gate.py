"""The gate of an export: what must hold of a session before anything of it is written to Jira.

Belongs here: the rules, in the order in which people meet them, each with what to do next. Does not:
what is asked about a target where issues are already (`target_questions`), lease and access
(`target`), resuming an export that broke off (`resumed_exports`).

Example: an edit after the last validation makes a session stale, and the gate refuses it until it is
validated again.
"""

from collections.abc import Sequence
from dataclasses import replace

from jira_pipeline.context.freshness import stale_reasons
from jira_pipeline.context.states import (
    count_text,
    next_step,
    refuse_without_tickets,
    situation_before_export,
)
from jira_pipeline.export.export_run import ExportOrder, ExportTools
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.ticket_validations import CheckedContents
from jira_pipeline.model.tickets import Ticket, unconfirmed_withdrawals
from jira_pipeline.review.withdrawals import vanished_list, ways_out

NOT_AGREED_AUTOMATICALLY = (
    "Valid tickets are approved automatically, but not this: people worked on one, one has an issue, a "
    "file is now empty, or they are more than one and more than a tenth of all."
)


def check_gate(
    session: UploadSession,
    *,
    checked: CheckedContents | None,
    rendered: tuple[RenderedTicket, ...],
    vanished: Sequence[Ticket],
) -> None:
    """Let the session pass, or say what a person must do first.

    That an export of the session is running already is the lease's, which `target` takes.
    `vanished` are the tickets whose rows are gone, with the agreement of people or without.

    Raises:
        GateError: There are no tickets yet; else, the first that holds: they were never validated,
            are not valid, are stale, wait for a withdrawal, or are not ready.
    """
    refuse_without_tickets(session)
    key = session.session_key
    proposed = unconfirmed_withdrawals(vanished)

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
            f"{next(iter(checked.failures.values()))}.",
            GateRule.VALIDATION_FAILED,
        )
    stale = stale_reasons(session, checked=checked, rendered=rendered)
    if stale:
        now = situation_before_export(session, checked=checked, rendered=rendered)
        waiting_for_it = ""
        if now.unreviewed_count > 0 and not session.manifest.auto_approve:
            unreviewed = count_text(now.unreviewed_count, "1 ticket is", "tickets are")
            waiting_for_it = f"; {unreviewed} still to be reviewed"
        raise closed(
            f"Re-validation required for session {key}: {'; '.join(stale)}.",
            GateRule.STALE,
            "Changed tickets are validated again when you review them and mark them ready"
            f"{waiting_for_it}.",
            Action.of(ActionKind.EXPORT, "Then run {}.", session_key=key),
        )
    if proposed:
        tickets = format_count(len(proposed), "ticket is", "tickets are")
        by_itself = f" {NOT_AGREED_AUTOMATICALLY}" if session.manifest.auto_approve else ""
        raise closed(
            f"{tickets} no longer in the {session.source_word} of session {key}, and no one agreed to "
            f"withdraw {'it' if len(proposed) == 1 else 'them'}: {vanished_list(proposed)}.{by_itself}",
            GateRule.QUESTIONS_OF_WITHDRAWAL,
            *ways_out(session)[1:],
        )
    waiting = [
        rendered_ticket.ticket.number
        for rendered_ticket in rendered
        if not rendered_ticket.is_excluded and not rendered_ticket.is_approved
    ]
    if waiting:
        ways = [Action.of(ActionKind.SHOW_TICKET, "Read them: {}", session_key=key)]
        if session.manifest.auto_approve:
            sentence = "{} says why they are not approved automatically."
            ways.append(Action.of(ActionKind.SHOW_STATUS, sentence, session_key=key))
        raise closed(
            f"{format_count(len(waiting), 'ticket waits', 'tickets wait')} for review in session {key}; "
            f"the first is number {min(waiting)}.",
            GateRule.NOT_READY,
            *ways,
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
        checked=tools.store.validations.checked(key),
        rendered=order.rendered,
        vanished=tools.store.tickets.list_vanished(key),
    )
    decisions = tools.store.tickets.decisions(key)
    tickets = [rendered.ticket for rendered in order.rendered]
    changed = sorted(
        ticket.number for ticket in tickets if decisions.get(ticket.ticket_id) != ticket.decision
    )
    if changed:
        raise _changed_decisions_error(key, changed)


def _changed_decisions_error(session_key: str, numbers: Sequence[int]) -> GateError:
    """Return the error that stops an export as somebody changes decisions about its tickets."""
    look = Action.of(ActionKind.SHOW_STATUS, "{} says what to do next.", session_key=session_key)
    again = Action.of(ActionKind.EXPORT, "Then run {} again.", session_key=session_key)
    return GateError(
        f"Someone changed a decision about tickets {', '.join(map(str, numbers))} of session "
        f"{session_key} as this export started; nothing was sent.",
        rule=GateRule.DECISION_CHANGED,
        recovery_actions=(look, again),
    )
