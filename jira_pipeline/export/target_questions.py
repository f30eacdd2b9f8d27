"""Questions to people before a session creates on a target what may be there already.

Belongs here: an undo that has not ended, a session that begins on another target, another session
that created the same tickets, copies of its issues; asking, and storing the answer. Does not: the
rule which specifications are the same (`model/same_specifications`), whether a session is ready (`gate`),
lease and access (`target`).

Example: session `museum-2` is the specification of `museum`, uploaded once more. Its export stops
and asks, since every issue would be there twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from jira_pipeline.export.export_run import ExportRun
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.exports import LedgerEntry, Target, exported_among, issue_keys
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.same_specifications import SameSpecification, same_specifications
from jira_pipeline.model.sessions import AsNew, Beside, UploadSession
from jira_pipeline.model.target_shares import CopiedIssues, NewTarget, new_target, shares_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.store.ledger import SqlExportLedger

SESSIONS_NAMED = 3


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


def duplicate_sessions_of(
    session: OpenSession, group_keys: Iterable[str]
) -> tuple[SameSpecification, ...]:
    """Return the sessions whose issues this one would create once more, without asking Jira.

    They count as answered where the manifest says `as_new`, too.
    """
    target = session.coming_target
    if target is None:
        return ()
    return duplicate_sessions_on(
        target,
        session.stored,
        group_keys,
        ledger=session.store.ledger,
        is_as_new=session.stored.manifest.as_new,
    )


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
