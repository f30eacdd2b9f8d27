"""The command that settles doubts without an export, and says what was found of each ticket.

Belongs here: settling a session as people ask for it, their own decision, the words. Does not: what
a find or an absence means (`doubts`, in an export too), looking (`lookups`), sending (`sending`).

A doubt that lookups cannot settle belongs to a person. Who looked and found no issue marks the
manual fix as done; then, and only where Jira still shows none, the ticket may be sent once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.actions import Action, ActionKind, advice
from jira_pipeline.domain.export_ledger import (
    Exists,
    GivenUp,
    InDoubt,
    LedgerEvent,
)
from jira_pipeline.domain.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.domain.rendered_tickets import RenderedTicket
from jira_pipeline.stages.jira_export.doubts import (
    CREATION_SUBJECT,
    low_bound_of,
    record_absences,
    record_finds,
)
from jira_pipeline.stages.jira_export.export_run import (
    ExportOrder,
    ExportRun,
    ExportTools,
    issue_url_of,
)
from jira_pipeline.stages.jira_export.lookups import (
    UNWITNESSED_MARGIN,
    WINDOW_MARGIN,
    ProbeResult,
    portions_of,
    probe,
)
from jira_pipeline.stages.jira_export.target import opened_where_exported

SETTLE_PERMISSIONS = ("BROWSE_PROJECTS",)


class SettleOutcome(StrEnum):
    """What is known of a ticket now."""

    FOUND = "found"
    """Its issue exists; it was without a receipt before."""
    ABSENT = "absent"
    """It surely does not exist; the next export creates it."""
    IN_DOUBT = "in_doubt"
    """Not seen, but too early to say that it does not exist."""
    PERSON_DECIDES = "person_decides"
    """Lookups cannot decide it."""
    TWICE = "twice"
    """Another issue carries the same identity."""
    GONE = "gone"
    """It has a receipt, and Jira does not show it any more."""
    REMOVAL_OPEN = "removal_open"
    """An undo was interrupted while deleting it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledTicket:
    """What was found of one ticket."""

    number: int
    title: str
    outcome: SettleOutcome
    key: str | None
    url: str | None
    advice: Action

    def to_json(self) -> dict[str, object]:
        """Return the shape of `tickets` in `settle --json`."""
        return {
            "number": self.number,
            "title": self.title,
            "outcome": self.outcome.value,
            "jira_key": self.key,
            "jira_url": self.url,
            "advice": self.advice,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleReport:
    """What one settling found."""

    target_id: str
    is_conclusive: bool
    """What was not seen was not there."""
    tickets: tuple[SettledTicket, ...]
    """Only those of which there is something to say, by number."""

    @property
    def is_settled(self) -> bool:
        """Nothing is left for later or for a person."""
        settled = {SettleOutcome.FOUND, SettleOutcome.ABSENT}
        return all(ticket.outcome in settled for ticket in self.tickets)

    def to_json(self) -> dict[str, object]:
        """Return the shape `settle --json` promises."""
        return {
            "is_settled": self.is_settled,
            "is_conclusive": self.is_conclusive,
            "tickets": [ticket.to_json() for ticket in self.tickets],
        }


def settle_session(
    tools: ExportTools, order: ExportOrder, *, is_waiting: bool, by: str
) -> SettleReport:
    """Look up everything in doubt; only reads are sent, the ledger learns what was found.

    Without waiting a doubt is settled by a find alone; an absence counts past the horizon.

    Raises:
        GateError: The session was never exported to this site.
        LeaseBusyError: Another process writes to this target.
        UpstreamError: Jira cannot be asked.
    """
    with opened_where_exported(tools, order, permissions=SETTLE_PERMISSIONS) as run:
        return _Settling(run, by=by).settle(is_waiting=is_waiting)


class _Settling:
    def __init__(self, run: ExportRun, *, by: str) -> None:
        self._run = run
        self._by = by
        self._found: dict[str, SettledTicket] = {}

    def settle(self, *, is_waiting: bool) -> SettleReport:
        since = self._run.tools.monotonic()
        missing = [r for r in self._run.order.in_build_order if not self._is_there(r)]
        doubtful = [r for r in missing if isinstance(self._run.issue_state(r), InDoubt | GivenUp)]
        seen = self._look(missing)
        if is_waiting and not all(map(self._is_there, doubtful)):
            self._run.wait_until(since + self._run.order.settle_horizon_seconds)
            seen = self._look(missing, margin=UNWITNESSED_MARGIN)
        if is_waiting or not self._run.order.settle_horizon_seconds:
            self._accept_absences(seen, doubtful)
        for rendered in missing:
            if self._is_there(rendered):
                self._report(rendered, SettleOutcome.FOUND, advice("Nothing: it is recorded now."))
        for rendered in doubtful:
            self._report_doubt(rendered, seen)
        self._report_gone()
        self._report_doubles()
        return SettleReport(
            target_id=self._run.target.target_id,
            is_conclusive=seen.is_conclusive,
            tickets=tuple(sorted(self._found.values(), key=lambda t: (t.number, t.key or ""))),
        )

    def _look(
        self, missing: Sequence[RenderedTicket], *, margin: int = WINDOW_MARGIN
    ) -> ProbeResult:
        seen = probe(self._run, low_bound_of(self._run, missing), margin=margin)
        record_finds(self._run, seen, self._run.order.in_build_order)
        return seen

    def _accept_absences(self, seen: ProbeResult, doubtful: Sequence[RenderedTicket]) -> None:
        record_absences(self._run, seen, doubtful)
        if not seen.is_conclusive:
            return
        decided = {
            fix.ticket_id
            for fix in self._orphan_fixes()
            if fix.subject == CREATION_SUBJECT and fix.state is FixState.DONE
        }
        for rendered in doubtful:
            ticket_id = rendered.ticket.ticket_id
            if ticket_id in decided and isinstance(self._run.issue_state(rendered), GivenUp):
                self._run.page.write(
                    self._run.issue_subject(rendered),
                    LedgerEvent.ABSENT,
                    detail="settled: a person looked and found none",
                )

    def _report_doubt(self, rendered: RenderedTicket, seen: ProbeResult) -> None:
        match self._run.issue_state(rendered):
            case Exists():
                self._resolve_fix(rendered.ticket.ticket_id, CREATION_SUBJECT)
            case InDoubt():
                key, hidden = self._run.order.session_key, ", ".join(seen.hidden_keys)
                when = f"once our account sees {hidden}" if hidden else "later"
                step = Action.of(
                    ActionKind.SETTLE, f"Look again {when}: {{}}.", session_key=key, wait=True
                )
                if seen.is_conclusive and not seen.is_proven:
                    step = Action.of(
                        ActionKind.RESUME,
                        "No issue of ours was ever seen here, so an absence proves nothing. {} "
                        "creates another first, and looks again.",
                        session_key=key,
                    )
                self._report(rendered, SettleOutcome.IN_DOUBT, step)
            case GivenUp(entry=entry):
                key = self._run.order.session_key
                self._report(
                    rendered,
                    SettleOutcome.PERSON_DECIDES,
                    Action.of(
                        ActionKind.SHOW_FIXES,
                        f"{entry.detail}. Look for its title in the project; where there is none, "
                        "mark its fix ({}) and settle again.",
                        session_key=key,
                        done="ID",
                    ),
                )
            case _:
                creates = Action.of(
                    ActionKind.RESUME,
                    "Nothing: {} creates it.",
                    session_key=self._run.order.session_key,
                )
                self._report(rendered, SettleOutcome.ABSENT, creates)

    def _report_gone(self) -> None:
        """Read every issue with a receipt; nothing is created again."""
        receipts = {r.ticket_id: r for r in self._run.page.issue_receipts()}
        shown = self._shown([r.remote_id for r in receipts.values() if r.remote_id is not None])
        for rendered in self._run.order.rendered:
            receipt = receipts.get(rendered.ticket.ticket_id)
            if receipt is None or shown is None:
                continue
            if self._run.page.open_removal(receipt.identity) is not None:
                finish = Action.of(
                    ActionKind.UNDO, "Finish it: {}.", session_key=self._run.order.session_key
                )
                self._report(rendered, SettleOutcome.REMOVAL_OPEN, finish)
            elif receipt.remote_id not in shown:
                gone = "It was deleted, moved out of sight, or hidden; it is not created again."
                self._report(rendered, SettleOutcome.GONE, advice(gone))

    def _report_doubles(self) -> None:
        """List other issues with one of our identities; resolve those people deleted."""
        by_id = {r.ticket.ticket_id: r for r in self._run.order.rendered}
        named = [(fix, fix.jira_key) for fix in self._orphan_fixes() if fix.jira_key is not None]
        shown = self._shown([key for _, key in named])
        for fix, key in named:
            rendered = by_id.get(fix.ticket_id)
            if shown is None or fix.state is not FixState.OPEN:
                continue
            if key not in shown:
                self._resolve_fix(fix.ticket_id, fix.subject)
            elif rendered is not None:
                step = advice(fix.recommended_action)
                self._report(rendered, SettleOutcome.TWICE, step, other_key=key)

    def _shown(self, ids_or_keys: Sequence[str]) -> frozenset[str] | None:
        """Return ids and keys of those that Jira shows; None where it could not read them all."""
        shown: set[str] = set()
        for some in portions_of(ids_or_keys):
            answer = self._run.tools.tracker.bulk_fetch(some, fields=("summary",))
            if answer.failed:
                return None
            shown |= {name for issue in answer.issues for name in (issue.issue_id, issue.key)}
        is_us = self._run.is_known_as(self._run.tools.tracker.whoami())
        return frozenset(shown) if is_us else None

    def _report(
        self,
        rendered: RenderedTicket,
        outcome: SettleOutcome,
        step: Action,
        *,
        other_key: str | None = None,
    ) -> None:
        key = other_key or self._run.issue_key(rendered)
        name = f"{rendered.ticket.ticket_id} {other_key or ''}"
        self._found[name] = SettledTicket(
            number=rendered.ticket.number,
            title=rendered.ticket.title,
            outcome=outcome,
            key=key,
            url=issue_url_of(self._run.target, key) if key else None,
            advice=step,
        )

    def _orphan_fixes(self) -> list[ManualFix]:
        target_id = self._run.target.target_id
        known = self._run.tools.fixes.list_all(self._run.order.session_key, target_id=target_id)
        return [fix for fix in known if fix.fix_type is FixType.ORPHAN_ISSUE]

    def _resolve_fix(self, ticket_id: str, subject: str) -> None:
        for fix in self._orphan_fixes():
            is_it = (fix.ticket_id, fix.subject) == (ticket_id, subject)
            if is_it and fix.state is FixState.OPEN:
                self._run.tools.fixes.set_state(
                    self._run.order.session_key,
                    fix.fix_id,
                    FixState.RESOLVED,
                    by=self._by,
                    at=self._run.tools.clock.now(),
                )

    def _is_there(self, rendered: RenderedTicket) -> bool:
        return isinstance(self._run.issue_state(rendered), Exists)
