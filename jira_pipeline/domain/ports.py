"""The roles that stages call: what they need, not how it is done.

Every adapter of a port passes that port's contract suite in `jira_pipeline_tests/contracts`.
The role of Jira itself is in `domain/issue_tracker`, those around writers in `domain/writing`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from jira_pipeline.domain.entities import (
    Entity,
    FolderReading,
    SourceFile,
    SourceTable,
)
from jira_pipeline.domain.entity_groups import DisplayGroup, GroupAction
from jira_pipeline.domain.export_ledger import LedgerEntry, Target
from jira_pipeline.domain.findings import Finding
from jira_pipeline.domain.manual_fixes import FixState, ManualFix
from jira_pipeline.domain.sessions import (
    SessionManifest,
    SessionStage,
    SessionStatus,
    TicketProgress,
    UploadSession,
)
from jira_pipeline.domain.tickets import (
    ChangedCell,
    FieldValue,
    ListedTicket,
    ProseParts,
    Revision,
    SourceLines,
    Ticket,
    TicketDecision,
    TicketProse,
    TicketTally,
)
from jira_pipeline.domain.validations import CheckedContents, Validation, ValidationVerdict
from jira_pipeline.errors import PipelineError


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityReading:
    """What the rows of all tables describe."""

    entities: tuple[Entity, ...]
    findings: tuple[Finding, ...]


class SpecificationSource(Protocol):
    """Reads folders of one kind of specification."""

    def read_folder(self, folder: Path, *, columns: Mapping[str, str]) -> FolderReading:
        """Read every file of a folder; faults are findings, never exceptions.

        `columns` are headers of the files to the columns they stand for, as people say.
        """
        ...

    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        """Turn the rows of recognised sheets into entities with resolved references."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRecord:
    """One upload to be registered: everything but the bytes."""

    session_key: str
    content_sha256: str
    upload_path: str
    manifest: SessionManifest
    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]


class SessionStore(Protocol):
    """Keeps upload sessions, their files and findings."""

    def find(self, session_key: str) -> UploadSession | None:
        """Return the session, or None."""
        ...

    def get(self, session_key: str) -> UploadSession:
        """Return the session, or raise SessionKeyError that names it and the known ones."""
        ...

    def list_all(self) -> tuple[UploadSession, ...]:
        """Return all sessions, newest first."""
        ...

    def register(self, upload: UploadRecord, *, at: datetime, actor: str) -> UploadSession:
        """Create the session, or replace its upload (files, findings, manifest), in one step.

        Replacing sets `last_invalidated_at`. Ready marks stay, bound to what was validated. The
        writer stays too, unless the manifest names another one than before.

        Raises:
            SessionLockedError: It is being exported and the content differs.
        """
        ...

    def record_reading(
        self, session_key: str, *, files: Sequence[SourceFile], findings: Sequence[Finding]
    ) -> None:
        """Replace the stored files and findings of a session with what was read just now."""
        ...

    def answer_as_new(
        self,
        session_key: str,
        *,
        target_id: str,
        others: Iterable[str],
        by: str,
        at: datetime,
    ) -> None:
        """Remember that a session creates issues on a target although other sessions have them.

        Audited where it is not known yet.
        """
        ...

    def files(self, session_key: str) -> tuple[SourceFile, ...]:
        """Return its files, by name."""
        ...

    def findings(self, session_key: str) -> tuple[Finding, ...]:
        """Return its findings as `sorted_findings` orders them."""
        ...

    def set_stage(
        self,
        session_key: str,
        *,
        stage: SessionStage,
        status: SessionStatus,
        at: datetime,
        run_id: str | None = None,
        failed_at_ticket_number: int | None = None,
        is_undone: bool = False,
    ) -> None:
        """Move a session; audited. A given run id is kept, None leaves the last one.

        Another stage starts as `first_percentage` says, and so does work that begins in the review.
        A status that is not at work settles a request to cancel. The ticket number an export
        failed at is forgotten when the export goes on, and so are its retries once it is completed
        or undone: edits and validations leave both.
        """
        ...

    def set_progress(
        self,
        session_key: str,
        *,
        percentage: float,
        text: str,
        at: datetime,
        details: TicketProgress | None = None,
    ) -> None:
        """Tell progress within the current stage; the percentage never falls within a stage."""
        ...

    def choose_writer(self, session_key: str, writer: str, *, by: str, at: datetime) -> None:
        """Decide who writes the tickets from now on; audited where it changes."""
        ...

    def mark_generated(self, session_key: str, *, from_sha256: str, at: datetime) -> None:
        """Remember which upload the tickets were generated from."""
        ...

    def mark_invalidated(self, session_key: str, *, at: datetime) -> None:
        """Remember that something changed after validation."""
        ...

    def remove(
        self,
        session_key: str,
        *,
        at: datetime,
        by: str,
        unchanged_since: datetime | None = None,
    ) -> bool:
        """Remove a session with its tickets; ledger, errors and audit trail stay. Audited.

        Tells whether it was removed: not where it was updated after `unchanged_since`.

        Raises:
            SessionKeyError: There is none.
        """
        ...

    def request_cancel(
        self, session_key: str, *, at: datetime, by: str, run_id: str | None = None
    ) -> None:
        """Ask a run to stop, or the one that works on the session now; audited. Others go on."""
        ...

    def is_cancel_requested(self, session_key: str) -> bool:
        """Tell whether somebody asked the run that works on the session now to stop."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    """One generated ticket to be stored."""

    ticket_id: str
    number: int
    group_key: str
    display_group: DisplayGroup
    action: GroupAction
    title: str
    prose: TicketProse
    depends_on: tuple[str, ...]
    relates_to: tuple[str, ...]
    source_lines: tuple[SourceLines, ...]
    assignee: str | None
    sprint: str | None
    priority: str | None
    labels: tuple[str, ...]
    parent: str | None
    facts_hash: str | None = None
    """What the sheets say of it: with other facts it is written again."""
    changed_cells: tuple[ChangedCell, ...] = ()
    """What differs from the sheets the stored ticket was generated from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationOutcome:
    """What storing generated tickets changed."""

    created: int
    rewritten: int
    unchanged: int
    withdrawals_proposed: int
    """Tickets of the generation before whose rows are gone."""
    source_changed: int = 0
    """Of the unchanged ones, those with prose of people and other cells: to be looked at."""
    dropped_dependencies: int = 0
    """Made by hand, and against what the sheets demand now."""


class TicketStore(Protocol):
    """Keeps tickets and their revisions."""

    def save_generated(
        self, session_key: str, drafts: Sequence[TicketDraft], *, at: datetime
    ) -> GenerationOutcome:
        """Store one generation in one step.

        A ticket whose title and prose did not change keeps its revision and ready mark; else it
        gets a new revision of origin `generated` and loses the mark. Tickets that are not among
        the drafts are proposed for withdrawal. Tickets whose current revision was edited keep it.
        """
        ...

    def list_all(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets whose rows are in the sheets, by number."""
        ...

    def listed(
        self, session_key: str, *, offset: int = 0, limit: int | None = None
    ) -> tuple[ListedTicket, ...]:
        """Return the same tickets as lists show them, in the order people gave them: all or a page."""
        ...

    def numbers(self, session_key: str) -> Mapping[str, int]:
        """Return the number of each of these tickets, by ticket id."""
        ...

    def exported_groups(self, session_key: str) -> tuple[str, ...]:
        """Return the group keys of these tickets that are not skipped, by number."""
        ...

    def source_lines(self, session_key: str) -> Mapping[str, tuple[SourceLines, ...]]:
        """Return the lines each of these tickets is made from, by ticket id."""
        ...

    def decisions(self, session_key: str) -> Mapping[str, TicketDecision]:
        """Return what people decided about each of these tickets, by ticket id."""
        ...

    def tally(self, session_key: str) -> TicketTally:
        """Count these tickets, and what waits for people in them."""
        ...

    def list_vanished(self, session_key: str) -> tuple[Ticket, ...]:
        """Return the tickets whose rows are gone, proposed for withdrawal or withdrawn, by number.

        Their numbers follow those of the others.
        """
        ...

    def get(self, session_key: str, number: int) -> Ticket:
        """Return the ticket with that number, or raise UnknownTicketError."""
        ...

    def revisions(self, ticket_id: str) -> tuple[Revision, ...]:
        """Return all revisions of a ticket, by number."""
        ...

    def mark_ready(
        self, session_key: str, rendered_hashes: Mapping[str, str], *, by: str, at: datetime
    ) -> int:
        """Mark tickets ready, each bound to the hash of what was validated; audited.

        Returns how many were not ready with that hash before.
        """
        ...

    def unmark_ready(
        self, session_key: str, ticket_ids: Iterable[str], *, by: str, at: datetime
    ) -> int:
        """Take ready marks away; audited. Returns how many were taken."""
        ...

    def skip(
        self, session_key: str, ticket_ids: Iterable[str], *, reason: str, by: str, at: datetime
    ) -> int:
        """Leave tickets out of exports, with a reason; audited. Returns how many changed."""
        ...

    def unskip(self, session_key: str, ticket_ids: Iterable[str], *, by: str, at: datetime) -> int:
        """Take skipped tickets in again; audited. Returns how many changed."""
        ...

    def withdraw(
        self, session_key: str, ticket_ids: Iterable[str], *, reason: str, by: str, at: datetime
    ) -> int:
        """Agree that tickets go whose rows are gone; audited. Returns how many were proposed.

        Raises:
            NotVanishedError: The rows of one are in the sheets; nothing is agreed.
        """
        ...

    def unwithdraw(
        self, session_key: str, ticket_ids: Iterable[str], *, by: str, at: datetime
    ) -> int:
        """Take an agreement back: the tickets are proposed again; audited. Returns how many changed.

        Raises:
            NotVanishedError: The rows of one are in the sheets; nothing is changed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRework:
    """What is changed of one ticket together with others."""

    ticket_id: str
    expected_revision: int
    title: str
    parts: ProseParts
    expected_fields: Mapping[str, FieldValue]
    """What those fields held that are set."""
    fields: Mapping[str, FieldValue]


class ReviewStore(Protocol):
    """Keeps what people change about tickets; each change in one step, audited.

    A ticket that would show otherwise in Jira loses its ready mark, and the session is invalidated.
    """

    def edit(
        self,
        session_key: str,
        ticket_id: str,
        *,
        expected_revision: int,
        title: str,
        parts: ProseParts,
        by: str,
        at: datetime,
    ) -> Revision:
        """Add a revision of origin `edited` and return it; the same content adds none.

        Raises:
            EditConflictError: Its current revision is not the expected one.
            UnknownTicketError: It is no ticket of the session, or its rows are gone.
        """
        ...

    def rework(
        self, session_key: str, works: Sequence[TicketRework], *, by: str, at: datetime
    ) -> tuple[str, ...]:
        """Change prose and fields of many tickets, of all or of none; returns whose changed.

        Raises:
            EditConflictError: The current revision of one is not the expected one.
            InputError: A field of one does not hold what is expected.
            UnknownTicketError: One is no ticket of the session, or its rows are gone.
        """
        ...

    def roll_back(
        self,
        session_key: str,
        ticket_id: str,
        *,
        to_revision: int,
        expected_revision: int,
        by: str,
        at: datetime,
    ) -> Revision:
        """Add a revision with the content of an earlier one, of origin `rolled_back`.

        Raises:
            EditConflictError: Its current revision is not the expected one.
            UnknownRevisionError: It has no such revision.
            UnknownTicketError: It is no ticket of the session, or its rows are gone.
        """
        ...

    def assign(
        self,
        session_key: str,
        ticket_ids: Iterable[str],
        *,
        fields: Mapping[str, FieldValue],
        by: str,
        at: datetime,
    ) -> int:
        """Set fields of `ASSIGNABLE_FIELDS`, None to clear; returns how many tickets changed.

        A later generation leaves these fields of these tickets alone.

        Raises:
            UnknownTicketError: One is no ticket of the session, or its rows are gone; none is changed.
        """
        ...

    def reorder(self, session_key: str, ticket_ids: Sequence[str], *, by: str, at: datetime) -> int:
        """Put tickets into this order in the places they have; returns how many places changed.

        Raises:
            UnknownTicketError: One is no ticket of the session, or its rows are gone; none is moved.
        """
        ...

    def add_dependency(
        self, session_key: str, ticket_id: str, other_ticket_id: str, *, by: str, at: datetime
    ) -> bool:
        """Make a ticket wait for another one; tells whether that changed anything.

        Raises:
            DependencyCycleError: The other one waits for it already.
            UnknownTicketError: One is no ticket of the session, or its rows are gone.
        """
        ...

    def remove_dependency(
        self, session_key: str, ticket_id: str, other_ticket_id: str, *, by: str, at: datetime
    ) -> bool:
        """Let a ticket no longer wait for another one; tells whether that changed anything.

        Raises:
            UnknownTicketError: One is no ticket of the session, or its rows are gone.
        """
        ...

    def answer(
        self,
        session_key: str,
        answers: Mapping[str, Mapping[str, str]],
        *,
        by: str,
        at: datetime,
    ) -> int:
        """Keep answers by ticket id and question id, empty to take one back; returns how many changed.

        Raises:
            UnknownQuestionError: A ticket has no such question now; none is kept.
            UnknownTicketError: One is no ticket of the session, or its rows are gone; none is kept.
        """
        ...


class ValidationStore(Protocol):
    """Keeps validations."""

    def record(self, validation: Validation) -> None:
        """Store a validation and set the session's `last_validated_at`; audited."""
        ...

    def latest(self, session_key: str) -> Validation | None:
        """Return the last validation of a session, or None."""
        ...

    def checked(self, session_key: str) -> CheckedContents | None:
        """Return what the last validation of a session checked, or None: what the gate needs."""
        ...

    def verdict(self, session_key: str) -> ValidationVerdict | None:
        """Return what the last validation of a session said as a whole, or None."""
        ...


class ExportLedger(Protocol):
    """Keeps the truth about what was sent. `append` is durable when it returns.

    Where the lease of a target is a connection, `append` commits intents on it and raises
    `LeaseLostError` when it is gone: no intent, so nothing is sent. Outcomes are kept in any case.
    """

    def installation_id(self) -> str:
        """Return the UUID of this store, made when it was initialised."""
        ...

    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Commit one entry (its `sequence` is ignored) and return it with its sequence."""
        ...

    def entries(self, *, target_id: str, session_key: str) -> tuple[LedgerEntry, ...]:
        """Return the entries of a session on a target, by sequence."""
        ...

    def has_receipts(self, session_key: str) -> bool:
        """Tell whether any issue of the session exists, or may exist, on any target.

        One in doubt counts: no answer is not "not done".
        """
        ...

    def tickets_sent(self, target_id: str) -> Mapping[str, frozenset[str]]:
        """Return the ids of tickets with entries of an issue on a target, by session key.

        Those that were removed, or never came to be, count too.
        """
        ...

    def last_issues(self, target_id: str, *, count: int) -> tuple[str, ...]:
        """Return the ids of the last issues with a receipt on a target, newest first.

        Of any session; those that were removed don't count.
        """
        ...

    def highest_issue_number(self, target_id: str, *, project_key: str) -> int:
        """Return the highest number any receipt of any session has in a project, or 0."""
        ...

    def record_target(self, target: Target, *, at: datetime) -> None:
        """Remember a target (insert, or update of names)."""
        ...

    def targets(self) -> tuple[Target, ...]:
        """Return all known targets, by id."""
        ...

    def targets_of(self, session_key: str) -> tuple[Target, ...]:
        """Return the targets a session has entries on, the latest used last."""
        ...


class TargetLease(Protocol):
    """Lets one process at a time write to a target, for as long as it lives and is connected."""

    def hold(self, target_id: str, *, holder: str) -> AbstractContextManager[None]:
        """Hold the lease of a target.

        Raises:
            LeaseBusyError: Another live process holds it; the message names it.
        """
        ...


class ManualFixStore(Protocol):
    """Keeps manual fixes."""

    def record(self, fix: ManualFix) -> ManualFix:
        """Add a fix once: one that is known already, open or not, stays as it is.

        An obsolete one was about an issue that is gone; it is needed anew.
        """
        ...

    def list_all(self, session_key: str, *, target_id: str | None = None) -> tuple[ManualFix, ...]:
        """Return the fixes of a session, by id."""
        ...

    def set_state(
        self, session_key: str, fix_id: int, state: FixState, *, by: str, at: datetime
    ) -> ManualFix:
        """Say what became of a fix; audited where it changes.

        Raises:
            UnknownFixError: The session has no such fix.
        """
        ...


Retried = Literal["generation", "export"]
"""What people retry: the writing of tickets, or their export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredStep:
    """One execution of one step of an export: what it sent and how long it took."""

    session_key: str
    target_id: str
    step: str
    """Such as `create_issues`."""
    run_id: str | None
    started_at: datetime
    seconds: float
    """By the monotonic clock."""
    done_count: int
    """How many issues, files or links it wrote."""
    requests: Mapping[str, int]
    """By method and path template."""
    step_id: int = 0
    """Assigned by the store; 0 before."""


class ExportRunStore(Protocol):
    """Keeps what exports took, and how often people retried them."""

    def record(self, step: MeasuredStep) -> MeasuredStep:
        """Store a step that ended, well or not, and return it with its id."""
        ...

    def steps(self, session_key: str, *, target_id: str) -> tuple[MeasuredStep, ...]:
        """Return the steps of a session on a target, oldest first."""
        ...

    def latest_steps(self, target_id: str, *, limit: int) -> tuple[MeasuredStep, ...]:
        """Return the last steps on a target, of all sessions, newest first."""
        ...

    def retry_count(self, session_key: str, *, what: Retried = "export") -> int:
        """Return how often people retried what was begun and is not over."""
        ...

    def add_retry(
        self, session_key: str, *, by: str, at: datetime, is_forced: bool, what: Retried = "export"
    ) -> int:
        """Count one more retry and return the count; audited as a retry of `what`.

        Those of a generation begin anew at 0 in the review; those of an export where it is
        completed or undone, and by nothing else.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """An export that somebody asked for."""

    request_id: int
    session_key: str
    requested_at: datetime
    requested_by: str


class ExportRequestStore(Protocol):
    """Keeps the exports that people asked for and a sensor starts."""

    def request(self, session_key: str, *, by: str, at: datetime) -> ExportRequest:
        """Ask for an export of a session; one that waits already is returned as it is. Audited.

        Raises:
            SessionKeyError: There is no such session.
        """
        ...

    def waiting(self) -> tuple[ExportRequest, ...]:
        """Return the requests whose export was not started yet, oldest first."""
        ...

    def mark_started(self, request_id: int, *, at: datetime) -> None:
        """Remember that the run of a request exists."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledComparison:
    """What the last comparison of ledger and Jira found of a session."""

    session_key: str
    target_id: str
    compared_at: datetime
    confirmed: int
    """Issues that are as the ledger says."""
    findings: tuple[Finding, ...]
    """One for each issue that is not."""


class ComparisonStore(Protocol):
    """Keeps the last comparison of ledger and Jira of every session."""

    def record(self, comparison: FiledComparison) -> None:
        """Keep a comparison in place of the one before.

        Raises:
            SessionKeyError: There is no such session.
        """
        ...

    def latest(self, session_key: str, *, target_id: str) -> FiledComparison | None:
        """Return the last comparison of a session, or None where it was of another target."""
        ...


class RunLiveness(Protocol):
    """Tells whether the process of a run lives: by a lock, never by a clock."""

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Show that this process works on a run, until the block or the process ends."""
        ...

    def is_alive(self, run_id: str) -> bool:
        """Tell whether a process on this host works on a run now."""
        ...

    def is_dead(self, run_id: str) -> bool:
        """Tell whether a run was at work on this host and its process ended without a word."""
        ...

    def leave(self, run_id: str) -> None:
        """Have a run look dead when its process lets go: how it ended could not be stored."""
        ...

    def was_left(self, run_id: str) -> bool:
        """Tell whether a run is dead because how it ended could not be stored."""
        ...

    def forget(self, run_id: str) -> None:
        """Forget a dead run."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredError:
    """An error people can look up later."""

    error_id: int
    session_key: str | None
    at: datetime
    code: str
    category: str
    stage: str
    message: str
    recovery_actions: tuple[str, ...]
    run_id: str | None
    ticket_id: str | None
    file: str | None
    line: int | None


class ErrorStore(Protocol):
    """Keeps errors."""

    def record(
        self,
        error: PipelineError,
        *,
        session_key: str | None,
        stage: str,
        at: datetime,
        run_id: str | None = None,
        ticket_id: str | None = None,
    ) -> StoredError:
        """Store an error."""
        ...

    def get(self, error_id: int) -> StoredError:
        """Return one error.

        Raises:
            UnknownErrorError: There is none of that number.
        """
        ...

    def list_all(self, session_key: str) -> tuple[StoredError, ...]:
        """Return the errors of a session, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change of state."""

    sequence: int
    at: datetime
    session_key: str | None
    actor: str
    action: str
    details: Mapping[str, object]
    previous_hash: str
    entry_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerification:
    """What following the whole chain of the audit trail showed."""

    entry_count: int
    head_hash: str
    """Hash of the newest entry; kept elsewhere, it also shows that the newest were cut off."""
    faults: tuple[str, ...]
    """Sentences for people; empty when the chain is whole."""

    @property
    def is_whole(self) -> bool:
        """Nothing was changed, taken out or put in."""
        return not self.faults


class AuditTrail(Protocol):
    """Keeps who did what; append-only and hash-chained."""

    def append(
        self,
        *,
        at: datetime,
        session_key: str | None,
        actor: str,
        action: str,
        details: Mapping[str, object],
    ) -> None:
        """Append one entry."""
        ...

    def entries(
        self, session_key: str, *, actions: Collection[str] | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return the entries of a session, all or those of some actions, oldest first."""
        ...

    def verify(self) -> AuditVerification:
        """Follow the whole chain and tell what does not fit."""
        ...
