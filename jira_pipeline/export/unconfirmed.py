"""Writes without a known outcome, and how they are settled: mostly because their issue is found.

The *horizon* is how long Jira may still be at work on a request after it was sent. An issue that is
missing before it is over may still come, and one that is missing afterwards hardly proves anything.

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
from jira_pipeline.model.exports import Exists, InDoubt, LedgerEntry, LedgerEvent, NotSent
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.issue_tracker import FoundIssue
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.rendered_tickets import RenderedTicket

RESEND_SPENT = "it was sent twice but cannot be found"
"""Why nothing is sent a third time."""
UNCLAIMED_NAMED = 5
"""How many issues a message names for each reason."""
CREATION_SUBJECT = "creation"
"""Subject of the manual fix about a ticket whose issue was found nowhere."""


class UnconfirmedWrites:
    """Since when this process knows of each write with an unknown outcome, by identity.

    The monotonic clock counts: the clock on the wall may have jumped since an earlier process sent
    the write.
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
    """Record that a write was found nowhere: it may be sent again once, else it is left to a person.

    A person decides where it was sent again already, or an `objection` speaks against it; `report`
    lists it for people with the reason.
    """
    state = page.state(subject.identity)
    reason = objection
    # defence: second-absence
    if reason is None and isinstance(state, InDoubt) and state.is_resend_spent:
        reason = RESEND_SPENT
    if reason is None:
        page.write(subject, LedgerEvent.ABSENT, detail="settled: found nowhere")
        return
    # A crash between the two must not hide it from people.
    report(reason)  # defence: report-before-giving-up
    page.write(subject, LedgerEvent.GIVEN_UP, detail=reason)


def lowest_possible_number(run: ExportRun, tickets: Sequence[RenderedTicket]) -> int | None:
    """Return the number above which all issues of these tickets must be; None: there can be none."""
    bounds = [low_bound(run.page, run.identity(rendered.ticket.ticket_id)) for rendered in tickets]
    return min((bound for bound in bounds if bound is not None), default=None)


def sendable_tickets(
    run: ExportRun, tickets: Sequence[RenderedTicket], *, start: int = 0
) -> Iterator[RenderedTicket]:
    """Yield the tickets from a position on that may be sent now: their dependencies have issues."""
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
    run: ExportRun, probe_result: ProbeResult, tickets: Sequence[RenderedTicket]
) -> int:
    """Write a receipt for each ticket that has none and whose issue was seen; return how many.

    Of two issues with one identity the lowest id wins; the other becomes a manual fix. Issues that
    people released are passed over, and none is claimed against which something speaks.
    """
    settled = 0
    forgotten = run.page.forgotten_ids()
    for rendered in tickets:
        subject = run.issue_subject(rendered)
        marked = probe_result.with_identity(subject.identity)
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
    """Return by key why issues with the identity of a missing one do not count as it.

    People decide about them before anything is created.
    """
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
    run: ExportRun, probe_result: ProbeResult, tickets: Sequence[RenderedTicket]
) -> None:
    """Settle the unconfirmed issues that a probe after the horizon did not show.

    A ticket that is missing for the first time may be sent again. It is left to a person where it
    was sent again already, where an issue without a marker may be its own, or where the site drops
    markers.
    """
    if not probe_result.is_conclusive:  # defence: conclusive-absence
        return
    # Where no issue of ours was ever seen, another ticket is sent first: it shows whether one is.
    # defence: other-ticket-first
    if not probe_result.is_proven and _is_any_to_send(run, tickets):
        return
    for rendered in tickets:
        if isinstance(run.issue_state(rendered), InDoubt):
            record_missing_write(
                run.page,
                run.issue_subject(rendered),
                objection=reason_not_to_resend(run, probe_result, rendered),
                report=partial(list_possible_orphan, run, rendered),
            )


def _is_any_to_send(run: ExportRun, unconfirmed: Sequence[RenderedTicket]) -> bool:
    """Tell whether any ticket can be sent before the unconfirmed ones are settled.

    A resend does not count while a ticket that was sent again is unconfirmed: it waits for that one.
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
    run: ExportRun, probe_result: ProbeResult, tickets: Sequence[RenderedTicket]
) -> None:
    """Leave to a person the tickets that look exported, though the ledger knows of no request.

    Where a restored ledger lost its last entries and the site drops markers, an issue with the
    session's label and the ticket's title is likely the ticket's; where the site drops labels as
    well, the title alone decides. A ticket that a person decided to send again is not held back.
    """
    label = run.order.session_label if probe_result.is_traced else None  # defence: title-alone
    known_ids = _known_ids(run, probe_result)
    for rendered in tickets:
        identity = run.identity(rendered.ticket.ticket_id)
        is_unsent = isinstance(run.page.state(identity), NotSent)
        keys = probe_result.suspects(rendered, known_ids=known_ids, label=label)
        if is_unsent and keys and not was_left_to_person(run.page, identity):
            leave_to_person(
                run, rendered, why=f"{', '.join(keys)} may be its issue but has no marker"
            )


def _known_ids(run: ExportRun, probe_result: ProbeResult) -> frozenset[str]:
    """Return the ids of issues whose ticket is known.

    Issues of other sessions are among them where the site keeps neither markers nor labels: only
    titles are compared there, and another session may have the same.
    """
    session_ids = run.page.issue_ids()
    if probe_result.is_traced:
        return session_ids
    return session_ids.union(run.tools.store.ledger.last_issues(run.target.target_id, count=None))


def reason_not_to_resend(
    run: ExportRun, probe_result: ProbeResult, rendered: RenderedTicket
) -> str | None:
    """Say why a ticket that was found nowhere may have an issue; None where nothing says so."""
    marked = probe_result.with_identity(run.identity(rendered.ticket.ticket_id))
    unclaimed = unclaimed_issues(run, marked)
    if unclaimed:
        return unclaimed_issues_error(run, unclaimed).message
    suspects = probe_result.suspects(rendered, known_ids=_known_ids(run, probe_result))
    if suspects:  # defence: unmarked-suspects
        return f"{', '.join(suspects)} may be its issue but has no marker"
    if not probe_result.is_calibrated:  # defence: dropped-markers
        return "this site drops markers or hides issues, so a missing issue proves nothing"
    if not probe_result.is_proven:  # defence: unproven-absence
        return "none of our issues has ever been seen here, so a missing issue proves nothing"
    return None


def leave_to_person(run: ExportRun, rendered: RenderedTicket, *, why: str) -> None:
    """Record that a person has to decide whether a ticket has an issue, and list it for people."""
    record_missing_write(
        run.page,
        run.issue_subject(rendered),
        objection=why,
        report=partial(list_possible_orphan, run, rendered),
    )


def list_unmarked_duplicates(
    run: ExportRun, probe_result: ProbeResult, tickets: Sequence[RenderedTicket]
) -> None:
    """List for people what looks like a second issue of a ticket, though it has no marker.

    Where the site drops our markers, the title alone decides. Elsewhere only an issue that has our
    label and that one of our accounts made can be one of ours that lost its marker.
    """
    label = None
    creator_ids = None
    if probe_result.is_calibrated:
        label = run.order.session_label
        creator_ids = run.own_accounts
    known_ids = _known_ids(run, probe_result).union(run.page.known_ids)
    for rendered in tickets:
        if run.page.receipt(run.issue_subject(rendered).identity) is None:
            continue
        keys = probe_result.suspects(
            rendered, known_ids=known_ids, label=label, creator_ids=creator_ids
        )
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
    """List for a person an issue that may be a ticket's, or without a `key` that one may exist.

    `action` is what to do where the usual advice does not fit.
    """
    if action:
        recommended_action = action
    elif key:
        recommended_action = f"Compare {key} with the ticket's issue and delete the duplicate."
    else:
        recommended_action = (
            f"Look in {run.target.name} for an issue titled “{rendered.summary}”, then check again."
        )
    orphan = Fallback(
        fix_type=FixType.ORPHAN_ISSUE,
        subject=key or CREATION_SUBJECT,
        title=f"Look for the issue of {rendered.ticket.title}",
        original_value=why,
        recommended_action=recommended_action,
    )
    record_fix(run, rendered.ticket, orphan, key=key)
