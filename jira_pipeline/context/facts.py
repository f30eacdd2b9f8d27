"""One upload session opened: its facts as they are now, each read when somebody first asks.

Belongs here: what store, settings and clock say of it. Does not: changing anything, facts that
need rules of a subject, which `review/open_session` adds.

It is the state of one moment. A fact that was read is not read again; whoever changed something, or
waited for a run, goes on with `reload()`. Facts about issues are those on the target (a project in
one Jira) that the settings mean now.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import TEMPLATE, Settings
from jira_pipeline.context.web_address import DAGSTER_PATH, running_address
from jira_pipeline.jira.client.addresses import cloud_id_of
from jira_pipeline.model.audit_actions import RECORDED_ACTIONS, REVIEWING_ACTIONS, AuditAction
from jira_pipeline.model.clock import Clock
from jira_pipeline.model.differences import ComparedIssue, Difference, FiledComparison, is_current
from jira_pipeline.model.exports import (
    Destination,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    LeftToPerson,
    Target,
    exported_among,
    is_undo_last,
    ledger_state_of,
    open_undo_of,
    was_taken_back,
)
from jira_pipeline.model.findings import Finding, ranked_findings
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.records import AuditEntry, StoredError
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.source_tables import SourceFile
from jira_pipeline.model.ticket_exports import (
    TicketExport,
    entries_by_ticket,
    ticket_export,
    ticket_exports,
)
from jira_pipeline.model.ticket_links import Naming, as_numbers
from jira_pipeline.model.ticket_validations import CheckedContents, ValidationVerdict
from jira_pipeline.model.tickets import ListedTicket, Ticket, ticket_id_of
from jira_pipeline.model.work_records import Retried, Work
from jira_pipeline.store.store import Store

Value = TypeVar("Value")


class read_once(Generic[Value]):  # noqa: N801 - written as a decorator
    """A property that is read when somebody first asks, and kept by its session.

    `functools.cached_property` of Python 3.11 has one lock for all sessions: whoever asks for the
    tickets of one would wait while another's are rendered.
    """

    def __init__(self, read: Callable[[Any], Value]) -> None:
        self._read = read
        self.__doc__ = read.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, session: "SessionFacts", _owner: type) -> Value:
        value = self._read(session)
        session.__dict__[self._name] = value
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMarks:
    """What the ledger says of a session beyond its issues."""

    is_undone: bool
    """Issues were taken back and not created again, or nothing was sent since an undo."""
    open_undo: LedgerEntry | None
    """The beginning of an undo that has not ended."""
    given_up_count: int
    """Issues that a person has to settle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTargets:
    """Where the sessions of a list were exported to, read once for all of them."""

    destinations: Mapping[Destination, Target]
    used: Mapping[str, tuple[Target, ...]]
    """The targets a session has entries on, the latest used last; by session key."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SessionFacts(ABC):
    """What the store, the settings and the clock say of a session."""

    pipeline: Pipeline
    stored: UploadSession
    """The session as the store had it when it was opened. Where its stage is that of an export to
    another target, the stage is replaced by the one for the target that the settings mean."""
    elsewhere: UploadSession | None = None
    """The session as the store has it, where its stage is that of an export to another target."""
    known_targets: KnownTargets | None = None
    """Targets that were read for many sessions at once; None: they are read when needed."""

    @abstractmethod
    def reload(self) -> Self:
        """Return the session as it is now."""

    @property
    def key(self) -> str:
        return self.stored.session_key

    @property
    def store(self) -> Store:
        return self.pipeline.store

    @property
    def settings(self) -> Settings:
        return self.pipeline.settings

    @property
    def clock(self) -> Clock:
        return self.pipeline.clock

    def note(self, action: AuditAction, *, by: str, **details: object) -> None:
        """Append an entry to its audit trail."""
        self.store.audit.append(
            at=self.clock.now(), session_key=self.key, actor=by, action=action, details=details
        )

    # The sheets

    @read_once
    def files(self) -> tuple[SourceFile, ...]:
        """The files it was registered with."""
        return self._unless_only_reviewing("files", self.store.sessions.files)

    @read_once
    def findings(self) -> tuple[Finding, ...]:
        """The findings in its files, sorted."""
        return self._unless_only_reviewing("findings", self.store.sessions.findings)

    @read_once
    def ranked_findings(self) -> tuple[Finding, ...]:
        """Its findings as people look at them: each fault once, the gravest first."""
        findings = self.findings
        files = self.files
        return self._unless_only_reviewing(
            "ranked", lambda _: ranked_findings(findings, files=files)
        )

    # What the audit trail follows

    @read_once
    def last_entry(self) -> int:
        """The number of the newest entry about it in the audit trail, when this was first read."""
        return self.look_for_last_entry()

    def look_for_last_entry(self) -> int:
        """Return the number of the newest entry about it now, which may be of a change just made."""
        return self.store.audit.newest(self.key)

    def _since_last_entry(self, what: str, read: Callable[[str], Value]) -> Value:
        """Return a value that changes only with an entry of the audit trail.

        The process keeps it until there is a newer entry; else `read` is called with the key.
        """
        return self.pipeline.memory.as_of(self.last_entry, what, self.key, partial(read, self.key))

    def _unless_only_reviewing(self, what: str, read: Callable[[str], Value]) -> Value:
        """Return a value that no reviewing changes, only an upload, a run or an export.

        The process keeps it until there is an entry about such work; else `read` is called with the
        key.
        """
        mark = self._last_entry_without_reviewing
        return self.pipeline.memory.as_of(mark, what, self.key, partial(read, self.key))

    @read_once
    def _last_entry_without_reviewing(self) -> int:
        """The number of its newest entry of the audit trail that is not about reviewing."""

        def look_further(before: tuple[int, int] | None) -> tuple[int, int]:
            # Only entries that are newer than at the last look have to be read.
            looked_up_to, last = before or (0, 0)
            newest = self.store.audit.newest(self.key, after=looked_up_to, but=REVIEWING_ACTIONS)
            return self.last_entry, max(newest, last)

        _, last = self.pipeline.memory.recompute_if_changed(
            self.last_entry, "beside reviewing", self.key, look_further
        )
        return last

    @read_once
    def verdict(self) -> ValidationVerdict | None:
        """What its last validation came to; None before any."""
        return self._unless_only_reviewing("verdict", self.store.validations.verdict)

    @read_once
    def last_validation(self) -> CheckedContents | None:
        """What its last validation looked at; None before any."""
        return self._since_last_entry("checked", self.store.validations.checked)

    @read_once
    def work_entries(self) -> tuple[AuditEntry, ...]:
        """The entries that show when work on it began and ended, oldest first."""
        read = partial(self.store.audit.entries, actions=RECORDED_ACTIONS)
        return self._unless_only_reviewing("recorded", read)

    def retry_count(self, work: Work) -> int:
        what: Retried = "generation" if work is Work.WRITING else "export"
        read = partial(self.store.run_requests.retry_count, what=what)
        return self._unless_only_reviewing(f"retries of {what}", read)

    @read_once
    def errors(self) -> tuple[StoredError, ...]:
        """What went wrong, oldest first."""
        return self.store.errors.list_all(self.key)

    # The tickets

    @read_once
    def tickets(self) -> tuple[Ticket, ...]:
        """The tickets whose rows are in the sheets, by number."""
        return self.pipeline.memory.reread_changed_tickets(
            "tickets",
            self.key,
            self.store.tickets.read_since,
            newest=self.last_entry,
            order=lambda ticket: (ticket.number,),
        )

    def ticket(self, number: int) -> Ticket:
        """Return the ticket with a number whose rows are in the sheets, or raise NotFoundError.

        All tickets are read only where the process has read them before.
        """
        is_kept = self.pipeline.memory.keeps("tickets", self.key)
        for ticket in self.tickets if is_kept else ():
            if ticket.number == number:
                return ticket
        return self.store.tickets.get(self.key, number)

    def revisions(self, ticket: Ticket) -> tuple[Revision, ...]:
        """Return all revisions of a ticket, oldest first."""
        return self.store.tickets.revisions(ticket.ticket_id)

    @read_once
    def listed(self) -> tuple[ListedTicket, ...]:
        """These tickets as lists show them, in the order people gave them."""
        return self.pipeline.memory.reread_changed_tickets(
            "listed",
            self.key,
            self.store.tickets.listed_since,
            newest=self.last_entry,
            order=lambda ticket: ticket.place,
        )

    def ticket_names(self, address_of: Callable[[int], str] | None = None) -> Naming:
        """Return how documents name other tickets: by number and title, with an address if there is one."""
        numbers = {ticket.ticket_id: ticket.number for ticket in self.listed}
        return as_numbers(lambda key: numbers.get(ticket_id_of(self.key, key)), address_of)

    @read_once
    def vanished_tickets(self) -> tuple[Ticket, ...]:
        """The tickets whose rows are gone."""
        return self._unless_only_reviewing("vanished", self.store.tickets.list_vanished)

    @read_once
    def exported_groups(self) -> tuple[str, ...]:
        """Keys of the groups whose tickets exports send, by number."""
        return self._unless_only_reviewing("exported groups", self.store.tickets.exported_groups)

    @property
    def writer_name(self) -> str:
        """Who writes the tickets: as it was chosen, else by the manifest.

        The settings decide only for a session that has no tickets yet.
        """
        return (
            self.stored.writer
            or self.stored.manifest.writer
            or self.settings.writer_model
            or TEMPLATE
        )

    # Where its issues are

    @property
    def project_key(self) -> str:
        """The project its issues go to."""
        return self.pipeline.project_key(self.stored)

    @property
    def destination(self) -> Destination | None:
        """Where its issues go by settings and manifest; None where neither names a project."""
        project_key = self.pipeline.known_project_key(self.stored)
        address = (self.settings.jira_site_url or "").rstrip("/")
        return (
            None if project_key is None else Destination(address=address, project_key=project_key)
        )

    @read_once
    def coming_target(self) -> Target | None:
        """The target its next export goes to, as far as is known without asking Jira.

        None where nothing was exported to that address before. The site may still be one that is
        known by another address.
        """
        destination = self.destination
        if destination is None:
            return None
        target = self._destinations.get(destination)
        return target or _target_by_address(destination, self.store.ledger.targets())

    @read_once
    def _destinations(self) -> Mapping[Destination, Target]:
        if self.known_targets is None:
            return self.store.ledger.destinations()
        return self.known_targets.destinations

    @read_once
    def _used_targets(self) -> tuple[Target, ...]:
        if self.known_targets is None:
            return self.store.ledger.targets_of(self.key)
        return self.known_targets.used.get(self.key, ())

    @read_once
    def target(self) -> Target | None:
        """`coming_target`, if the session was exported to it; else None."""
        coming = self.coming_target
        if coming is None:
            return None
        used_ids = {target.target_id for target in self._used_targets}
        return coming if coming.target_id in used_ids else None

    @property
    def exported_targets(self) -> tuple[Target, ...]:
        """All targets it was exported to that settings mean or meant; the one used last at the end."""
        return exported_among(self._used_targets, self._destinations)

    @property
    def _other_targets(self) -> Sequence[Target]:
        current = self.coming_target
        return [o for o in self.exported_targets if not current or o.target_id != current.target_id]

    @property
    def target_name(self) -> str:
        """What people call the place where its issues go."""
        place = self.coming_target or self.destination
        return (self.settings.jira_site_url or "sandbox") if place is None else place.name

    @property
    def _exported_ids(self) -> tuple[str, ...]:
        return tuple(ticket.ticket_id for ticket in self.listed if ticket.exclusion is None)

    @read_once
    def entries(self) -> tuple[LedgerEntry, ...]:
        """Its entries of the ledger on its target, by sequence; empty where it has no target."""
        if self.target is None:
            return ()
        target_id = self.target.target_id
        read = partial(self.store.ledger.entries, target_id=target_id, session_key=self.key)
        return self.pipeline.memory.as_of(self._ledger_mark, "entries", self.key, read)

    @read_once
    def _ledger_mark(self) -> tuple[str, int]:
        """Its target and how many entries it has there: while both are the same, so are the entries."""
        if self.target is None:
            return "", 0
        target_id = self.target.target_id
        ledger = self.store.ledger
        return target_id, ledger.entry_count(target_id=target_id, session_key=self.key)

    @read_once
    def ledger_marks(self) -> LedgerMarks:
        """What the ledger says of undoing, and how many issues were left to people."""
        marks = partial(ledger_marks_of, self.entries)
        return self.pipeline.memory.as_of(self._ledger_mark, "ledger marks", self.key, marks)

    @read_once
    def places(self) -> Mapping[str, TicketExport]:
        """The state of each ticket on the target, by ticket id."""
        target = self.target
        entries = self.entries
        memory = self.pipeline.memory
        entries_of_tickets = memory.as_of(
            entries, "entries by ticket", self.key, partial(entries_by_ticket, entries)
        )

        def place_of(ticket: ListedTicket) -> TicketExport:
            entries_of_ticket = entries_of_tickets.get(ticket.ticket_id, ())
            return ticket_export(ticket, target=target, entries=entries_of_ticket)

        mark = (target, entries)
        places = memory.map_tickets("places", self.key, self.listed, place_of, mark=mark)
        return dict(zip((ticket.ticket_id for ticket in self.listed), places, strict=True))

    @read_once
    def comparison(self) -> FiledComparison | None:
        """The last comparison of Jira with the ledger, as far as it still holds; None: there is none.

        Differences about issues that were removed, released or replaced since are left out, and
        issues that were removed since do not count as confirmed.
        """
        if self.target is None:
            return None
        comparisons = self.store.comparisons
        target_id = self.target.target_id
        mark = target_id, comparisons.compared_at([self.key]).get(self.key)
        read = partial(comparisons.latest, self.key, target_id=target_id)
        # Of ten thousand issues it takes 30 ms to read.
        filed = self.pipeline.memory.as_of(mark, "comparison", self.key, read)
        if filed is None:
            return None
        removed_ids = set()
        for entry in self.entries:
            is_of_issue = entry.subject is LedgerSubject.ISSUE
            if entry.event is LedgerEvent.REMOVED and is_of_issue and entry.at > filed.compared_at:
                removed_ids.add(entry.ticket_id)
        if not (removed_ids or filed.differences):
            return filed
        places = {**self.places_of(self.vanished_tickets), **self.places}
        issue_ids = {ticket_id: place.issue_id for ticket_id, place in places.items()}
        current = [
            difference
            for difference in filed.differences
            if is_current(difference, issue_ids=issue_ids)
        ]
        # Issues that differed were not among the confirmed ones.
        removed_ids -= {difference.ticket_id for difference in filed.differences}
        confirmed = max(0, filed.confirmed - len(removed_ids))
        return replace(filed, confirmed=confirmed, differences=tuple(current))

    @read_once
    def progress(self) -> Mapping[str, ComparedIssue]:
        """How far people were with issues at the last comparison, by ticket id.

        Issues that are not those of their tickets any more are left out.
        """
        compared_issues = () if self.comparison is None else self.comparison.states or ()
        progress: dict[str, ComparedIssue] = {}
        for issue in compared_issues:
            place = self.places.get(issue.ticket_id)
            if place is not None and place.issue_id == issue.issue_id:
                progress[issue.ticket_id] = issue
        return progress

    @property
    def gone_ids(self) -> frozenset[str]:
        """The ids of the tickets whose issues Jira did not show when it was asked last."""
        differences = () if self.comparison is None else self.comparison.differences
        gone = [difference for difference in differences if difference.kind is Difference.GONE]
        return frozenset(difference.ticket_id for difference in gone)

    def places_of(self, tickets: Sequence[Ticket | ListedTicket]) -> Mapping[str, TicketExport]:
        """Return the state of each of these tickets on the target, by ticket id."""
        return ticket_exports(tickets, target=self.target, entries=self.entries)

    # Where people find it

    @property
    def report_path(self) -> Path:
        """Where the report of its export is written."""
        return self.settings.pages_path / self.key / "report.html"

    @property
    def report_link(self) -> Path | str:
        """The file of the report; with a store on a server, the address where the web makes it."""
        if not self.settings.is_store_on_server:
            return self.report_path
        return self.web_link("/report.html") or f"/sessions/{self.key}/report.html"

    def web_link(self, place: str = "") -> str | None:
        """Return the address of the session's pages: on the configured host, or on the one running here.

        None where neither is known: an address without a host would lead into Dagster's own pages.
        """
        base_url = self._base_url
        return f"{base_url}/sessions/{self.key}{place}" if base_url else None

    def run_link(self, run_id: str | None) -> str | None:
        """Return the address of a run on Dagster's pages; None without a run, or without a known host."""
        return link_of_run(self.settings, run_id)

    @property
    def _base_url(self) -> str:
        return _base_url_of(self.settings)


def ledger_marks_of(entries: Sequence[LedgerEntry]) -> LedgerMarks:
    """Return what the ledger says of undoing, and how many issues were left to people.

    A file or a link that was left to people says nothing of the issue, which is there.
    """
    given_up_count = 0
    is_undone = is_undo_last(entries)
    for entries_of_one in group_by(entries, lambda entry: entry.identity).values():
        if was_taken_back(entries_of_one):
            is_undone = True
        is_issue = entries_of_one[0].subject is LedgerSubject.ISSUE
        if is_issue and isinstance(ledger_state_of(entries_of_one), LeftToPerson):
            given_up_count += 1
    return LedgerMarks(
        is_undone=is_undone, open_undo=open_undo_of(entries), given_up_count=given_up_count
    )


def _target_by_address(destination: Destination, targets: Iterable[Target]) -> Target | None:
    """Return the target at a destination that settings never named before, or None.

    A site is known by its base URL, or by its cloud id where the address is one of the gateway.
    """
    address = destination.address
    cloud_id = cloud_id_of(address) if address else None
    for target in targets:
        if cloud_id is not None:
            is_site = target.site_id.lower() == cloud_id
        else:
            is_site = address == ("" if target.is_sandbox else target.base_url)
        if is_site and target.project_key == destination.project_key:
            return target
    return None


def link_of_run(settings: Settings, run_id: str | None) -> str | None:
    """Return the address of a run on Dagster's pages; None without a run, or without a known host."""
    base_url = _base_url_of(settings)
    if run_id is None or not base_url:
        return None
    return f"{base_url}{DAGSTER_PATH}/runs/{run_id}"


def _base_url_of(settings: Settings) -> str:
    """Return where the pages are, as configured or as they run here; empty where neither is known."""
    return (settings.web_base_url or running_address(settings)).rstrip("/")
