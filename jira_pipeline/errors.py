"""The family tree of errors.

Every error we raise on purpose is a `PipelineError`; its category says who can act on it, and only
a temporary one is worth another attempt. Adapters translate foreign errors into these at their
edge; `defs/failures.py` and `cli` translate these outwards. Nothing else does either.

    PipelineError
    ├── InputError                the uploaded files or the command must change
    │   ├── SheetsRefusedError        blocking findings; carries all of them
    │   ├── WrongUseError             the command itself, or what it names, cannot be meant
    │   │   ├── SessionKeyError           not a session key, or taken, or unknown
    │   │   ├── UnknownTicketError        a number or id names no ticket
    │   │   ├── UnknownRevisionError      a number names no revision
    │   │   ├── UnknownFixError           a number names no manual fix
    │   │   └── UnknownErrorError         a number names no stored error
    │   ├── ManifestError             session.yaml cannot be used
    │   ├── SessionLockedError        the session is being exported; its sheets may not change now
    │   ├── EditConflictError         somebody else changed the ticket since it was read
    │   ├── UnknownQuestionError      an id names no open question
    │   └── DependencyCycleError      tickets would wait for each other
    ├── GateError                 a person must act first; its `GateRule` is its code
    ├── RetriesExhaustedError     people retried an export as often as is sensible
    ├── RunDiedError              the process of a run ended without a word
    ├── UnexpectedError           a mistake of ours
    ├── ConfigurationError        a setting must change
    ├── StoreError                the store cannot be used
    ├── LeaseBusyError            another process does the same export, or writes the same tickets
    ├── LeaseLostError            the connection that held the lease is gone; nothing more is sent
    ├── WriterError               a language model cannot write the tickets now
    │   ├── WriterUnavailableError    it does not answer, or asks to wait
    │   ├── WriterAccessError         it does not let us in, or knows no such model
    │   ├── WriterUnusableError       it answers, and no answer can be used
    │   ├── WriterQuotaError          its account has no credit left
    │   ├── WriterBudgetError         we would exceed our own limits
    │   └── WriterMissingError        what asks models is not installed
    └── UpstreamError             another system answered, or did not
        ├── RefusedError              it understood and said no
        ├── AccessError               it does not let us in
        ├── RateLimitedError          it asked us to wait
        ├── UnavailableError          it could not be reached, nothing was done
        ├── InDoubtError              it may or may not have acted; look before sending again
        └── OrphanIssueError          lookups cannot tell whether it acted; a person decides
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar


class ErrorCategory(StrEnum):
    """Who can act on an error."""

    USER_FIXABLE = "user_fixable"
    ADMIN_REQUIRED = "admin_required"
    TEMPORARY = "temporary"


class PipelineError(Exception):
    """Root of the tree; never raised itself.

    `code` is stable and documented in `docs/errors.md`; `recovery_actions` tell a person what to
    do next, in order.
    """

    category: ClassVar[ErrorCategory]
    code: str

    def __init__(self, message: str, *, recovery_actions: Sequence[str] = ()) -> None:
        """Keep the sentence and the next steps."""
        super().__init__(message)
        self.message = message
        self.recovery_actions = tuple(recovery_actions)


def addressed(action: str, session_key: str) -> str:
    """Put the key of a session where a recovery action leaves room for it: it can be copied."""
    return re.sub(r" KEY\b", f" {session_key}", action)


class InputError(PipelineError):
    """The uploaded files or the command must change."""

    category = ErrorCategory.USER_FIXABLE
    code = "input_refused"


class SheetsRefusedError(InputError):
    """At least one finding blocks the upload."""

    code = "sheets_refused"

    def __init__(self, *, source: str, error_count: int, first: str, findings: tuple[object, ...]):
        """Name the source and the first error; `findings` holds every `Finding`, errors first."""
        others = f" (and {error_count - 1} more)" if error_count > 1 else ""
        super().__init__(
            f"{source}: {error_count} blocking error{'s' if error_count != 1 else ''}. "
            f"{first}{others}",
            recovery_actions=(
                "Correct the cells named in the findings in the specification and export it again.",
                "Run `jira-pipeline lint FOLDER` until it shows no error.",
            ),
        )
        self.findings = findings


class WrongUseError(InputError):
    """The command itself, or what it names, cannot be meant; nothing was done."""

    code = "wrong_use"


class SessionKeyError(WrongUseError):
    """A session key is malformed, taken by other files, or names no session."""

    code = "session_key_refused"


class ManifestError(InputError):
    """`session.yaml` cannot be used."""

    code = "manifest_refused"

    def __init__(self, *, file_name: str, reason: str) -> None:
        """Name the file and what is wrong in it."""
        super().__init__(
            f"{file_name}: {reason}",
            recovery_actions=("Correct the file; docs/sheets.md lists its keys.",),
        )
        self.file_name = file_name


class SessionLockedError(InputError):
    """An export of the session is running; its sheets may not change under it."""

    code = "session_locked"

    def __init__(self, *, session_key: str) -> None:
        """Name the session and the ways on."""
        super().__init__(
            f"Session {session_key} is being exported to Jira now; other sheets would change what "
            "is being written.",
            recovery_actions=(
                f"Wait until the export has ended: `jira-pipeline status {session_key}`.",
                f"Or stop it: `jira-pipeline cancel {session_key}`, then upload again.",
                f"Where its process died: `jira-pipeline resume {session_key}`.",
            ),
        )


class UnknownTicketError(WrongUseError):
    """A ticket number or id names no ticket of the session."""

    code = "unknown_ticket"

    def __init__(self, *, session_key: str, ticket: str) -> None:
        """Name the session and what was asked for."""
        super().__init__(
            f"Session {session_key} has no ticket {ticket}.",
            recovery_actions=(f"Run `jira-pipeline tickets list {session_key}` for the numbers.",),
        )


class NotVanishedError(InputError):
    """The rows of a ticket are in the sheets, or came back: there is nothing to withdraw."""

    code = "not_vanished"

    def __init__(self, *, session_key: str, ticket: str) -> None:
        """Name the session and the ticket."""
        super().__init__(
            f"Ticket {ticket} of session {session_key} is in the sheets: it cannot be withdrawn.",
            recovery_actions=(
                f"`jira-pipeline tickets list {session_key}` shows what is proposed now.",
                "To leave a ticket out of exports, skip it with `jira-pipeline tickets skip`.",
            ),
        )


class EditConflictError(InputError):
    """Somebody else changed the ticket since it was read."""

    code = "edit_conflict"

    def __init__(self, *, number: int, expected: int, found: int, author: str) -> None:
        """Name the ticket, both revisions and who wrote the newer one."""
        super().__init__(
            f"Ticket {number} has revision {found} by {author} now; this change was made on "
            f"revision {expected}. Nothing was overwritten.",
            recovery_actions=(
                f"Read what changed: `jira-pipeline tickets diff KEY {number}`.",
                "Make your change again on the newer text.",
            ),
        )


class UnknownRevisionError(WrongUseError):
    """A number names no revision of the ticket."""

    code = "unknown_revision"

    def __init__(self, *, number: int, revision: int, known: int) -> None:
        """Name the ticket, what was asked for and how many revisions there are."""
        super().__init__(
            f"Ticket {number} has no revision {revision}; it has 1 to {known}.",
            recovery_actions=(f"Run `jira-pipeline tickets diff KEY {number}` to see them.",),
        )


class UnknownQuestionError(InputError):
    """An id names no open question of the ticket as it is now."""

    code = "unknown_question"

    def __init__(self, *, number: int, question_id: str) -> None:
        """Name the ticket and what was asked for."""
        super().__init__(
            f"Ticket {number} has no question {question_id} now; the sheets may have changed.",
            recovery_actions=("Run `jira-pipeline questions KEY` for the questions there are.",),
        )


class DependencyCycleError(InputError):
    """A dependency would make tickets wait for each other."""

    code = "dependency_cycle"

    def __init__(self, titles: Sequence[str]) -> None:
        """Name the tickets of the cycle, each waiting for the next one."""
        super().__init__(
            f"This would make tickets wait for each other: {' → '.join(titles)}.",
            recovery_actions=(
                "Take one of these dependencies away first: `jira-pipeline tickets depend --not`.",
            ),
        )


class UnknownFixError(WrongUseError):
    """A number names no manual fix of the session."""

    code = "unknown_fix"

    def __init__(self, *, session_key: str, fix_id: int) -> None:
        """Name the session and what was asked for."""
        super().__init__(
            f"Session {session_key} has no manual fix {fix_id}.",
            recovery_actions=(f"Run `jira-pipeline fixes {session_key}` for the numbers.",),
        )


class UnknownErrorError(WrongUseError):
    """A number names no stored error."""

    code = "unknown_error"

    def __init__(self, *, error_id: int) -> None:
        """Name what was asked for."""
        super().__init__(
            f"There is no stored error {error_id}.",
            recovery_actions=("Run `jira-pipeline errors KEY` for the numbers.",),
        )


class GateRule(StrEnum):
    """The rules by which a person must act first; each is the code of its refusals."""

    NO_TICKETS = "no_tickets"
    NOT_VALIDATED = "not_validated"
    """S0-2."""
    VALIDATION_FAILED = "validation_failed"
    """S0-3."""
    STALE = "stale"
    """S0-4."""
    QUESTIONS_OF_WITHDRAWAL = "questions_of_withdrawal"
    NOT_READY = "not_ready"
    """S0-5."""
    SAME_SPECIFICATION = "same_specification"
    DECISION_CHANGED = "decision_changed"
    UNDO_OPEN = "undo_open"
    ISSUES_MISSING = "issues_missing"
    """S0-18."""
    NOT_EXPORTED = "not_exported"
    """S0-21."""
    NOTHING_TO_EXPORT = "nothing_to_export"
    NOTHING_TO_RETRY = "nothing_to_retry"
    """S0-20."""
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    """S0-9."""
    GENERATION_RUNNING = "generation_running"
    """S1-2."""


class GateError(PipelineError):
    """A person must act first; the rule is the code."""

    category = ErrorCategory.USER_FIXABLE
    code = "gate_closed"
    """Of all refusals in stores of earlier versions."""

    def __init__(self, message: str, *, rule: GateRule, recovery_actions: Sequence[str]) -> None:
        """Keep the rule."""
        super().__init__(message, recovery_actions=recovery_actions)
        self.rule = rule
        self.code = rule.value


GATE_CODES = frozenset({GateError.code, *GateRule})
"""Codes of refusals: what was asked for may start once a person has acted."""


class RetriesExhaustedError(PipelineError):
    """People retried an export, or the writing of tickets, as often as is sensible."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "retries_exhausted"

    def __init__(self, *, session_key: str, retries_max: int, what: str = "the export") -> None:
        """Name the session, what was retried and the limit."""
        super().__init__(
            f"Maximum retry attempts ({retries_max}) exceeded for {what} of {session_key}.",
            recovery_actions=(
                f"Run `jira-pipeline errors {session_key}` and mend what keeps failing.",
                f"Then run `jira-pipeline resume {session_key} --force`; this is audited.",
            ),
        )


class RunDiedError(PipelineError):
    """The process of a run ended without a word; what was done stays recorded."""

    category = ErrorCategory.TEMPORARY
    code = "run_died"

    def __init__(self, *, session_key: str, run_id: str, reason: str, action: str) -> None:
        """Name the session, the run, what is known of its end, and what to do."""
        super().__init__(
            f"Run {run_id} of session {session_key} ended: {reason}", recovery_actions=(action,)
        )


class UnexpectedError(PipelineError):
    """A mistake of ours; the log of the run has the details."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "unexpected"

    def __init__(self, *, what: str, kind: str, place: str) -> None:
        """Name what failed, the kind of error and where; its text may hold what is not ours."""
        super().__init__(
            f"{what} failed unexpectedly: {kind} at {place}.",
            recovery_actions=(
                "Look at the log of the run for the details.",
                "Report them; starting again does no harm.",
            ),
        )


class ConfigurationError(PipelineError):
    """A setting must change."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "configuration_refused"


class StoreError(PipelineError):
    """The store cannot be used: unreadable, full, or of a newer version."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "store_unusable"


class StoreBusyError(PipelineError):
    """The store stayed locked by another process for longer than we wait."""

    category = ErrorCategory.TEMPORARY
    code = "store_busy"


class LeaseBusyError(PipelineError):
    """Another process exports to the same target, or writes the tickets of the same session."""

    category = ErrorCategory.TEMPORARY
    code = "lease_busy"

    def __init__(self, *, target: str, holder: str) -> None:
        """Name the target and, for people, who holds it."""
        super().__init__(
            f"{target} is being written to by {holder}; two at once would get in each other's way.",
            recovery_actions=(
                "Start the same command again when that has ended; runs of Dagster wait for it.",
            ),
        )
        self.holder = holder


class LeaseLostError(PipelineError):
    """The lease of a target is no longer ours, so nothing more is sent to it."""

    category = ErrorCategory.TEMPORARY
    code = "lease_lost"

    def __init__(self, *, target: str, reason: str) -> None:
        """Name the target and how the lease was lost."""
        super().__init__(
            f"The lease of {target} was lost: {reason}. Nothing was sent since.",
            recovery_actions=(
                "Start again: the ledger carries on, and what is in doubt is looked up first.",
            ),
        )


class CancelledError(PipelineError):
    """The export or the writing of tickets was cancelled, or superseded; what was done stays."""

    category = ErrorCategory.USER_FIXABLE
    code = "export_cancelled"


class WriterError(PipelineError):
    """A language model cannot write the tickets now; those it wrote are kept."""


class WriterUnavailableError(WriterError):
    """The service of a model does not answer, fails, or asks us to wait for long."""

    category = ErrorCategory.TEMPORARY
    code = "writer_unavailable"

    def __init__(
        self,
        *,
        model: str,
        reason: str,
        progress: str,
        wait_seconds: float | None = None,
        has_begun: bool = True,
    ) -> None:
        """Name the model, what happened and how far it got; keep the wait that it asked for.

        `has_begun` is False where it was asked only whether it is there, before anything else.
        """
        where = "Look what is wrong with the service: `jira-pipeline check-writer`."
        super().__init__(
            f"{model} cannot be used now: {reason} {progress}",
            recovery_actions=(
                *(() if has_begun else (where,)),
                "Start the same job again later: what is written is kept and not asked for again.",
                "Where answers take long, raise WRITER_TIMEOUT_SECONDS.",
            ),
        )
        self.wait_seconds = wait_seconds
        self.has_begun = has_begun


class WriterAccessError(WriterError):
    """The service lets nobody in, knows no such model, or refuses requests."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "writer_access"

    def __init__(self, *, model: str, reason: str, progress: str) -> None:
        """Name the model, what the service said and how far it got."""
        super().__init__(
            f"{model} cannot be used as it is configured: {reason} {progress}",
            recovery_actions=(
                "Check WRITER_MODEL, WRITER_BASE_URL and WRITER_API_KEY: `jira-pipeline check-writer`.",
                "Then start the same job again: what is written is kept and not asked for again.",
                "Or remove WRITER_MODEL: the template writer needs no model.",
            ),
        )


class WriterUnusableError(WriterError):
    """A model answers, and none of its answers can be used."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "writer_unusable"

    def __init__(self, *, model: str, reason: str, progress: str) -> None:
        """Name the model, what is wrong with its answers and how far it got."""
        super().__init__(
            f"{model} gives no usable answers: {reason} {progress}",
            recovery_actions=(
                "Name a more capable model: `jira-pipeline regenerate KEY --writer MODEL`, or WRITER_MODEL.",
                "On a server of your own look at its log: it may cut answers off, or put other words in their place.",
                "Then start the same job again: what is written is kept and not asked for again.",
                "Or let the template write: `jira-pipeline regenerate KEY --writer template`.",
            ),
        )


class WriterQuotaError(WriterError):
    """The account at the service has no credit left."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "writer_quota"

    def __init__(self, *, model: str, reason: str, progress: str) -> None:
        """Name the model, what the service said and how far it got."""
        super().__init__(
            f"The account of {model} has no credit left: {reason} {progress}",
            recovery_actions=(
                "Add credit at the provider, or raise the limit of the account there.",
                "Then start the same job again: what is written is kept and not asked for again.",
                "Or remove WRITER_MODEL: the template writer needs no model.",
            ),
        )


class WriterBudgetError(WriterError):
    """The next request could exceed what we allow ourselves to spend on a session."""

    category = ErrorCategory.USER_FIXABLE
    code = "writer_budget"

    def __init__(self, *, limit: str, spent: str, progress: str) -> None:
        """Name the limit, what was spent on the session and how far it got."""
        super().__init__(
            f"The next request could exceed {limit}; {spent} were spent on this session. {progress}",
            recovery_actions=(
                "Raise WRITER_BUDGET (US dollars) or WRITER_MAX_REQUESTS: both count for a session over all its runs.",
                "Then start the same job again: what is written is kept and not asked for again.",
                "Or remove WRITER_MODEL: the template writer costs nothing.",
            ),
        )


class WriterMissingError(WriterError):
    """The packages that talk to models are not installed."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "writer_missing"

    def __init__(self, *, model: str) -> None:
        """Name the model that was to be asked."""
        super().__init__(
            f"{model} is to write the tickets, and the packages that talk to models are missing.",
            recovery_actions=(
                "Install them: `make llm` in a checkout, else `pip install 'jira-pipeline[llm]'`.",
                "Or remove WRITER_MODEL: the template writer needs none of them.",
            ),
        )


class UpstreamError(PipelineError):
    """Another system answered, or did not."""

    failed_at_ticket_number: int | None = None
    """Where an export stopped (S0-17); None outside of exports."""


class RefusedError(UpstreamError):
    """It understood and said no; nothing was done."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "jira_refused"

    def __init__(
        self,
        message: str,
        *,
        field_errors: dict[str, str] | None = None,
        status_code: int | None = None,
        recovery_actions: Sequence[str] = (),
    ) -> None:
        """Keep what it said of single fields, so that fallbacks can be chosen."""
        super().__init__(message, recovery_actions=recovery_actions)
        self.field_errors = dict(field_errors or {})
        self.status_code = status_code


class DescriptionRefusedError(RefusedError):
    """It refused the description of a ticket, which is the product: no issue is made without it."""

    code = "description_refused"

    def __init__(
        self,
        *,
        session_key: str,
        number: int,
        title: str,
        said: str,
        size_bytes: int,
        suspect: str | None,
        field_errors: dict[str, str],
    ) -> None:
        """Keep Jira's words, and name the ticket, its size and the part that may be the reason."""
        part = f" It may be the {suspect}." if suspect else ""
        super().__init__(
            f"Jira refused the description of ticket {number} ({title}), {size_bytes} bytes: "
            f"{said}{'' if said.endswith('.') else '.'}{part} Nothing was created for it.",
            field_errors=field_errors,
            recovery_actions=(
                f"Correct the sheet or the text, validate, and run `jira-pipeline resume {session_key}`.",
                f"Or leave the ticket out: `jira-pipeline tickets skip {session_key} {number}`.",
                "Or set JIRA_DESCRIPTION_FALLBACK=attach: the whole is attached, a short body says so.",
            ),
        )


class AccessError(UpstreamError):
    """It does not let us in: the credentials are wrong, expired or lack a permission."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "jira_access"

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        recovery_actions: Sequence[str] = (),
    ) -> None:
        """Keep whether we are unknown (401) or merely not allowed (403)."""
        super().__init__(message, recovery_actions=recovery_actions)
        self.status_code = status_code


class RateLimitedError(UpstreamError):
    """It asked us to wait."""

    category = ErrorCategory.TEMPORARY
    code = "rate_limited"

    def __init__(self, system: str, *, wait_seconds: float, reason: str = "") -> None:
        """Keep the wait the server asked for; pacing obeys it before its own back-off."""
        super().__init__(f"{system} asks to wait {wait_seconds:g} s before the next request.")
        self.wait_seconds = wait_seconds
        self.reason = reason


class UnavailableError(UpstreamError):
    """It could not be reached or failed before acting; nothing was done."""

    category = ErrorCategory.TEMPORARY
    code = "jira_unavailable"


class InDoubtError(UpstreamError):
    """It may or may not have acted: look before sending again."""

    category = ErrorCategory.TEMPORARY
    code = "jira_in_doubt"


class OutageError(UpstreamError):
    """It stopped telling what becomes of creations; nothing more is sent before they are settled."""

    category = ErrorCategory.TEMPORARY
    code = "jira_outage"

    def __init__(
        self, *, session_key: str, target: str, ticket_numbers: Sequence[int], reason: str
    ) -> None:
        """Name the tickets whose creation has no known outcome, and what was answered last."""
        numbers = ", ".join(str(number) for number in ticket_numbers)
        super().__init__(
            f"{target} does not tell what became of tickets {numbers} of session {session_key}, "
            f"so nothing more is sent: {reason}",
            recovery_actions=(
                "Wait until Jira works again; a run of Dagster tries again by itself for a while.",
                f"Then run `jira-pipeline resume {session_key}`: it looks up what was sent and goes on.",
            ),
        )


class OrphanIssueError(UpstreamError):
    """Lookups cannot tell whether issues exist; a person decides."""

    category = ErrorCategory.USER_FIXABLE
    code = "orphan_issue"

    def __init__(
        self, *, session_key: str, target: str, ticket_numbers: Sequence[int], waiting_count: int
    ) -> None:
        """Name the tickets in doubt and how many wait for them."""
        numbers = ", ".join(str(number) for number in ticket_numbers)
        waiting = f" {waiting_count} more wait for them." if waiting_count else ""
        super().__init__(
            f"Whether {target} has the issues of tickets {numbers} of session {session_key} "
            f"cannot be found out; they are not sent again.{waiting}",
            recovery_actions=(
                f"Run `jira-pipeline fixes {session_key}` and look for these issues in Jira.",
                f"Then run `jira-pipeline settle {session_key}`.",
            ),
        )
