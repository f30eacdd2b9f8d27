"""First step of an export: creates the issues of a session, each at most once.

Belongs here: the order of the steps, and when something is sent, probed or left to people. Does
not: which ticket may be sent next (`creation_queue`), the request itself and what each answer leads
to (`sending`), probing Jira (`lookups`), what a found or a missing issue means for the ledger
(`unconfirmed`), fields and their fallbacks (`issue_fields`).

A request without a known outcome leaves its ticket unconfirmed: Jira is probed for the issue before
the ticket is ever sent again. The *horizon* is how long Jira may still be at work on such a request;
before it is over a missing issue proves nothing. The *window* is the range of issue numbers that a
probe reads. The *witness* is a new ticket that is kept back while something is unconfirmed: sent past
the horizon, its issue has a number above everything unconfirmed, so it shows where the window ends.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

from jira_pipeline.context.logs import logs_about
from jira_pipeline.export.adoption import mark_writes
from jira_pipeline.export.create_screen import CreateScreen, find_screen
from jira_pipeline.export.creation_queue import CreationQueue
from jira_pipeline.export.durations import seconds_left
from jira_pipeline.export.epic_checks import check_epics
from jira_pipeline.export.export_run import (
    UNASKED,
    ExportOrder,
    ExportRun,
    ExportTools,
    names_of_tickets,
)
from jira_pipeline.export.issue_fields import IssueFields
from jira_pipeline.export.ledger_comparison import file_comparison
from jira_pipeline.export.ledger_page import is_created_since, was_left_to_person
from jira_pipeline.export.links import find_link_types, links_of
from jira_pipeline.export.lookups import (
    UNWITNESSED_MARGIN,
    WINDOW_MARGIN,
    ProbeResult,
    describe_copies,
    probe,
    probe_known_ranges,
    refuse_other_installation,
    unverified,
    verify_receipts,
)
from jira_pipeline.export.placing import place_issues, place_writes
from jira_pipeline.export.sending import Sending
from jira_pipeline.export.target import opened_for_export
from jira_pipeline.export.target_questions import check_copies
from jira_pipeline.export.unconfirmed import (
    UnconfirmedWrites,
    hold_back_lookalikes,
    leave_to_person,
    list_unmarked_duplicates,
    lowest_possible_number,
    reason_not_to_resend,
    record_found_issues,
    record_missing_issues,
    unclaimed_issues,
    unclaimed_issues_error,
)
from jira_pipeline.model.differences import Difference
from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    InDoubtError,
    OrphanIssueError,
    UnavailableError,
)
from jira_pipeline.model.exports import InDoubt, LedgerEvent
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import (
    SessionStage,
    SessionStatus,
    TicketProgress,
    creation_percentage,
)
from jira_pipeline.model.tickets import Ticket

ISSUES_NAMED = 3
UNSEEN_UNCONFIRMED_MAX = 3
"""How many creations without a known outcome stop an execution that never saw an issue of ours on
its target: nothing shows then that the site keeps what is sent, or lets us see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationReport:
    """What one execution of the creation did."""

    created: int
    """Issues created by this execution, as far as Jira's answers said so."""
    settled: int
    """Issues that were found when looked up."""
    existing: int
    """Issues that were there before."""
    skipped: int
    """Tickets that people decided not to export."""


def create_issues(
    tools: ExportTools, order: ExportOrder, *, on_started: Callable[[], None] | None = None
) -> CreationReport:
    """Create one issue per ticket that has none, dependencies first; then put them in their places.

    `on_started` is called once the gate let the order pass.
    """
    with opened_for_export(tools, order, is_due=_is_due) as run:
        if on_started is not None:
            on_started()
        screen = CreateScreen()
        if run.account is not UNASKED:  # else nothing is due, and no request is sent
            screen = replace(check_names(run), of_epics=check_epics(run))
        run.show(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING, started_by=order.started_by)
        mark_writes(run).carry_out()  # defence: pending-marks
        report = IssueCreation(run, screen).create()
        place_issues(run)
        return report


def _is_due(run: ExportRun) -> bool:
    """Tell whether an issue, a parent, a sprint or a mark is missing; else Jira is not asked at all."""
    if any(run.issue_receipt(rendered) is None for rendered in run.order.issues):
        return True
    later_writes = (*place_writes(run, run.order.in_build_order), mark_writes(run))
    return any(writes.pending() for writes in later_writes)


def check_names(run: ExportRun) -> CreateScreen:
    """Find the issue type, and the link types that people named, before any issue is created."""
    screen = find_screen(run)
    if run.order.names.link_types:
        find_link_types(run)
    return screen


class IssueCreation:
    """The creation of a session's missing issues on one target, in one execution."""

    def __init__(self, run: ExportRun, screen: CreateScreen) -> None:
        self._run = run
        self._queue = CreationQueue(run)
        self._unconfirmed = UnconfirmedWrites(run)
        self._sending = Sending(run, unconfirmed=self._unconfirmed, fields=IssueFields(run, screen))
        self._existing_at_start = self._queue.existing_count
        self._unconfirmed_at_start = 0
        self._settled = 0
        self._sequence_at_horizon = run.page.last_sequence()
        """Sequence of the last ledger entry when the last horizon was over."""
        self._limited: set[str] = set()
        """Identities of tickets whose creation was answered with "wait", not looked up since."""
        self._sequence_at_limit = 0
        """Sequence of the last ledger entry when a creation was answered so."""
        self._was_issue_seen = False
        """A probe showed an issue of ours with its marker."""
        self._link_count = len(links_of(run.order.in_build_order))

    def create(self) -> CreationReport:
        """Create what is missing, and settle everything unconfirmed that can be settled.

        Raises:
            OrphanIssueError: What is left only a person can settle.
            InDoubtError: What is left a later probe may settle.
        """
        if self._queue.missing():  # else the comparison at the end of the export sees as much
            self._verify_receipts()
            self._reconcile_ledger()
            self._show_progress()
            self._run_steps()
            self._record_duplicates()
            self._raise_for_missing()
        self._show_progress()
        return CreationReport(
            created=self._sending.created,
            settled=self._settled,
            existing=self._existing_at_start,
            skipped=sum(rendered.is_excluded for rendered in self._run.order.rendered),
        )

    def _run_steps(self) -> None:
        """Take the first step that has something to do, again and again, until none has.

        The order of the steps is the algorithm: nothing that may exist is ever sent.
        """
        steps = (
            # New tickets go first. While something is unconfirmed one is kept back, the witness.
            self._create_all_but_witness,
            # An issue whose creation was answered with "wait" is there by now, or never will be.
            self._settle_limited,
            # Past the horizon, when Jira has done or dropped it, the unconfirmed are looked up.
            self._settle_unconfirmed,
            # What was found nowhere is sent again, one ticket at a time.
            self._resend_one,
            self._create_all,
            # An answer that named another issue leaves its ticket unconfirmed again.
            self._verify_receipts,
        )
        while any(step() for step in steps):
            pass

    # The steps: each returns how much it did.

    def _create_all_but_witness(self) -> int:
        """Send the new tickets; keep one back, the witness, while something is unconfirmed."""
        return self._create_new(keeps_witness=True)

    def _create_all(self) -> int:
        return self._create_new(keeps_witness=False)

    def _create_new(self, *, keeps_witness: bool) -> int:
        """Send the new tickets, each after those it depends on; return how many were sent."""
        sent_before = self._sending.sent
        batch = self._next_batch(0, keeps_witness=keeps_witness)
        while batch:
            self._send(batch)
            start = self._queue.position_after(batch)
            batch = self._next_batch(start, keeps_witness=keeps_witness)
            if not batch:
                self._sending.stop_at_first_refusal()
            if not batch and start > 0:  # dependencies in a circle: look at all of them again
                batch = self._next_batch(0, keeps_witness=keeps_witness)
        return self._sending.sent - sent_before

    def _next_batch(self, start: int, *, keeps_witness: bool) -> tuple[RenderedTicket, ...]:
        """Return the new tickets to send in one request, in build order from `start`; empty: none.

        The issues that they depend on exist, so none of them depends on another of them.
        """
        candidates = self._queue.sendable_new(start)
        first = next(candidates, None)
        if first is None or self._is_too_much_unseen():  # defence: too-much-unseen
            return ()
        limit = self._sending.batch_limit()
        # The witness must not depend on an unconfirmed ticket: it could not be sent before that one.
        if keeps_witness and self._is_horizon_ahead():  # defence: witness
            limit = min(limit, self._queue.count_new_without_unconfirmed() - 1)
        if limit <= 0:
            return ()
        return (first, *islice(candidates, limit - 1))

    def _is_horizon_ahead(self) -> bool:
        """Tell whether Jira may still be working on something that is unconfirmed.

        It is not on creations that a gateway answered with a request to wait.
        """
        return any(
            self._identity_of(rendered) not in self._limited
            for rendered in self._queue.unconfirmed()
        )

    def _is_too_much_unseen(self) -> bool:
        """Tell whether several creations were lost while no issue of ours was ever seen here.

        A site that takes nothing, or hides what it takes, is not sent a whole session.
        """
        has_receipt = self._existing_at_start or self._sending.created or self._settled
        if has_receipt or self._was_issue_seen:
            return False
        lost = self._queue.unconfirmed_count - self._unconfirmed_at_start
        return lost >= UNSEEN_UNCONFIRMED_MAX

    def _settle_limited(self) -> int:
        """Look up tickets that a gateway answered with a request to wait; return how many settled.

        After such an answer nothing is under way any more: Jira has created the issue by then, or
        never got the request. Where a missing issue proves nothing, the ticket stays unconfirmed.
        """
        run = self._run
        limited = [
            rendered
            for rendered in self._queue.unconfirmed()
            if self._identity_of(rendered) in self._limited
        ]
        self._limited.clear()
        if not limited:
            return 0
        probe_result = self._probe()  # most are found near the others
        if any(map(self._is_unconfirmed, limited)):
            since = self._sequence_at_limit
            probe_result = self._probe(is_wide=True, since=since)  # defence: window-of-limited
        for rendered in limited:
            if not self._is_unconfirmed(rendered):
                continue
            if (
                probe_result.is_conclusive
                and reason_not_to_resend(run, probe_result, rendered) is None
            ):
                detail = "looked up: the gateway that asked to wait did not pass it on"
                subject = run.issue_subject(rendered)
                run.page.write(subject, LedgerEvent.NOTHING_DONE, detail=detail)
        return sum(not self._is_unconfirmed(rendered) for rendered in limited)

    def _is_unconfirmed(self, rendered: RenderedTicket) -> bool:
        return isinstance(self._run.issue_state(rendered), InDoubt)

    def _settle_unconfirmed(self) -> int:
        """Look up what is unconfirmed, at once and past the horizon; return how many were settled."""
        before = self._queue.unconfirmed()
        if not before:
            return 0
        if self._run.order.settle_horizon_seconds:
            self._probe()  # most are found without waiting
        if self._queue.unconfirmed():
            self._wait_for_horizon()
            is_any_resent = any(map(self._queue.is_resent, self._queue.unconfirmed()))
            probe_result = self._probe(is_wide=is_any_resent)
            record_missing_issues(self._run, probe_result, self._queue.unconfirmed())
        return len(before) - len(self._queue.unconfirmed())

    def _wait_for_horizon(self) -> None:
        """Wait until Jira has done, or will never do, all that is unconfirmed."""
        identities = [self._identity_of(rendered) for rendered in self._queue.unconfirmed()]
        seconds = self._unconfirmed.seconds_left(identities)
        self._show_progress(
            f"Checking again in {seconds:.0f} s for {len(identities)} unconfirmed issues"
        )
        self._unconfirmed.wait(identities)  # defence: creation-horizon
        self._sequence_at_horizon = self._run.page.last_sequence()  # defence: sequence-at-horizon

    def _resend_one(self) -> int:
        """Send a ticket again that was found nowhere, or leave it to a person; return 1, or 0 if none.

        One at a time, because its number shows how far to look for the next. Nothing is sent again
        while a ticket that was sent again is unconfirmed, nor after a probe that proves nothing.
        """
        is_any_resent = any(map(self._queue.is_resent, self._queue.unconfirmed()))
        if is_any_resent or not self._queue.resendable():
            return 0
        # This probe is wider than the one that settled it, and may show what speaks against sending.
        probe_result = self._probe(is_wide=True)  # defence: probe-before-resend
        resendable = self._queue.resendable()
        if not probe_result.is_conclusive or not resendable:
            return 0
        rendered = resendable[0]
        objection = reason_not_to_resend(self._run, probe_result, rendered)
        identity = self._identity_of(rendered)
        # A person who looked and decided to have it sent again knows more than the probe.
        # defence: last-probe-objects
        if objection is not None and not was_left_to_person(self._run.page, identity):
            leave_to_person(self._run, rendered, why=objection)
            return 1
        sent_before = self._sending.sent
        self._send((rendered,))
        self._sending.stop_at_first_refusal()
        return self._sending.sent - sent_before

    def _verify_receipts(self) -> int:
        """Read back issues that were not read back yet; return how many receipts named another issue.

        The tickets of those receipts are unconfirmed from then on.
        """
        receipts = unverified(self._run, self._run.page.issue_receipts())
        wrong = verify_receipts(self._run, receipts).wrong
        for receipt in wrong:
            self._unconfirmed.note_sent(receipt.identity)
        return len(wrong)

    # Before and after the steps.

    def _reconcile_ledger(self) -> None:
        """Find issues that exist without a receipt, before anything is sent.

        Either their creation had no known outcome, or the ledger was restored from a backup.

        Raises:
            UnavailableError: Jira does not show all of the project just now.
        """
        run = self._run
        for rendered in self._queue.unconfirmed():
            self._unconfirmed.note_left(run.identity(rendered.ticket.ticket_id))
        known_sequence = run.page.last_sequence()
        probe_result = self._probe()
        check_copies(run, describe_copies(run, probe_result.copies))
        if probe_result.last_sequence(run.order.session_key) > known_sequence:
            # The site knows more than the ledger. What a restored ledger forgot may also be what
            # Jira is still working on: probe once more past the horizon.
            self._show_progress(
                "Jira has issues that are not recorded here: checking again before anything is sent"
            )
            run.wait_until(run.tools.monotonic() + run.order.settle_horizon_seconds)
            probe_result = self._probe()
        if not probe_result.is_conclusive:  # defence: conclusive-before-creation
            self._raise_if_all_are_gone()
            raise UnavailableError(
                f"Jira is not showing all of {run.target.name} at the moment; nothing is created "
                "until it does."
            )
        hold_back_lookalikes(run, probe_result, self._queue.missing())  # defence: lookalikes
        self._unconfirmed_at_start = len(self._queue.unconfirmed())

    def _raise_if_all_are_gone(self) -> None:
        """Leave it to a person where Jira shows none of the session's issues.

        Issues of tickets that are not exported any more count, too: one of them would be enough to
        show that Jira lets us see issues.

        Raises:
            GateError: They are gone, or hidden; what can be decided about them is filed.
        """
        run = self._run
        receipts = run.page.issue_receipts()
        if not receipts or any(map(run.page.is_read, receipts)):
            return
        # The comparison also says if Jira does not know us, or we may not see the project.
        compared = file_comparison(run)
        if any(difference.kind is Difference.GONE for difference in compared.differences):
            session_key = run.order.session_key
            account = run.account.display_name or run.account.account_id
            newest = ", ".join(r.remote_key or r.identity for r in receipts[-ISSUES_NAMED:])
            raise GateError(
                f"Jira shows {account} none of the {len(receipts)} issues that session "
                f"{session_key} has in {run.target.name}, not even {newest}: they were deleted, or "
                "this account may not see them. Nothing is created until somebody decides what to "
                "do with them.",
                rule=GateRule.ISSUES_GONE,
                session_key=session_key,
            )

    def _record_duplicates(self) -> None:
        """List for people the issues that exist twice, such as by a request that a gateway replayed.

        Those that earlier executions left are listed, too.
        """
        run = self._run
        probe_result = probe_known_ranges(run)  # defence: sweep-at-end
        refuse_other_installation(run, probe_result.issues)
        self._settled += record_found_issues(
            run, probe_result, self._queue.tickets
        )  # defence: left-twice
        list_unmarked_duplicates(
            run, probe_result, self._queue.tickets
        )  # defence: unmarked-duplicates

    def _raise_for_missing(self) -> None:
        """Stop where issues are still missing: people decide, or a later probe settles them."""
        missing = self._queue.missing()
        left_to_people = self._queue.left_to_people()
        if left_to_people:
            if unverified(self._run, self._run.page.issue_receipts()):
                file_comparison(self._run)  # what is gone may be why nobody can tell
            waiting_count = len(missing) - len(left_to_people)
            raise OrphanIssueError(
                session_key=self._run.order.session_key,
                target=self._run.target.name,
                numbers=names_of_tickets(rendered.ticket for rendered in left_to_people),
                waiting=f" {waiting_count} more wait for them." if waiting_count else "",
            )
        if missing:
            unconfirmed = self._queue.unconfirmed()
            numbers = names_of_tickets(rendered.ticket for rendered in unconfirmed)
            waiting_count = len(missing) - len(unconfirmed)
            message = (
                f"Jira does not show whether the issues of tickets {numbers} exist; they are "
                "looked up again before anything is sent."
            )
            if waiting_count:
                message += f" {waiting_count} more wait."
            raise InDoubtError(message)

    # What several steps use.

    def _send(self, batch: tuple[RenderedTicket, ...]) -> None:
        """Send the tickets of one request, unless the export was cancelled, and show it."""
        self._run.raise_if_cancelled()
        ticket = batch[0].ticket
        position = self._run.order.places[ticket.ticket_id] + 1
        others = f" and {len(batch) - 1} more" if len(batch) > 1 else ""
        self._show_progress(
            f"Creating ticket {position} of {len(self._queue.tickets)}: {ticket.title}{others}",
            at=ticket,
        )
        with logs_about(ticket=ticket.number):
            self._sending.send(batch)
            if self._sending.limited:
                self._limited.update(map(self._identity_of, self._sending.limited))
                self._sequence_at_limit = self._run.page.last_sequence()

    def _identity_of(self, rendered: RenderedTicket) -> str:
        return self._run.identity(rendered.ticket.ticket_id)

    def _probe(self, *, is_wide: bool = False, since: int | None = None) -> ProbeResult:
        """Look for the issues of all tickets without one, and record those that are found.

        The window `is_wide` before a ticket is sent again or left to a person: it then reaches
        beyond everything that may have been created up to the ledger entry `since`, by default
        the last one before the last horizon was over.

        Raises:
            GateError: People have to decide about issues that may be a ticket's.
        """
        run = self._run
        self._verify_receipts()
        # An issue created since then, and read back, closes the window: its number is above that of
        # everything that was unconfirmed then.
        sequence = self._sequence_at_horizon if since is None else since
        is_closed = is_created_since(run.page, sequence, project_key=run.target.project_key)
        margin = UNWITNESSED_MARGIN if is_wide and not is_closed else WINDOW_MARGIN
        low_bound = lowest_possible_number(run, self._queue.missing())
        probe_result = probe(run, low_bound, margin=margin)
        self._was_issue_seen = self._was_issue_seen or probe_result.is_proven
        self._settled += record_found_issues(run, probe_result, self._queue.tickets)
        run.page.note_number(run.target.project_key, probe_result.highest_number)
        unclaimed = unclaimed_issues(run, probe_result.issues)  # defence: unclaimed-issues
        if unclaimed:
            file_comparison(run)
            raise unclaimed_issues_error(run, unclaimed)
        return probe_result

    def _show_progress(self, text: str | None = None, *, at: Ticket | None = None) -> None:
        """Show how far the creation is; `at` is the ticket that is created next."""
        run = self._run
        total = len(self._queue.tickets)
        existing = self._queue.existing_count
        remaining_seconds = seconds_left(
            run.page.entries,
            links=run.page.link_intents,
            pace=run.order.pace,
            issue_count=total - existing,
            link_count=self._link_count,
            create_delay_seconds=run.order.create_delay_seconds,
        )
        progress = TicketProgress(
            done=existing,
            failed=self._queue.unconfirmed_count + self._queue.left_to_people_count,
            total=total,
            remaining_seconds=remaining_seconds,
        )
        if at is not None:
            progress = replace(progress, ticket_id=at.ticket_id, ticket_title=at.title)
        percentage = creation_percentage(existing, total_count=total)
        run.show_progress(percentage, text or f"{existing} of {total} issues exist", progress)
