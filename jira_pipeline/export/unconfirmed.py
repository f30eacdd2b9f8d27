"""Writes without a known outcome, and how they are settled: by a find, hardly ever by an absence.

Belongs here: the horizon, what a found or a missing issue means for the ledger, what is left to
people. Does not: probing Jira (`lookups`), when to settle (`creation` and `attachments` in an export,
`settle` without one).

Only keys read directly, with a sentinel that shows we may see the project, with no failed element
and past the horizon, prove an absence. Source: docs/export.md, rules 5, 6, 8 and 10.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

from jira_pipeline.export.export_run import ExportRun, marker_of
from jira_pipeline.export.ledger_page import LedgerPage, WriteSubject, low_bound, was_left_to_person
from jira_pipeline.export.lookups import ProbeResult
from jira_pipeline.export.repeated_writes import Fallback, record_fix
from jira_pipeline.model.errors import GateError, GateRule
from jira_pipeline.model.exports import Exists, FixType, InDoubt, LedgerEntry, LedgerEvent, NotSent
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import FoundIssue
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.rendered_tickets import RenderedTicket

RESEND_SPENT = "it was sent twice but cannot be found"
UNCLAIMED_NAMED = 5
CREATION_SUBJECT = "creation"
"""Subject of the manual fix about a ticket whose issue was found nowhere."""


class UnconfirmedWrites:
    """The writes of one execution whose outcome is unknown, by identity, and since when.

    Counted on the monotonic clock from when this process knew of it: the clock on the wall may have
    jumped since an earlier process sent it.
    """

    def __init__(self, run: ExportRun) -> None:
        self._run = run
        self.since: dict[str, float] = {}

    def note_sent(self, identity: str) -> None:
        """Note a write of this process that has no known outcome."""
        self.since[identity] = self._run.tools.monotonic()

    def note_left(self, identity: str) -> None:
        """Note a write that an earlier process left without a known outcome, if it is not noted yet."""
        self.since.setdefault(identity, self._run.tools.monotonic())

    def seconds_left(self, identities: Iterable[str]) -> float:
        """Return how long Jira may still be working on any of these."""
        return max(0.0, self._until(identities) - self._run.tools.monotonic())

    def wait(self, identities: Iterable[str]) -> None:
        """Wait until Jira has had the horizon's time for each of these."""
        self._run.wait_until(self._until(identities))

    def _until(self, identities: Iterable[str]) -> float:
        horizon_seconds = self._run.order.settle_horizon_seconds
        # defence: horizon-of-last-doubt
        return max(self.since[identity] for identity in identities) + horizon_seconds


def record_missing_write(
    page: LedgerPage,
    subject: WriteSubject,
    *,
    objection: str | None = None,
    report: Callable[[str], object],
) -> None:
    """Allow one resend of what was found nowhere; a second, or an objection, is for a person."""
    state = page.state(subject.identity)
    # defence: second-absence
    if objection is None and isinstance(state, InDoubt) and state.is_resend_spent:
        objection = RESEND_SPENT
    if objection is None:
        page.write(subject, LedgerEvent.ABSENT, detail="settled: found nowhere")
        return
    # defence: report-before-giving-up
    report(objection)  # a crash in between must not hide it
    page.write(subject, LedgerEvent.GIVEN_UP, detail=objection)


def lowest_possible_number(run: ExportRun, tickets: Sequence[RenderedTicket]) -> int | None:
    """Return the number above which unconfirmed issues must be; None where there are none."""
    bounds = [low_bound(run.page, run.identity(rendered.ticket.ticket_id)) for rendered in tickets]
    return min((bound for bound in bounds if bound is not None), default=None)


def sendable_tickets(
    run: ExportRun, tickets: Sequence[RenderedTicket], *, start: int = 0
) -> Iterator[RenderedTicket]:
    """Yield the tickets, from a position on, that were not sent and wait for none of the others."""
    for rendered in islice(tickets, start, None):
        is_unsent = isinstance(run.issue_state(rendered), NotSent)
        if is_unsent and _are_dependencies_created(run, rendered):
            yield rendered


def _are_dependencies_created(run: ExportRun, rendered: RenderedTicket) -> bool:
    """Tell whether the issues exist that a ticket waits for, of those in this export."""
    for dependency in run.waits_for(rendered.ticket):
        is_exported = dependency in run.order.places
        # defence: dependencies-first
        if is_exported and not isinstance(run.page.state(run.identity(dependency)), Exists):
            return False
    return True


def record_found_issues(
    run: ExportRun, seen: ProbeResult, tickets: Sequence[RenderedTicket]
) -> int:
    """Write a receipt for every ticket whose issue was seen and has none; return how many.

    Of two issues with one identity the lowest id wins; the other becomes a manual fix. People know
    of those that they released, and decide about those that `unclaimed_issues` names.
    """
    settled = 0
    forgotten = run.page.forgotten_ids()
    for rendered in tickets:
        subject = run.issue_subject(rendered)
        marked = seen.with_identity(subject.identity)
        candidates = [issue for issue in marked if issue.issue_id not in forgotten]
        ours = [issue for issue in candidates if not reason_not_to_claim(run, issue)]
        receipt = run.page.receipt(subject.identity)
        if ours and receipt is None:
            receipt = run.page.write(
                subject,
                LedgerEvent.RECEIPT,
                remote_id=ours[0].issue_id,  # defence: lowest-id-wins
                remote_key=ours[0].key,
                detail="settled: found by its marker",
            )
            run.page.note_read(ours[:1])
            settled += 1
        for candidate in candidates:
            if receipt is not None and candidate.issue_id != receipt.remote_id:
                list_duplicate(run, rendered, receipt=receipt, duplicate=candidate)
    return settled


def reason_not_to_claim(run: ExportRun, issue: FoundIssue) -> str:
    """Say why an issue with a marker may not be its ticket's; empty where nothing says so.

    Apps copy the properties of an issue, and a backup brings back what an undo deleted.
    """
    marker = marker_of(issue)
    if marker is None:
        return ""
    if marker.is_adopted:  # defence: adopted-marker
        return "made by people and adopted, which this store does not know: adopt it again"
    if not run.is_made_by_us(marker.identity, issue.creator_id):  # defence: created-by-somebody
        return "created by somebody else"
    # defence: deleted-by-undo
    if run.page.can_be_from(marker.identity, marker.sequence, issue.issue_id):
        return ""
    if issue.issue_id in run.page.removed_ids:
        return "deleted by an undo, and in Jira again"
    return "not what this store sent for it"


def unclaimed_issues(run: ExportRun, issues: Iterable[FoundIssue]) -> Mapping[str, str]:
    """Return the keys of issues about which people decide before a ticket gets one, and why."""
    forgotten = run.page.forgotten_ids()
    missing = {
        run.identity(rendered.ticket.ticket_id)
        for rendered in run.order.issues
        if not isinstance(run.issue_state(rendered), Exists)
    }
    reasons = {}
    for issue in issues:
        marker = marker_of(issue)
        if marker is None or marker.identity not in missing or issue.issue_id in forgotten:
            continue
        reason = reason_not_to_claim(run, issue)
        if reason:
            reasons[issue.key] = reason
    return reasons


def unclaimed_issues_error(run: ExportRun, unclaimed: Mapping[str, str]) -> GateError:
    """Return the error that stops until people decide about these issues, by key with the reason."""
    keys_by_reason = group_by(unclaimed, lambda key: unclaimed[key])
    issues = "; ".join(
        f"{first_named(keys, UNCLAIMED_NAMED)} ({reason})"
        for reason, keys in keys_by_reason.items()
    )
    return GateError(
        f"{run.target.name} shows issues of this session that do not count: {issues}. "
        "Nothing is created until you decide about them.",
        rule=GateRule.ISSUES_UNCLAIMED,
        session_key=run.order.session_key,
    )


def record_missing_issues(
    run: ExportRun, seen: ProbeResult, tickets: Sequence[RenderedTicket]
) -> None:
    """Settle the unconfirmed issues that a probe after the horizon did not show.

    An absence allows one resend. A second one, an issue that may be the ticket's though it has no
    marker, or a site that drops markers leave the decision to a person.
    """
    if not seen.is_conclusive:  # defence: conclusive-absence
        return
    # Where nothing of ours was ever seen, a ticket that can still be sent is to show whether it is.
    # defence: other-ticket-first
    if not seen.is_proven and _is_any_to_send(run, tickets):
        return
    for rendered in tickets:
        if isinstance(run.issue_state(rendered), InDoubt):
            record_missing_write(
                run.page,
                run.issue_subject(rendered),
                objection=reason_not_to_resend(run, seen, rendered),
                report=partial(list_possible_orphan, run, rendered),
            )


def _is_any_to_send(run: ExportRun, unconfirmed: Sequence[RenderedTicket]) -> bool:
    """Tell whether any ticket can be sent before these are settled.

    Nothing is sent again while a ticket that was sent again is unconfirmed: each of the two would
    wait for the other.
    """
    is_any_resent = False
    for rendered in unconfirmed:
        state = run.issue_state(rendered)
        if isinstance(state, InDoubt) and state.is_resend_spent:
            is_any_resent = True
    for rendered in sendable_tickets(run, run.order.issues):
        state = run.issue_state(rendered)
        if isinstance(state, NotSent) and not (state.is_resend and is_any_resent):
            return True
    return False


def hold_back_lookalikes(
    run: ExportRun, seen: ProbeResult, tickets: Sequence[RenderedTicket]
) -> None:
    """Leave to a person the tickets that look exported, though the ledger knows of no request.

    Where the ledger lost its end and the site drops markers, an issue with the session's label and
    the ticket's title is likely the ticket's; where it drops labels as well, its title has to do.
    Where a person looked already, that counts.
    """
    label = run.order.session_label if seen.is_traced else None  # defence: title-alone
    known_ids = _known_ids(run, seen)
    for rendered in tickets:
        identity = run.identity(rendered.ticket.ticket_id)
        is_unsent = isinstance(run.page.state(identity), NotSent)
        keys = seen.suspects(rendered, known_ids=known_ids, label=label)
        if is_unsent and keys and not was_left_to_person(run.page, identity):
            leave_to_person(
                run, rendered, why=f"{', '.join(keys)} may be its issue but has no marker"
            )


def _known_ids(run: ExportRun, seen: ProbeResult) -> frozenset[str]:
    """Return the ids of issues whose ticket is known; of all sessions where only titles tell."""
    session_ids = run.page.issue_ids()
    if seen.is_traced:
        return session_ids
    return session_ids.union(run.tools.store.ledger.last_issues(run.target.target_id, count=None))


def reason_not_to_resend(run: ExportRun, seen: ProbeResult, rendered: RenderedTicket) -> str | None:
    """Say why a ticket that was found nowhere may have an issue; None where nothing says so."""
    marked = seen.with_identity(run.identity(rendered.ticket.ticket_id))
    unclaimed = unclaimed_issues(run, marked)
    if unclaimed:
        return unclaimed_issues_error(run, unclaimed).message
    suspects = seen.suspects(rendered, known_ids=_known_ids(run, seen))
    if suspects:  # defence: unmarked-suspects
        return f"{', '.join(suspects)} may be its issue but has no marker"
    if not seen.is_calibrated:  # defence: dropped-markers
        return "this site drops markers or hides issues, so a missing issue proves nothing"
    if not seen.is_proven:  # defence: unproven-absence
        return "none of our issues has ever been seen here, so a missing issue proves nothing"
    return None


def leave_to_person(run: ExportRun, rendered: RenderedTicket, *, why: str) -> None:
    """Leave to a person whether a ticket has an issue, which nobody can find out."""
    record_missing_write(
        run.page,
        run.issue_subject(rendered),
        objection=why,
        report=partial(list_possible_orphan, run, rendered),
    )


def list_unmarked_duplicates(
    run: ExportRun, seen: ProbeResult, tickets: Sequence[RenderedTicket]
) -> None:
    """List for people what looks like a second issue of a ticket, though it has no marker.

    Where the site drops our markers its title has to do. Elsewhere only an issue that has our label
    and that one of our accounts made is one of ours which lost its marker. Nothing is done about it.
    """
    label = None
    creator_ids = None
    if seen.is_calibrated:
        label = run.order.session_label
        creator_ids = run.own_accounts
    known_ids = _known_ids(run, seen).union(run.page.known_ids)
    for rendered in tickets:
        if run.page.receipt(run.issue_subject(rendered).identity) is None:
            continue
        keys = seen.suspects(rendered, known_ids=known_ids, label=label, creator_ids=creator_ids)
        for key in keys:
            list_possible_orphan(run, rendered, key=key, why="it has the same title, no marker")


def list_duplicate(
    run: ExportRun, rendered: RenderedTicket, *, receipt: LedgerEntry, duplicate: FoundIssue
) -> None:
    """List an issue that carries the identity of a ticket beside the one that counts."""
    keeping = f"delete {duplicate.key}"
    swapping = f"adopt {duplicate.key} and delete {receipt.remote_key}"
    # The older one is proposed: what Jira shows decides, so that copies of a store agree.
    is_duplicate_older = int(duplicate.issue_id) < int(receipt.remote_id or 0)
    proposed = swapping if is_duplicate_older else keeping
    alternative = keeping if is_duplicate_older else swapping
    action = (
        f"{duplicate.key} and {receipt.remote_key} are both this ticket's issue; we would keep the "
        f"one that was created first. To do so, {proposed}; or {alternative}."
    )
    # defence: double-is-listed
    list_possible_orphan(run, rendered, key=duplicate.key, why="it exists twice", action=action)


def list_possible_orphan(
    run: ExportRun,
    rendered: RenderedTicket,
    why: str,
    *,
    key: str | None = None,
    action: str = "",
) -> None:
    """List an issue, or the doubt about one, for a person; what to do where it is not usual."""
    if not action and key:
        action = f"Compare {key} with the ticket's issue and delete the duplicate."
    elif not action:
        action = (
            f"Look in {run.target.name} for an issue titled “{rendered.summary}”, then check again."
        )
    orphan = Fallback(
        fix_type=FixType.ORPHAN_ISSUE,
        subject=key or CREATION_SUBJECT,
        title=f"Look for the issue of {rendered.ticket.title}",
        original_value=why,
        recommended_action=action,
    )
    record_fix(run, rendered.ticket, orphan, key=key)
