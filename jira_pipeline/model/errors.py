"""The family tree of errors.

Every error we raise on purpose is a `PipelineError`; its category says who can act on it, and only
a temporary one is worth another attempt. Adapters translate foreign errors into these at their
edge; `dagster_port/steps.py` and `cli` translate these outwards. Nothing else does either.

An error has a code (`"unknown_ticket"`); what holds for all errors of a code, such as category and next
steps, is its meaning, a table of `errors.toml`. Keyword arguments of an error fill the names in its
message: `NotFoundError(kind=NotFoundKind.TICKET, session_key="museum", ticket="7")`.

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
    │   ├── KeyReusedError            an idempotency key came with another request before
    │   ├── RequestInterruptedError   a request changed something, and nobody was left to answer it
    │   ├── EditConflictError         somebody else changed the ticket since it was read
    │   │   └── AnswerConflictError       or answered one of its questions
    │   └── DependencyCycleError      tickets would wait for each other
    ├── GateError                 a person must act first; its `GateRule` is its code
    ├── NotSignedInError          nobody may see this without signing in
    ├── RoleTooLowError           a person asks for more than their role allows
    ├── TooManyRequestsError      somebody asks the web faster than it answers
    ├── RequestUnderWayError      the same request of a program is being done
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
SHAREDO_CODES = "EXPORT_"
"""How the codes of ShareDo's errors begin, whose classes are in a room of their own."""
_NAMED_IN_STEPS = ("session_key", "number", "name", "role")
"""Keyword arguments of errors that the next steps may name."""
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_STATUSES = {"user_fixable": 422, "admin_required": 500, "temporary": 503}
"""Status in HTTP by category, for codes that name none."""
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
    """Who can act on an error."""

    USER_FIXABLE = "user_fixable"
    ADMIN_REQUIRED = "admin_required"
    TEMPORARY = "temporary"
    """Nobody has to: the same may work later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What holds for every error of one code."""

    category: ErrorCategory
    means: str
    """What happened, as a sentence for people."""
    safe: str
    """A sentence for people: what did not happen, and what is kept."""
    actions: tuple[Action, ...]
    """Next steps, in order."""
    read_more: tuple[str, str]
    """A page of the documents, and a heading on it: `("docs/errors.md", "Errors")`."""
    status: int
    """Status of an answer in HTTP."""
    says: str = ""
    """The message with names in braces, which the error fills; empty where each error has its own."""

    def actions_on(self, **arguments: Argument) -> tuple[Action, ...]:
        """Return the next steps with these arguments filled in, such as `session_key`."""
        return tuple(action.on(**arguments) for action in self.actions)


@cache
def meanings() -> Mapping[str, Meaning]:
    """Return the meaning of every code, from `errors.toml`, which is read once."""
    tables = toml_tables(__package__, "errors.toml")
    shared_sentences = tables.pop("safe")
    code_meanings: dict[str, Meaning] = {}
    for code, table in tables.items():
        category = ErrorCategory(table.get("who", ErrorCategory.USER_FIXABLE))
        safe = table.get("safe", NOTHING_CHANGED)
        if "as" in table:  # several codes share a sentence
            safe = shared_sentences[table["as"]]
        code_meanings[code] = Meaning(
            category=category,
            status=table.get("status", _STATUSES[category]),
            means=table["means"],
            safe=safe,
            actions=tuple(map(as_written, table["do"])),
            read_more=_page_and_heading(table.get("more", "errors.md#Errors")),
            says=table.get("says", ""),
        )
    return code_meanings


def _page_and_heading(reference: str) -> tuple[str, str]:
    """Return `("docs/errors.md", "Errors")` for `errors.md#Errors`."""
    page, _, heading = reference.partition("#")
    return f"docs/{page}", heading


def system_message(error: OSError) -> str:
    """Return why the operating system refused a file or an address, such as `the disk is full`."""
    number = error.errno or 0
    name = errno.errorcode.get(number, "without a reason")
    return _SYSTEM_MESSAGES.get(number, f"the operating system refused it ({name})")


@json_fields("code category message recovery_actions")
class PipelineError(Exception):
    """Root of the tree; never raised itself."""

    code: str
    """Names the kind of error for programs; it is stable and documented in `docs/errors.md`."""
    message: str
    recovery_actions: tuple[Action, ...]
    """What a person can do next, in order."""
    failed_at_ticket_number: int | None = None
    """Number of the ticket at which an export stopped; None outside of exports."""
    session_key: str | None = None
    """The session it is about; None: of none, or whoever raised it did not know which."""

    @override
    def __init_subclass__(cls, *, code: str = "") -> None:
        """Set the code of a subclass; without one it has that of its base class."""
        if code:
            cls.code = code

    def __init__(
        self, message: str = "", *, recovery_actions: Sequence[Action | str] = (), **about: Any
    ) -> None:
        """Keep message and next steps, and each keyword argument as an attribute of the error.

        Without a message the error has the one of its code, with `about` filled in, and the next
        steps of its code where none are given.
        """
        if not message:
            message = self.meaning.says.format_map(about)
            named_in_steps = {name: about[name] for name in _NAMED_IN_STEPS if name in about}
            recovery_actions = recovery_actions or self.meaning.actions_on(**named_in_steps)
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
        """The message for people, which a subclass may complete."""
        return self.message

    @property
    def facts(self) -> Mapping[str, object]:
        """More fields for programs, which a subclass adds to code, category, message and steps."""
        return {}

    def name_session(self, session_key: str) -> None:
        """Say which session the error is about, unless it says so, also in its next steps."""
        if self.session_key is None:
            self.session_key = session_key
        self.recovery_actions = tuple(a.on(session_key=session_key) for a in self.recovery_actions)

    @override
    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the attributes: to call `__init__` again would need its arguments."""
        return _restored_error, (type(self), self.args, self.__dict__)


def _restored_error(
    kind: type[PipelineError], arguments: tuple[object, ...], state: dict[str, object]
) -> PipelineError:
    """Return a pickled error with its attributes, without calling its `__init__`."""
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
        """Make the message of the first error and the number of the others.

        `findings` are all of type `Finding`, errors first; `files` each `SourceFile` that was read.
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
    """Codes of errors that share one class."""

    @property
    def meaning(self) -> Meaning:
        return meanings()[self.value]


class NotFoundKind(_ErrorCode):
    """What was not found; each value is the code of the error."""

    SESSION = "unknown_session"
    TICKET = "unknown_ticket"
    REVISION = "unknown_revision"
    QUESTION = "unknown_question"
    FIX = "unknown_fix"
    ERROR = "unknown_error"
    LINK = "unknown_link"
    PERSON = "unknown_person"
    UPLOAD = "unknown_upload"
    EXPORT_JOB = "unknown_export_job"
    TASK = "unknown_task"
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
        """Keep the kind; without `recovery_actions` the error has those of the kind.

        `about` fills names in the message of the kind and in these actions, such as `session_key`.
        """
        self.kind = kind
        self.code = kind.value
        if message:
            recovery_actions = recovery_actions or kind.meaning.actions_on(**about)
        super().__init__(message, recovery_actions=recovery_actions, **about)


def unknown_ticket(*, session_key: str, ticket: str) -> NotFoundError:
    return NotFoundError(kind=NotFoundKind.TICKET, session_key=session_key, ticket=ticket)


class SessionKeyError(WrongUseError, code="session_key_refused"):
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
    """Rules by which a person must act before something starts; each value is a code of errors."""

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
        """Keep the rule; without `recovery_actions` the error has those of the rule.

        `about` fills names in these actions, such as `session_key`.
        """
        actions = recovery_actions or rule.meaning.actions_on(**about)
        super().__init__(message, recovery_actions=actions)
        self.rule = rule
        self.code = rule.value


class EarlierSheetsError(GateError):
    """The inbox holds what a session had before, and newer sheets took its place."""

    def __init__(
        self, message: str, *, content_sha256: str, recovery_actions: Sequence[Action | str]
    ) -> None:
        """Keep the content hash that an upload of the files in the inbox would have."""
        super().__init__(message, rule=GateRule.EARLIER_SHEETS, recovery_actions=recovery_actions)
        self.content_sha256 = content_sha256


class LayoutNeededError(GateError):
    """Nobody has said yet what the worksheets of a session hold, so its sheets are not read."""

    def __init__(self, *, session_key: str) -> None:
        """Name the session."""
        super().__init__(
            f"Session {session_key} needs a layout: no one has said yet what the worksheets of its "
            "upload hold, so its sheets are not read.",
            rule=GateRule.LAYOUT_NEEDED,
            session_key=session_key,
        )


GATE_CODES = frozenset(GateRule)
"""Codes of errors after which the same may be asked for again, once a person has acted."""


class NotSignedInError(PipelineError, code="not_signed_in"):
    """A request to the web carries nothing that lets it in."""

    def __init__(self, message: str = "Sign in first.") -> None:
        """Take the message; another one than the default says what is wrong with a credential."""
        super().__init__(said=message)


class RoleTooLowError(PipelineError, code="role_too_low"):
    """A person asks the web for more than their role allows."""


class TooManyRequestsError(PipelineError, code="too_many_requests"):
    """Somebody asks the web for the same more often than it answers, or tries secrets."""


class KeyReusedError(InputError, code="idempotency_key_reused"):
    """A program sends another request with a key that it used already."""


class RequestUnderWayError(PipelineError, code="request_under_way"):
    """A program sends a request again that is being done."""

    retry_after_seconds = 1


class RequestInterruptedError(InputError, code="request_interrupted"):
    """A program sends a request again that changed something before the server was killed."""


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
        """Return the error for a file that could not be written: `StoreFullError` without space."""
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
    """An export was cancelled, or superseded; what was done stays."""


class WritingCancelledError(CancelledError, code="writing_cancelled"):
    """The writing of tickets was cancelled; no ticket was changed, and answers of models are kept."""


class WriterError(PipelineError):
    """A language model cannot write the tickets now; those it wrote are kept.

    Messages name the model, what happened and how far it got.
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
        """Keep how long the service asks us to wait.

        `has_begun` is False where no ticket was asked for yet: then the first step is to check it.
        """
        actions = self.meaning.actions_on()
        if not has_begun:
            check = Action.of(
                ActionKind.CHECK_WRITER, "Find out what is wrong with the service: {}."
            )
            actions = (check, *actions)
        super().__init__(f"{model} is unavailable: {reason} {progress}", recovery_actions=actions)
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
    """What it said of single fields, by their names: whoever sent them chooses fallbacks by that."""
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
        """Keep how long the server asks us to wait, which counts more than our own back-off."""
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
