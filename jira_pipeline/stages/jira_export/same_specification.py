"""The question before a session creates what another session created: new issues, or that session?

Belongs here: asking the ledger, the refusal, storing the answer. Does not: the rule
(`domain/same_specification`), when it is asked (`gate`, `plan`).
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
from jira_pipeline.domain.same_specification import SameSpecification, same_specifications
from jira_pipeline.domain.sessions import AsNew, UploadSession
from jira_pipeline.errors import GateError, GateRule
from jira_pipeline.ports.export import ExportLedger
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools

SESSIONS_NAMED = 3


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
    tools: ExportTools, order: ExportOrder, target: Target, *, is_as_new: bool = False
) -> tuple[SameSpecification, ...]:
    """Return the sessions whose issues an order would create once more."""
    return same_specifications_on(
        target,
        tools.sessions.get(order.session_key),
        (rendered.ticket.group_key for rendered in order.in_build_order),
        ledger=tools.ledger,
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
    said = "; ".join(one.summary for one in asked[:SESSIONS_NAMED])
    said += f"; and {left} more sessions" if (left := len(asked) - SESSIONS_NAMED) > 0 else ""
    return GateError(
        f"Session {session_key} repeats the specification of another session: in {target.name}, "
        f"{said}. An export would create them once more.",
        rule=GateRule.SAME_SPECIFICATION,
        recovery_actions=(
            Action.of(
                ActionKind.UPLOAD,
                f"To go on with session {other}, upload these sheets to it: {{}}.",
                session=other,
            ),
            Action.of(
                ActionKind.EXPORT,
                "To create new issues beside them: {}, or as_new in run config; it is audited.",
                session_key=session_key,
                as_new=True,
            ),
        ),
    )


def check_same_specification(tools: ExportTools, order: ExportOrder, target: Target) -> None:
    """Let an order pass that creates nothing of another session, or whose answer says as new.

    An answer that the order brings along is stored, under the lease: what another session created
    while this one waited for it is covered.

    Raises:
        GateError: People have to answer first.
    """
    same = same_specifications_of(tools, order, target)
    question = question_of(same, session_key=order.session_key, target=target)
    if question is None:
        return
    if order.as_new_by is None:
        raise question
    tools.sessions.answer_as_new(
        order.session_key,
        target_id=target.target_id,
        others=[one.session_key for one in same],
        by=order.as_new_by,
        at=tools.clock.now(),
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
