"""First step of an export: creates the issues of a session, each at most once.

Belongs here: which ticket is next; the order of sweep, creation passes and settling. Does not: the
request itself and what each answer leads to (`sending`), looking up (`lookups`), what a find or an
absence means (`doubts`), fields and their fallbacks (`fields`).

What has no known outcome is put aside, and looked up before it is ever sent again.
"""

from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from jira_pipeline.context.logs import logs_about
from jira_pipeline.export.adoption import marking
from jira_pipeline.export.doubts import (
    Doubts,
    give_up_issue,
    low_bound_of,
    objection_to_resending,
    question_of_unclaimed,
    record_absences,
    record_finds,
    record_lookalikes,
    record_unmarked,
    sendable_among,
    unclaimed_among,
)
from jira_pipeline.export.durations import seconds_left
from jira_pipeline.export.export_run import (
    UNASKED,
    ExportOrder,
    ExportRun,
    ExportTools,
    names_of_tickets,
)
from jira_pipeline.export.fields import CreateScreen, IssueFields, find_screen
from jira_pipeline.export.gate import check_copies
from jira_pipeline.export.ledger_comparison import file_comparison
from jira_pipeline.export.ledger_page import is_created_since, was_given_up
from jira_pipeline.export.links import find_link_types, links_of
from jira_pipeline.export.lookups import (
    UNWITNESSED_MARGIN,
    WINDOW_MARGIN,
    ProbeResult,
    described_copies,
    probe,
    probe_ranges,
    read_back,
    refuse_foreign,
    unread,
)
from jira_pipeline.export.placing import check_epics, place_issues, placing
from jira_pipeline.export.sending import Sending
from jira_pipeline.export.target import opened_for_export
from jira_pipeline.model.errors import (
    GateError,
    GateRule,
    InDoubtError,
    OrphanIssueError,
    UnavailableError,
)
from jira_pipeline.model.exports import Difference, Exists, GivenUp, InDoubt, NotSent
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import (
    SessionStage,
    SessionStatus,
    TicketProgress,
    creation_percentage,
)
from jira_pipeline.model.tickets import Ticket

ISSUES_NAMED = 3
UNSEEN_DOUBTS_MAX = 3
"""How many creations one execution may lose while no issue of ours was ever seen on a target:
there is nothing then that what it lost can be compared with."""


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


def create_issues(tools: ExportTools, order: ExportOrder) -> CreationReport:
    """Create one issue per ticket that has none, dependencies first; then see to their places."""

    def is_due(run: ExportRun) -> bool:
        is_missing = any(run.issue_receipt(rendered) is None for rendered in order.issues)
        later = (*placing(run, order.in_build_order), marking(run))
        return is_missing or any(writes.pending() for writes in later)

    with opened_for_export(tools, order, is_due=is_due) as run:
        screen = CreateScreen()
        if run.account is not UNASKED:
            screen = replace(check_names(run), of_epics=check_epics(run))
        run.show(SessionStage.JIRA_EXPORT, SessionStatus.RUNNING, started_by=order.started_by)
        marking(run).bring_about()
        report = IssueCreation(run, screen).create()
        place_issues(run)
        return report


def check_names(run: ExportRun) -> CreateScreen:
    """Find the issue type, and the link types that people named, before any issue is created."""
    screen = find_screen(run)
    if run.order.names.link_types:
        find_link_types(run)
    return screen


class IssueCreation:
    def __init__(self, run: ExportRun, screen: CreateScreen) -> None:
        self._run = run
        self._tickets = run.order.issues
        self._places = {run.identity(r.ticket.ticket_id): n for n, r in enumerate(self._tickets)}
        self._by_state = run.page.follow(self._places)
        self._doubts = Doubts(run)
        self._sending = Sending(run, doubts=self._doubts, fields=IssueFields(run, screen))
        self._existing = len(self._by_state[Exists])
        self._settled = 0
        self._horizon_sequence = run.page.last_sequence()
        """Of the last entry when the last horizon was over."""
        self._is_proven = False
        self._doubts_before = 0
        self._link_count = len(links_of(run.order.in_build_order))

    def create(self) -> CreationReport:
        """Create what is missing, and settle every doubt that can be settled.

        The order of the steps is the algorithm: the first for which there is something to do is taken,
        and after each it begins anew. New tickets go first, but for one while something is in doubt:
        it is the witness. Then doubts are looked up, past the horizon, for nothing that may exist is
        ever sent. What was found nowhere goes again, one ticket a time; then the one that was kept
        back. At last what was created is read back: an answer that named another issue is a doubt.

        Raises:
            OrphanIssueError: Doubts remain that only a person can settle.
            InDoubtError: Doubts remain that a later lookup may settle.
        """
        if self._missing():  # else the comparison at the end of the export sees as much
            self._read_back()
            self._sweep()
            self._show_progress()
            steps = (
                partial(self._create_what_can_be, is_one_kept_back=True),
                self._settle_doubts,
                self._send_one_again,
                partial(self._create_what_can_be, is_one_kept_back=False),
                self._read_back,
            )
            while any(step() for step in steps):
                pass

            # what is there twice, such as by a request that a gateway replayed, in earlier executions
            # too
            run = self._run
            seen = probe_ranges(run)
            refuse_foreign(run, seen.issues)
            self._settled += record_finds(run, seen, self._tickets)
            record_unmarked(run, seen, self._tickets)
            self._raise_for_what_is_left()
        self._show_progress()
        return CreationReport(
            created=self._sending.created,
            settled=self._settled,
            existing=self._existing,
            skipped=sum(rendered.is_excluded for rendered in self._run.order.rendered),
        )

    def _read_back(self) -> int:
        """Read back what is not read yet; return how many receipts named another issue.

        Theirs are in doubt from then on. What was read says how high the numbers are.
        """
        run = self._run
        wrong = read_back(run, unread(run, run.page.issue_receipts())).wrong
        for receipt in wrong:
            self._doubts.note(receipt.identity)
        return len(wrong)

    def _sweep(self) -> None:
        """Find what exists but has no receipt: a ledger restored from a backup, open intents.

        Where the site knows more than the ledger, once more past the horizon: what a restored
        ledger forgot may also be what Jira is still working on.
        """
        run = self._run
        for rendered in self._missing():
            if isinstance(run.issue_state(rendered), InDoubt):
                self._doubts.note_earlier(run.identity(rendered.ticket.ticket_id))
        known = run.page.last_sequence()
        seen = self._look()
        check_copies(run, described_copies(run, seen.copies))
        if seen.last_sequence(run.order.session_key) > known:
            self._show_progress(
                "Jira has issues that are not recorded here: checking again before anything is sent"
            )
            run.wait_until(run.tools.monotonic() + run.order.settle_horizon_seconds)
            seen = self._look()
        if not seen.is_conclusive:
            self._refuse_where_all_are_gone()
            raise UnavailableError(
                f"Jira is not showing all of {run.target.name} at the moment; nothing is created "
                "until it does."
            )
        record_lookalikes(run, seen, self._missing())
        self._doubts_before = len(self._in_doubt())

    def _refuse_where_all_are_gone(self) -> None:
        """Leave it to a person where Jira shows none of our issues, by which we know that it shows any.

        Jira knows us, and we may see the project: else the comparison says so. Those of tickets that
        are not exported any more count, too: nothing else shows that Jira shows anything.

        Raises:
            GateError: They are gone, or hidden; what can be decided about them is filed.
        """
        run, receipts = self._run, self._run.page.issue_receipts()
        if not receipts or any(map(run.page.is_read, receipts)):
            return
        compared = file_comparison(run)
        if any(difference.kind is Difference.GONE for difference in compared.differences):
            key, account = run.order.session_key, run.account
            newest = ", ".join(r.remote_key or r.identity for r in receipts[-ISSUES_NAMED:])
            raise GateError(
                f"Jira shows {account.display_name or account.account_id} none of the "
                f"{len(receipts)} issues that session {key} has in {run.target.name}, not even "
                f"{newest}: they were deleted, or this account may not see them. Nothing is "
                "created until somebody decides what to do with them.",
                rule=GateRule.ISSUES_GONE,
                session_key=key,
            )

    def _create_what_can_be(self, *, is_one_kept_back: bool) -> int:
        """Send every ticket that is new and waits for none; return how many were sent.

        While something is in doubt one may be kept back: created after the horizon, its number is
        above that of everything that was in doubt, and closes the window they are looked for in.
        """
        before, begin = self._sending.sent, 0
        while batch := self._next_batch(begin, is_one_kept_back=is_one_kept_back) or (
            self._next_batch(0, is_one_kept_back=is_one_kept_back) if begin else ()
        ):
            self._send(batch)
            # what was passed over before the batch waits for none of it, but in a circle: so
            # only where nothing follows is all of it looked at again
            first, last = (
                self._run.order.places[r.ticket.ticket_id] for r in (batch[0], batch[-1])
            )
            window = range(first, last + 1)
            begin = next((n for n in window if self._is_new(self._tickets[n])), last + 1)
        return self._sending.sent - before

    def _next_batch(self, begin: int, *, is_one_kept_back: bool) -> tuple[RenderedTicket, ...]:
        """Return the next new tickets in build order, from a place on, that wait for none.

        None of them waits for another of them: that one's issue does not exist yet.
        """
        sendable = sendable_among(self._run, self._tickets, begin=begin)
        candidates = (rendered for rendered in sendable if self._is_new(rendered))
        first = next(candidates, None)
        if first is None or self._is_too_much_unseen():
            return ()
        limit = self._sending.batch_limit()
        if is_one_kept_back and self._in_doubt():
            limit = min(limit, self._count_new_without_doubts() - 1)
        return (first, *islice(candidates, limit - 1)) if limit > 0 else ()

    def _is_too_much_unseen(self) -> bool:
        """Tell whether enough was lost while no issue of ours was ever seen here.

        A site that takes nothing, or hides what it takes, is not sent a whole session.
        """
        if self._existing or self._sending.created or self._settled or self._is_proven:
            return False
        return len(self._by_state[InDoubt]) - self._doubts_before >= UNSEEN_DOUBTS_MAX

    def _count_new_without_doubts(self) -> int:
        """Count the new tickets that wait, however far, for none that is in doubt."""
        waiting: set[str] = set()
        count = 0
        for rendered in self._tickets:
            ticket = rendered.ticket
            is_waiting = not waiting.isdisjoint(self._run.waits_for(ticket))
            if is_waiting or not (
                isinstance(self._run.issue_state(rendered), Exists) or self._is_new(rendered)
            ):
                waiting.add(ticket.ticket_id)
            else:
                count += self._is_new(rendered)
        return count

    def _settle_doubts(self) -> int:
        """Look up what is in doubt, past the horizon too; return how many were settled."""
        run, in_doubt = self._run, self._in_doubt()
        if not in_doubt:
            return 0
        if run.order.settle_horizon_seconds:
            self._look()
        if self._in_doubt():
            waiting = [run.identity(r.ticket.ticket_id) for r in self._in_doubt()]
            left = self._doubts.seconds_left(waiting)
            self._show_progress(
                f"Checking again in {left:.0f} s for {len(waiting)} unconfirmed issues"
            )
            self._doubts.wait(waiting)
            self._horizon_sequence = self._run.page.last_sequence()
            seen = self._look(reaches_far=any(map(self._was_resent, self._in_doubt())))
            record_absences(run, seen, self._in_doubt())
        return len(in_doubt) - len(self._in_doubt())

    def _send_one_again(self) -> int:
        """Send one ticket that was lost and found nowhere, looking for it right before.

        One at a time, because its number shows how far to look for the next. Nothing is sent while
        one that was sent again is in doubt, and nothing on a reading that proves nothing. This look
        reaches further than the one that settled it, and may show what speaks against sending;
        where a person looked already, that counts.

        Returns how many were sent or left to a person.
        """
        if not self._lost() or any(self._was_resent(r) for r in self._in_doubt()):
            return 0
        seen = self._look(reaches_far=True)
        lost = self._lost()
        if not seen.is_conclusive or not lost:
            return 0
        objection = objection_to_resending(self._run, seen, lost[0])
        identity = self._run.identity(lost[0].ticket.ticket_id)
        if objection is not None and not was_given_up(self._run.page, identity):
            give_up_issue(self._run, lost[0], why=objection)
            return 1
        before = self._sending.sent
        self._send((lost[0],))
        return self._sending.sent - before

    def _send(self, batch: tuple[RenderedTicket, ...]) -> None:
        self._run.raise_if_cancelled()
        first = self._run.order.places[batch[0].ticket.ticket_id] + 1
        others = f" and {len(batch) - 1} more" if len(batch) > 1 else ""
        text = f"Creating issue {first} of {len(self._tickets)}: {batch[0].ticket.title}{others}"
        self._show_progress(text, at=batch[0].ticket)
        with logs_about(ticket=batch[0].ticket.number):
            self._sending.send(batch)

    def _look(self, *, reaches_far: bool = False) -> ProbeResult:
        """Look for the issues of all tickets without one and record what is found.

        Before a resend, or before a person is asked, the window has to reach beyond everything
        that was in doubt. An issue that we created since the last horizon, and read back, has a
        higher number: it closes the window.
        """
        self._read_back()
        is_closed = is_created_since(
            self._run.page, self._horizon_sequence, project_key=self._run.target.project_key
        )
        margin = WINDOW_MARGIN if is_closed or not reaches_far else UNWITNESSED_MARGIN
        seen = probe(self._run, low_bound_of(self._run, self._missing()), margin=margin)
        self._is_proven = self._is_proven or seen.is_proven
        self._settled += record_finds(self._run, seen, self._tickets)
        self._run.page.note_number(self._run.target.project_key, seen.highest_number)
        if unclaimed := unclaimed_among(self._run, seen.issues):
            file_comparison(self._run)
            raise question_of_unclaimed(self._run, unclaimed)
        return seen

    def _raise_for_what_is_left(self) -> None:
        missing, in_doubt = self._missing(), self._in_doubt()
        given_up = [r for r in self._tickets if isinstance(self._run.issue_state(r), GivenUp)]
        if given_up:
            if unread(self._run, self._run.page.issue_receipts()):
                file_comparison(self._run)  # what is gone may be why nobody can tell
            others = len(missing) - len(given_up)
            raise OrphanIssueError(
                session_key=self._run.order.session_key,
                target=self._run.target.name,
                numbers=names_of_tickets(r.ticket for r in given_up),
                waiting=f" {others} more wait for them." if others else "",
            )
        if missing:
            numbers = names_of_tickets(r.ticket for r in in_doubt)
            waiting = len(missing) - len(in_doubt)
            raise InDoubtError(
                f"Jira does not show whether the issues of tickets {numbers} exist; they are "
                "looked up again before anything is sent."
                + (f" {waiting} more wait." if waiting else "")
            )

    def _show_progress(self, text: str | None = None, *, at: Ticket | None = None) -> None:
        """Show how far the creation is; `at` is the ticket that is created next."""
        run, total = self._run, len(self._tickets)
        done = len(self._by_state[Exists])
        lost = len(self._by_state[InDoubt]) + len(self._by_state[GivenUp])
        run.show_progress(
            creation_percentage(done, total_count=total),
            text or f"{done} of {total} issues exist",
            TicketProgress(
                ticket_id=at.ticket_id if at else None,
                ticket_title=at.title if at else None,
                done=done,
                failed=lost,
                total=total,
                remaining_seconds=seconds_left(
                    run.page.entries,
                    links=run.page.link_intents,
                    pace=run.order.pace,
                    issue_count=total - done,
                    link_count=self._link_count,
                    create_delay_seconds=run.order.create_delay_seconds,
                ),
            ),
        )

    def _is_new(self, rendered: RenderedTicket) -> bool:
        state = self._run.issue_state(rendered)
        return isinstance(state, NotSent) and not state.is_resend

    def _lost(self) -> list[RenderedTicket]:
        """Return the tickets that may be sent again and wait for none, in build order."""
        return [r for r in sendable_among(self._run, self._tickets) if not self._is_new(r)]

    def _was_resent(self, rendered: RenderedTicket) -> bool:
        state = self._run.issue_state(rendered)
        return isinstance(state, InDoubt) and state.is_resend_spent

    def _missing(self) -> list[RenderedTicket]:
        return [r for r in self._tickets if not isinstance(self._run.issue_state(r), Exists)]

    def _in_doubt(self) -> list[RenderedTicket]:
        places = sorted(map(self._places.__getitem__, self._by_state[InDoubt]))
        return [self._tickets[place] for place in places]
