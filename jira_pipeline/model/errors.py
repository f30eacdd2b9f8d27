"""The family tree of errors.

Every error we raise on purpose is a `PipelineError`; its category says who can act on it, and only
a temporary one is worth another attempt. Adapters translate foreign errors into these at their
edge; `dagster_port/steps.py` and `cli` translate these outwards. Nothing else does either.

    PipelineError
    ├── InputError                the uploaded files or the command must change
    │   ├── ReadingLimitError         reading takes too much time or memory
    │   ├── SheetsRefusedError        blocking findings; carries all of them
    │   ├── WrongUseError             the command itself, or what it names, cannot be meant
    │   │   ├── SessionKeyError           not a session key, or taken
    │   │   └── NotFoundError             names nothing; its `NotFoundKind` is its code
    │   ├── ManifestError             session.yaml cannot be used
    │   ├── SiteConfigurationRefusedError  the exported configuration of a site cannot be read
    │   ├── SessionLockedError        the session is being exported; its sheets may not change now
    │   ├── EditConflictError         somebody else changed the ticket since it was read
    │   │   └── AnswerConflictError       or answered one of its questions
    │   └── DependencyCycleError      tickets would wait for each other
    ├── GateError                 a person must act first; its `GateRule` is its code
    ├── NotSignedInError          nobody may see this without signing in
    ├── RoleTooLowError           a person asks for more than their role allows
    ├── TooManyRequestsError      somebody asks the web faster than it answers
    ├── DagsterStartingError      Dagster is not there yet; everything that needs no run is
    ├── RetriesExhaustedError     people retried an export as often as is sensible
    ├── RunDiedError              the process of a run ended without a word
    ├── UnexpectedError           a mistake of ours
    ├── ConfigurationError        a setting must change
    ├── StoreError                the store cannot be used
    │   └── StoreFullError            there is no space left for what is written
    ├── LeaseBusyError            another process does the same export, or writes the same tickets
    ├── LeaseLostError            the connection that held the lease is gone; nothing more is sent
    ├── WriterError               a language model cannot write the tickets now
    │   ├── WriterUnavailableError    it does not answer, or asks to wait
    │   ├── WriterAccessError         it does not let us in, or knows no such model
    │   ├── WriterUnusableError       it answers, and no answer can be used
    │   ├── WriterContextError        its server reads less than what it is asked
    │   ├── WriterQuotaError          its account has no credit left
    │   ├── WriterBudgetError         we would exceed our own limits
    │   └── WriterMissingError        what asks models is not installed
    ├── ShareDoError              an export from ShareDo failed; in `sharedo/errors`
    └── UpstreamError             another system answered, or did not
        ├── RefusedError              it understood and refused
        ├── AccessError               it does not let us in
        ├── RateLimitedError          it asked us to wait
        ├── UnavailableError          it could not be reached, nothing was done
        ├── InDoubtError              it may or may not have acted; look before sending again
        └── OrphanIssueError          lookups cannot tell whether it acted; a person decides
"""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from typing_extensions import override

from jira_pipeline.model.actions import Action, ActionKind, Argument, as_actions, as_written
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.toml_tables import toml_tables

NOTHING_CHANGED = "Nothing was changed and nothing was sent to Jira."
_PLACES = ("session_key", "number", "name", "role")
"""What next steps may name of all that an error is about."""
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_STATUSES = {"user_fixable": 422, "admin_required": 500, "temporary": 503}
_SYSTEM_MESSAGES: Mapping[int, str] = {
    errno.EACCES: "access is denied",
    errno.EADDRINUSE: "another program uses it",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
    errno.EDQUOT: "the disk quota is exhausted",
    errno.EEXIST: "it already exists",
    errno.EIO: "a disk error occurred",
    errno.EISDIR: "it is a folder",
    errno.EMFILE: "too many files are open",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENFILE: "too many files are open",
    errno.ENOENT: "no such file or folder exists",
    errno.ENOSPC: "the disk is full",
    errno.ENOTDIR: "part of its path is not a folder",
    errno.ENOTEMPTY: "it is not empty",
    errno.EPERM: "access is denied",
    errno.EROFS: "the disk is read-only",
}


class ErrorCategory(StrEnum):
    USER_FIXABLE = "user_fixable"
    ADMIN_REQUIRED = "admin_required"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What holds for every error of one code."""

    category: ErrorCategory
    means: str
    safe: str
    """What did not happen, and what is kept."""
    actions: tuple[Action, ...]
    """What to do, in order."""
    read_more: tuple[str, str]
    """A page of the documents, and a heading of it."""
    status: int
    """Of an answer in HTTP."""
    says: str = ""
    """The message, with the names of what the error is about; empty where each has its own."""

    def actions_on(self, **arguments: Argument) -> tuple[Action, ...]:
        """Return what to do about an error that concerns these."""
        return tuple(action.on(**arguments) for action in self.actions)


@cache
def meanings() -> Mapping[str, Meaning]:
    """Return what every code means: `errors.toml`, read when somebody first asks."""
    tables = toml_tables(__package__, "errors.toml")
    safe = tables.pop("safe")
    who = ErrorCategory.USER_FIXABLE
    return {
        code: Meaning(
            category=ErrorCategory(table.get("who", who)),
            status=table.get("status", _STATUSES[table.get("who", who)]),
            means=table["means"],
            safe=safe[table["as"]] if "as" in table else table.get("safe", NOTHING_CHANGED),
            actions=tuple(map(as_written, table["do"])),
            read_more=_place(table.get("more", "errors.md#Errors")),
            says=table.get("says", ""),
        )
        for code, table in tables.items()
    }


def _place(page: str) -> tuple[str, str]:
    name, _, heading = page.partition("#")
    return f"docs/{name}", heading


def system_message(error: OSError) -> str:
    """Say why the operating system refused a file or an address, in words of people."""
    number = error.errno or 0
    name = errno.errorcode.get(number, "without a reason")
    return _SYSTEM_MESSAGES.get(number, f"the operating system refused it ({name})")


@json_fields("code category message recovery_actions")
class PipelineError(Exception):
    """Root of the tree; never raised itself.

    `code` is stable and documented in `docs/errors.md`; `recovery_actions` tell a person what to
    do next, in order.
    """

    code: str
    message: str
    recovery_actions: tuple[Action, ...]
    failed_at_ticket_number: int | None = None
    """Where an export stopped; None outside of exports."""

    @override
    def __init_subclass__(cls, *, code: str = "") -> None:
        """Give a class its code; without one it has that of the class above it."""
        if code:
            cls.code = code

    def __init__(
        self, message: str = "", *, recovery_actions: Sequence[Action | str] = (), **about: Any
    ) -> None:
        """Keep the sentence, the next steps and what it is about; without a sentence, those of the code."""
        if not message:
            message = self.meaning.says.format_map(about)
            place = {name: about[name] for name in _PLACES if name in about}
            recovery_actions = recovery_actions or self.meaning.actions_on(**place)
        self.__dict__.update(about)
        super().__init__(message)
        self.message = message
        self.recovery_actions = as_actions(recovery_actions)

    @property
    def meaning(self) -> Meaning:
        return meanings()[self.code]

    @property
    def category(self) -> ErrorCategory:
        return self.meaning.category

    @property
    def sentence(self) -> str:
        """The message for people."""
        return self.message

    @property
    def facts(self) -> Mapping[str, object]:
        """What programs get beside code, category, message and steps."""
        return {}

    def name_session(self, session_key: str) -> None:
        """Have the next steps name the session, where they leave it open."""
        self.recovery_actions = tuple(a.on(session_key=session_key) for a in self.recovery_actions)

    @override
    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as it is: most are made of other values than their message."""
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(
    kind: type[PipelineError], arguments: tuple[object, ...], state: dict[str, object]
) -> PipelineError:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class InputError(PipelineError, code="input_refused"):
    """The uploaded files or the command must change."""


class ReadingLimitError(InputError, code="reading_limit"):
    """Sheets need more time or memory than one upload gets."""


class SheetsRefusedError(InputError, code="sheets_refused"):
    """At least one finding blocks the upload."""

    def __init__(
        self,
        *,
        source: str,
        error_count: int,
        first: str,
        findings: tuple[object, ...],
        files: tuple[object, ...] = (),
    ):
        """Name the source and the first error.

        `findings` holds every `Finding`, errors first; `files` each `SourceFile` that was read.
        """
        others = f" (and {error_count - 1} more)" if error_count > 1 else ""
        plural = "s" if error_count != 1 else ""
        super().__init__(
            f"{source}: {error_count} blocking error{plural}. {first}{others}",
            recovery_actions=self.meaning.actions,
        )
        self.findings = findings
        self.files = files


class WrongUseError(InputError, code="wrong_use"):
    """The command itself, or what it names, cannot be meant; nothing was done."""


class _ErrorCode(StrEnum):
    @property
    def meaning(self) -> Meaning:
        return meanings()[self.value]


class NotFoundKind(_ErrorCode):
    """What a number, an id or a name names none of; each is the code of that error."""

    SESSION = "session_key_refused"
    TICKET = "unknown_ticket"
    REVISION = "unknown_revision"
    QUESTION = "unknown_question"
    FIX = "unknown_fix"
    ERROR = "unknown_error"
    LINK = "unknown_link"
    PERSON = "unknown_person"
    UPLOAD = "unknown_upload"
    EXPORT_JOB = "unknown_export_job"
    VERIFICATION = "unknown_verification"


class NotFoundError(WrongUseError):
    """A number, an id or a name names nothing; its kind is the code."""

    def __init__(
        self,
        message: str = "",
        *,
        kind: NotFoundKind,
        recovery_actions: Sequence[Action | str] = (),
        **about: Argument,
    ) -> None:
        """Keep the kind; without actions of its own those of the kind, about what is known."""
        self.kind = kind
        self.code = kind.value
        if message:
            recovery_actions = recovery_actions or kind.meaning.actions_on(**about)
        super().__init__(message, recovery_actions=recovery_actions, **about)


def unknown_ticket(*, session_key: str, ticket: str) -> NotFoundError:
    return NotFoundError(kind=NotFoundKind.TICKET, session_key=session_key, ticket=ticket)


class SessionKeyError(WrongUseError, code=NotFoundKind.SESSION.value):
    """A session key is malformed, or taken by other files."""


class ManifestError(InputError, code="manifest_refused"):
    """`session.yaml` cannot be used."""

    file_name: str


class LayoutRefusedError(InputError, code="layout_refused"):
    """A layout cannot be used."""

    file_name: str


class SiteConfigurationRefusedError(InputError, code="site_configuration_refused"):
    """A path holds no exported configuration of a Drupal site, or one that exceeds a limit."""

    reason: str


class SiteInQuestionError(InputError, code="site_in_question"):
    """An exported configuration may be of another site than the sheets, or a part of one."""


class SessionLockedError(InputError, code="session_locked"):
    """An export of the session is running; its sheets may not change under it."""


class NotVanishedError(InputError, code="not_vanished"):
    """The rows of a ticket are in the sheets, or came back: there is nothing to withdraw."""


class EditConflictError(InputError, code="edit_conflict"):
    """Somebody else changed the ticket since it was read."""


class AnswerConflictError(EditConflictError):
    """Somebody else answered the question since it was read."""


class DependencyCycleError(InputError, code="dependency_cycle"):
    """A dependency would make tickets wait for each other."""


class GateRule(_ErrorCode):
    """The rules by which a person must act first; each is the code of its refusals."""

    NO_TICKETS = "no_tickets"
    NOT_VALIDATED = "not_validated"
    VALIDATION_FAILED = "validation_failed"
    STALE = "stale"
    QUESTIONS_OF_WITHDRAWAL = "questions_of_withdrawal"
    NOT_READY = "not_ready"
    SAME_SPECIFICATION = "same_specification"
    OTHER_SPECIFICATION = "other_specification"
    EARLIER_SHEETS = "earlier_sheets"
    LAYOUT_NEEDED = "layout_needed"
    LAYOUT_UNSETTLED = "layout_unsettled"
    NEW_TARGET = "new_target"
    COPIED_ISSUES = "copied_issues"
    DECISION_CHANGED = "decision_changed"
    UNDO_OPEN = "undo_open"
    ISSUES_GONE = "issues_gone"
    ISSUES_UNCLAIMED = "issues_unclaimed"
    ISSUES_MISSING = "issues_missing"
    NOT_EXPORTED = "not_exported"
    NOTHING_TO_EXPORT = "nothing_to_export"
    NOTHING_TO_RETRY = "nothing_to_retry"
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    EXPORT_RUNNING = "export_running"
    GENERATION_RUNNING = "generation_running"


class GateError(PipelineError):
    """A person must act first; the rule is the code."""

    def __init__(
        self,
        message: str,
        *,
        rule: GateRule,
        recovery_actions: Sequence[Action | str] = (),
        **about: Argument,
    ) -> None:
        """Keep the rule; without actions of its own those of the rule, about what is known."""
        actions = recovery_actions or rule.meaning.actions_on(**about)
        super().__init__(message, recovery_actions=actions)
        self.rule = rule
        self.code = rule.value


class EarlierSheetsError(GateError):
    """The inbox holds what a session had before, and newer sheets took its place."""

    def __init__(
        self, message: str, *, content_sha256: str, recovery_actions: Sequence[Action | str]
    ) -> None:
        """Keep what an upload of it would have, too."""
        super().__init__(message, rule=GateRule.EARLIER_SHEETS, recovery_actions=recovery_actions)
        self.content_sha256 = content_sha256


class LayoutNeededError(GateError):
    """Nobody has said yet what the worksheets of a session hold, so its sheets are not read."""

    def __init__(self, *, session_key: str) -> None:
        """Name the session."""
        super().__init__(
            f"Session {session_key} needs a layout: nobody has said yet what the worksheets of its "
            "upload hold, so its sheets are not read.",
            rule=GateRule.LAYOUT_NEEDED,
            session_key=session_key,
        )


GATE_CODES = frozenset(GateRule)
"""Codes of refusals: what was asked for may start once a person has acted."""


class NotSignedInError(PipelineError, code="not_signed_in"):
    """A request to the web carries nothing that lets it in."""

    def __init__(self, message: str = "Sign in first.") -> None:
        """Say what was wrong with what was shown, where something was."""
        super().__init__(said=message)


class RoleTooLowError(PipelineError, code="role_too_low"):
    """A person asks the web for more than their role allows."""


class TooManyRequestsError(PipelineError, code="too_many_requests"):
    """Somebody asks the web for the same more often than it answers, or tries secrets."""


class DagsterStartingError(PipelineError, code="dagster_starting"):
    """Dagster is not there yet; it starts some ten seconds after the pages."""


class RetriesExhaustedError(PipelineError, code="retries_exhausted"):
    """People retried an export, or the writing of tickets, as often as is sensible."""


class RunDiedError(PipelineError, code="run_died"):
    """The process of a run ended without a word; what was done stays recorded."""


class CheckFailedError(PipelineError, code="check_failed"):
    """A check of a run found what must not go on to Jira."""


class UnexpectedError(PipelineError, code="unexpected"):
    """A mistake of ours; the log of the run has the details.

    It names what failed, the `kind` of error and where; its text may hold what is not ours.
    """


class ConfigurationError(PipelineError, code="configuration_refused"):
    """A setting must change."""


class StoreError(PipelineError, code="store_unusable"):
    """The store cannot be used: unreadable, full, or of a newer version."""

    @classmethod
    def because(
        cls, error: OSError, message: str, *, recovery_actions: Sequence[Action | str]
    ) -> "StoreError":
        """Return an error about a file that could not be written, of its kind."""
        kind = StoreFullError if error.errno in _NO_SPACE else cls
        return kind(message, recovery_actions=recovery_actions)


class StoreFullError(StoreError):
    """There is no space left on the disk, or in a quota, for what is to be written."""


class StoreBusyError(PipelineError, code="store_busy"):
    """The store stays locked by another process, or its server does not answer."""


class LeaseBusyError(PipelineError, code="lease_busy"):
    """Another process exports to the same target, or writes the tickets of the same session."""

    holder: str


class LeaseLostError(PipelineError, code="lease_lost"):
    """The lease of a target is no longer ours, so nothing more is sent to it."""


class CancelledError(PipelineError, code="export_cancelled"):
    """The export or the writing of tickets was cancelled, or superseded; what was done stays."""


class WriterError(PipelineError):
    """A language model cannot write the tickets now; those it wrote are kept.

    Each names the model, what happened and how far it got.
    """


class WriterUnavailableError(WriterError, code="writer_unavailable"):
    """The service of a model does not answer, fails, or asks us to wait for long."""

    def __init__(
        self,
        *,
        model: str,
        reason: str,
        progress: str,
        wait_seconds: float | None = None,
        has_begun: bool = True,
    ) -> None:
        """Keep the wait that it asked for.

        `has_begun` is False where it was asked only whether it is there, before anything else.
        """
        check = Action.of(ActionKind.CHECK_WRITER, "Find out what is wrong with the service: {}.")
        super().__init__(
            f"{model} is unavailable: {reason} {progress}",
            recovery_actions=(*(() if has_begun else (check,)), *self.meaning.actions_on()),
        )
        self.wait_seconds = wait_seconds
        self.has_begun = has_begun


class WriterAccessError(WriterError, code="writer_access"):
    """The service lets nobody in, knows no such model, or refuses requests."""


class WriterUnusableError(WriterError, code="writer_unusable"):
    """A model answers, and none of its answers can be used."""


class WriterContextError(WriterError, code="writer_context"):
    """The server of a model reads less than what it is asked, and refuses it or answers a part."""


class WriterQuotaError(WriterError, code="writer_quota"):
    """The account at the service has no credit left, or the budget of its key is used up."""


class WriterBudgetError(WriterError, code="writer_budget"):
    """The next request could exceed what we allow ourselves to spend on a session."""


class WriterMissingError(WriterError, code="writer_missing"):
    """The packages that talk to models are not installed."""


class UpstreamError(PipelineError):
    """Another system answered, or did not."""


class RefusedError(UpstreamError, code="jira_refused"):
    """It understood and refused; nothing was done."""

    field_errors: Mapping[str, str] = {}
    """What it said of single fields, so that fallbacks can be chosen."""
    status_code: int | None = None


class DescriptionRefusedError(RefusedError, code="description_refused"):
    """It refused the description of a ticket, which is the product: no issue is made without it."""


class AccessError(UpstreamError, code="jira_access"):
    """It does not let us in: the credentials are wrong, expired or lack a permission."""

    status_code: int | None = None
    """Whether we are unknown (401) or merely not allowed (403)."""


class RateLimitedError(UpstreamError, code="rate_limited"):
    """It asked us to wait."""

    def __init__(self, system: str, *, wait_seconds: float, reason: str = "") -> None:
        """Keep the wait the server asked for; pacing obeys it before its own back-off."""
        super().__init__(
            f"{system} asks for a wait of {wait_seconds:,.0f} s before the next request."
        )
        self.wait_seconds = wait_seconds
        self.reason = reason


class UnavailableError(UpstreamError, code="jira_unavailable"):
    """It could not be reached or failed before acting; nothing was done."""


class InDoubtError(UpstreamError, code="jira_in_doubt"):
    """It may or may not have acted: look before sending again."""


class OutageError(UpstreamError, code="jira_outage"):
    """It no longer reports the outcome of creations; nothing is sent before they are settled."""


class OrphanIssueError(UpstreamError, code="orphan_issue"):
    """Lookups cannot decide whether issues exist; a person decides."""
