"""What became of an export, from the ledger alone.

Belongs here: states of tickets on a target, the results people and programs read. Does not: asking
Jira, showing (`sessions/export_report`, `cli/export`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any
from urllib.parse import quote

from jira_pipeline.export.durations import UNDO_STEP
from jira_pipeline.export.export_run import session_label_of
from jira_pipeline.export.jira_names import LinkKind
from jira_pipeline.export.later_changes import LaterChange, NamedIssue
from jira_pipeline.export.ledger_comparison import finding_of
from jira_pipeline.model.differences import Decision, Difference, FiledComparison, IssueDifference
from jira_pipeline.model.export_steps import MeasuredStep
from jira_pipeline.model.exports import (
    Exists,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    SentContent,
    Target,
    content_entry_in,
    current_entries,
    is_handmade,
    ledger_state_of,
    objection_to_updating,
)
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.model_requests import NOTHING_SPENT, Spending
from jira_pipeline.model.target_shares import TargetShare, issue_url_of
from jira_pipeline.model.ticket_exports import TicketExport, ticket_exports, tickets_with_errors
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.model.work_records import NO_RECORD, WorkRecord


@json_fields("ticket_id jira_key jira_url title exported_at is_gone is_adopted")
@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTicket(NamedIssue):
    ticket_id: str
    jira_url: str
    exported_at: datetime | None
    is_gone: bool = False
    """Jira did not show it when it was asked last."""
    is_adopted: bool = False
    """People made its issue themselves."""


@json_fields(
    "kind=difference.kind number title jira_key=difference.key? "
    "other_key=difference.other_key? url message=finding.message seen_at=difference.seen_at "
    "decisions=difference.decisions is_open=difference.is_open"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDifference:
    """One issue that Jira does not hold as the ledger says, with its ticket."""

    difference: IssueDifference
    number: int | None
    """None where the ticket is not in the session any more, and of an epic."""
    title: str
    url: str

    @property
    def finding(self) -> Finding:
        return finding_of(self.difference)


@json_fields("number title jira_key updated_at")
@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatedTicket(NamedIssue):
    """One ticket whose issue was updated, and when last."""

    updated_at: datetime


@json_fields("number title jira_key removed_at removed_by")
@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedTicket(NamedIssue):
    """One ticket whose issue an undo deleted, and that was not exported again."""

    removed_at: datetime
    removed_by: str


@json_fields(
    "session_key target=target.name targets=shares jql total_tickets_created=len(created) "
    "tickets_adopted=len(adopted) "
    "jira_tickets=tickets epics dependencies_created manual_fixes total_processing_time_minutes "
    "requests changes steps tickets_exported=len(there) tickets_with_errors "
    "manual_fixes_needed=open_fixes compared_at=comparison.compared_at "
    "issues_there=comparison.there_count findings differences **record updated removed "
    "undo_begun_at=open_undo.at **spending"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResults:
    """What a session has on one target."""

    session_key: str
    target: Target
    jql: str
    """Finds everything that was created."""
    tickets: tuple[ExportedTicket, ...]
    """The tickets whose issues exist, by number."""
    epics: tuple[ExportedTicket, ...] = ()
    """The epics above them that exist; their number is 0."""
    dependencies_created: int
    manual_fixes: tuple[ManualFix, ...]
    total_processing_time_minutes: float
    """What all steps since the last undo took together; if none was measured, the time from first to
    last ledger entry."""
    requests: Mapping[str, int]
    """How many requests the steps sent, by method and path template."""
    changes: tuple[LaterChange, ...] = ()
    """What people have to change in issues that exist."""
    is_behind_sheets: bool = False
    """Other sheets were uploaded: what is to be changed shows once the tickets are written."""
    steps: tuple[MeasuredStep, ...] = ()
    """What was measured, oldest first; a step whose process was killed is missing."""
    spending: Spending = NOTHING_SPENT
    """What writing the tickets took of models, over all generations."""
    tickets_with_errors: int = 0
    """Tickets that were sent and have no issue that is known."""
    record: WorkRecord = NO_RECORD
    """When it began and ended."""
    comparison: FiledComparison | None = None
    """The last look whether Jira holds what the ledger says."""
    differences: tuple[TicketDifference, ...] = ()
    """What it found and the ledger has not settled since, open ones first, by number."""
    updated: tuple[UpdatedTicket, ...] = ()
    """Whose issues were updated, by number."""
    removed: tuple[RemovedTicket, ...] = ()
    """What an undo took back, by number."""
    open_undo: LedgerEntry | None = None
    """The beginning of an undo that has not ended."""
    shares: tuple[TargetShare, ...] = ()
    """How much of the session is there, and on other targets."""

    @property
    def jql_url(self) -> str:
        """Where Jira shows everything that was created."""
        return f"{self.target.base_url}/issues/?jql={quote(self.jql)}"

    @property
    def is_nothing_left(self) -> bool:
        """People have nothing to do in Jira, as far as the sheets are known."""
        left = self.open_fixes or self.changes or self.to_decide
        return not (left or self.is_behind_sheets)

    @property
    def there(self) -> tuple[ExportedTicket, ...]:
        """The tickets whose issues were not found gone."""
        return tuple(ticket for ticket in self.tickets if not ticket.is_gone)

    @property
    def created(self) -> tuple[ExportedTicket, ...]:
        """Those of them whose issues this program created."""
        return tuple(ticket for ticket in self.there if not ticket.is_adopted)

    @property
    def adopted(self) -> tuple[ExportedTicket, ...]:
        """Those of them whose issues people made."""
        return tuple(ticket for ticket in self.there if ticket.is_adopted)

    @property
    def to_decide(self) -> tuple[TicketDifference, ...]:
        return tuple(entry for entry in self.differences if entry.difference.is_open)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What that look found, in words."""
        return tuple(entry.finding for entry in self.differences)

    @property
    def decisions(self) -> Mapping[Decision, int]:
        """For how many open differences each decision may be made."""
        counts: Counter[Decision] = Counter()
        for entry in self.to_decide:
            counts.update(entry.difference.decisions)
        return counts

    @property
    def open_fixes(self) -> int:
        """Manual fixes nobody did."""
        return sum(fix.state is FixState.OPEN for fix in self.manual_fixes)


def export_results(
    session_key: str,
    *,
    target: Target,
    tickets: Iterable[Ticket],
    epics: Sequence[Ticket] = (),
    written: Sequence[LedgerEntry],
    fixes: Sequence[ManualFix],
    steps: Sequence[MeasuredStep] = (),
    comparison: FiledComparison | None = None,
) -> ExportResults:
    """Sum up what the ledger has of a session on a target; nothing is sent.

    What is left to do on an issue that is gone is shown as obsolete, as long as it is gone.
    """
    by_number = sorted([*epics, *tickets], key=lambda ticket: ticket.number)
    differences = () if comparison is None else comparison.differences
    gone = {
        difference.ticket_id for difference in differences if difference.kind is Difference.GONE
    }
    entries = current_entries(written)
    states = ticket_exports(by_number, target=target, entries=entries)
    exported = _exported_tickets(by_number, states=states, entries=entries, gone=gone)
    label = session_label_of(session_key)
    requests: Counter[str] = Counter()
    for step in steps:
        requests += Counter(step.requests)
    fixes_now = fixes_as_of(fixes, gone=gone)
    return ExportResults(
        session_key=session_key,
        target=target,
        jql=f'project = {target.project_key} AND labels = "{label}" ORDER BY key',
        tickets=tuple(ticket for ticket in exported if ticket.number),
        epics=tuple(epic for epic in exported if not epic.number),
        dependencies_created=_link_count(entries, gone=gone),
        manual_fixes=tuple(_with_key(fix, states.get(fix.ticket_id)) for fix in fixes_now),
        total_processing_time_minutes=round(_seconds_taken(written, steps) / 60, 2),
        requests=dict(sorted(requests.items())),
        steps=tuple(steps),
        tickets_with_errors=tickets_with_errors(states.values()),
        comparison=comparison,
        differences=_with_tickets(differences, by_number, target=target),
        updated=_updated_among(by_number, entries=entries, states=states),
        removed=_removed_among(by_number, written=written, states=states),
    )


def _seconds_taken(written: Sequence[LedgerEntry], steps: Sequence[MeasuredStep]) -> float:
    """Return what the steps since the last undo took.

    Where none was measured, that is the time between the first entry and the last.
    """
    if steps or not written:
        seconds = 0.0
        for step in steps:
            seconds = 0.0 if step.step == UNDO_STEP else seconds + step.seconds
        return seconds
    times = [entry.at for entry in written]
    return (max(times) - min(times)).total_seconds()


def _exported_tickets(
    tickets: Iterable[Ticket],
    *,
    states: Mapping[str, TicketExport],
    entries: Sequence[LedgerEntry],
    gone: Collection[str],
) -> list[ExportedTicket]:
    """Return the tickets that have an issue; `gone` are ids of those whose issue was not shown."""
    exported = []
    of_issues = _entries_by(entries, LedgerSubject.ISSUE, attrgetter("remote_id"))
    for ticket in tickets:
        state = states[ticket.ticket_id]
        if state.jira_key is None:
            continue
        exported.append(
            ExportedTicket(
                ticket_id=ticket.ticket_id,
                number=ticket.number,
                title=ticket.title,
                jira_key=state.jira_key,
                jira_url=state.jira_url or "",
                exported_at=state.exported_at,
                is_gone=ticket.ticket_id in gone,
                is_adopted=is_handmade(of_issues.get(state.issue_id, ())),
            )
        )
    return exported


def _updated_among(
    tickets: Iterable[Ticket], *, entries: Iterable[LedgerEntry], states: Mapping[str, TicketExport]
) -> tuple[UpdatedTicket, ...]:
    """Return the last update of each issue that tickets have now."""
    last: dict[str, LedgerEntry] = {}
    for entry in entries:
        if entry.event is LedgerEvent.UPDATED:
            last[entry.ticket_id] = entry
        elif entry.subject is LedgerSubject.ISSUE and entry.event is LedgerEvent.INTENT:
            last.pop(entry.ticket_id, None)
    updated = []
    for ticket in tickets:
        update = last.get(ticket.ticket_id)
        key = states[ticket.ticket_id].jira_key
        if update is None or key is None:
            continue
        updated.append(
            UpdatedTicket(
                number=ticket.number, title=ticket.title, jira_key=key, updated_at=update.at
            )
        )
    return tuple(updated)


def _link_count(entries: Sequence[LedgerEntry], *, gone: Collection[str]) -> int:
    """Count the links that exist, one between two issues that relate to each other once.

    Its ends are named by the numbers of their tickets, which change places with other sheets.
    `gone` are ids of tickets whose issues were not shown.
    """
    gone_identities = {
        entry.identity
        for entry in entries
        if entry.subject is LedgerSubject.ISSUE and entry.ticket_id in gone
    }
    of_links = _entries_by(entries, LedgerSubject.LINK, attrgetter("identity"))
    links = set()
    for identity, entries_of_link in of_links.items():
        kind, *ends = identity.split("/")
        is_gone = not set(ends).isdisjoint(gone_identities)
        if is_gone or not isinstance(ledger_state_of(entries_of_link), Exists):
            continue
        if kind != LinkKind.BLOCKS:  # a relation has no direction
            ends.sort()
        links.add((kind, *ends))
    return len(links)


def fixes_as_of(fixes: Iterable[ManualFix], *, gone: Collection[str]) -> tuple[ManualFix, ...]:
    """Return fixes as people see them: nobody can do what is about an issue that is gone.

    `gone` are ids of tickets. Once Jira shows their issues again, the fixes are there again.
    """
    fixes_now = []
    for fix in fixes:
        if fix.state is FixState.OPEN and any(map(fix.is_about, gone)):
            fixes_now.append(replace(fix, state=FixState.OBSOLETE))
        else:
            fixes_now.append(fix)
    return tuple(fixes_now)


def _with_tickets(
    differences: Iterable[IssueDifference], tickets: Sequence[Ticket], *, target: Target
) -> tuple[TicketDifference, ...]:
    """Return differences with their tickets, those to decide first, then by number."""
    by_id = {ticket.ticket_id: ticket for ticket in tickets}
    with_tickets = []
    for difference in differences:
        ticket = by_id.get(difference.ticket_id)
        with_tickets.append(
            TicketDifference(
                difference=difference,
                number=(ticket.number or None) if ticket else None,
                title=ticket.title if ticket else "",
                url=issue_url_of(target, difference.name),
            )
        )
    with_tickets.sort(key=lambda entry: (not entry.difference.is_open, entry.number or 0))
    return tuple(with_tickets)


def _removed_among(
    tickets: Iterable[Ticket], *, written: Iterable[LedgerEntry], states: Mapping[str, TicketExport]
) -> tuple[RemovedTicket, ...]:
    """Return the tickets whose issue an undo deleted, and that have none now."""
    last = {entry.ticket_id: entry for entry in written if entry.event is LedgerEvent.REMOVED}
    removed = []
    for ticket in tickets:
        entry = last.get(ticket.ticket_id)
        if entry is None or states[ticket.ticket_id].jira_key is not None:
            continue
        removed.append(
            RemovedTicket(
                number=ticket.number,
                title=ticket.title,
                jira_key=entry.remote_key or "",
                removed_at=entry.at,
                removed_by=entry.detail,
            )
        )
    return tuple(removed)


def issue_contents(entries: Iterable[LedgerEntry]) -> dict[str, SentContent]:
    """Return what each issue that exists says, by ticket id, where that is known."""
    return {
        ticket_id: entry.sent
        for ticket_id, entry in content_entries(entries).items()
        if entry.sent is not None
    }


def content_entries(entries: Iterable[LedgerEntry]) -> dict[str, LedgerEntry]:
    """Return the entries by which it is known what each issue that exists says, by ticket id."""
    by_ticket = {}
    of_issues = _entries_by(entries, LedgerSubject.ISSUE, attrgetter("ticket_id"))
    for ticket_id, entries_of_issue in of_issues.items():
        entry = content_entry_in(entries_of_issue)
        if entry is not None and isinstance(ledger_state_of(entries_of_issue), Exists):
            by_ticket[ticket_id] = entry
    return by_ticket


def update_objections(entries: Iterable[LedgerEntry]) -> dict[str, str]:
    """Return why the last update left an issue as it is, by ticket id; of those that it did."""
    of_issues = _entries_by(entries, LedgerSubject.ISSUE, attrgetter("ticket_id"))
    objections = {}
    for ticket_id, entries_of_issue in of_issues.items():
        objection = objection_to_updating(entries_of_issue)
        if objection:
            objections[ticket_id] = objection
    return objections


def _entries_by(
    entries: Iterable[LedgerEntry], subject: LedgerSubject, common: Callable[[LedgerEntry], Any]
) -> Mapping[Any, list[LedgerEntry]]:
    """Return the entries about a kind of thing by what they have in common."""
    return group_by((entry for entry in entries if entry.subject is subject), common)


def commented_changes(entries: Iterable[LedgerEntry]) -> frozenset[tuple[str, str]]:
    """Return what comments of updates on issues are about: ticket id and hash of the change."""
    of_comment = _entries_by(entries, LedgerSubject.COMMENT, attrgetter("identity"))
    return frozenset(
        (entries_of_comment[0].ticket_id, identity.rpartition("/")[2])
        for identity, entries_of_comment in of_comment.items()
        if isinstance(ledger_state_of(entries_of_comment), Exists)
    )


def attached_files(entries: Iterable[LedgerEntry]) -> dict[str, str]:
    """Return the name of the file on each issue, by ticket id."""
    files: dict[str, str] = {}
    for entry in entries:
        if entry.subject is not LedgerSubject.ATTACHMENT:
            continue
        name = entry.identity.rpartition("/")[2]
        if entry.event is LedgerEvent.RECEIPT:
            files[entry.ticket_id] = name
        elif entry.event is LedgerEvent.DETACHED and name == files.get(entry.ticket_id):
            del files[entry.ticket_id]
    return files


def _with_key(fix: ManualFix, state: TicketExport | None) -> ManualFix:
    """Add the issue of a fix as it is called now: it may have been moved, or come to be later."""
    if state is None or state.jira_key is None or fix.fix_type is FixType.ORPHAN_ISSUE:
        return fix
    return replace(fix, jira_key=state.jira_key, jira_url=state.jira_url)
