"""The command that settles doubts without an export, and says what was found of each ticket.

Belongs here: settling a session as people ask for it, their own decision, the words. Does not: what
a find or an absence means (`doubts`, in an export too), looking (`lookups`), sending (`sending`).

A doubt that lookups cannot settle belongs to a person. Who looked and found no issue marks the
manual fix as done; then, and only where Jira still shows none, the ticket may be sent once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.export.doubts import (
    CREATION_SUBJECT,
    low_bound_of,
    record_absences,
    record_finds,
)
from jira_pipeline.export.export_run import ExportOrder, ExportRun, ExportTools
from jira_pipeline.export.ledger_comparison import file_comparison
from jira_pipeline.export.lookups import (
    UNWITNESSED_MARGIN,
    WINDOW_MARGIN,
    ProbeResult,
    probe,
    read_back,
)
from jira_pipeline.export.manual_fixes import end_fixes
from jira_pipeline.export.target import opened_where_exported
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.export_ledger import Exists, GivenUp, InDoubt, LedgerEvent
from jira_pipeline.model.exports import (
    DECISION_LABELS,
    Decision,
    Difference,
    FiledComparison,
    FixState,
    FixType,
    IssueDifference,
    ManualFix,
)
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.target_shares import issue_url_of

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
    """It has a receipt, and Jira does not show it: a person decides."""
    UNKNOWN = "unknown"
    """It has no issue by the ledger, and one carries its identity."""
    UNCLAIMED = "unclaimed"
    """The same, and a person decides whether it is the ticket's."""
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
    target_id: str
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
    """Look up everything in doubt, and compare; only reads are sent, the ledger learns what is so.

    Without waiting a doubt is settled by a find alone; an absence counts past the horizon.
    """
    with opened_where_exported(tools, order, permissions=SETTLE_PERMISSIONS) as run:
        return _Settling(run, by=by).settle(is_waiting=is_waiting)


def compare_where_exported(tools: ExportTools, order: ExportOrder) -> FiledComparison:
    """Compare the issues of a session with the ledger, and file what was found."""
    with opened_where_exported(tools, order, permissions=SETTLE_PERMISSIONS) as run:
        return file_comparison(run)


_OUTCOMES = {
    Difference.GONE: SettleOutcome.GONE,
    Difference.TWIN: SettleOutcome.TWICE,
    Difference.UNKNOWN: SettleOutcome.UNKNOWN,
    Difference.UNCLAIMED: SettleOutcome.UNCLAIMED,
}


def ways_out(difference: IssueDifference, *, number: int, session_key: str) -> Action:
    """Say what may be decided about a difference, each with what does it."""
    # an epic has no number, and is wanted as long as session.yaml asks for it
    which = difference.other_key or (str(number) if number else difference.key)
    possible = [d for d in difference.decisions if number or d is not Decision.FORGET]
    steps = [
        Action(
            kind=ActionKind.SETTLE,
            sentence="{}",
            arguments={"session_key": session_key, decision.value: which},
        )
        for decision in possible
    ]
    ways = [
        f"{DECISION_LABELS[decision]}: {{{place}}}"
        for place, decision in enumerate(possible, start=1)
    ]
    if difference.kind is Difference.TWIN:
        ways.insert(0, "delete one of them in Jira")
    words = "; or ".join(ways)
    sentence = f"{difference.note} {words[:1].upper()}{words[1:]}.".lstrip()
    return Action.of(ActionKind.ADVICE, sentence, also=steps)


class _Settling:
    def __init__(self, run: ExportRun, *, by: str) -> None:
        self._run = run
        self._by = by
        self._found: dict[str, SettledTicket] = {}

    def settle(self, *, is_waiting: bool) -> SettleReport:
        since = self._run.tools.monotonic()
        read_back(self._run, self._run.page.issue_receipts())
        missing = [r for r in self._run.order.issues if not self._is_there(r)]
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
        key = self._run.order.session_key
        for rendered in self._run.order.with_epics:
            identity = self._run.identity(rendered.ticket.ticket_id)
            if self._run.page.open_removal(identity) is not None:
                finish = Action.of(ActionKind.UNDO, "Finish it: {}.", session_key=key)
                self._report(rendered, SettleOutcome.REMOVAL_OPEN, finish)
        comparison = file_comparison(self._run)
        self._report_differences(comparison)
        return SettleReport(
            target_id=self._run.target.target_id,
            is_conclusive=seen.is_conclusive or not doubtful,
            comparison=comparison,
            tickets=tuple(sorted(self._found.values(), key=lambda t: (t.number, t.key or ""))),
        )

    def _look(
        self, missing: Sequence[RenderedTicket], *, margin: int = WINDOW_MARGIN
    ) -> ProbeResult:
        seen = probe(self._run, low_bound_of(self._run, missing), margin=margin)
        record_finds(self._run, seen, self._run.order.issues)
        return seen

    def _accept_absences(self, seen: ProbeResult, doubtful: Sequence[RenderedTicket]) -> None:
        record_absences(self._run, seen, doubtful)
        if not seen.is_conclusive:
            return
        target_id = self._run.target.target_id
        fixes = self._run.tools.store.manual_fixes.list_all(
            self._run.order.session_key, target_id=target_id
        )
        decided = {f.ticket_id for f in fixes if _is_doubt(f) and f.state is FixState.DONE}
        for rendered in doubtful:
            ticket_id = rendered.ticket.ticket_id
            if ticket_id in decided and isinstance(self._run.issue_state(rendered), GivenUp):
                self._run.page.write(
                    self._run.issue_subject(rendered),
                    LedgerEvent.ABSENT,
                    detail="settled: a person checked and found none",
                )

    def _report_doubt(self, rendered: RenderedTicket, seen: ProbeResult) -> None:
        match self._run.issue_state(rendered):
            case Exists():
                end_fixes(
                    self._run,
                    is_over=lambda fix: (
                        _is_doubt(fix)
                        and fix.ticket_id == rendered.ticket.ticket_id
                        and fix.state is FixState.OPEN
                    ),
                    state=FixState.RESOLVED,
                    by=self._by,
                )
            case InDoubt():
                key = self._run.order.session_key
                step = Action.of(
                    ActionKind.SETTLE, "Check again later: {}.", session_key=key, wait=True
                )
                if seen.is_conclusive and not seen.is_proven:
                    step = Action.of(
                        ActionKind.RESUME,
                        "None of our issues has ever been seen here, so a missing issue proves "
                        "nothing. {} first creates another one, then checks again.",
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
                        f"{entry.detail}. Look for its title in the project; if there is none, "
                        "mark its fix as done ({}) and settle again.",
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

    def _report_differences(self, comparison: FiledComparison) -> None:
        by_id = {r.ticket.ticket_id: r for r in self._run.order.with_epics}
        for difference in comparison.differences:
            rendered, outcome = by_id.get(difference.ticket_id), _OUTCOMES.get(difference.kind)
            if rendered is None or outcome is None:
                continue
            if difference.is_wanted or difference.kind is not Difference.GONE:
                step = ways_out(
                    difference,
                    number=rendered.ticket.number,
                    session_key=self._run.order.session_key,
                )
                self._report(rendered, outcome, step, other_key=difference.other_key)

    def _report(
        self, rendered: RenderedTicket, outcome: SettleOutcome, step: Action, *, other_key: str = ""
    ) -> None:
        key = other_key or self._run.issue_key(rendered)
        name = f"{rendered.ticket.ticket_id} {other_key}"
        self._found[name] = SettledTicket(
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
