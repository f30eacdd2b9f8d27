"""Settling without an export: Jira is asked about each issue of which nobody knows whether it exists.

Belongs here: looking up what is unconfirmed, and reporting ticket by ticket what is known now and
what to do next; comparing a session with Jira. Does not: what a find or an absence means
(`unconfirmed`, in an export too), looking (`lookups`), finding differences (`ledger_comparison`),
what people decide about them (`issue_decisions`), sending (`sending`).

A doubt that lookups cannot settle belongs to a person. Who looked and found no issue marks the
manual fix as done; then, and only where Jira still shows none, the ticket may be sent once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.export.issue_decisions import ways_out
from jira_pipeline.export.ledger_comparison import file_comparison
from jira_pipeline.export.lookups import (
    UNWITNESSED_MARGIN,
    WINDOW_MARGIN,
    ProbeResult,
    probe,
    verify_receipts,
)
from jira_pipeline.export.repeated_writes import end_fixes
from jira_pipeline.export.target import READING_PERMISSIONS, opened_where_exported
from jira_pipeline.export.unconfirmed import (
    CREATION_SUBJECT,
    lowest_possible_number,
    record_found_issues,
    record_missing_issues,
)
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.differences import Difference, FiledComparison
from jira_pipeline.model.exports import Exists, InDoubt, LedgerEvent, LeftToPerson
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.target_shares import issue_url_of
from jira_pipeline.model.tickets import Ticket


class SettleOutcome(StrEnum):
    """What is known about the issue of a ticket after a look at Jira."""

    FOUND = "found"
    """Its issue exists; it was without a receipt before."""
    ABSENT = "absent"
    """Its issue surely does not exist; the next export creates it."""
    IN_DOUBT = "in_doubt"
    """Not seen, but too early to say that it does not exist."""
    PERSON_DECIDES = "person_decides"
    """Lookups cannot decide it."""
    TWICE = "twice"
    """Another issue carries the same identity."""
    GONE = "gone"
    """It has a receipt, and Jira does not show it: a person decides."""
    UNKNOWN = "unknown"
    """The ledger has no issue of it, but Jira shows one that carries its identity."""
    UNCLAIMED = "unclaimed"
    """As UNKNOWN, but something speaks against the issue: a person decides whether it counts."""
    REMOVAL_OPEN = "removal_open"
    """An undo was interrupted while deleting it."""


@json_fields("number title outcome jira_key=key jira_url=url advice")
@dataclass(frozen=True, slots=True, kw_only=True)
class SettledTicket:
    number: int
    title: str
    outcome: SettleOutcome
    key: str | None
    url: str | None
    advice: Action


@json_fields(
    "is_settled is_conclusive tickets compared_at=comparison.compared_at "
    "issues_there=comparison.there_count"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SettleReport:
    is_conclusive: bool
    """What was not seen was not there."""
    tickets: tuple[SettledTicket, ...]
    """Only those of which there is something to say, by number."""
    comparison: FiledComparison
    """Whether Jira holds the issues, as asked just now."""

    @property
    def is_settled(self) -> bool:
        """Nothing is left for later or for a person."""
        settled = {SettleOutcome.FOUND, SettleOutcome.ABSENT, SettleOutcome.UNKNOWN}
        return all(ticket.outcome in settled for ticket in self.tickets)


def settle_session(
    tools: ExportTools, order: ExportOrder, *, is_waiting: bool, by: str
) -> SettleReport:
    """Look up everything unconfirmed, compare the session with Jira, and record the outcome.

    Only reads are sent to Jira. Without `is_waiting` only issues that are found are settled: a
    missing issue counts once the horizon is over.
    """
    with opened_where_exported(tools, order, permissions=READING_PERMISSIONS) as run:
        return _Settling(run, by=by).settle(is_waiting=is_waiting)


def compare_where_exported(tools: ExportTools, order: ExportOrder) -> FiledComparison:
    """Compare the issues of a session with the ledger, and file what was found."""
    with opened_where_exported(tools, order, permissions=READING_PERMISSIONS) as run:
        return file_comparison(run)


_OUTCOMES = {
    Difference.GONE: SettleOutcome.GONE,
    Difference.TWIN: SettleOutcome.TWICE,
    Difference.UNKNOWN: SettleOutcome.UNKNOWN,
    Difference.UNCLAIMED: SettleOutcome.UNCLAIMED,
}


class _Settling:
    def __init__(self, run: ExportRun, *, by: str) -> None:
        self._run = run
        self._by = by
        self._key = run.order.session_key
        self._settled: dict[str, SettledTicket] = {}

    def settle(self, *, is_waiting: bool) -> SettleReport:
        """Probe for the missing issues, record what was found, and report it ticket by ticket."""
        since = self._run.tools.monotonic()
        verify_receipts(self._run, self._run.page.issue_receipts())
        missing = [rendered for rendered in self._run.order.issues if not self._is_there(rendered)]
        doubtful = [
            rendered
            for rendered in missing
            if isinstance(self._run.issue_state(rendered), InDoubt | LeftToPerson)
        ]
        probe_result = self._look(missing)
        if is_waiting and not all(map(self._is_there, doubtful)):
            self._run.wait_until(since + self._run.order.settle_horizon_seconds)
            probe_result = self._look(missing, margin=UNWITNESSED_MARGIN)
        if is_waiting or not self._run.order.settle_horizon_seconds:
            self._accept_absences(probe_result, doubtful)
        for rendered in missing:
            if self._is_there(rendered):
                self._report(rendered, SettleOutcome.FOUND, advice("Nothing: it is recorded now."))
        for rendered in doubtful:
            self._report_doubt(rendered, probe_result)
        for rendered in self._run.order.with_epics:
            identity = self._run.identity(rendered.ticket.ticket_id)
            if self._run.page.open_removal(identity) is not None:
                finish = Action.of(ActionKind.UNDO, "Finish it: {}.", session_key=self._key)
                self._report(rendered, SettleOutcome.REMOVAL_OPEN, finish)
        comparison = file_comparison(self._run)
        self._report_differences(comparison)
        settled = sorted(
            self._settled.values(), key=lambda ticket: (ticket.number, ticket.key or "")
        )
        return SettleReport(
            is_conclusive=probe_result.is_conclusive or not doubtful,
            comparison=comparison,
            tickets=tuple(settled),
        )

    def _look(
        self, missing: Sequence[RenderedTicket], *, margin: int = WINDOW_MARGIN
    ) -> ProbeResult:
        probe_result = probe(self._run, lowest_possible_number(self._run, missing), margin=margin)
        record_found_issues(self._run, probe_result, self._run.order.issues)
        return probe_result

    def _accept_absences(
        self, probe_result: ProbeResult, doubtful: Sequence[RenderedTicket]
    ) -> None:
        """Record which issues a conclusive probe did not show, so that they may be sent again.

        A ticket that was left to a person may be, too, once the person marked its manual fix as done.
        """
        record_missing_issues(self._run, probe_result, doubtful)
        if not probe_result.is_conclusive:
            return
        target_id = self._run.target.target_id
        fixes = self._run.tools.store.manual_fixes.list_all(self._key, target_id=target_id)
        decided = {f.ticket_id for f in fixes if _is_doubt(f) and f.state is FixState.DONE}
        for rendered in doubtful:
            ticket_id = rendered.ticket.ticket_id
            if ticket_id in decided and isinstance(self._run.issue_state(rendered), LeftToPerson):
                self._run.page.write(
                    self._run.issue_subject(rendered),
                    LedgerEvent.ABSENT,
                    detail="settled: a person checked and found none",
                )

    def _report_doubt(self, rendered: RenderedTicket, probe_result: ProbeResult) -> None:
        """Report what became of a ticket that was in doubt, and what to do next."""
        key = self._key
        match self._run.issue_state(rendered):
            case Exists():
                self._end_fix_of_doubt(rendered.ticket)
            case InDoubt():
                step = Action.of(
                    ActionKind.SETTLE, "Check again later: {}.", session_key=key, wait=True
                )
                if probe_result.is_conclusive and not probe_result.is_proven:
                    sentence = (
                        "None of our issues has ever been seen here, so a missing issue proves "
                        "nothing. {} first creates another one, then checks again."
                    )
                    step = Action.of(ActionKind.RESUME, sentence, session_key=key)
                self._report(rendered, SettleOutcome.IN_DOUBT, step)
            case LeftToPerson(entry=entry):
                sentence = (
                    f"{entry.detail}. Look for its title in the project; if there is none, "
                    "mark its fix as done ({}) and settle again."
                )
                step = Action.of(ActionKind.SHOW_FIXES, sentence, session_key=key, done="ID")
                self._report(rendered, SettleOutcome.PERSON_DECIDES, step)
            case _:
                step = Action.of(ActionKind.RESUME, "Nothing: {} creates it.", session_key=key)
                self._report(rendered, SettleOutcome.ABSENT, step)

    def _end_fix_of_doubt(self, ticket: Ticket) -> None:
        """Resolve the fix that asks people to look for the issue of a ticket: it was found."""

        def is_over(fix: ManualFix) -> bool:
            is_open = fix.state is FixState.OPEN
            return is_open and _is_doubt(fix) and fix.ticket_id == ticket.ticket_id

        end_fixes(self._run, is_over=is_over, state=FixState.RESOLVED, by=self._by)

    def _report_differences(self, comparison: FiledComparison) -> None:
        by_id = {r.ticket.ticket_id: r for r in self._run.order.with_epics}
        for difference in comparison.differences:
            of = by_id.get(difference.ticket_id)
            outcome = _OUTCOMES.get(difference.kind)
            is_open = difference.is_wanted or difference.kind is not Difference.GONE
            if of is not None and outcome is not None and is_open:
                step = ways_out(difference, number=of.ticket.number, session_key=self._key)
                self._report(of, outcome, step, other_key=difference.other_key)

    def _report(
        self, rendered: RenderedTicket, outcome: SettleOutcome, step: Action, *, other_key: str = ""
    ) -> None:
        """Note what is known of a ticket, and what to do next; `other_key` is of a second issue."""
        key = other_key or self._run.issue_key(rendered)
        name = f"{rendered.ticket.ticket_id} {other_key}"
        self._settled[name] = SettledTicket(
            number=rendered.ticket.number,
            title=rendered.ticket.title,
            outcome=outcome,
            key=key,
            url=issue_url_of(self._run.target, key) if key else None,
            advice=step,
        )

    def _is_there(self, rendered: RenderedTicket) -> bool:
        return isinstance(self._run.issue_state(rendered), Exists)


def _is_doubt(fix: ManualFix) -> bool:
    return fix.fix_type is FixType.ORPHAN_ISSUE and fix.subject == CREATION_SUBJECT
