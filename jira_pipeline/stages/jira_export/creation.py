"""Creates the issues of a session, each at most once.

Belongs here: the order of sweep, creation passes and settling; what each answer leads to. Does
not: looking up (`settling`), fields and their fallbacks (`fields`).

Every creation is: intent committed, one POST with the identity in it, outcome committed. What has
no known outcome is put aside, and looked up before it is ever sent again.
"""

import logging
from dataclasses import dataclass, replace
from typing import assert_never

from jira_pipeline.domain.export_ledger import (
    Exists,
    GivenUp,
    InDoubt,
    LedgerEvent,
    NotSent,
)
from jira_pipeline.domain.issue_tracker import Created, NothingDone, Unknown, issue_number_of
from jira_pipeline.domain.manual_fixes import FixState, ManualFix
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.errors import (
    InDoubtError,
    OrphanIssueError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)
from jira_pipeline.stages.jira_export.book import ExportBook
from jira_pipeline.stages.jira_export.fields import (
    DroppableField,
    FieldChoice,
    FieldFallback,
    fallback_of,
    issue_fields,
    missing_from_screen,
    next_drop,
    sprint_fallback,
)
from jira_pipeline.stages.jira_export.order import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportTools,
    Marker,
    OpenTarget,
)
from jira_pipeline.stages.jira_export.settling import (
    Lookout,
    Sighting,
    issue_subject,
    low_bound_of,
    record_absences,
    record_finds,
)
from jira_pipeline.stages.jira_export.waiting import raise_if_cancelled, wait_until

logger = logging.getLogger(__name__)

CREATION_PROGRESS_MAX = 95.0
"""Source: requirements S0-10."""


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
        screen: frozenset[str],
    ) -> None:
        """Read the ledger; nothing is sent yet."""
        self._tools = tools
        self._order = order
        self._opened = opened
        self._issue_type_id = issue_type_id
        self._screen = screen
        self._tickets = order.in_build_order
        self._book = ExportBook(
            tools.ledger,
            clock=tools.clock,
            target_id=opened.target.target_id,
            session_key=order.session_key,
        )
        self._lookout = Lookout(tools=tools, order=order, opened=opened, book=self._book)
        self._by_id = {rendered.ticket.ticket_id: rendered for rendered in self._tickets}
        self._identities = {ticket_id: opened.identity(ticket_id) for ticket_id in self._by_id}
        self._highest_number = 0
        self._start_number = 0
        self._doubted_at: dict[str, float] = {}
        self._account_ids: dict[str, str | None] = {}
        self._created = 0
        self._settled = 0
        self._sent = 0

    def run(self) -> CreationReport:
        """Create what is missing, and settle every doubt that can be settled.

        Raises:
            CancelledError: The export was cancelled; what was done stays recorded.
            OrphanIssueError: Doubts remain that only a person can settle.
            InDoubtError: Doubts remain that a later lookup may settle.
            UpstreamError: Jira is out of reach, or refuses a ticket as a whole.
        """
        existing = self._sweep()
        self._show_done()
        while True:
            sent = self._create_what_can_be()
            settled = self._settle_doubts()
            if not sent and not settled:
                break
        self._sweep_at_end()
        self._raise_for_what_is_left()
        return CreationReport(
            target_id=self._opened.target.target_id,
            total=len(self._tickets),
            created=self._created,
            settled=self._settled,
            existing=existing,
            skipped=sum(rendered.is_skipped for rendered in self._order.rendered),
        )

    def _sweep(self) -> int:
        """Find what exists but has no receipt: a ledger restored from a backup, open intents.

        Returns how many issues had a receipt.
        """
        existing = sum(self._exists(rendered) for rendered in self._tickets)
        missing = self._missing()
        for rendered in missing:
            if isinstance(self._state(rendered), InDoubt):
                self._remember_doubt(rendered)
        if missing:
            sighting = self._look()
            if not sighting.is_conclusive:
                raise UnavailableError(
                    f"Jira does not show all of {self._opened.target.name} just now; "
                    "nothing is created before it does."
                )
        self._start_number = self._highest_number
        return existing

    def _sweep_at_end(self) -> None:
        """List what this execution left behind twice, such as requests a gateway replayed."""
        if self._sent:
            sighting = self._lookout.look(self._start_number)
            self._settled += record_finds(self._lookout, sighting, self._tickets)

    def _create_what_can_be(self) -> int:
        """Send every ticket that was not sent and waits for none; return how many were sent."""
        before = self._sent
        for rendered in self._tickets:
            if isinstance(self._state(rendered), NotSent) and self._is_unblocked(rendered):
                raise_if_cancelled(self._tools)
                self._tell_progress(rendered)
                self._create(rendered)
        return self._sent - before

    def _create(self, rendered: RenderedTicket) -> None:
        """Send one ticket; leave out fields Jira refuses, one more each time."""
        ticket = rendered.ticket
        choice = self._first_choice(ticket)
        while True:
            answer = self._send(rendered, choice)
            if not isinstance(answer, NothingDone):
                return
            field = next_drop(ticket, field_errors=answer.field_errors, dropped=choice.dropped)
            if field is None:
                raise self._hard_stop(ticket, answer)
            reason = answer.field_errors.get(
                "labels" if field is DroppableField.SESSION_LABEL else field.value, answer.reason
            )
            self._record_fallback(ticket, fallback_of(ticket, field, reason=reason))
            choice = replace(choice, dropped=choice.dropped | {field})

    def _send(
        self, rendered: RenderedTicket, choice: FieldChoice
    ) -> Created | NothingDone | Unknown:
        """Commit the intent, send once, commit the outcome."""
        if self._sent and self._order.create_delay_seconds:
            self._tools.sleep(self._order.create_delay_seconds)
        what = issue_subject(self._opened, rendered)
        fields = issue_fields(
            rendered,
            project_id=self._opened.target.project_id,
            issue_type_id=self._issue_type_id,
            session_label=self._order.session_label,
            choice=choice,
        )
        intent = self._book.write(what, LedgerEvent.INTENT, low_bound=self._highest_number)
        marker = Marker(
            identity=what.identity,
            installation_id=self._opened.installation_id,
            session_key=self._order.session_key,
            sequence=intent.sequence,
        )
        self._sent += 1
        answer = self._tools.tracker.create_issue(fields, {MARKER_PROPERTY: marker.to_property()})
        self._record_answer(rendered, answer)
        return answer

    def _record_answer(
        self, rendered: RenderedTicket, answer: Created | NothingDone | Unknown
    ) -> None:
        what = issue_subject(self._opened, rendered)
        match answer:
            case Created(remote_id=remote_id, remote_key=remote_key):
                self._book.write(
                    what, LedgerEvent.RECEIPT, remote_id=remote_id, remote_key=remote_key
                )
                self._created += 1
                if remote_key is not None:
                    self._highest_number = max(self._highest_number, issue_number_of(remote_key))
            case NothingDone(reason=reason):
                self._book.write(what, LedgerEvent.NOTHING_DONE, detail=reason)
            case Unknown(reason=reason):
                self._book.write(what, LedgerEvent.UNKNOWN, detail=reason)
                self._remember_doubt(rendered)
            case _:
                assert_never(answer)

    def _settle_doubts(self) -> int:
        """Look up what is in doubt, waiting for the horizon; return how many were settled."""
        if not self._doubts():
            return 0
        before = len(self._doubts())
        if self._order.settle_horizon_seconds:
            self._look()
        if self._doubts():
            self._wait_for_horizon()
            sighting = self._look()
            record_absences(self._lookout, sighting, self._doubts())
        return before - len(self._doubts())

    def _look(self) -> Sighting:
        """Look for the issues of all tickets without one and record what is found."""
        missing = self._missing()
        sighting = self._lookout.look(low_bound_of(self._lookout, missing))
        self._settled += record_finds(self._lookout, sighting, self._tickets)
        self._highest_number = max(self._highest_number, sighting.highest_number)
        return sighting

    def _wait_for_horizon(self) -> None:
        """Wait until the server had the horizon's time for everything that is in doubt.

        Counted in this process from when it first knew of the doubt: the clock of the wall may
        have jumped since an earlier process sent it.
        """
        since = [self._doubted_at[r.ticket.ticket_id] for r in self._doubts()]
        until = max(since) + self._order.settle_horizon_seconds
        left = max(0.0, until - self._tools.monotonic())
        self._set_progress(f"Looking again in {left:.0f} s for {len(since)} issues in doubt")
        wait_until(self._tools, until)

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
            numbers = ", ".join(str(r.ticket.number) for r in missing)
            raise InDoubtError(
                f"Jira does not let us see whether the issues of tickets {numbers} exist; "
                "they are looked up again before anything is sent."
            )

    def _first_choice(self, ticket: Ticket) -> FieldChoice:
        for field in missing_from_screen(ticket, self._screen):
            reason = "the field is not on the create screen"
            self._record_fallback(ticket, fallback_of(ticket, field, reason=reason))
        self._record_fallback(ticket, sprint_fallback(ticket))
        account_id = None
        if ticket.assignee and DroppableField.ASSIGNEE.value in self._screen:
            account_id = self._account_id(ticket.assignee)
            if account_id is None:
                reason = "no single user of that name or address can be assigned"
                fallback = fallback_of(ticket, DroppableField.ASSIGNEE, reason=reason)
                self._record_fallback(ticket, fallback)
        return FieldChoice(account_id=account_id, screen=self._screen)

    def _account_id(self, assignee: str) -> str | None:
        """Return the one account of an e-mail address or name, or None; asked once each."""
        if assignee not in self._account_ids:
            users = self._tools.tracker.assignable_users(self._opened.target.project_key, assignee)
            wanted = assignee.casefold()
            exact = [
                user
                for user in users
                if wanted in ((user.email or "").casefold(), user.display_name.casefold())
            ]
            candidates = exact or list(users)
            single = candidates[0].account_id if len(candidates) == 1 else None
            self._account_ids[assignee] = single
        return self._account_ids[assignee]

    def _record_fallback(self, ticket: Ticket, fallback: FieldFallback | None) -> None:
        """Keep what a person has to do; the key is added from the receipt when it is shown."""
        if fallback is None:
            return
        self._tools.fixes.record(
            ManualFix(
                fix_type=fallback.fix_type,
                session_key=self._order.session_key,
                target_id=self._opened.target.target_id,
                ticket_id=ticket.ticket_id,
                subject=fallback.subject,
                title=fallback.title,
                original_value=fallback.original_value,
                recommended_action=fallback.recommended_action,
                jira_key=None,
                jira_url=None,
                state=FixState.OPEN,
                created_at=self._tools.clock.now(),
            )
        )

    def _hard_stop(self, ticket: Ticket, answer: NothingDone) -> UpstreamError:
        """Return the error that ends the export at this ticket (S0-17)."""
        logger.error("session %s stops at ticket %d", ticket.session_key, ticket.number)
        error = answer.error
        if isinstance(error, RefusedError):
            error = RefusedError(
                f"Ticket {ticket.number} ({ticket.title}) was refused. {answer.reason}",
                field_errors=error.field_errors,
                status_code=error.status_code,
                recovery_actions=(
                    "Correct what the message names, then validate again.",
                    "Export again; issues that exist are not created again.",
                ),
            )
        error.failed_at_ticket_number = ticket.number
        return error

    def _tell_progress(self, rendered: RenderedTicket) -> None:
        number = self._tickets.index(rendered) + 1
        text = f"Creating ticket {number} of {len(self._tickets)}: {rendered.ticket.title}"
        self._set_progress(text)

    def _show_done(self) -> None:
        self._set_progress(f"{self._done_count()} of {len(self._tickets)} issues exist")

    def _set_progress(self, text: str) -> None:
        share = self._done_count() / len(self._tickets) if self._tickets else 1.0
        self._tools.sessions.set_progress(
            self._order.session_key,
            percentage=min(CREATION_PROGRESS_MAX, 100.0 * share),
            text=text,
            at=self._tools.clock.now(),
        )

    def _remember_doubt(self, rendered: RenderedTicket) -> None:
        self._doubted_at[rendered.ticket.ticket_id] = self._tools.monotonic()

    def _state(self, rendered: RenderedTicket) -> NotSent | InDoubt | Exists | GivenUp:
        return self._book.state(self._identities[rendered.ticket.ticket_id])

    def _exists(self, rendered: RenderedTicket) -> bool:
        return isinstance(self._state(rendered), Exists)

    def _missing(self) -> list[RenderedTicket]:
        return [rendered for rendered in self._tickets if not self._exists(rendered)]

    def _doubts(self) -> list[RenderedTicket]:
        return [r for r in self._tickets if isinstance(self._state(r), InDoubt)]

    def _is_unblocked(self, rendered: RenderedTicket) -> bool:
        """Tell whether the issues of everything it depends on exist."""
        return all(
            self._exists(self._by_id[dependency])
            for dependency in rendered.ticket.depends_on
            if dependency in self._by_id
        )

    def _done_count(self) -> int:
        return len(self._tickets) - len(self._missing())
