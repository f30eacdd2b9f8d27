"""What must hold before anything is written to a target, or goes on.

Belongs here: the rules, the questions before a session creates what is there already, or begins on
another target; whether people may resume an export now, and the refusal where nothing can be
cancelled. Does not: lease and access (`target`), the rule which specifications are the same
(`model/target_shares`), starting runs (`dagster_port/run_launchers`).

Re-executions by the system are not counted, and neither is `export` in a terminal, which shows its
plan first: the ledger carries on in every case. A program that starts a broken export again retries
it, whatever it calls that. The limit makes people look at what keeps failing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.context.states import (
    NextStep,
    count_text,
    next_step,
    refuse_without_tickets,
    situation_before_export,
    stale_reasons,
)
from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import GateError, GateRule, RetriesExhaustedError
from jira_pipeline.model.exports import LedgerEntry, Target, exported_among, issue_keys
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.records import RETRIES_MAX
from jira_pipeline.model.rendered_tickets import CheckedContents, RenderedTicket
from jira_pipeline.model.sessions import AsNew, Beside, SessionStage, SessionStatus, UploadSession
from jira_pipeline.model.target_shares import (
    CopiedIssues,
    NewTarget,
    SameSpecification,
    TicketExport,
    new_target,
    same_specifications,
    shares_of,
)
from jira_pipeline.model.tickets import Ticket, TicketState, unconfirmed_withdrawals
from jira_pipeline.review.withdrawals import vanished_list, ways_out
from jira_pipeline.store.ledger import SqlExportLedger

NOT_AGREED_AUTOMATICALLY = (
    "Valid tickets are approved automatically, but not this: people worked on one, one has an issue, a "
    "file is now empty, or they are more than one and more than a tenth of all."
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
            unreviewed = count_text(now.unreviewed_count, "1 ticket waits", "tickets wait")
            waiting_for_it = f"; {unreviewed} for that"
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
            f"{tickets} no longer in the {session.source_word} of session {key}, and nobody agreed to "
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
        f"Somebody changed a decision about tickets {', '.join(map(str, numbers))} of session "
        f"{session_key} as this export started; nothing was sent.",
        rule=GateRule.DECISION_CHANGED,
        recovery_actions=(look, again),
    )


def check_target(run: ExportRun) -> None:
    """Let a run pass by what the ledger says of its target; called under the lease.

    An answer that the order brings along is stored: what another session created while this one
    waited for the lease is covered.

    Raises:
        GateError: An undo has not ended, the session has issues on another target and was never
            here, or another session created the same tickets; and nobody said that new issues are
            wanted.
    """
    order = run.order
    key = run.order.session_key
    begun = run.page.open_undo()
    if begun is not None:
        raise unfinished_undo_of(begun, session_key=run.order.session_key, target=run.target)
    new = new_target_of(run)
    if new is not None:
        question: GateError | None = question_of_new_target(new, session_key=key)
        _answer(run, question, [answer_of(run, Beside.TARGET)], by=order.as_new_by)
    same = same_specifications_of(run)
    question = question_of(same, session_key=key, target=run.target)
    answers = confirmations_for(run, same)
    _answer(run, question, answers, by=order.as_new_by or order.beside_sessions_by)


def check_copies(run: ExportRun, copies: CopiedIssues | None) -> None:
    """Let a run pass by what was seen of its session on the target, before anything is created.

    Raises:
        GateError: Copies of its issues are there, and nobody said that new ones are wanted.
    """
    if copies is not None and not is_answered(run, Beside.COPIES):
        question = question_of_copies(copies)
        _answer(run, question, [answer_of(run, Beside.COPIES)], by=run.order.as_new_by)


def _answer(
    run: ExportRun, question: GateError | None, answers: Iterable[AsNew], *, by: str | None
) -> None:
    """Store the answers of somebody to a question; where nobody answered, ask it."""
    if question is None:
        return
    if by is None:
        raise question
    at = run.tools.clock.now()
    run.tools.sessions.answer_as_new(run.order.session_key, answers, by=by, at=at)


def answer_of(run: ExportRun, issues: Beside) -> AsNew:
    """Return the answer that new issues are wanted beside the session's own."""
    key = run.order.session_key
    target_id = run.target.target_id
    return AsNew(target_id=target_id, session_key=key, beside=issues)


def confirmations_for(run: ExportRun, same: Iterable[SameSpecification]) -> tuple[AsNew, ...]:
    """Return the answers that new issues are wanted beside those of these sessions."""
    target_id = run.target.target_id
    return tuple(AsNew(target_id=target_id, session_key=other.session_key) for other in same)


def is_answered(run: ExportRun, issues: Beside) -> bool:
    """Tell whether people want new issues beside the session's own."""
    return answer_of(run, issues) in run.tools.sessions.get(run.order.session_key).as_new


def unfinished_undo_of(begun: LedgerEntry, *, session_key: str, target: Target) -> GateError:
    """Return why nothing is created on a target while an undo there has not ended."""
    by = f", by {begun.detail}" if begun.detail else ""
    return GateError(
        f"An undo of session {session_key} has not finished ({target.name}{by}); nothing is "
        "created or updated there until it has.",
        rule=GateRule.UNDO_OPEN,
        session_key=session_key,
    )


def exported_targets(ledger: SqlExportLedger, session_key: str) -> tuple[Target, ...]:
    """Return the targets a session was exported to, the latest used last."""
    return exported_among(ledger.targets_of(session_key), ledger.destinations())


def new_target_of(run: ExportRun) -> NewTarget | None:
    """Return what an order begins on a target its session was never at; None where it was.

    None, too, where it has issues nowhere else, and where people answered.
    """
    if run.page.entries:
        return None
    key = run.order.session_key
    ledger = run.tools.store.ledger
    target = run.target
    ticket_ids = [rendered.ticket.ticket_id for rendered in run.order.in_build_order]
    others = [
        other for other in exported_targets(ledger, key) if other.target_id != target.target_id
    ]
    elsewhere = shares_of(
        ticket_ids,
        targets=others,
        entries_of=lambda other: ledger.entries(target_id=other.target_id, session_key=key),
    )
    return new_target(
        target.name,
        target.target_id,
        session=run.tools.sessions.get(key),
        ticket_ids=ticket_ids,
        elsewhere=elsewhere,
    )


def question_of_new_target(new: NewTarget, *, session_key: str) -> GateError:
    """Return what people have to answer before a session begins on another target."""
    issues = format_count(new.issue_count, "new issue")
    return GateError(
        f"Session {session_key} would start over: {new.summary}. An export would create {issues}.",
        rule=GateRule.NEW_TARGET,
        session_key=session_key,
    )


def question_of_copies(copies: CopiedIssues) -> GateError:
    """Return what people have to answer where issues of a session are on a target as copies."""
    return GateError(
        f"{copies.summary}. An export would create them again.",
        rule=GateRule.COPIED_ISSUES,
        session_key=copies.session_key,
    )


def never_exported(session_key: str, *, where: str, others: Sequence[str] = ()) -> GateError:
    """Say that a session was never exported to a target, and to which ones it was."""
    elsewhere = f" It was exported to {'; '.join(others)}." if others else ""
    return GateError(
        f"Session {session_key} has never been exported to {where}.{elsewhere}",
        rule=GateRule.NOT_EXPORTED,
        session_key=session_key,
    )


def duplicate_sessions_on(
    target: Target,
    session: UploadSession,
    group_keys: Iterable[str],
    *,
    ledger: SqlExportLedger,
    is_as_new: bool = False,
) -> tuple[SameSpecification, ...]:
    """Return the sessions whose issues on a target this session would create once more.

    With `is_as_new` all of them count as answered. The entries of a session are read only where it
    sent tickets of at least half of the groups.
    """
    key = session.session_key
    wanted = tuple(group_keys)
    sent = ledger.tickets_sent(target.target_id)
    sent_by_others = {other: dict.fromkeys(ids) for other, ids in sent.items() if other != key}
    likely = same_specifications(wanted, session_key=key, issues=sent_by_others)
    if not likely:
        return ()
    issues = {}
    for session_key in (key, *(same.session_key for same in likely)):
        entries = ledger.entries(target_id=target.target_id, session_key=session_key)
        issues[session_key] = issue_keys(entries)
    duplicates = []
    for same in same_specifications(wanted, session_key=key, issues=issues):
        answer = AsNew(target_id=target.target_id, session_key=same.session_key)
        duplicates.append(replace(same, is_answered=is_as_new or answer in session.as_new))
    return tuple(duplicates)


def same_specifications_of(
    run: ExportRun, *, is_as_new: bool = False
) -> tuple[SameSpecification, ...]:
    """Return the sessions whose issues an order would create once more."""
    return duplicate_sessions_on(
        run.target,
        run.tools.sessions.get(run.order.session_key),
        (rendered.ticket.group_key for rendered in run.order.in_build_order),
        ledger=run.tools.store.ledger,
        is_as_new=is_as_new,
    )


def question_of(
    same: Sequence[SameSpecification], *, session_key: str, target: Target
) -> GateError | None:
    """Return what people have to answer first; None where they did, or nothing is to answer."""
    unanswered = [specification for specification in same if not specification.is_answered]
    if not unanswered:
        return None
    summaries = [specification.summary for specification in unanswered[:SESSIONS_NAMED]]
    more_count = len(unanswered) - SESSIONS_NAMED
    if more_count > 0:
        summaries.append(f"and {more_count} more sessions")
    other = unanswered[0].session_key
    go_on_there = Action.of(
        ActionKind.UPLOAD,
        f"To continue with session {other}, upload these files to it: {{}}.",
        session=other,
    )
    create_again = Action.of(
        ActionKind.EXPORT,
        "To create new issues in addition: {}; the decision is audited.",
        session_key=session_key,
        as_new=True,
    )
    return GateError(
        f"Session {session_key} repeats the specification of another session: in {target.name}, "
        f"{'; '.join(summaries)}. An export would create them again.",
        rule=GateRule.SAME_SPECIFICATION,
        recovery_actions=(go_on_there, create_again),
    )


_RETRYABLE = {SessionStatus.FAILED, SessionStatus.CANCELLED, SessionStatus.WAITING}
_SENT = {TicketState.EXPORTED, TicketState.IN_DOUBT}
_WITHOUT_ISSUE = {TicketState.PENDING, TicketState.IN_DOUBT, TicketState.FAILED}


@json_fields("retry_attempt remaining_retries resuming_from preserved_tickets")
@dataclass(frozen=True, slots=True, kw_only=True)
class ResumedExport:
    retry_attempt: int
    remaining_retries: int
    resuming_from: int | None
    """Number of the first ticket, in order of creation, without an issue; None where all exist."""
    preserved_tickets: int
    """How many issues exist; they are not created again."""


def check_retry(
    session: UploadSession, *, retry_count: int, is_begun: bool, is_forced: bool, step: NextStep
) -> None:
    """Let a person resume the export, or say why not, and which step is next.

    By force also one that shows as running: its process may have died where nobody could see it.
    The lease still keeps two exports apart. One that is begun, with issues of some of its tickets
    and not of others, may be resumed from the review, too: changes after a broken export bring a
    session back there. `step` is next instead.

    Raises:
        GateError: There is no failed, cancelled or interrupted export.
        RetriesExhaustedError: People retried three times already.
    """
    key = session.session_key
    allowed = _RETRYABLE | ({SessionStatus.RUNNING} if is_forced else set())
    stages = {SessionStage.JIRA_EXPORT} | ({SessionStage.REVIEW} if is_begun else set())
    if session.stage not in stages or session.status not in allowed:
        raise GateError(
            f"No failed export to retry: session {key} is in {session.stage.value}, "
            f"{session.status.value}.",
            rule=GateRule.NOTHING_TO_RETRY,
            recovery_actions=(step.action,),
        )
    if not is_forced:
        refuse_exhausted(key, retry_count=retry_count)


def refuse_exhausted(session_key: str, *, retry_count: int) -> None:
    """Stop where people retried an export as often as is sensible."""
    if retry_count >= RETRIES_MAX:
        raise RetriesExhaustedError(
            session_key=session_key, retries_max=RETRIES_MAX, what="the export"
        )


def is_broken_off(session: UploadSession) -> bool:
    """Tell whether an export began and did not end, so that starting it again is a retry."""
    return session.stage is SessionStage.JIRA_EXPORT and session.status in _RETRYABLE


def nothing_to_cancel(session: UploadSession, *, step: NextStep) -> GateError:
    return GateError(
        f"Nothing to cancel: nothing is running in session {session.session_key}; it is in "
        f"{session.stage.value}, {session.status.value}.",
        rule=GateRule.NOTHING_TO_CANCEL,
        recovery_actions=(step.action,),
    )


def resumed_from(
    order: ExportOrder, places: Mapping[str, TicketExport], *, retry_attempt: int
) -> ResumedExport:
    """Return where an export goes on, and how many tickets have their issues already."""
    tickets = [rendered.ticket for rendered in order.in_build_order]
    missing = [
        ticket for ticket in tickets if places[ticket.ticket_id].state is not TicketState.EXPORTED
    ]
    return ResumedExport(
        retry_attempt=retry_attempt,
        remaining_retries=max(0, RETRIES_MAX - retry_attempt),
        resuming_from=missing[0].number if missing else None,
        preserved_tickets=len(tickets) - len(missing),
    )


def is_begun(places: Iterable[TicketExport]) -> bool:
    """Tell whether some tickets of a session were sent and some still have no issue."""
    states = {place.state for place in places}
    return bool(states & _SENT) and bool(states & _WITHOUT_ISSUE)
