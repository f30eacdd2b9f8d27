"""One upload session opened: its facts as they are now, each read when somebody first asks.

Belongs here: what more than one use case asks of a session. Does not: changing anything, rules
(`stages`), what only one use case needs.

It is one look. What was read stays as it was read; whoever changed something, or waited for a
run, goes on with `again()`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from jira_pipeline.domain.entities import SourceFile
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.export_ledger import (
    Destination,
    GivenUp,
    LedgerEntry,
    LedgerEvent,
    Target,
    exported_among,
    is_undo_last,
    ledger_state_of,
    open_undo_of,
    was_taken_back,
)
from jira_pipeline.domain.findings import Finding, RankedFinding, ranked_findings
from jira_pipeline.domain.issue_differences import Difference, is_current
from jira_pipeline.domain.missing_sheets import SHEET_MISSING, missing_sheets
from jira_pipeline.domain.open_questions import QuestionsLeft
from jira_pipeline.domain.records import REVIEWING_ACTIONS, AuditEntry, StoredError
from jira_pipeline.domain.rendered_tickets import RenderedTicket, without_documents
from jira_pipeline.domain.sessions import (
    SessionStage,
    SessionStatus,
    UploadSession,
    first_percentage,
)
from jira_pipeline.domain.target_shares import NewTarget, TargetShare, share_of
from jira_pipeline.domain.ticket_links import Naming, as_numbers
from jira_pipeline.domain.tickets import (
    ListedTicket,
    Revision,
    Ticket,
    TicketTally,
    link_count_of,
    tally_of,
    ticket_id_of,
)
from jira_pipeline.domain.validations import CheckedContents, ValidationVerdict
from jira_pipeline.domain.work_records import RECORDED_ACTIONS, Work
from jira_pipeline.errors import RunDiedError, unknown_ticket
from jira_pipeline.jira_client.addresses import cloud_id_of
from jira_pipeline.ports.clock import Clock
from jira_pipeline.ports.export import FiledComparison, Retried
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.documents import group_in, rendered_tickets
from jira_pipeline.settings import TEMPLATE, Settings
from jira_pipeline.stages.adf_validation import refuse_without_rows
from jira_pipeline.stages.jira_export.gate import new_target, shares_of
from jira_pipeline.stages.jira_export.results import (
    TicketExport,
    entries_by_ticket,
    ticket_export,
    ticket_exports,
    unexported,
)
from jira_pipeline.stages.review.approval import may_approve_automatically
from jira_pipeline.stages.review.forms import AskedCell, asked_cells
from jira_pipeline.stages.review.hours import HourTotals, hour_totals
from jira_pipeline.stages.review.questions import (
    AskedQuestion,
    AskedQuestions,
    asked_by,
    asked_in,
)
from jira_pipeline.stages.review.remarks import ACTIONS, Remark, remarks_in
from jira_pipeline.stages.review.withdrawals import agreed_automatically, proposed_among
from jira_pipeline.stages.session_contents import SessionContents
from jira_pipeline.store.store import Store
from jira_pipeline.store.ticket_lists import QUESTIONS_COMPARED_MAX

REVIEW_PAGE = "review.html"
REPORT_PAGE = "report.html"
_AT_TARGET = {SessionStage.REVIEW, SessionStage.JIRA_EXPORT, SessionStage.COMPLETED}
"""Stages in which an export, or an undo, leaves a session."""


Value = TypeVar("Value")


class read_once(Generic[Value]):  # noqa: N801 - written as a decorator
    """A property that is read when somebody first asks, and kept by its session.

    `functools.cached_property` of Python 3.11 has one lock for all sessions: whoever asks for the
    tickets of one would wait while another's are rendered.
    """

    def __init__(self, read: Callable[[Any], Value]) -> None:
        """Keep how it is read."""
        self._read = read
        self.__doc__ = read.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        """Keep what it is called."""
        self._name = name

    def __get__(self, session: "OpenSession", _owner: type) -> Value:
        """Read it; from now on the session answers by itself."""
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


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenSession:
    """A session and all that can be asked about it."""

    pipeline: Pipeline
    stored: UploadSession
    """The session as the store had it when it was opened, seen from the target that is meant."""
    elsewhere: UploadSession | None = None
    """As the store has it where that shows an export to another target."""

    def again(self) -> "OpenSession":
        """Return the session as it is now."""
        return open_session(self.pipeline, self.key)

    @property
    def key(self) -> str:
        """Its key."""
        return self.stored.session_key

    @property
    def store(self) -> Store:
        """The store it is in."""
        return self.pipeline.store

    @property
    def settings(self) -> Settings:
        """The settings of this home."""
        return self.pipeline.settings

    @property
    def clock(self) -> Clock:
        """The clock of this process."""
        return self.pipeline.clock

    # The sheets

    @read_once
    def files(self) -> tuple[SourceFile, ...]:
        """The files it was registered with."""
        return self.store.sessions.files(self.key)

    @read_once
    def findings(self) -> tuple[Finding, ...]:
        """What was found in them."""
        return self.store.sessions.findings(self.key)

    @read_once
    def ranked_findings(self) -> tuple[RankedFinding, ...]:
        """The same as people look at it: each fault once, what matters most first."""
        return ranked_findings(self.findings, files=self.files)

    @read_once
    def missing_sheets(self) -> tuple[str, ...]:
        """Names of the sheets that are missing although others need them."""
        found = self.store.sessions.findings(self.key, code=SHEET_MISSING)
        return missing_sheets(self.files, found)

    @property
    def contents(self) -> SessionContents:
        """The sheets, read and grouped; a process does that once.

        Raises:
            StoreError: The kept copy is not what was registered.
        """
        return self.pipeline.memory.contents(self.stored)

    @property
    def groups(self) -> Mapping[str, EntityGroup]:
        """The groups of the sheets by key."""
        return self.contents.groups_by_key

    @property
    def _rendering(self) -> str:
        """What its documents, and rows beside them, are made by now."""
        return self.pipeline.renderer.rendering_of(self.stored)

    def find_group(self, ticket: Ticket) -> EntityGroup | None:
        """Return the group of a ticket, or None where the sheets no longer hold it.

        Where its rows are kept, no sheet is read.
        """
        rows = self.store.documents.rows_of(self.key, ticket.ticket_id, rendering=self._rendering)
        return self.groups.get(ticket.group_key) if rows is None else group_in(rows)

    def group_of(self, ticket: Ticket) -> EntityGroup:
        """Return the group of a ticket.

        Raises:
            GateError: It is not in the sheets any more.
        """
        group = self.find_group(ticket)
        if group is None:
            refuse_without_rows([ticket], self.groups, source_word=self.stored.source_word)
            return self.groups[ticket.group_key]
        return group

    # What the audit trail follows

    @read_once
    def _last_entry(self) -> int:
        """The number of its newest entry in the audit trail."""
        return self.store.audit.newest(self.key)

    def _since_last_entry(self, what: str, read: Callable[[str], Value]) -> Value:
        """Return what changes only with an entry; read again where there is one since."""
        return self.pipeline.memory.as_of(self._last_entry, what, self.key, partial(read, self.key))

    def _beside_reviewing(self, what: str, read: Callable[[str], Value]) -> Value:
        """Return the same of what stays while people do no more than edit and decide."""
        mark = self._last_beside_reviewing
        return self.pipeline.memory.as_of(mark, what, self.key, partial(read, self.key))

    @read_once
    def _last_beside_reviewing(self) -> int:
        """The number of its newest entry about more than everyday changes."""

        def follow(before: tuple[int, int] | None) -> tuple[int, int]:
            looked_at, last = before or (0, 0)
            newest = self.store.audit.newest(self.key, after=looked_at, but=REVIEWING_ACTIONS)
            return self._last_entry, max(newest, last)

        _, last = self.pipeline.memory.carried(
            self._last_entry, "beside reviewing", self.key, follow
        )
        return last

    @read_once
    def verdict(self) -> ValidationVerdict | None:
        """What its last validation came to; None before any."""
        return self._beside_reviewing("verdict", self.store.validations.verdict)

    @read_once
    def checked(self) -> CheckedContents | None:
        """What its last validation looked at; None before any."""
        return self._beside_reviewing("checked", self.store.validations.checked)

    @read_once
    def recorded(self) -> tuple[AuditEntry, ...]:
        """The entries that show when work on it began and ended, oldest first."""
        read = partial(self.store.audit.entries, actions=RECORDED_ACTIONS)
        return self._beside_reviewing("recorded", read)

    @read_once
    def remarks(self) -> Mapping[str, Remark]:
        """What people want of its tickets, by ticket id."""
        read = partial(self.store.audit.entries, actions=ACTIONS)
        return self._beside_reviewing("remarks", lambda key: remarks_in(read(key)))

    def retry_count(self, work: Work) -> int:
        """Return how many retries one work on it has used."""
        what: Retried = "generation" if work is Work.WRITING else "export"
        read = partial(self.store.export_runs.retry_count, what=what)
        return self._beside_reviewing(f"retries of {what}", read)

    @read_once
    def errors(self) -> tuple[StoredError, ...]:
        """What went wrong, oldest first."""
        return self.store.errors.list_all(self.key)

    # The tickets

    @read_once
    def tickets(self) -> tuple[Ticket, ...]:
        """The tickets whose rows are in the sheets, by number."""
        return self.pipeline.memory.followed(
            "tickets",
            self.key,
            self.store.tickets.read_since,
            newest=self._last_entry,
            order=lambda ticket: (ticket.number,),
        )

    def ticket(self, number: int) -> Ticket:
        """Return one of them; where a process keeps none yet, no other one is read.

        Raises:
            NotFoundError: There is none of that number.
        """
        if not self.pipeline.memory.keeps("tickets", self.key):
            return self.store.tickets.get(self.key, number)
        for ticket in self.tickets:
            if ticket.number == number:
                return ticket
        raise unknown_ticket(session_key=self.key, ticket=str(number))

    def revisions(self, ticket: Ticket) -> tuple[Revision, ...]:
        """Return all revisions of a ticket, oldest first."""
        return self.store.tickets.revisions(ticket.ticket_id)

    @read_once
    def listed(self) -> tuple[ListedTicket, ...]:
        """The same as lists show them, in the order people gave them."""
        return self.pipeline.memory.followed(
            "listed",
            self.key,
            self.store.tickets.listed_since,
            newest=self._last_entry,
            order=lambda ticket: ticket.place,
        )

    def ticket_names(self, address_of: Callable[[int], str] | None = None) -> Naming:
        """Name tickets as people know them, by number and title, where a document links to one."""
        numbers = {ticket.ticket_id: ticket.number for ticket in self.listed}
        return as_numbers(lambda key: numbers.get(ticket_id_of(self.key, key)), address_of)

    @property
    def hours(self) -> HourTotals:
        """The hours its tickets take."""
        listed = self.listed
        return self.pipeline.memory.as_of(listed, "hours", self.key, lambda: hour_totals(listed))

    @read_once
    def vanished(self) -> tuple[Ticket, ...]:
        """The tickets whose rows are gone."""
        return self._beside_reviewing("vanished", self.store.tickets.list_vanished)

    @read_once
    def tally(self) -> TicketTally:
        """How many tickets there are, and how many are ready.

        A process that keeps the tickets counts those; else the store does, as it would count them.
        """
        if not self.pipeline.memory.keeps("tickets", self.key):
            return self._since_last_entry("tally", self.store.tickets.tally)
        counted = [ticket for ticket in self.tickets if ticket.skipped_reason is None]
        if sum(len(ticket.revision.questions) for ticket in counted) <= QUESTIONS_COMPARED_MAX:
            left = self.asked.left
        else:
            waiting = [len(ticket.unanswered) for ticket in counted]
            left = QuestionsLeft(
                count=sum(waiting), ticket_count=sum(map(bool, waiting)), is_each_once=False
            )
        return tally_of(self.tickets, questions=left)

    @read_once
    def exported_groups(self) -> tuple[str, ...]:
        """The groups an export makes issues of."""
        return self._beside_reviewing("exported groups", self.store.tickets.exported_groups)

    @read_once
    def link_count(self) -> int:
        """How many links an export makes, those that are made already included."""
        return self.pipeline.memory.as_of(
            self.listed, "link count", self.key, partial(link_count_of, self.listed)
        )

    @read_once
    def hollow_ids(self) -> frozenset[str]:
        """The tickets that the sheets say nothing to configure for.

        Raises:
            StoreError: The kept copy is not what was registered.
        """
        found = self.store.documents.hollow(self.key, rendering=self._rendering)
        if found is not None:
            return found
        groups = self.contents.groups
        return frozenset(ticket_id_of(self.key, one.key) for one in groups if one.is_hollow)

    @read_once
    def rendered(self) -> tuple[RenderedTicket, ...]:
        """The tickets as Jira would get them now, by number.

        Raises:
            GateError: A ticket's group is not in the sheets any more.
        """
        return self._rendered(only=None)

    def rendered_of(self, tickets: Sequence[Ticket]) -> tuple[RenderedTicket, ...]:
        """Return some of them as they were read; no other one is looked at.

        Raises:
            GateError: The group of one is not in the sheets any more.
        """
        return self._rendered(only=tickets)

    def _rendered(self, only: Sequence[Ticket] | None) -> tuple[RenderedTicket, ...]:
        return rendered_tickets(
            self.stored,
            documents=self.store.documents,
            renderer=self.pipeline.renderer,
            contents=lambda: self.contents,
            only=only,
        )

    @read_once
    def judged(self) -> tuple[RenderedTicket, ...]:
        """The same by their hashes alone, without documents: what staleness and gate look at.

        Raises:
            GateError: A ticket's group is not in the sheets any more.
        """
        hashes = self.store.documents.hashes(self.key, rendering=self._rendering)
        if all(ticket.ticket_id in hashes for ticket in self.tickets):
            return without_documents(self.tickets, hashes)
        return self.rendered

    @read_once
    def questions(self) -> tuple[AskedQuestion, ...]:
        """What the sheets leave open, wherever it is asked, by number of the ticket."""
        return tuple(
            asked for ticket in self.tickets for asked in self.asked.of_ticket[ticket.ticket_id]
        )

    @read_once
    def asked(self) -> AskedQuestions:
        """The same, each question once, in the order people gave the tickets."""
        memory = self.pipeline.memory

        def follow(before: AskedQuestions | None) -> AskedQuestions:
            tickets = sorted(self.tickets, key=lambda ticket: ticket.place)
            each = memory.each("questions", self.key, tickets, asked_in)
            ids = (ticket.ticket_id for ticket in tickets)
            return asked_by(dict(zip(ids, each, strict=True)), before)

        return memory.carried(self.tickets, "asked", self.key, follow)

    @read_once
    def cells(self) -> tuple[AskedCell, ...]:
        """The cells of forms that the rows leave open, by number of the ticket."""
        memory = self.pipeline.memory

        def read(_: object) -> tuple[AskedCell, ...]:
            each = memory.each("cells", self.key, self.tickets, lambda one, _: asked_cells(one))
            return tuple(cell for cells in each for cell in cells)

        return memory.carried(self.tickets, "cells of forms", self.key, read)

    @property
    def writer_name(self) -> str:
        """Who writes the tickets: as it was chosen, else by the manifest.

        The settings decide only for a session that has no tickets yet.
        """
        chosen = self.stored.writer or self.stored.manifest.writer
        return chosen or self.settings.writer_model or TEMPLATE

    # What an export would do by itself

    @property
    def approves_itself(self) -> bool:
        """Whether the next run approves it.

        Not after an undo, and not where sheets that others need are missing: half a folder may
        have been copied, and its issues would be real.
        """
        return (
            may_approve_automatically(self.stored, is_sandbox=self.settings.is_sandbox)
            and not self.missing_sheets
            and not self.ledger_marks.is_undone
        )

    @read_once
    def agreed_withdrawals(self) -> tuple[Ticket, ...]:
        """The proposed withdrawals that the session agrees to at its next export."""
        proposed = proposed_among(self.vanished)
        if not proposed or not self.approves_itself:
            return ()
        return agreed_automatically(
            self.stored,
            proposed,
            is_sandbox=self.settings.is_sandbox,
            ticket_count=self.tally.total,
            files=self.files,
            sent={
                entry.ticket_id
                for target in self.store.ledger.targets_of(self.key)
                for entry in self.store.ledger.entries(
                    target_id=target.target_id, session_key=self.key
                )
            },
        )

    # Where its issues are

    @property
    def project_key(self) -> str:
        """The project its issues go to.

        Raises:
            ConfigurationError: A real Jira is configured and nobody named a project.
        """
        return self.pipeline.project_key(self.stored)

    @property
    def destination(self) -> Destination | None:
        """What the settings and its manifest name; None where nobody named a project."""
        project_key = self.pipeline.known_project_key(self.stored)
        address = (self.settings.jira_site_url or "").rstrip("/")
        return (
            None if project_key is None else Destination(address=address, project_key=project_key)
        )

    @read_once
    def coming_target(self) -> Target | None:
        """The target its next export goes to, without asking Jira.

        None where nothing was exported there before, as far as the address says: the site may be
        one that is known by another.
        """
        destination = self.destination
        if destination is None:
            return None
        meant = self._destinations.get(destination)
        return meant or _target_by_address(destination, self.store.ledger.targets())

    @read_once
    def _destinations(self) -> Mapping[Destination, Target]:
        return self.store.ledger.destinations()

    @read_once
    def _used_targets(self) -> tuple[Target, ...]:
        return self.store.ledger.targets_of(self.key)

    @read_once
    def target(self) -> Target | None:
        """That target, where the session was exported to it."""
        coming, used = self.coming_target, {one.target_id for one in self._used_targets}
        return coming if coming is not None and coming.target_id in used else None

    @property
    def exported_targets(self) -> tuple[Target, ...]:
        """The targets it was exported to, whatever the settings name now; the latest used last."""
        return exported_among(self._used_targets, self._destinations)

    @property
    def _other_targets(self) -> Sequence[Target]:
        current = self.coming_target
        current_id = current.target_id if current is not None else None
        return [one for one in self.exported_targets if one.target_id != current_id]

    @property
    def target_name(self) -> str:
        """Where its issues go, as people call it."""
        known, destination = self.coming_target, self.destination
        if known is not None:
            return known.name
        if destination is not None:
            return destination.name
        return self.settings.jira_site_url or "sandbox"

    @read_once
    def shares(self) -> tuple[TargetShare, ...]:
        """How much of it is where: on the target the settings name, and on each other one."""
        others, name = self._other_targets, self.target_name
        if self.target is None and not others:
            count = self.tally.exportable
            nothing = share_of(name, (), (), is_current=True)
            return (replace(nothing, ticket_count=count),)
        ids = self._exported_ids
        return (
            share_of(name, ids, self.entries, is_current=True, gone_ids=self.gone_ids),
            *shares_of(self.key, ids, ledger=self.store.ledger, targets=others),
        )

    @read_once
    def new_target(self) -> NewTarget | None:
        """What it would begin where it was never exported, if nobody answered that yet."""
        if self.target is not None or not self._other_targets:
            return None
        current = self.coming_target
        return new_target(
            self.stored,
            self._exported_ids,
            name=self.target_name,
            target_id=current.target_id if current is not None else None,
            ledger=self.store.ledger,
        )

    @property
    def _exported_ids(self) -> tuple[str, ...]:
        """The tickets that an export sends."""
        return tuple(ticket.ticket_id for ticket in self.listed if ticket.skipped_reason is None)

    @read_once
    def entries(self) -> tuple[LedgerEntry, ...]:
        """What the ledger says of it on its target."""
        if self.target is None:
            return ()
        target_id = self.target.target_id
        read = partial(self.store.ledger.entries, target_id=target_id, session_key=self.key)
        return self.pipeline.memory.as_of(self._sent, "entries", self.key, read)

    @read_once
    def _sent(self) -> tuple[str, int]:
        """What distinguishes this state of the ledger from others."""
        if self.target is None:
            return "", 0
        target_id = self.target.target_id
        ledger = self.store.ledger
        return target_id, ledger.entry_count(target_id=target_id, session_key=self.key)

    @read_once
    def ledger_marks(self) -> LedgerMarks:
        """What the ledger says of it beyond its issues."""
        by_identity: dict[str, list[LedgerEntry]] = defaultdict(list)
        for entry in self.entries:
            by_identity[entry.identity].append(entry)
        known = by_identity.values()
        return LedgerMarks(
            is_undone=any(was_taken_back(entries) for entries in known)
            or is_undo_last(self.entries),
            open_undo=open_undo_of(self.entries),
            given_up_count=sum(isinstance(ledger_state_of(entries), GivenUp) for entries in known),
        )

    @read_once
    def places(self) -> Mapping[str, TicketExport]:
        """Where each of its tickets is, by ticket id."""
        target, entries, memory = self.target, self.entries, self.pipeline.memory
        of_ticket = memory.as_of(
            entries, "entries by ticket", self.key, partial(entries_by_ticket, entries)
        )

        def place_of(one: ListedTicket, _: TicketExport | None) -> TicketExport:
            if target is None:
                return unexported(one)
            return ticket_export(one, target=target, entries=of_ticket.get(one.ticket_id, ()))

        each = memory.each("places", self.key, self.listed, place_of, mark=(target, entries))
        return dict(zip((one.ticket_id for one in self.listed), each, strict=True))

    @read_once
    def comparison(self) -> FiledComparison | None:
        """The last look whether Jira holds what the ledger says, as far as the ledger still says it.

        What was removed, released or replaced since is no difference any more.
        """
        if self.target is None:
            return None
        filed = self.store.comparisons.latest(self.key, target_id=self.target.target_id)
        if filed is None or not filed.differences:
            return filed
        places = {**self.places_of(self.vanished), **self.places}
        issue_ids = {ticket_id: place.issue_id for ticket_id, place in places.items()}
        current = (d for d in filed.differences if is_current(d, issue_ids=issue_ids))
        return replace(filed, differences=tuple(current))

    @property
    def gone_ids(self) -> frozenset[str]:
        """The ids of the tickets whose issues Jira did not show when it was asked last."""
        found = () if self.comparison is None else self.comparison.differences
        return frozenset(d.ticket_id for d in found if d.kind is Difference.GONE)

    def places_of(self, tickets: Sequence[Ticket | ListedTicket]) -> Mapping[str, TicketExport]:
        """Return where each of these tickets is, by ticket id."""
        if self.target is None:
            return {ticket.ticket_id: unexported(ticket) for ticket in tickets}
        return ticket_exports(tickets, target=self.target, entries=self.entries)

    # Its pages

    def page_path(self, name: str) -> Path:
        """Return where a page of it is written."""
        return self.settings.pages_path / self.key / name

    def page_link(self, name: str) -> Path | str:
        """Return the address of a page where a server shows the pages, else its path."""
        base_url = self.settings.pages_base_url
        if base_url is None:
            return self.page_path(name)
        return f"{base_url.rstrip('/')}/{self.key}/{name}"

    def web_link(self, place: str = "") -> str:
        """Return where people see it in the web.

        Where nobody said where the web is, the address has no host: Dagster's pages are served
        beside ours, whatever the port is, and a browser completes it.
        """
        base_url = self.settings.web_base_url or ""
        return f"{base_url.rstrip('/')}/sessions/{self.key}{place}"

    @property
    def review_written_at(self) -> datetime | None:
        """Which time its review page shows; None where there is none."""
        try:
            seconds = self.page_path(REVIEW_PAGE).stat().st_mtime
        except FileNotFoundError:
            return None
        return datetime.fromtimestamp(seconds, UTC)


def open_session(pipeline: Pipeline, session_key: str) -> OpenSession:
    """Open a session as it is now, for the target that the settings name.

    Raises:
        NotFoundError: There is none of that key.
    """
    return opened_from_here(pipeline, pipeline.store.sessions.get(session_key))


def opened_from_here(pipeline: Pipeline, stored: UploadSession) -> OpenSession:
    """Open a session for the target that the settings name.

    How an export to another one went, or an undo there, says nothing here, where the session waits in
    the review. What is at work is at work, wherever it goes; so is what failed before anything was
    sent anywhere.
    """
    session = OpenSession(pipeline=pipeline, stored=stored)
    if stored.stage not in _AT_TARGET or stored.status is SessionStatus.RUNNING:
        return session
    used, current = session.exported_targets, session.coming_target
    if not used or (current is not None and used[-1].target_id == current.target_id):
        return session
    if stored.stage is SessionStage.REVIEW and not _was_undone_at(used[-1], session):
        return session
    shown = replace(
        stored,
        stage=SessionStage.REVIEW,
        progress_percentage=first_percentage(SessionStage.REVIEW, SessionStatus.WAITING),
        progress_text="",
        progress_details=None,
        failed_at_ticket_number=None,
    )
    if _was_at(used[-1], session):
        shown = replace(shown, status=SessionStatus.WAITING, run_id=None)
    return OpenSession(pipeline=pipeline, stored=shown, elsewhere=stored)


def _was_undone_at(target: Target, session: OpenSession) -> bool:
    """Tell whether an undo on a target, ended or not, was the last that was done."""
    entries = session.store.ledger.entries(target_id=target.target_id, session_key=session.key)
    is_idle = session.stored.status is SessionStatus.IDLE
    is_ended = is_idle and entries[-1].event is LedgerEvent.UNDO_ENDED
    return is_ended or open_undo_of(entries) is not None


def _was_at(target: Target, session: OpenSession) -> bool:
    """Tell whether the last run was at work on a target; one that was killed measured no step."""
    stored, errors = session.stored, session.errors
    failed = stored.status in {SessionStatus.FAILED, SessionStatus.WAITING}
    error = errors[-1] if failed and errors and errors[-1].run_id == stored.run_id else None
    if error is None or error.code == RunDiedError.code:
        return True
    steps = session.store.export_runs.steps(session.key, target_id=target.target_id)
    return any(step.run_id == stored.run_id for step in steps)


def _target_by_address(destination: Destination, known: Iterable[Target]) -> Target | None:
    """Return the target of settings that were never used, by what the site states of itself.

    Behind the gateway it is known by the id in the address.
    """
    address = destination.address
    cloud_id = cloud_id_of(address) if address else None
    for target in known:
        is_site = (
            target.site_id.lower() == cloud_id
            if cloud_id is not None
            else address == ("" if target.is_sandbox else target.base_url)
        )
        if is_site and target.project_key == destination.project_key:
            return target
    return None
