"""What is kept for people to look up: errors, who did what, and what people say of tickets.

Belongs here: the actions of the audit trail, what people read of each and what Dagster is told; the
values; when the latest work on a session began, failed and ended, and what was retried, by audit
trail and errors. Does not: what the details of an entry say more (`web/labels`), keeping them
(`store/changes`, `store/reviews`), gathering them (`export/work_history`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, auto
from typing import Literal, Self, cast

from jira_pipeline.model.actions import Action
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.runs import (
    AUTO_APPROVAL,
    EXPORT_SCHEDULE,
    MANIFEST_ACTOR,
    PIPELINE,
    RETENTION,
    UPLOAD_SENSOR,
)
from jira_pipeline.model.sessions import AT_WORK, SessionStage, SessionStatus, UploadSession


class EventKind(StrEnum):
    """What an event of the history is about, to filter by."""

    DECISION = "decisions"
    TEXT = "text"
    ANSWER = "answers"
    FIELD = "fields"
    DEPENDENCY = "dependencies"
    COMMENT = "comments"
    SHEETS = "sheets and writing"
    EXPORT = "export"


_D, _T, _A, _F, _P, _C, _S, _E = EventKind


class AuditAction(StrEnum):
    """What somebody, or the program, did."""

    label: str
    """What people read in a history, with `{}` for the tickets. Empty: histories leave it out, since
    work only moved on, or somebody only looked."""
    kind: EventKind | None
    """What histories are filtered by; None: they leave it out."""
    event: str
    """What Dagster is told: tickets named in the entry changed, and by what. Empty: Dagster is told
    nothing of it."""

    def __new__(
        cls, value: str, label: str = "", kind: EventKind | None = None, event: str = ""
    ) -> Self:
        """Make a member of its value and attributes, as the lines below list them."""
        action = str.__new__(cls, value)
        action._value_ = value
        action.label = label
        action.kind = kind
        action.event = event
        return action

    TICKETS_MARKED_READY = auto(), "approved {}", _D, "ready"
    TICKETS_UNMARKED_READY = auto(), "undid the approval of {}", _D, "unready"
    TICKETS_SKIPPED = auto(), "skipped {}", _D, "skip"
    TICKETS_UNSKIPPED = auto(), "unskipped {}", _D, "unskip"
    TICKETS_SENT_BACK = auto(), "requested changes of {}", _D, "request-changes"
    TICKETS_RESOLVED = auto(), "resolved the changes requested of {}", _D, "resolve"
    WITHDRAWALS_AGREED = auto(), "withdrew {}", _D, "withdraw"
    WITHDRAWALS_PROPOSED_AGAIN = auto(), "undid the withdrawal of {}", _D, "unwithdraw"
    TICKET_EDITED = auto(), "edited {}", _T, "edit"
    TICKET_ROLLED_BACK = auto(), "brought back an earlier text of {}", _T, "rollback"
    QUESTIONS_ANSWERED = auto(), "answered questions on {}", _A, "answer"
    ANSWERS_MOVED = auto(), "moved answers with their rows on {}", _A
    """By a generation, since another ticket has the rows. What its old ticket lost is empty."""
    QUESTIONS_ROUTED = auto(), "changed who is asked on {}", _A, "ask"
    WORDS_TAKEN = auto(), "took over what people said into {}", _D, "take-words"
    """Of a ticket that is gone, which a person says is this one now. `taken` says what went along."""
    WORDS_GIVEN_BACK = auto(), "gave back what people said of {}", _D, "give-words"
    """What one ticket had taken over of another one."""
    FIELDS_ASSIGNED = auto(), "set properties of {}", _F, "assign"
    TICKETS_REORDERED = auto(), "moved {} in the order", _F, "order"
    DEPENDENCY_ADDED = auto(), "added a dependency of {}", _P, "depend"
    DEPENDENCY_REMOVED = auto(), "removed a dependency of {}", _P, "depend"
    TICKETS_REMARKED = auto(), "made a remark on {}", _C
    COMMENT_ADDED = auto(), "commented on {}", _C
    COMMENT_REMOVED = auto(), "removed a comment on {}", _C
    CLIENT_LINK_MADE = auto(), "created a client link", _A
    CLIENT_LINK_REVOKED = auto(), "revoked a client link", _A
    CLIENT_ANSWERED = auto(), "sent answers by a client link", _A, "client-answers"
    CLIENT_ANSWER_TAKEN = auto(), "took a client's answer that is no longer asked", _A
    CLIENT_ANSWER_PUT_BACK = auto(), "put back a client's answer that is no longer asked", _A
    SESSION_REGISTERED = auto(), "uploaded files", _S
    UPLOAD_REPLACED = auto(), "replaced the files", _S
    UPLOAD_WAITS = auto(), "uploaded files that wait for a layout", _S
    """The session keeps the sheets it has until somebody confirms the layout of these."""
    WAITING_UPLOAD_DISCARDED = auto(), "discarded the files that waited for a layout", _S
    LAYOUT_SAVED = auto(), "saved a draft of the layout", _S
    LAYOUT_CHANGE_UNDONE = auto(), "undid a change of the layout", _S
    LAYOUT_DISCARDED = auto(), "discarded the draft of the layout", _S
    LAYOUT_CONFIRMED = auto(), "confirmed the layout", _S
    WRITER_CHOSEN = auto(), "chose who writes the tickets", _S
    TICKETS_GENERATED = auto(), "wrote tickets", _S
    ROWS_MOVED = auto()
    """Rows are in other tickets since: from which to which, and how many answers went along."""
    GENERATION_RETRIED = auto(), "retried writing tickets", _S
    VALIDATION_RECORDED = auto(), "validated the tickets", _S
    CANCEL_REQUESTED = auto(), "cancelled running work", _S
    SITE_VERIFIED = auto(), "compared the site with the sheets", _S
    SITE_VERIFIED_AGAIN = auto(), "compared the site with the sheets again", _S
    SITE_VERIFICATION_DISCARDED = auto(), "discarded a comparison with the site", _S
    AS_NEW_ANSWERED = auto(), "allowed new issues in addition to another session's", _E
    EXPORT_REQUESTED = auto(), "requested an export", _E
    EXPORT_STARTED = auto(), "ran an export", _E
    EXPORT_RETRIED = auto(), "retried the export", _E
    FIX_STATE_SET = auto(), "changed the state of a manual fix", _E
    DIFFERENCES_DECIDED = auto(), "decided about missing or duplicate issues of {}", _E
    WORDS_OVERWRITTEN = auto(), "agreed to overwrite what people gave to {}", _E
    ISSUES_ADOPTED = auto(), "adopted issues for {}", _E
    ISSUES_DELETED = auto(), "undid the export: deleted issues in Jira", _E
    STAGE_SET = auto()
    GENERATION_MARKED = auto()
    SESSION_REMOVED = auto()
    """A later session of the same key begins anew: its tickets have the same ids."""
    REMOVAL_ANNOUNCED = auto(), "announced the removal of the session", _S
    REMOVAL_CALLED_OFF = auto(), "called off the removal of the session", _S
    REVIEW_RETURNED = auto(), "brought back what people decided about {}", _S
    """What was kept of a removed session of the same key, by a generation."""
    REVIEW_FORGOTTEN = auto(), "forgot what people decided before the session was removed", _S
    RETENTION_EXPLAINED = auto()
    """Whoever runs the program was told what RETENTION_DAYS means since it counts acts of people."""
    TICKETS_SEEN = auto()
    """Somebody says that they looked at the tickets of a session: no change."""
    NAMES_LOOKED_UP = auto()
    """Jira was asked for the assignees and sprints of a session: no change."""
    PERSON_ADDED = auto()
    PERSON_REVOKED = auto()
    SIGNED_IN = auto()
    LINK_MADE = auto()
    COOKIE_MADE = auto()
    TOKEN_MADE = auto()
    TOKEN_REVOKED = auto()
    SHAREDO_EXPORT_ASKED = auto()
    SHAREDO_EXPORT_RETRIED = auto()
    """This and the one before are in older trails; nothing writes them."""
    SHAREDO_EXPORT_CANCELLED = auto()
    SHAREDO_EXPORTS_REMOVED = auto()
    SHAREDO_DOUBT_DECIDED = auto()


UPLOADING = frozenset({AuditAction.SESSION_REGISTERED, AuditAction.UPLOAD_REPLACED})
"""What the audit trail calls uploads."""
RECEIVED = UPLOADING | {AuditAction.UPLOAD_WAITS}
"""The same, and uploads that did not become the sheets of their session at once."""
LINES_TAKEN_OUT = "lines_taken_out"
"""In the details of an overwrite: lines of the issue that its ticket lacks."""
REPLACED_SETTINGS = "replaced_settings"
"""In the details of an upload: what each setting was that it took away, and what it is now."""
OF_SETTINGS = "of_settings"
"""In the details of an upload: a person changed the settings of the session on their page."""


ANSWER_ACTIONS = (
    AuditAction.QUESTIONS_ANSWERED,
    AuditAction.ANSWERS_MOVED,
    AuditAction.WORDS_TAKEN,
    AuditAction.WORDS_GIVEN_BACK,
)
"""Actions by which tickets get answers or lose them: `answers` in the details has the texts by ticket
id and row id."""
CONTENT_ACTIONS = frozenset(
    {
        *(AuditAction.TICKET_EDITED, AuditAction.TICKET_ROLLED_BACK),
        *(AuditAction.QUESTIONS_ANSWERED, AuditAction.QUESTIONS_ROUTED),
        *(AuditAction.DEPENDENCY_ADDED, AuditAction.DEPENDENCY_REMOVED),
        *(AuditAction.WORDS_TAKEN, AuditAction.WORDS_GIVEN_BACK),
    }
)
"""Actions of people after which a ticket says something that nobody approved yet."""


REVIEWING_ACTIONS = frozenset(
    {
        *(AuditAction.DEPENDENCY_ADDED, AuditAction.DEPENDENCY_REMOVED),
        *(AuditAction.FIELDS_ASSIGNED, AuditAction.QUESTIONS_ANSWERED, AuditAction.TICKET_EDITED),
        *(AuditAction.TICKET_ROLLED_BACK, AuditAction.TICKETS_MARKED_READY),
        *(AuditAction.TICKETS_REORDERED, AuditAction.TICKETS_UNMARKED_READY),
        *(AuditAction.NAMES_LOOKED_UP, AuditAction.TICKETS_SEEN),
    }
)
"""What people do all the time: it changes what tickets say or who looked, and nothing else.

Which tickets there are and which are exported, validations, runs and retries stay as they were.
"""

ACTIONS_OF_PROGRAM = frozenset(
    {
        *(AuditAction.SESSION_REGISTERED, AuditAction.UPLOAD_REPLACED, AuditAction.STAGE_SET),
        *(AuditAction.UPLOAD_WAITS, AuditAction.WAITING_UPLOAD_DISCARDED),
        *(AuditAction.WRITER_CHOSEN, AuditAction.TICKETS_GENERATED, AuditAction.GENERATION_MARKED),
        *(AuditAction.VALIDATION_RECORDED, AuditAction.NAMES_LOOKED_UP),
        *(AuditAction.TICKETS_MARKED_READY, AuditAction.WITHDRAWALS_AGREED),
        *(AuditAction.EXPORT_STARTED, AuditAction.EXPORT_REQUESTED, AuditAction.AS_NEW_ANSWERED),
        *(AuditAction.SITE_VERIFIED, AuditAction.FIX_STATE_SET, AuditAction.SESSION_REMOVED),
        *(AuditAction.REMOVAL_ANNOUNCED, AuditAction.REMOVAL_CALLED_OFF),
        *(AuditAction.REVIEW_RETURNED, AuditAction.ANSWERS_MOVED, AuditAction.ROWS_MOVED),
    }
)
"""What runs, sensors and schedules do by themselves. Every other entry is of a person or a client,
whatever they are called: a client may be called `pipeline`."""
ACTORS_OF_PROGRAM = frozenset(
    {PIPELINE, RETENTION, UPLOAD_SENSOR, AUTO_APPROVAL, EXPORT_SCHEDULE, MANIFEST_ACTOR}
)
"""Who does these where no person did; a run is called by `RUN_ACTOR` and its id."""
RUN_ACTOR = "run "


COMMENT_MAX_CHARACTERS = 5_000

Retried = Literal["generation", "export"]
"""What people retry: the writing of tickets, or their export."""
RETRIES_MAX = 3
"""How often people may retry the same work."""
RECORDED_ACTIONS = frozenset(
    {AuditAction.SESSION_REGISTERED, AuditAction.GENERATION_MARKED, AuditAction.STAGE_SET}
)
"""Actions whose entries show when work on a session began and ended."""
COMPLETED = [SessionStage.COMPLETED, SessionStatus.COMPLETED]
"""Stage and status of a session, in an entry, whose export ended with success."""
_UNDONE = [SessionStage.REVIEW, SessionStatus.IDLE]
"""The same after an undo: an export that follows is another one."""


@json_fields("id=error_id at code category stage message recovery_actions ticket_id file line")
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
    recovery_actions: tuple[Action, ...]
    run_id: str | None
    ticket_id: str | None
    file: str | None
    line: int | None


@json_fields("sequence at actor action details")
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change of state."""

    sequence: int
    at: datetime
    session_key: str | None
    actor: str
    action: AuditAction
    details: Mapping[str, object]

    @property
    def ticket_ids(self) -> tuple[str, ...]:
        """The tickets it changed; none where it is about the session as a whole."""
        return tickets_named_in(self.details)


def tickets_named_in(details: Mapping[str, object]) -> tuple[str, ...]:
    """Return the ids of the tickets that the details of an entry name as changed."""
    ticket_id = details.get("ticket_id")
    if isinstance(ticket_id, str):
        return (ticket_id,)
    # Each action keeps them under a name of its own, as a list or as keys.
    for name in ("ticket_ids", "rendered_hashes", "answers", "moved"):
        if name in details:
            return tuple(cast("Collection[str]", details[name]))
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent:
    """A change of tickets that Dagster does not know yet."""

    event_id: int
    session_key: str
    at: datetime
    action: str
    """What people did, in a word: that of the command."""
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a person said about a ticket; Jira never gets it."""

    comment_id: int
    ticket_id: str
    author: str
    text: str
    """Plain text; line breaks are kept."""
    at: datetime


class Work(StrEnum):
    """The two kinds of work on tickets; values are those of the stages that show them."""

    WRITING = "processing"
    EXPORT = "jira_export"


@json_fields(
    "started_at failed_at completed_at first_error_at retry_attempts_used remaining_retries "
    "current_ticket_title"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRecord:
    """One work on a session, such as an export, over all the runs it took."""

    started_at: datetime | None = None
    """When the run that does it now, or did last, began with it; None: nothing was begun."""
    failed_at: datetime | None = None
    """When its last run failed; None: it did not, or the work goes on."""
    completed_at: datetime | None = None
    first_error_at: datetime | None = None
    """When the first error occurred, in any of its runs."""
    retry_attempts_used: int = 0
    current_ticket_title: str | None = None

    @property
    def remaining_retries(self) -> int:
        """How often people may still retry it."""
        return max(0, RETRIES_MAX - self.retry_attempts_used)


NO_RECORD = WorkRecord()
"""Nothing was begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RunsOfWork:
    """The runs of a work since it was begun anew."""

    starts: tuple[AuditEntry, ...] = ()
    """Entries by which a run began with it, or went on after a wait, oldest first."""
    completed_at: datetime | None = None

    @property
    def started_at(self) -> datetime | None:
        """When the last run began with it; None where there was no run."""
        if not self.starts:
            return None
        last_run_id = self.starts[-1].details.get("run_id")
        times: list[datetime] = []
        for entry in reversed(self.starts):
            if entry.details.get("run_id") != last_run_id:
                break
            times.append(entry.at)
        return min(times)


def work_record(
    session: UploadSession,
    *,
    entries: Sequence[AuditEntry],
    errors: Sequence[StoredError],
    retry_count_of: Callable[[Work], int],
    work: Work | None = None,
) -> WorkRecord:
    """Return the record of one work, or of the one begun last; a resume belongs to the same work.

    `entries` are those of `RECORDED_ACTIONS`, `errors` all of the session, both oldest first.
    `NO_RECORD` where no work was ever begun.
    """
    runs_by_work = {kind: _runs_of(entries, kind) for kind in Work}
    started: dict[Work, datetime] = {}
    for kind, runs_of_kind in runs_by_work.items():
        if runs_of_kind.started_at is not None:
            started[kind] = runs_of_kind.started_at
    recorded_work = work or max(started, key=started.__getitem__, default=None)
    if recorded_work is None:
        return NO_RECORD
    record = WorkRecord(retry_attempts_used=retry_count_of(recorded_work))
    details = session.progress_details
    is_at_work = session.status in AT_WORK and session.stage.value == recorded_work
    if details and is_at_work:
        record = replace(record, current_ticket_title=details.ticket_title)
    if recorded_work not in started:
        return record
    runs = runs_by_work[recorded_work]
    first_started_at = runs.starts[0].at
    failures: list[datetime] = []
    for error in errors:
        if error.stage == recorded_work.value and error.at >= first_started_at:
            failures.append(error.at)
    is_open = runs.completed_at is None and session.status is not SessionStatus.RUNNING
    has_failed = is_open and bool(failures) and failures[-1] >= started[recorded_work]
    return replace(
        record,
        started_at=started[recorded_work],
        failed_at=failures[-1] if has_failed else None,
        completed_at=runs.completed_at,
        first_error_at=failures[0] if failures else None,
    )


def _runs_of(entries: Iterable[AuditEntry], work: Work) -> _RunsOfWork:
    """Return the runs of a work since it was begun anew, by the entries of its session."""
    starts: list[AuditEntry] = []
    completed_at: datetime | None = None
    is_writing = work is Work.WRITING
    for entry in entries:
        state = entry.details.get("to")
        # Entries before that are of a removed session with the same key.
        is_new_session = entry.action == AuditAction.SESSION_REGISTERED
        is_undone = state == _UNDONE and not is_writing
        if is_writing:
            is_completion = entry.action == AuditAction.GENERATION_MARKED
        else:
            is_completion = state == COMPLETED
        if is_new_session or is_undone:
            starts = []
            completed_at = None
        elif starts and is_completion:
            completed_at = completed_at or entry.at
        elif state == [work.value, SessionStatus.RUNNING]:
            if completed_at:  # the work is done again from its beginning
                starts = []
            starts.append(entry)
            completed_at = None
    return _RunsOfWork(starts=tuple(starts), completed_at=completed_at)


def time_json(at: datetime | None) -> str | None:
    """Return a time as text in ISO 8601, as JSON has it."""
    return None if at is None else at.isoformat()
