"""Creates the issues of a session, each at most once.

Belongs here: the order of sweep, creation passes and settling. Does not: sending and what each
answer leads to (`sending`), looking up (`lookout`), fields and their fallbacks (`choices`).

What has no known outcome is put aside, and looked up before it is ever sent again.
"""

from dataclasses import dataclass, replace
from itertools import islice

from jira_pipeline.domain.export_ledger import Exists, GivenUp, InDoubt, NotSent
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.sessions import TicketProgress, creation_percentage
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.errors import InDoubtError, OrphanIssueError, UnavailableError
from jira_pipeline.stages.jira_export.book import open_book
from jira_pipeline.stages.jira_export.choices import CreateScreen, FieldChoices
from jira_pipeline.stages.jira_export.doubts import Doubts
from jira_pipeline.stages.jira_export.key_window import UNWITNESSED_MARGIN, WINDOW_MARGIN
from jira_pipeline.stages.jira_export.links import links_of
from jira_pipeline.stages.jira_export.lookout import Lookout
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools, OpenTarget
from jira_pipeline.stages.jira_export.orphans import record_unmarked
from jira_pipeline.stages.jira_export.pace import estimated_seconds
from jira_pipeline.stages.jira_export.sending import Sending
from jira_pipeline.stages.jira_export.settling import (
    low_bound_of,
    record_absences,
    record_finds,
    record_lookalikes,
    sendable_among,
)
from jira_pipeline.stages.jira_export.sighting import Sighting
from jira_pipeline.stages.jira_export.waiting import raise_if_cancelled, wait_until

UNSEEN_DOUBTS_MAX = 3
"""How many creations one execution may lose while no issue of ours was ever seen on a target:
there is nothing then that what it lost can be compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationReport:
    """What one execution of the creation did."""

    target_id: str
    total: int
    created: int
    """Issues created by this execution, as far as Jira's answers said so."""
    settled: int
    """Issues that were found when looked up."""
    existing: int
    """Issues that were there before."""
    skipped: int


class IssueCreation:
    """One execution of the creation on an opened target."""

    def __init__(
        self,
        tools: ExportTools,
        order: ExportOrder,
        *,
        opened: OpenTarget,
        issue_type_id: str,
        screen: CreateScreen,
    ) -> None:
        """Read the ledger; nothing is sent yet."""
        self._tools = tools
        self._order = order
        self._opened = opened
        self._tickets = order.in_build_order
        self._book = open_book(tools, opened)
        self._doubts = Doubts(tools, horizon_seconds=order.settle_horizon_seconds)
        self._sending = Sending(
            tools,
            order,
            opened=opened,
            book=self._book,
            doubts=self._doubts,
            issue_type_id=issue_type_id,
            choices=FieldChoices(tools, order, opened=opened, screen=screen),
        )
        self._lookout = Lookout(tools=tools, order=order, opened=opened, book=self._book)
        self._identities = {
            r.ticket.ticket_id: opened.identity(r.ticket.ticket_id) for r in self._tickets
        }
        self._existing = 0
        self._settled = 0
        self._created_before = 0
        """How many were created when the last horizon was over."""
        self._is_proven = False
        self._doubts_before = 0
        self._began = tools.monotonic()
        self._link_count = len(links_of(order))

    def run(self) -> CreationReport:
        """Create what is missing, and settle every doubt that can be settled.

        Raises:
            CancelledError: The export was cancelled; what was done stays recorded.
            OrphanIssueError: Doubts remain that only a person can settle.
            InDoubtError: Doubts remain that a later lookup may settle.
            UpstreamError: Jira is out of reach, or refuses a ticket as a whole.
        """
        self._sweep()
        self._show_done()
        while (
            self._create_what_can_be(is_one_kept_back=True)
            or self._settle_doubts()
            or self._send_one_again()
            or self._create_what_can_be(is_one_kept_back=False)
        ):
            pass
        self._sweep_at_end()
        self._raise_for_what_is_left()
        return CreationReport(
            target_id=self._opened.target.target_id,
            total=len(self._tickets),
            created=self._sending.created,
            settled=self._settled,
            existing=self._existing,
            skipped=sum(rendered.is_skipped for rendered in self._order.rendered),
        )

    def _sweep(self) -> None:
        """Find what exists but has no receipt: a ledger restored from a backup, open intents."""
        self._existing = sum(self._exists(rendered) for rendered in self._tickets)
        missing = self._missing()
        for rendered in missing:
            if isinstance(self._state(rendered), InDoubt):
                self._doubts.note_earlier(self._identities[rendered.ticket.ticket_id])
        if missing:
            sighting = self._look_after_all_is_done()
            if not sighting.is_conclusive:
                raise UnavailableError(
                    f"Jira does not show all of {self._opened.target.name} just now; "
                    "nothing is created before it does."
                )
            record_lookalikes(self._lookout, sighting, self._missing())
            self._doubts_before = len(self._in_doubt())

    def _look_after_all_is_done(self) -> Sighting:
        """Look, and where the site knows more than the ledger, once more past the horizon.

        What a restored ledger forgot may also be what Jira is still working on.
        """
        known = self._book.last_sequence()
        sighting = self._look()
        if sighting.last_sequence(self._order.session_key) > known:
            self._set_progress("The ledger is older than Jira: looking again after the horizon")
            wait_until(self._tools, self._tools.monotonic() + self._order.settle_horizon_seconds)
            sighting = self._look()
        return sighting

    def _sweep_at_end(self) -> None:
        """List what was left behind twice, such as requests a gateway replayed.

        By earlier executions too: they may have ended before they looked. The ledger knows which
        numbers may be ours, so a project that grew since is not read as a whole.
        """
        project_key = self._opened.target.project_key
        ranges = self._book.number_ranges(project_key, margin=WINDOW_MARGIN)
        sighting = self._lookout.look_through(ranges)
        self._settled += record_finds(self._lookout, sighting, self._tickets)
        record_unmarked(self._lookout, sighting, self._tickets)

    def _create_what_can_be(self, *, is_one_kept_back: bool) -> int:
        """Send every ticket that is new and waits for none; return how many were sent.

        While something is in doubt one may be kept back: created after the horizon, its number is
        above that of everything that was in doubt, and closes the window they are looked for in.
        """
        before = self._sending.sent
        while batch := self._next_batch(is_one_kept_back=is_one_kept_back):
            raise_if_cancelled(self._tools)
            self._tell_progress(batch)
            self._sending.send(batch)
        return self._sending.sent - before

    def _next_batch(self, *, is_one_kept_back: bool) -> tuple[RenderedTicket, ...]:
        """Return the next new tickets in build order that wait for none.

        None of them waits for another of them: that one's issue does not exist yet.
        """
        candidates = (r for r in sendable_among(self._tickets, self._state) if self._is_new(r))
        first = next(candidates, None)
        if first is None or self._is_groping():
            return ()
        limit = self._sending.batch_limit()
        if is_one_kept_back and self._in_doubt():
            limit = min(limit, self._new_without_doubts() - 1)
        return (first, *islice(candidates, limit - 1)) if limit > 0 else ()

    def _is_new(self, rendered: RenderedTicket) -> bool:
        state = self._state(rendered)
        return isinstance(state, NotSent) and not state.is_resend

    def _new_without_doubts(self) -> int:
        """Count the new tickets that wait, however far, for none that is in doubt."""
        waiting: set[str] = set()
        count = 0
        for rendered in self._tickets:
            ticket = rendered.ticket
            is_waiting = not waiting.isdisjoint(ticket.depends_on)
            if is_waiting or not (self._exists(rendered) or self._is_new(rendered)):
                waiting.add(ticket.ticket_id)
            else:
                count += self._is_new(rendered)
        return count

    def _send_one_again(self) -> int:
        """Send one ticket that was lost and found nowhere, looking for it right before.

        One at a time, because its number tells how far to look for the next. Nothing is sent while
        one that was sent again is in doubt, and nothing on a reading that proves nothing.
        """
        if not self._lost() or any(self._was_resent(r) for r in self._in_doubt()):
            return 0
        sighting = self._look(reaches_far=True)
        lost = self._lost()
        if not sighting.is_conclusive or not lost:
            return 0
        raise_if_cancelled(self._tools)
        self._tell_progress((lost[0],))
        before = self._sending.sent
        self._sending.send((lost[0],))
        return self._sending.sent - before

    def _lost(self) -> list[RenderedTicket]:
        """Return the tickets that may be sent again and wait for none, in build order."""
        return [r for r in sendable_among(self._tickets, self._state) if not self._is_new(r)]

    def _was_resent(self, rendered: RenderedTicket) -> bool:
        state = self._state(rendered)
        return isinstance(state, InDoubt) and state.is_resend_spent

    def _is_groping(self) -> bool:
        """Tell whether enough was lost while no issue of ours was ever seen here.

        A site that takes nothing, or hides what it takes, is not sent a whole session.
        """
        lost = len(self._in_doubt()) - self._doubts_before if not self._is_seen() else 0
        return lost >= UNSEEN_DOUBTS_MAX

    def _is_seen(self) -> bool:
        return bool(self._existing or self._sending.created or self._settled or self._is_proven)

    def _settle_doubts(self) -> int:
        """Look up what is in doubt, waiting for the horizon; return how many were settled."""
        if not self._in_doubt():
            return 0
        before = len(self._in_doubt())
        if self._order.settle_horizon_seconds:
            self._look()
        if self._in_doubt():
            self._wait_for_horizon()
            self._created_before = self._sending.created
            sighting = self._look(reaches_far=any(map(self._was_resent, self._in_doubt())))
            record_absences(self._lookout, sighting, self._in_doubt())
        return before - len(self._in_doubt())

    def _look(self, *, reaches_far: bool = False) -> Sighting:
        """Look for the issues of all tickets without one and record what is found.

        Before a resend, or before a person is asked, the window has to reach beyond everything
        that was in doubt. An issue that we created since the last horizon has a higher number: it
        closes the window.
        """
        missing = self._missing()
        is_closed = self._sending.created > self._created_before
        margin = WINDOW_MARGIN if is_closed or not reaches_far else UNWITNESSED_MARGIN
        sighting = self._lookout.look(low_bound_of(self._lookout, missing), margin=margin)
        self._is_proven = self._is_proven or sighting.is_proven
        self._settled += record_finds(self._lookout, sighting, self._tickets)
        self._sending.highest_number = max(self._sending.highest_number, sighting.highest_number)
        return sighting

    def _wait_for_horizon(self) -> None:
        """Wait until the server had the horizon's time for everything that is in doubt."""
        identities = [self._identities[r.ticket.ticket_id] for r in self._in_doubt()]
        left = self._doubts.seconds_left(identities)
        self._set_progress(f"Looking again in {left:.0f} s for {len(identities)} issues in doubt")
        self._doubts.wait(identities)

    def _raise_for_what_is_left(self) -> None:
        given_up = [r for r in self._tickets if isinstance(self._state(r), GivenUp)]
        missing = self._missing()
        if given_up:
            raise OrphanIssueError(
                session_key=self._order.session_key,
                target=self._opened.target.name,
                ticket_numbers=[r.ticket.number for r in given_up],
                waiting_count=len(missing) - len(given_up),
            )
        if missing:
            numbers = ", ".join(str(r.ticket.number) for r in self._in_doubt())
            waiting = len(missing) - len(self._in_doubt())
            raise InDoubtError(
                f"Jira does not let us see whether the issues of tickets {numbers} exist; "
                "they are looked up again before anything is sent."
                + (f" {waiting} more wait." if waiting else "")
            )

    def _tell_progress(self, batch: tuple[RenderedTicket, ...]) -> None:
        first = self._tickets.index(batch[0]) + 1
        others = f" and {len(batch) - 1} more" if len(batch) > 1 else ""
        title = batch[0].ticket.title
        text = f"Creating ticket {first} of {len(self._tickets)}: {title}{others}"
        self._set_progress(text, at=batch[0].ticket)

    def _show_done(self) -> None:
        self._set_progress(f"{self._done_count()} of {len(self._tickets)} issues exist")

    def _set_progress(self, text: str, *, at: Ticket | None = None) -> None:
        """Tell how far the creation is; `at` is the ticket that is created next."""
        done, total = self._done_count(), len(self._tickets)
        lost = sum(isinstance(self._state(r), InDoubt | GivenUp) for r in self._tickets)
        self._tools.sessions.set_progress(
            self._order.session_key,
            percentage=creation_percentage(done, total_count=total),
            text=text,
            at=self._tools.clock.now(),
            details=TicketProgress(
                ticket_id=at.ticket_id if at else None,
                ticket_title=at.title if at else None,
                done=done,
                failed=lost,
                total=total,
                remaining_seconds=self._remaining_seconds(total - done),
            ),
        )

    def _remaining_seconds(self, missing_count: int) -> float:
        """Estimate by the pace of this execution, before its first issue by that of earlier ones."""
        sent, pace = self._sending.sent, self._order.pace
        if sent:
            seconds = (self._tools.monotonic() - self._began) / sent
            pace = replace(pace, seconds_per_issue=seconds)
        seconds = estimated_seconds(
            pace,
            issue_count=missing_count,
            link_count=self._link_count,
            create_delay_seconds=self._order.create_delay_seconds,
        )
        return round(seconds, 1)

    def _state(self, rendered: RenderedTicket) -> NotSent | InDoubt | Exists | GivenUp:
        return self._book.state(self._identities[rendered.ticket.ticket_id])

    def _exists(self, rendered: RenderedTicket) -> bool:
        return isinstance(self._state(rendered), Exists)

    def _missing(self) -> list[RenderedTicket]:
        return [rendered for rendered in self._tickets if not self._exists(rendered)]

    def _in_doubt(self) -> list[RenderedTicket]:
        return [r for r in self._tickets if isinstance(self._state(r), InDoubt)]

    def _done_count(self) -> int:
        return len(self._tickets) - len(self._missing())
