"""Upload sessions: what a session is, its manifest, and how far it is.

Belongs here: what a session is, and how far it is: the percentage of progress while issues are
created. Does not: runs that work on it (`runs`), reading `session.yaml` (`sheets/manifest`), keeping
sessions (`store/session_store`).

A session is the sheets of one site under one key, such as `museum`, from the upload to the issues.
Its stage says how far it is, its status what is happening; its manifest is what `session.yaml` says.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from pydantic import JsonValue

from jira_pipeline.model.errors import EditConflictError
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.source_tables import SourceFile, SourceWord
from jira_pipeline.model.upload_readings import UploadReading

CREATION_PERCENTAGE_MAX = 95.0
"""Where the creation of issues ends and links begin."""
WRITING_PERCENTAGE_MAX = 95.0
"""Where the writing of tickets ends and their validation begins."""
LOGO_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
LOGO_MAX_BYTES = 200_000
LOGO_STARTS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""The first bytes of a logo, and its media type; drawings (SVG) are not taken, as they may hold scripts.
Source: PNG (W3C 2003), 5.2; ISO/IEC 10918-1 (JPEG), B.1.1.3."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFieldValue:
    """The value of a field as Jira's API takes it; nobody translates or checks it."""

    raw: JsonValue


GivenFieldValue: TypeAlias = tuple[str, ...] | RawFieldValue
"""What people give a field of Jira: texts to be translated into its form, or that form itself."""


def given_text(given: GivenFieldValue) -> str:
    """Return what people gave a field as they read it beside other settings."""
    if isinstance(given, RawFieldValue):
        return json.dumps(given.raw, ensure_ascii=False)
    return ", ".join(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDefaults:
    """What new tickets start with where nobody says otherwise."""

    assignee: str | None = None
    sprint: str | None = None
    priority: str | None = None
    labels: tuple[str, ...] = ()
    fields: Mapping[str, GivenFieldValue] = field(default_factory=dict)
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


class CodePage(StrEnum):
    """What programs write as CSV beside Unicode, by the names of Python's codecs; people may name others."""

    CP1250 = "cp1250"
    CP1251 = "cp1251"
    CP1252 = "cp1252"
    CP1253 = "cp1253"
    CP1254 = "cp1254"
    CP1255 = "cp1255"
    CP1256 = "cp1256"
    CP1257 = "cp1257"
    CP1258 = "cp1258"
    CP874 = "cp874"
    CP932 = "cp932"
    GB18030 = "gb18030"
    BIG5 = "big5"
    CP949 = "cp949"
    KOI8_R = "koi8_r"
    MAC_ROMAN = "mac_roman"
    CP850 = "cp850"
    CP852 = "cp852"
    CP866 = "cp866"
    ISO8859_2 = "iso8859-2"
    ISO8859_5 = "iso8859-5"
    ISO8859_7 = "iso8859-7"
    ISO8859_9 = "iso8859-9"
    ISO8859_15 = "iso8859-15"
    MAC_CYRILLIC = "mac-cyrillic"
    EUC_JP = "euc_jp"
    ISO2022_JP = "iso2022_jp"


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
    encoding: str | None = None
    """What CSV files are in that are neither UTF-8 nor UTF-16: a `CodePage`, or another codec."""
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


class WaitTarget(StrEnum):
    """What a run waits for."""

    JIRA = "jira"
    WRITER = "writer"
    """The service of a language model."""
    OTHER_RUN = "other_run"
    """It writes to the same target, or writes the same tickets."""
    STORE = "store"
    SHAREDO = "sharedo"
    UNKNOWN = "unknown"
    """The error that makes it wait says no more than that the same may work later."""

    @property
    def stage(self) -> str:
        """What a run is at meanwhile, in a few words."""
        return _STAGES_OF_WAITS[self]


_STAGES_OF_WAITS: Mapping[WaitTarget, str] = {
    WaitTarget.JIRA: "Waiting for Jira",
    WaitTarget.WRITER: "Waiting for the language model",
    WaitTarget.OTHER_RUN: "Waiting for another run",
    WaitTarget.STORE: "Waiting for the store",
    WaitTarget.SHAREDO: "Waiting for ShareDo",
    WaitTarget.UNKNOWN: "Waiting for the next attempt",
}


@json_fields("code message")
@dataclass(frozen=True, slots=True, kw_only=True)
class WaitCause:
    """The error that makes a run wait."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What a run waits for, why, and when it tries again."""

    waiting_for: WaitTarget
    retry_at: datetime
    cause: WaitCause


class Beside(StrEnum):
    """Which issues exist already when a session creates new ones all the same."""

    SESSION = "session"
    """Another session's, of the same specification."""
    TARGET = "target"
    """Its own, on another target."""
    COPIES = "copies"
    """Copies of its own, on the same target: of a site or a project that was copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsNew:
    """A person's answer: a session may create issues on a target although others exist already."""

    target_id: str
    session_key: str
    beside: Beside = Beside.SESSION


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadSession:
    session_key: str
    content_sha256: str
    """Hash over the names and bytes of all files of the current upload, manifest included."""
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
    wait: Wait | None = None
    """What its run waits for; None: it waits for nothing."""
    failed_at_ticket_number: int | None = None
    writer: str | None = None
    """Who writes its tickets: `template` or a model. None: decided by its next generation."""
    content_version: int = 0
    """Grows with every change of what Jira would get; equal numbers mean equal contents."""
    rendering: str | None = field(default=None, compare=False)
    """Names what its stored documents were made by: the code, then the upload. None: there are none."""
    as_new: tuple[AsNew, ...] = ()
    """Where people allowed new issues although others exist already."""
    source_word: SourceWord = SourceWord.SHEETS
    """What sentences call its files."""
    waiting_sha256: str | None = None
    """`content_sha256` of the upload that waits for its layout; None: none does."""

    @property
    def has_sheets(self) -> bool:
        """It has sheets that were read: its upload is not the one that waits for a layout."""
        return self.content_sha256 != self.waiting_sha256

    @property
    def site_name(self) -> str:
        """The manifest's name, else the session key."""
        return self.manifest.site_name or self.session_key

    @property
    def sheets_shown(self) -> str:
        """Hashes of its sheets, of those its tickets are from, and of those that wait, with hyphens.

        A page carries this along, since with other sheets a ticket number may mean another ticket.
        """
        parts = (self.content_sha256, self.generated_from_sha256, self.waiting_sha256)
        return "-".join(part or "" for part in parts)

    def refuse_others(self, sheets_shown: str) -> None:
        """Refuse what a person decided on a page with other sheets.

        `sheets_shown` is what the page carried: the property of that name, or its beginning.

        Raises:
            EditConflictError: The session has other sheets or tickets by now.
        """
        if not self.sheets_shown.startswith(sheets_shown):
            raise EditConflictError(
                f"Other {self.source_word} or tickets came since this page was shown, so nothing "
                "was done.",
                recovery_actions=("Look at what there is now, then decide again.",),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledFolder:
    """Something in the inbox, as it was when it was last taken or refused.

    It is a folder or workbook, or an exported configuration that is compared with its session.
    """

    name: str
    session_key: str
    """Key of the session that it becomes, or is compared with."""
    signature: str
    """A text that says how it looked then; empty until people were told what became of it."""
    content_sha256: str | None
    """Hash of the upload that it makes, or of an exported configuration.

    None: it was refused unread, or handled by store version 9 or older.
    """
    awaited_run_key: str | None = None
    """Key of the run that the daemon asks Dagster for until it has one; None: none is to begin."""
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
    """What its sheets were read to; later processes take it from the store instead of reading again."""
    contents: Mapping[str, bytes] = field(default_factory=dict)
    """Bytes of its files by name, as `KeptFiles.placed` returned them; empty: they are in place."""
    is_of_settings: bool = False
    """A person changed the settings of the session on their page."""
    confirms: "ConfirmedFiles | None" = None
    """The files whose layout somebody confirmed by this; None: it is an ordinary upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedFiles:
    """The files whose layout somebody confirmed."""

    waiting_sha256: str | None
    """Hash of the upload that waited for its layout then; None: they are the files of the session."""


def first_percentage(stage: SessionStage, status: SessionStatus) -> float:
    """Return the percentage that a session shows when it comes to a stage and status.

    It is 100 once it is completed, and in the review while nothing is written; else 0.
    """
    is_done = stage is SessionStage.COMPLETED or (
        stage is SessionStage.REVIEW and status is not SessionStatus.RUNNING
    )
    return 100.0 if is_done else 0.0


def creation_percentage(done_count: int, *, total_count: int) -> float:
    """Return the percentage of an export that has created so many of its issues, at most 95."""
    share = done_count / total_count if total_count else 1.0
    return min(CREATION_PERCENTAGE_MAX, 100.0 * share)


def writing_percentage(done_count: int, *, total_count: int) -> float:
    """Return the percentage of a session that has written so many of its tickets, at most 95."""
    share = done_count / total_count if total_count else 1.0
    return WRITING_PERCENTAGE_MAX * share


def shown_percentage(session: UploadSession) -> float:
    """Return how far the stage of a session is, from 0 to 100.

    Tickets that were written and not validated since are not done, though their session is in the
    review already.
    """
    is_unread = session.stage is SessionStage.REVIEW and session.status is SessionStatus.WAITING
    if is_unread and session.generated_at is not None:
        validated_at = session.last_validated_at
        if validated_at is None or validated_at < session.generated_at:
            return WRITING_PERCENTAGE_MAX
    return session.progress_percentage
