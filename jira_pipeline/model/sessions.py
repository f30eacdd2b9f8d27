"""Upload sessions: their keys, manifest and stages, and the runs that work on them.

Belongs here: what a session is; the roles of what starts runs, knows of them, and sees whether
their processes live, without Dagster, which is slow to import; the tag that says who asked for a
run, and the header in which Dagster learns it. Does not: reading `session.yaml`
(`sheets/manifest`), keeping sessions (`store/session_store`), setting the tag
(`dagster_port/queue`), finding out who asks (`web/context`).
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote, unquote

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.entities import SourceFile, SourceWord
from jira_pipeline.model.errors import EditConflictError, SessionKeyError, WrongUseError
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.upload_readings import UploadReading

CREATION_PERCENTAGE_MAX = 95.0
"""Where the creation of issues ends and links begin."""
LOGO_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
LOGO_MAX_BYTES = 200_000
LOGO_STARTS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""What such a file begins with, and its type; a drawing (SVG) may hold scripts.
Source: PNG (W3C 2003), 5.2; ISO/IEC 10918-1 (JPEG), B.1.1.3."""
SESSION_KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class SessionStage(StrEnum):
    SITE_INFO_COLLECTION = "site_info_collection"
    UPLOAD = "upload"
    PROCESSING = "processing"
    REVIEW = "review"
    JIRA_EXPORT = "jira_export"
    COMPLETED = "completed"


class SessionStatus(StrEnum):
    """What is happening to a session now."""

    IDLE = "idle"
    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


AT_WORK = frozenset({SessionStatus.RUNNING, SessionStatus.WAITING})
WRITING_STAGES = frozenset({SessionStage.UPLOAD, SessionStage.PROCESSING})


class RunEvent(StrEnum):
    """What somebody outside can be notified of."""

    RUN_FAILED = "run_failed"
    RUN_CANCELLED = "run_cancelled"
    READY_FOR_REVIEW = "ready_for_review"
    EXPORT_COMPLETED = "export_completed"
    ANSWERS_ARRIVED = "answers_arrived"
    REMOVAL_ANNOUNCED = "removal_announced"
    LAYOUT_NEEDED = "layout_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDefaults:
    """What new tickets start with where nobody says otherwise."""

    assignee: str | None = None
    sprint: str | None = None
    priority: str | None = None
    labels: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What other fields of every issue are given, by their names or ids."""


class OwnerBlank(StrEnum):
    """What a blank cell means in the column that says what a row belongs to."""

    FILL = "fill"
    """The row belongs to what the row above it belongs to."""


class EpicsBy(StrEnum):
    """What tickets below one epic have in common, where the sheets name none."""

    NONE = "none"
    """Nothing: only the epics that the sheets name."""
    GROUP = "group"
    """Their display group: Content, Media, Views."""
    KIND = "kind"
    """What they build: content types, paragraph types, views."""


class FilledInBy(StrEnum):
    """Whose words the sheets are: a client's page quotes them as such."""

    AGENCY = "agency"
    CLIENT = "client"


ColumnMeanings: TypeAlias = Mapping[str, str | Mapping[str, str]]
"""Headers of the sheets to the columns they mean; those of one sheet below its name."""
NO_COLUMN = "nothing"
"""What people say of a header that is no column of any known sheet: nobody asks about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionManifest:
    """What `session.yaml` says; every key is optional."""

    site_name: str | None = None
    site_description: str = ""
    agency: str | None = None
    """Who builds the site, as its client knows them."""
    logo: str | None = None
    """A picture beside the sheets, shown to the client."""
    filled_in_by: FilledInBy = FilledInBy.AGENCY
    jira_project_key: str | None = None
    issue_type: str | None = None
    """What to create, by name or id."""
    parent: str | None = None
    """Key of the epic or parent issue."""
    epics: EpicsBy = EpicsBy.NONE
    """Which epics are created above the tickets that have no parent."""
    epic_keys: Mapping[str, str] = field(default_factory=dict)
    """Epics that exist, by the name of what goes below them; `*` is everything else."""
    writer: str | None = None
    """Who is to write the tickets: `template` or a model."""
    auto_approve: bool = False
    as_new: bool = False
    """Create issues even where another session has issues of the same specification."""
    include_waiting: bool = False
    """Also make tickets for heads with X = w."""
    removals: bool = True
    """Make the removal tickets for heads with X = d."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Initials in Dev and QA cells to e-mail addresses."""
    columns: ColumnMeanings = field(default_factory=dict)
    owner_blank: OwnerBlank | None = None
    """What rows belong to that do not say it."""
    defaults: IssueDefaults = IssueDefaults()


@json_fields(
    "ticket_id ticket_title done failed total remaining_seconds entity_group entities_in_group"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class TicketProgress:
    """What the work on a session is at, shown before each ticket."""

    ticket_id: str | None = None
    """None: it is at no single ticket."""
    ticket_title: str | None = None
    done: int
    failed: int = 0
    """Of an export: sent without an issue that is known. Of writing: by the template instead."""
    total: int
    remaining_seconds: float | None = None
    """Estimated by the pace so far; None: nothing is known of it yet."""
    entity_group: str | None = None
    """The display group that is written; None in an export, as is the next."""
    entities_in_group: int | None = None


class Beside(StrEnum):
    """What is there already when a session creates new issues all the same."""

    SESSION = "session"
    """Another session's, of the same specification."""
    TARGET = "target"
    """Its own, on another target."""
    COPIES = "copies"
    """Copies of its own, on the same target: of a site or a project that was copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsNew:
    """The answer that a session creates issues on a target beside those that are there already."""

    target_id: str
    session_key: str
    beside: Beside = Beside.SESSION


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSession:
    session_key: str
    content_sha256: str
    """Over the names and bytes of all files of the current upload, manifest included."""
    upload_path: str
    """Folder of the immutable copy, relative to the home."""
    manifest: SessionManifest
    stage: SessionStage
    status: SessionStatus
    created_at: datetime
    updated_at: datetime
    generated_at: datetime | None = None
    generated_from_sha256: str | None = None
    """`content_sha256` at the last generation."""
    last_validated_at: datetime | None = None
    last_invalidated_at: datetime | None = None
    run_id: str | None = None
    """Dagster run (or CLI task) that works on it now or did last."""
    progress_percentage: float = 0.0
    progress_text: str = ""
    progress_details: TicketProgress | None = None
    """None: the stage has no tickets to go through."""
    failed_at_ticket_number: int | None = None
    writer: str | None = None
    """Who writes its tickets: `template` or a model. None: decided by its next generation."""
    content_version: int = 0
    """Grows with every change of what Jira would get; equal numbers mean equal contents."""
    rendering: str | None = field(default=None, compare=False)
    """Names what its kept documents are made by; a fact of them, whenever they are made."""
    as_new: tuple[AsNew, ...] = ()
    """What people answered where issues of the same tickets are there already."""
    source_word: SourceWord = SourceWord.SHEETS
    """What sentences call its files."""
    waiting_sha256: str | None = None
    """`content_sha256` of the upload that waits for its layout; None: none does."""

    @property
    def has_sheets(self) -> bool:
        """It has sheets in force: another upload than the one that waits."""
        return self.content_sha256 != self.waiting_sha256

    @property
    def site_name(self) -> str:
        """The manifest's name, else the session key."""
        return self.manifest.site_name or self.session_key

    @property
    def sheets_shown(self) -> str:
        """Its sheets, and those its tickets are from: of others, a number may be another ticket."""
        parts = (self.content_sha256, self.generated_from_sha256, self.waiting_sha256)
        return "-".join(part or "" for part in parts)

    def refuse_others(self, sheets_shown: str) -> None:
        """Stop what was decided on a page that showed other sheets; a page may name their start.

        Raises:
            EditConflictError: It has others by now.
        """
        if not self.sheets_shown.startswith(sheets_shown):
            raise EditConflictError(
                f"Other {self.source_word} or tickets came since this page was shown, so nothing "
                "was done.",
                recovery_actions=("Look at what there is now, then decide again.",),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledFolder:
    """What came by the inbox, as it was when it was last taken or refused.

    A folder or workbook, or an exported configuration that is compared with its session.
    """

    name: str
    session_key: str
    """The session that it becomes."""
    signature: str
    """How it looked then; empty until people were told what became of it."""
    content_sha256: str | None
    """Of the upload that it makes, or of an exported configuration.

    None: it was refused unread, or handled by version 9 or older.
    """
    awaited_run_key: str | None = None
    """Of the run that the daemon asks for until Dagster has it; None where none is to begin."""
    handled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRecord:
    session_key: str
    content_sha256: str
    upload_path: str
    manifest: SessionManifest
    files: tuple[SourceFile, ...]
    findings: tuple[Finding, ...]
    reading: UploadReading | None = None
    """What its sheets were read to, by which every later process knows them."""
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """Of its files, as `KeptFiles.placed` returned them; empty where they are in place already."""
    is_of_settings: bool = False
    """A person changed the settings of the session on their page."""
    confirms: "ConfirmedFiles | None" = None
    """Somebody confirmed the layout of these files; None: they were uploaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedFiles:
    """The files that somebody looked at who confirmed their layout."""

    waiting_sha256: str | None
    """Of the upload that waited then; None: they are those of the session."""


def first_percentage(stage: SessionStage, status: SessionStatus) -> float:
    """Return what a session shows when it comes to a stage: in the review all is written."""
    is_done = stage is SessionStage.COMPLETED or (
        stage is SessionStage.REVIEW and status is not SessionStatus.RUNNING
    )
    return 100.0 if is_done else 0.0


def creation_percentage(done_count: int, *, total_count: int) -> float:
    """Return how far an export is with creating issues."""
    share = done_count / total_count if total_count else 1.0
    return min(CREATION_PERCENTAGE_MAX, 100.0 * share)


_KEY_CHARACTERS = 64
_STROKES = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ħ": "h",
        "\u0131": "i",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
    }
)
"""Letters that Unicode does not take apart."""


def checked_session_key(text: str) -> str:
    """Return `text` if it is a session key.

    Raises:
        SessionKeyError: It does not match `[a-z0-9][a-z0-9_-]{0,63}`.
    """
    if SESSION_KEY_PATTERN.fullmatch(text):
        return text
    raise SessionKeyError(
        f"{text!r} is not a session key: use 1 to 64 of a-z, 0-9, _ and -, starting with a letter "
        "or digit.",
        recovery_actions=(Action.of(ActionKind.UPLOAD, "Try {}.", session=session_key_from(text)),),
    )


def session_key_from(name: str) -> str:
    """Make a session key out of a folder's name: lower case, other characters become `-`.

    Accents fold. Where letters are lost, a short hash of the name tells keys apart.
    """
    slug = re.sub(r"[^a-z0-9_-]+", "-", _plain(name)).strip("-_")
    if not loses_letters(name) and 0 < len(slug) <= _KEY_CHARACTERS:
        return slug
    same = unicodedata.normalize("NFC", name).casefold().encode("utf-8", "surrogateescape")
    digest = hashlib.sha256(same).hexdigest()[:6]
    return f"{slug[: _KEY_CHARACTERS - 7].strip('-_') or 'session'}-{digest}"


def loses_letters(name: str) -> bool:
    """Tell whether a name has letters or pictures that no session key has."""
    lost = (one for one in _plain(name) if not one.isascii())
    return any(one.isalnum() or unicodedata.category(one) == "So" for one in lost)


def _plain(name: str) -> str:
    parts = unicodedata.normalize("NFKD", name).casefold().translate(_STROKES)
    parts = unicodedata.normalize("NFKD", parts)
    return "".join(one for one in parts if not unicodedata.combining(one))


PIPELINE = "pipeline"
"""Actor of what no person did."""
AUTO_APPROVAL = "auto_approve"
"""Actor where a session approves itself, as its manifest says."""
RETENTION = "retention"
"""Actor of what the clock does: announcing and removing old sessions."""
UPLOAD_SENSOR = "upload_sensor"
EXPORT_SCHEDULE = "export_schedule"
MANIFEST_ACTOR = "session.yaml"
"""Actor of what the manifest answers, where nobody knows who uploaded it."""
DAEMON = "daemon"
"""Name of the lease of the program that runs Dagster's daemon."""

PERSON_TAG = "jira_pipeline/person"
REQUESTED_BY_TAG = "requested_by"
"""Of a run that the daemon started: who asked for it before, or the schedule."""
PERSON_HEADER = "x-jira-pipeline-person"
"""Percent-encoded: a header holds no other letters safely."""


ACTION_JOB = "session_action"


class RunJob(StrEnum):
    WHOLE = "csv_to_jira"
    GENERATION = "generate_tickets"
    VALIDATION = "validate_adf"
    EXPORT = "export_to_jira"
    UNDO = "undo"
    SETTLE = "settle"

    @property
    def job_name(self) -> str:
        """Return the name of its job in Dagster: of actions there is one for all."""
        return ACTION_JOB if self in {RunJob.UNDO, RunJob.SETTLE} else self.value


UPLOAD_JOB = "upload_session"
FOLLOWING_JOBS: Mapping[str, RunJob] = {"generate": RunJob.GENERATION, "export": RunJob.WHOLE}
"""Whose work follows an upload, by what its run was told."""
EXPORT_JOBS = {RunJob.EXPORT, RunJob.WHOLE}
WRITING_JOBS = {RunJob.GENERATION, RunJob.WHOLE}
INTAKE_STEP = "intake"
TICKETS_STEP = "tickets"
LAST_STEP = "adf_validation"
GENERATION_STEPS = (INTAKE_STEP, TICKETS_STEP, LAST_STEP)
"""Of the jobs that write tickets, in their order."""


CONSENT_CHARACTERS = 8
"""Of the hash of a text, for people to name."""
CONSENT = re.compile(rf"[0-9]{{1,9}}:[0-9a-f]{{{CONSENT_CHARACTERS}}}")
"""A ticket's number, and the first digits of the hash of the text of its issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateChoice:
    """That issues follow their tickets, and what a person chose for some of these, by number."""

    overwrites: tuple[str, ...] = ()
    """Updated though somebody edited the issue: number and hash of the text that was shown."""
    leaves: tuple[int, ...] = ()
    """Neither updated nor commented on."""


def chosen_update(
    *, is_wanted: bool, overwrite: Iterable[str], leave: Iterable[int]
) -> UpdateChoice | None:
    """Return what somebody chose about an update; None: none is wanted.

    Raises:
        WrongUseError: Something was chosen for tickets whose issues are not to be updated, or a
            text to be overwritten is not named as the plan shows it.
    """
    choice = UpdateChoice(overwrites=tuple(overwrite), leaves=tuple(leave))
    for one in choice.overwrites:
        if CONSENT.fullmatch(one) is None:
            raise WrongUseError(
                f"It is not clear which text to overwrite: {one[:40]!r}.",
                recovery_actions=(
                    "Look at the update's plan, which names each edited text (12:1a2b3c4d).",
                ),
            )
    if is_wanted:
        return choice
    if choice != UpdateChoice():
        raise WrongUseError("Choosing what to overwrite or leave requires an update.")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRun:
    """A run somebody asks for."""

    session_key: str
    job: RunJob
    by: str
    """Who asks for it; a tag of the run names them."""
    run_id: str | None = None
    """Its id where it was announced already; of runs of this process."""
    tickets: tuple[int, ...] = ()
    """Numbers of those to be written; none: all. Of runs that write and do not export."""
    as_new_by: str | None = None
    """Who wants new issues beside those that are there already; of exports."""
    update: UpdateChoice | None = None
    """What becomes of issues whose tickets changed; None: they stay. Of exports."""
    keeps_rest: bool = False
    """Whether what an undo left stays; of undos."""
    continued_run_id: str | None = None
    """The run whose work it carries on; it is ended where it is not over.

    With its configuration; what it finished is not done twice.
    """
    is_from_start: bool = False
    """With a configuration of its own: other sheets came since that run."""


@json_fields("request_id requested_at requested_by")
@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A run that somebody asked for, and the daemon starts, once."""

    request_id: int
    session_key: str
    requested_at: datetime
    requested_by: str
    task_id: str
    """What whoever asked knows it by, before there is a run and after."""
    job_name: str
    """Of Dagster, as the next."""
    run_config: Mapping[str, Any]
    cancelled_at: datetime | None = None
    """It never begins, or its run is stopped."""
    run_id: str | None = None
    """The one run of this request that was queued, or is about to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnexpectedFailure:
    """An error that is not ours by which a run failed: its kind and place, never its text."""

    step: str
    """Empty: the run failed outside of its steps."""
    kind: str
    place: str
    """File and line."""
    is_of_database: bool
    """A database could not be reached or was busy, as it may be no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    run_id: str
    is_success: bool
    reason: str = ""
    """What the first failed step said, for errors that could not be stored."""
    recovery_actions: tuple[str, ...] = ()
    """What it said to do about it."""
    failure: UnexpectedFailure | None = None
    """What it failed by where that is no error of ours."""
    is_cancelled: bool = False
    """Somebody stopped it; a step may not have noticed, or not been able to store it."""


class RunLauncher(Protocol):
    """Starts runs, which may be of this process or of another one."""

    def start(self, wanted: WantedRun) -> str:
        """Start a run and return its id; where it is of this process, it has ended then.

        Runs of the session whose process died are ended before.
        """

    def outcome(self, run_id: str) -> RunOutcome | None:
        """Return how a run ended, or None while it waits or is at work."""


def run_or_request(*, run_id: str | None, task_id: str) -> str:
    """Name a run to people, or the request for it where there is no run yet."""
    return f"request {task_id}" if run_id is None else f"run {run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRun:
    run_id: str
    """Of Dagster; before there is a run, the id of the request for it."""
    task_id: str
    """Of the run that was asked for: the daemon re-executes what failed for a while under other ids."""
    job_name: str
    status: str
    """The word of Dagster's status, in lower case."""
    created_at: datetime
    update: UpdateChoice | None = None
    """What becomes of issues whose tickets changed; None: they stay, or it is no export."""
    is_requested: bool = False
    """It waits in the store, and Dagster has no run for it yet."""

    @property
    def started_run_id(self) -> str | None:
        """Its id in Dagster; None before there is a run."""
        return None if self.is_requested else self.run_id

    @property
    def shown_name(self) -> str:
        return run_or_request(run_id=self.started_run_id, task_id=self.task_id)

    @property
    def is_queued(self) -> bool:
        """It waits in the queue, or to be put there."""
        return self.status == "queued" or self.is_not_queued_yet

    @property
    def is_not_queued_yet(self) -> bool:
        """It was made, and whoever made it queues it now, or was killed."""
        return self.status == "not_started"

    @property
    def is_starting(self) -> bool:
        """It left the queue, and its process has not begun."""
        return self.status == "starting"

    @property
    def is_failed(self) -> bool:
        """It failed; one that was cancelled did not."""
        return self.status == "failure"

    @property
    def is_cancelled(self) -> bool:
        """Somebody stopped it, at work or before."""
        return self.status == "canceled"

    @property
    def is_finished(self) -> bool:
        """It is over, however it ended."""
        return self.status in {"success", "failure", "canceled"}


class RunHistory(Protocol):
    """Knows the runs of sessions."""

    def in_flight(self, session_key: str) -> Sequence[KnownRun]:
        """Return the runs of a session that wait or are at work, newest first."""

    def latest(self, session_key: str) -> KnownRun | None:
        """Return the newest run of a session, however it ended."""

    def find(self, run_id: str) -> KnownRun | None:
        """Return a run, or None where it is not known."""

    def unexpected_failure(self, run_id: str) -> UnexpectedFailure | None:
        """Return the error that is not ours by which a run failed; None: ours, or none is known."""

    def unfinished_steps(self, run_id: str) -> frozenset[str]:
        """Return the steps a run was to do and has not finished; none of a run without a plan."""

    def dequeue(self, run_id: str) -> None:
        """End a run that waits in the queue, or whose process has not begun; it does not begin."""


class Runs(RunLauncher, RunHistory, Protocol):
    """Starts runs and knows them."""


class RunLiveness(Protocol):
    """Tells whether the process of a run lives: by a lock, never by a clock."""

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Show that this process works on a run, until the block or the process ends.

        Raises:
            StoreError: Locks cannot be kept, such as in a folder that cannot be written.
            StoreBusyError: The server that keeps locks cannot be reached.
        """

    def is_alive(self, run_id: str) -> bool:
        """Tell whether a process works on a run now: on this host, or anywhere on PostgreSQL."""

    def find_dead_runs(self, run_ids: Iterable[str]) -> Mapping[str, bool]:
        """Return those of these runs whose process is gone; true: how it ended could not be stored.

        That is what `leave` says; the process of any other ended without a word.
        """

    def is_dead(self, run_id: str) -> bool:
        return run_id in self.find_dead_runs([run_id])

    def leave(self, run_id: str) -> None:
        """Have a run look dead when its process lets go: how it ended could not be stored."""

    def forget(self, run_id: str) -> None:
        """Forget a dead run."""


def person_header_of(name: str) -> str:
    return quote(name, safe="")


def person_in(header: str | None) -> str | None:
    """Return the name in the header; None where no web program sent it."""
    return unquote(header) if header else None


def person_of(tags: Mapping[str, str]) -> str:
    """Return who asked for a run of these tags, or the name of what did."""
    return tags.get(PERSON_TAG) or tags.get(REQUESTED_BY_TAG) or PIPELINE
