"""What was seen becomes what the ledger says: a find proves, an absence hardly ever.

Belongs here: what a find or an absence means for the ledger. Does not: looking (`lookout`), when to
settle (`creation`, `settle`), what people are told (`orphans`).

Only keys read directly, with a sentinel that shows we may see the project, with no failed element
and past the horizon, prove an absence. Source: docs/export.md, rules 5, 6 and 8.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from jira_pipeline.domain.export_ledger import Exists, InDoubt, LedgerEvent, LedgerState, NotSent
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.stages.jira_export.book import issue_subject
from jira_pipeline.stages.jira_export.doubts import RESEND_SPENT, settle_absent
from jira_pipeline.stages.jira_export.lookout import Lookout
from jira_pipeline.stages.jira_export.orphans import give_up_issue, record_orphan, tell_doubt
from jira_pipeline.stages.jira_export.sighting import Sighting


def low_bound_of(lookout: Lookout, tickets: Sequence[RenderedTicket]) -> int | None:
    """Return the number above which the issues in doubt must be; None where there is no doubt."""
    bounds = [
        lookout.book.low_bound(issue_subject(lookout.opened, rendered).identity)
        for rendered in tickets
    ]
    return min((bound for bound in bounds if bound is not None), default=None)


def sendable_among(
    tickets: Sequence[RenderedTicket], state_of: Callable[[RenderedTicket], LedgerState]
) -> Iterator[RenderedTicket]:
    """Yield the tickets that were not sent and wait for none of the others."""
    by_id = {rendered.ticket.ticket_id: rendered for rendered in tickets}
    for rendered in tickets:
        if isinstance(state_of(rendered), NotSent) and all(
            isinstance(state_of(by_id[dependency]), Exists)
            for dependency in rendered.ticket.depends_on
            if dependency in by_id
        ):
            yield rendered


def record_finds(lookout: Lookout, sighting: Sighting, tickets: Sequence[RenderedTicket]) -> int:
    """Write a receipt for every ticket whose issue was seen without one; return how many.

    Of two issues with one identity the lowest id wins; the other becomes a manual fix.
    """
    settled = 0
    for rendered in tickets:
        what = issue_subject(lookout.opened, rendered)
        found = sighting.with_identity(what.identity)
        receipt = lookout.book.receipt(what.identity)
        if found and receipt is None:
            lookout.book.write(
                what,
                LedgerEvent.RECEIPT,
                remote_id=found[0].issue_id,
                remote_key=found[0].key,
                detail="settled: found by its marker",
            )
            settled += 1
        winner = receipt.remote_id if receipt is not None else None
        for other in found:
            if other.issue_id != (winner or found[0].issue_id):
                record_orphan(lookout, rendered, key=other.key, why="it exists twice")
    return settled


def record_absences(lookout: Lookout, sighting: Sighting, tickets: Sequence[RenderedTicket]) -> int:
    """Settle doubts about issues nobody saw after the horizon; return how many changed.

    An absence allows one resend. A second one, an issue that may be the ticket's though it has no
    marker, or a site that drops markers leave the decision to a person. Where nothing of ours was
    ever seen, a ticket that can still be sent is to show first whether the site shows it.
    """
    if not sighting.is_conclusive:
        return 0
    if not sighting.is_proven and _is_more_to_send(lookout):
        return 0
    changed = 0
    for rendered in tickets:
        what = issue_subject(lookout.opened, rendered)
        state = lookout.book.state(what.identity)
        if not isinstance(state, InDoubt):
            continue
        objection = _objection_to_resending(lookout, sighting, rendered, state)
        settle_absent(
            lookout.book,
            what,
            objection=objection,
            tell=partial(tell_doubt, lookout, rendered),
        )
        changed += 1
    return changed


def record_lookalikes(
    lookout: Lookout, sighting: Sighting, tickets: Sequence[RenderedTicket]
) -> None:
    """Leave tickets that look exported to a person.

    Nothing is known to have been sent of them. Yet where the ledger lost its end and the site
    drops markers, an issue with the session's label and the ticket's title is likely the ticket's.
    """
    label = lookout.order.session_label
    for rendered in tickets:
        state = lookout.book.state(issue_subject(lookout.opened, rendered).identity)
        keys = sighting.suspects(rendered, known_ids=lookout.known_ids(), label=label)
        if isinstance(state, NotSent) and keys:
            give_up_issue(
                lookout, rendered, why=f"{', '.join(keys)} may be its issue but has no marker"
            )


def _is_more_to_send(lookout: Lookout) -> bool:
    def state_of(rendered: RenderedTicket) -> LedgerState:
        return lookout.book.state(issue_subject(lookout.opened, rendered).identity)

    return any(True for _ in sendable_among(lookout.order.in_build_order, state_of))


def _objection_to_resending(
    lookout: Lookout, sighting: Sighting, rendered: RenderedTicket, state: InDoubt
) -> str | None:
    suspects = sighting.suspects(rendered, known_ids=lookout.known_ids())
    if suspects:
        return f"{', '.join(suspects)} may be its issue but has no marker"
    if not sighting.is_calibrated:
        return "this site drops our markers or hides our issues, so an absence proves nothing"
    if not sighting.is_proven:
        return "no issue of ours was ever seen here, so an absence proves nothing"
    if state.is_resend_spent:
        return RESEND_SPENT
    return None
