"""The family tree of errors.

Every error we raise on purpose is a `PipelineError`; its category says who can act on it, and only
a temporary one is worth another attempt. Adapters translate foreign errors into these at their
edge; `defs/failures.py` and `cli` translate these outwards. Nothing else does either.

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
    │   │   ├── FieldConflictError        or one of its fields
    │   │   ├── AnswerConflictError       or answered one of its questions
    │   │   └── ReadConflictError         or it is not what somebody read before deciding
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
    │   ├── WriterQuotaError          its account has no credit left
    │   ├── WriterBudgetError         we would exceed our own limits
    │   └── WriterMissingError        what asks models is not installed
    ├── ShareDoError              an export from ShareDo failed; in `sources/sharedo/errors`
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
from typing import ClassVar, Self

from typing_extensions import override

from jira_pipeline.model.actions import Action, ActionKind, Argument, addressed, advice, as_actions

_ERRORS = "docs/errors.md"
_OPERATIONS = "docs/operations.md"
_SHAREDO = "docs/sharedo.md"
_SHEETS = "docs/sheets.md"
_WEB = "docs/web.md"
_WRITERS = "docs/writers.md"
NOTHING_CHANGED = "Nothing was changed and nothing was sent to Jira."
_LEDGER = (
    "What was finished is stored. Every creation is written down before it is sent, so what was "
    "under way is looked up before anything is sent again."
)
_STORED_FIRST = (
    "What cannot be written down is not sent. A creation whose answer could not be stored is "
    "looked up before anything is sent again."
)
_ANSWERS_KEPT = (
    "Every answer that arrived is kept, so nothing is paid for twice; tickets are stored together "
    "when all are written, and until then those of the last generation stay."
)
_NOT_DONE = (
    "Jira did nothing with this request; issues that were created before are recorded and "
    "are not created again."
)
_GATE_CLOSED = (
    "Nothing was sent to Jira and nothing was changed; tickets, edits and issues that exist are as "
    "they were."
)
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_START_AGAIN = advice(
    "Then start the same job again: what is written is kept and not requested again."
)
_TEMPLATE_NEEDS_NO_MODEL = Action.of(
    ActionKind.CHANGE_SETTING,
    "Or remove WRITER_MODEL: the template writer needs no model.",
    setting="WRITER_MODEL",
)


class ErrorCategory(StrEnum):
    """Who can act on an error."""

    USER_FIXABLE = "user_fixable"
    ADMIN_REQUIRED = "admin_required"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What holds for every error of one code."""

    means: str
    safe: str
    """What did not happen, and what is kept."""
    actions: tuple[Action | str, ...]
    """What to do, in order; a sentence is advice."""
    read_more: tuple[str, str] = (_ERRORS, "Errors")
    """A page of the documents, and a heading of it."""

    def actions_on(self, **arguments: Argument) -> tuple[Action, ...]:
        """Return what to do about an error that concerns these."""
        return tuple(action.on(**arguments) for action in as_actions(self.actions))


_SYSTEM_WORDS: Mapping[int, str] = {
    errno.EACCES: "access is denied",
    errno.EADDRINUSE: "another program uses it",
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EEXIST: "it is there already",
    errno.EIO: "the disk has a fault",
    errno.EISDIR: "it is a folder",
    errno.EMFILE: "too many files are open",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ENFILE: "too many files are open",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOSPC: "the disk is full",
    errno.ENOTDIR: "part of its path is no folder",
    errno.ENOTEMPTY: "it is not empty",
    errno.EPERM: "access is denied",
    errno.EROFS: "the disk is read-only",
}


def system_words(error: OSError) -> str:
    """Say why the operating system refused a file or an address, in words of people."""
    number = error.errno or 0
    name = errno.errorcode.get(number, "without a reason")
    return _SYSTEM_WORDS.get(number, f"the operating system refused it ({name})")


class PipelineError(Exception):
    """Root of the tree; never raised itself.

    `code` is stable and documented in `docs/errors.md`; `recovery_actions` tell a person what to
    do next, in order.
    """

    category: ClassVar[ErrorCategory]
    code: str
    meaning: ClassVar[Meaning]

    def __init__(self, message: str, *, recovery_actions: Sequence[Action | str] = ()) -> None:
        """Keep the sentence and the next steps."""
        super().__init__(message)
        self.message = message
        self.recovery_actions = as_actions(recovery_actions)

    @property
    def sentence(self) -> str:
        """The message for people."""
        return self.message

    @property
    def facts(self) -> Mapping[str, object]:
        """What programs get beside code, category, message and steps."""
        return {}

    def _explain(self, message: str, **about: Argument) -> None:
        """Keep the sentence; the next steps are those of the code, about what is known."""
        PipelineError.__init__(self, message, recovery_actions=self.meaning.actions_on(**about))

    def name_session(self, session_key: str) -> None:
        """Have the next steps name the session, where they leave it open."""
        self.recovery_actions = tuple(addressed(a, session_key) for a in self.recovery_actions)

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


class InputError(PipelineError):
    """The uploaded files or the command must change."""

    category = ErrorCategory.USER_FIXABLE
    code = "input_refused"
    meaning = Meaning(
        means="The files or the command cannot be used as they are.",
        safe=NOTHING_CHANGED,
        actions=("Read the message; it names the file or the argument.",),
    )


class ReadingLimitError(InputError):
    """Sheets need more time or memory than one upload gets."""

    code = "reading_limit"
    meaning = Meaning(
        means="Reading these sheets takes more time or memory than one upload gets.",
        safe=NOTHING_CHANGED,
        actions=(
            "Look at the row that the message names: shorten or split its cells, or the sheet.",
        ),
    )


class SheetsRefusedError(InputError):
    """At least one finding blocks the upload."""

    code = "sheets_refused"
    meaning = Meaning(
        means="At least one finding is an error; no ticket is written from these sheets.",
        safe=(
            "Nothing was written from them and nothing was sent to Jira; tickets and issues that "
            "were there before are as they were."
        ),
        actions=(
            Action.of(
                ActionKind.FIX_SHEET,
                "Do in the specification what each finding says, and export it again.",
            ),
            Action.of(ActionKind.LINT, "Run {} until it shows no error."),
        ),
        read_more=(_SHEETS, "Findings"),
    )

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
        self._explain(
            f"{source}: {error_count} blocking error{'s' if error_count != 1 else ''}. "
            f"{first}{others}"
        )
        self.findings = findings
        self.files = files


class WrongUseError(InputError):
    """The command itself, or what it names, cannot be meant; nothing was done."""

    code = "wrong_use"
    meaning = Meaning(
        means="The command was typed wrongly, or names something that does not exist.",
        safe=NOTHING_CHANGED,
        actions=(
            "Read the message; it names the value and what is expected. `--help` shows what a command takes.",
        ),
    )


class NotFoundKind(StrEnum):
    """What a number, an id or a name names none of; each is the code of that error."""

    _value_: str
    meaning: Meaning

    def __new__(cls, code: str, meaning: Meaning) -> Self:
        """Be the code, and keep what it means."""
        kind = str.__new__(cls, code)
        kind._value_ = code
        kind.meaning = meaning
        return kind

    SESSION = (
        "session_key_refused",
        Meaning(
            means="A session key is malformed, taken by other files, or names no session; or several folders of the inbox would become one.",
            safe=NOTHING_CHANGED,
            actions=(
                Action.of(
                    ActionKind.LIST_SESSIONS,
                    "Choose a key of `a-z`, `0-9`, `_` and `-`, or look the key up with {}.",
                ),
            ),
            read_more=(_OPERATIONS, "Start"),
        ),
    )
    TICKET = (
        "unknown_ticket",
        Meaning(
            means="A ticket number or id names no ticket of the session.",
            safe=NOTHING_CHANGED,
            actions=(Action.of(ActionKind.LIST_TICKETS, "Run {} for the numbers."),),
        ),
    )
    REVISION = (
        "unknown_revision",
        Meaning(
            means="A number names no revision of the ticket.",
            safe=NOTHING_CHANGED,
            actions=(Action.of(ActionKind.DIFF_TICKET, "Run {} to see them."),),
        ),
    )
    QUESTION = (
        "unknown_question",
        Meaning(
            means="A ticket has no such open question now.",
            safe="No answer was stored and none was lost.",
            actions=(Action.of(ActionKind.SHOW_QUESTIONS, "Run {} for the questions there are."),),
        ),
    )
    FIX = (
        "unknown_fix",
        Meaning(
            means="A number names no manual fix of the session.",
            safe=NOTHING_CHANGED,
            actions=(Action.of(ActionKind.SHOW_FIXES, "Run {} for the numbers."),),
        ),
    )
    ERROR = (
        "unknown_error",
        Meaning(
            means="A number names no stored error.",
            safe=NOTHING_CHANGED,
            actions=(Action.of(ActionKind.SHOW_ERRORS, "Run {} for the numbers."),),
        ),
    )
    LINK = (
        "unknown_link",
        Meaning(
            means="A link for a client expired, was revoked, or was never made.",
            safe=NOTHING_CHANGED,
            actions=("Ask who sent it for another one.",),
            read_more=(_WEB, "The client"),
        ),
    )
    PERSON = (
        "unknown_person",
        Meaning(
            means="Nobody of that name may use the web: never added, or revoked.",
            safe=NOTHING_CHANGED,
            actions=(
                Action.of(ActionKind.LIST_PEOPLE, "{} shows who was added."),
                Action.of(ActionKind.ADD_PERSON, "{} gives a person access."),
            ),
            read_more=(_WEB, "People"),
        ),
    )
    UPLOAD = (
        "unknown_upload",
        Meaning(
            means="An id names no files that were sent to be looked at, or they expired.",
            safe=NOTHING_CHANGED,
            actions=("Send the files again; they are kept for a day.",),
        ),
    )
    EXPORT_JOB = (
        "unknown_export_job",
        Meaning(
            means="An id names no export job of ShareDo, or the job is not in a state for this.",
            safe="No job was changed and nothing was sent to ShareDo.",
            actions=(Action.of(ActionKind.SHOW_SHAREDO_JOBS, "Run {} for the jobs there are."),),
            read_more=(_SHAREDO, "Jobs"),
        ),
    )
    COMPARISON = (
        "unknown_comparison",
        Meaning(
            means="An id names no comparison of ShareDo environments or packages, or its files expired.",
            safe=NOTHING_CHANGED,
            actions=("Compare them again; packages that were sent are kept for a day.",),
            read_more=(_SHAREDO, "Comparison"),
        ),
    )
    VERIFICATION = (
        "unknown_verification",
        Meaning(
            means="A number names no comparison of the session with its site.",
            safe=NOTHING_CHANGED,
            actions=("Choose one of those listed on the page *Is the site built?*.",),
        ),
    )


class NotFoundError(WrongUseError):
    """A number, an id or a name names nothing; its kind is the code."""

    def __init__(
        self,
        message: str,
        *,
        kind: NotFoundKind,
        recovery_actions: Sequence[Action | str] = (),
        **about: Argument,
    ) -> None:
        """Keep the kind; without actions of its own those of the kind, about what is known."""
        super().__init__(
            message, recovery_actions=recovery_actions or kind.meaning.actions_on(**about)
        )
        self.kind = kind
        self.code = kind.value


def unknown_ticket(*, session_key: str, ticket: str) -> NotFoundError:
    """Say that a session has no such ticket."""
    message = f"Session {session_key} has no ticket {ticket}."
    return NotFoundError(message, kind=NotFoundKind.TICKET, session_key=session_key)


def unknown_revision(*, number: int, revision: int, known: int) -> NotFoundError:
    """Say that a ticket has no such revision, and how many there are."""
    message = f"Ticket {number} has no revision {revision}; it has 1 to {known}."
    return NotFoundError(message, kind=NotFoundKind.REVISION, number=number)


def unknown_error(error_id: int) -> NotFoundError:
    """Say that no such error is stored."""
    return NotFoundError(f"There is no stored error {error_id}.", kind=NotFoundKind.ERROR)


def unknown_person(name: str) -> NotFoundError:
    """Say that nobody of that name may use the web."""
    message = f"Nobody called {name} may use the web: never added, or revoked."
    return NotFoundError(message, kind=NotFoundKind.PERSON, name=name)


def unknown_verification(verification_id: int) -> NotFoundError:
    """Say that the session was not compared with a site under that number."""
    message = f"There is no comparison {verification_id} of this session with a site."
    return NotFoundError(message, kind=NotFoundKind.VERIFICATION)


def unknown_comparison(comparison_id: str) -> NotFoundError:
    """Say that there is no such comparison."""
    message = f"There is no comparison {comparison_id[:40]!r}."
    return NotFoundError(message, kind=NotFoundKind.COMPARISON)


class SessionKeyError(WrongUseError):
    """A session key is malformed, or taken by other files."""

    code = NotFoundKind.SESSION.value
    meaning = NotFoundKind.SESSION.meaning


class ManifestError(InputError):
    """`session.yaml` cannot be used."""

    code = "manifest_refused"
    meaning = Meaning(
        means="`session.yaml` has a key or value that is not known, or is not YAML.",
        safe="Nothing was registered; a session that was there before is as it was.",
        actions=("Correct the file; docs/sheets.md lists its keys.",),
        read_more=(_SHEETS, "session.yaml"),
    )

    def __init__(self, *, file_name: str, reason: str) -> None:
        """Name the file and what is wrong in it."""
        self._explain(f"{file_name}: {reason}")
        self.file_name = file_name


class SiteConfigurationRefusedError(InputError):
    """A path holds no exported configuration of a Drupal site, or one that exceeds a limit."""

    code = "site_configuration_refused"
    meaning = Meaning(
        means="A path holds no exported configuration of a Drupal site, or one that is damaged or exceeds a limit; the message says which.",
        safe=NOTHING_CHANGED,
        actions=(
            "Export the configuration with `drush config:export` and give the folder, which is config/sync on most sites, or a zip of it.",
        ),
    )

    def __init__(self, *, path: str, reason: str) -> None:
        """Name the folder or file and what is wrong with it."""
        self._explain(f"{path} cannot be read as the configuration of a site: {reason}.")
        self.path = path
        self.reason = reason


class SessionLockedError(InputError):
    """An export of the session is running; its sheets may not change under it."""

    code = "session_locked"
    meaning = Meaning(
        means="An export of the session is running, so its sheets may not change now.",
        safe="The export continues with the sheets it began with; the other sheets were not taken in.",
        actions=(
            Action.of(ActionKind.SHOW_STATUS, "Wait until the export has ended: {}."),
            Action.of(ActionKind.CANCEL, "Or stop it: {}, then upload again."),
            Action.of(ActionKind.RESUME, "Where its process died: {}."),
        ),
        read_more=(_OPERATIONS, "Resume, cancel"),
    )

    def __init__(self, *, session_key: str) -> None:
        """Name the session and the ways on."""
        self._explain(
            f"Session {session_key} is being exported to Jira now; another upload would change what "
            "is being written.",
            session_key=session_key,
        )


class NotVanishedError(InputError):
    """The rows of a ticket are in the sheets, or came back: there is nothing to withdraw."""

    code = "not_vanished"
    meaning = Meaning(
        means="The rows of the ticket are in the sheets, or came back, so it cannot be withdrawn.",
        safe=NOTHING_CHANGED,
        actions=(
            Action.of(ActionKind.LIST_TICKETS, "{} shows what is proposed now."),
            Action.of(ActionKind.SKIP_TICKET, "To leave a ticket out of exports, skip it with {}."),
        ),
    )

    def __init__(self, *, session_key: str, ticket: str) -> None:
        """Name the session and the ticket."""
        self._explain(
            f"Ticket {ticket} of session {session_key} is still asked for: it cannot be withdrawn.",
            session_key=session_key,
            number=ticket,
        )


class EditConflictError(InputError):
    """Somebody else changed the ticket since it was read."""

    code = "edit_conflict"
    meaning = Meaning(
        means="Somebody else changed the ticket since it was read; nothing was overwritten.",
        safe="Nothing was overwritten: the newer text is kept, and yours was not stored.",
        actions=(
            Action.of(ActionKind.DIFF_TICKET, "Read what changed: {}."),
            "Make your change again on the newer text.",
        ),
    )

    def __init__(self, *, number: int, expected: int, found: int, author: str) -> None:
        """Name the ticket, both revisions and who wrote the newer one."""
        self._explain(
            f"Ticket {number} has revision {found} by {author} now; this change was made on "
            f"revision {expected}. Nothing was overwritten.",
            number=number,
        )


class FieldConflictError(EditConflictError):
    """A field of the ticket was set since it was read, or decided about."""

    def __init__(self, *, number: int, fields: Sequence[str]) -> None:
        """Name the ticket and its fields."""
        PipelineError.__init__(
            self,
            f"Ticket {number} has another {' and '.join(fields).replace('_', ' ')} since; nothing "
            "was kept.",
            recovery_actions=("Read the ticket again and make your change there.",),
        )


class ReadConflictError(EditConflictError):
    """The ticket is not what somebody read before deciding about it."""

    def __init__(self, *, number: int) -> None:
        """Name the ticket."""
        PipelineError.__init__(
            self,
            f"Ticket {number} changed while you read it, so nothing was decided.",
            recovery_actions=("Read it again, then decide.",),
        )


class AnswerConflictError(EditConflictError):
    """Somebody else answered the question since it was read."""

    def __init__(self, *, number: int, question: str, answer: str) -> None:
        """Name the ticket, what was asked and what was answered; empty where that was removed."""
        what = f"answered it “{answer}”" if answer else "removed the answer"
        PipelineError.__init__(
            self,
            f"{question.rstrip('?.')} (ticket {number}): somebody else {what} since this was read; "
            "nothing was kept.",
            recovery_actions=("Read it again, and answer it where yours is better.",),
        )


class DependencyCycleError(InputError):
    """A dependency would make tickets wait for each other."""

    code = "dependency_cycle"
    meaning = Meaning(
        means="A dependency would make tickets wait for each other; the message names them.",
        safe=NOTHING_CHANGED,
        actions=(
            Action(
                kind=ActionKind.DEPEND,
                sentence="Take one of these dependencies away first: {}.",
                arguments={"not": True},
            ),
        ),
    )

    def __init__(self, titles: Sequence[str]) -> None:
        """Name the tickets of the cycle, each waiting for the next one."""
        self._explain(f"This would make tickets wait for each other: {' → '.join(titles)}.")


class GateRule(StrEnum):
    """The rules by which a person must act first; each is the code of its refusals."""

    _value_: str
    meaning: Meaning

    def __new__(
        cls,
        code: str,
        means: str,
        actions: tuple[Action | str, ...],
        section: str = "What to do when …",
    ) -> Self:
        """Be the code, and keep what it means: nothing happened because of a refusal."""
        rule = str.__new__(cls, code)
        rule._value_ = code
        rule.meaning = Meaning(
            means=means, safe=_GATE_CLOSED, actions=actions, read_more=(_OPERATIONS, section)
        )
        return rule

    NO_TICKETS = (
        "no_tickets",
        "The session has no tickets yet.",
        (Action.of(ActionKind.REGENERATE, "Write them with {}."),),
        "Start",
    )
    NOT_VALIDATED = (
        "not_validated",
        "The tickets were never validated.",
        (Action.of(ActionKind.VALIDATE, "Validate them with {}."),),
    )
    VALIDATION_FAILED = (
        "validation_failed",
        "A ticket did not pass its validation, or not as it is now.",
        (
            Action.of(
                ActionKind.VALIDATE,
                "Correct the tickets that {} names, then validate again.",
            ),
        ),
    )
    STALE = (
        "stale",
        "Tickets or sheets changed since the tickets were validated or written.",
        (
            Action.of(ActionKind.VALIDATE, "Validate again with {}, then export again."),
            Action.of(
                ActionKind.REGENERATE,
                "Where the sheets changed, write the tickets from them with {}.",
            ),
        ),
    )
    QUESTIONS_OF_WITHDRAWAL = (
        "questions_of_withdrawal",
        "Tickets are no longer in the sheets, and nobody agreed to withdraw them.",
        (
            Action.of(ActionKind.FIX_SHEET, "Put the rows back and upload again."),
            Action.of(ActionKind.WITHDRAW, "Or agree with {}.", all=True),
        ),
    )
    NOT_READY = (
        "not_ready",
        "Tickets wait for a review.",
        (Action.of(ActionKind.MARK_READY, "Read them, then mark them ready with {}.", all=True),),
    )
    SAME_SPECIFICATION = (
        "same_specification",
        (
            "Another session has issues for at least half of the tickets in this project: the "
            "specification seems to be the same."
        ),
        (
            "Upload the sheets to that session.",
            Action.of(ActionKind.EXPORT, "Or, where new issues are wanted, run {}.", as_new=True),
        ),
    )
    NEW_TARGET = (
        "new_target",
        (
            "The session has issues on another site or in another project, and was never exported "
            "to the one that the settings name now."
        ),
        (
            Action.of(
                ActionKind.EXPORT,
                "To create its issues here too: {}; it is audited.",
                as_new=True,
            ),
            Action.of(
                ActionKind.CHANGE_SETTING,
                "To go on where they are, name that site and project again: `JIRA_BASE_URL` (or "
                "`sandbox`) and `JIRA_PROJECT_KEY`.",
                setting="JIRA_BASE_URL",
            ),
        ),
    )
    COPIED_ISSUES = (
        "copied_issues",
        (
            "Issues of the session are in this project although it was not exported there: "
            "somebody copied the site or the project, or moved them."
        ),
        (
            (
                "Look at them. If these are the issues to work with, nothing has to be exported; "
                "copies that nobody wants can be deleted in Jira."
            ),
            Action.of(
                ActionKind.EXPORT,
                "To create new issues beside them: {}; it is audited.",
                as_new=True,
            ),
        ),
    )
    DECISION_CHANGED = (
        "decision_changed",
        "Somebody decided otherwise while the export began, or between a failure and its retry.",
        (
            Action.of(ActionKind.SHOW_STATUS, "{} says what is next."),
            Action.of(ActionKind.EXPORT, "Then run {} again."),
        ),
    )
    UNDO_OPEN = (
        "undo_open",
        "An undo began and has not ended; nothing is created or updated before it has.",
        (
            Action.of(ActionKind.UNDO, "Finish it with {}."),
            Action.of(ActionKind.UNDO, "Or end it, and keep what it left: {}.", keep_rest=True),
        ),
    )
    ISSUES_GONE = (
        "issues_gone",
        (
            "Jira shows none of the session's issues: they were deleted, or our account may not see "
            "them. So nothing shows whether it would see what is created."
        ),
        (
            "Look for them in Jira with another account.",
            "If they are there, let our account see them: the permission *Browse projects*, and the security level that new issues get.",
            Action.of(
                ActionKind.SETTLE, "If they are gone, create them again: {}.", create_again="all"
            ),
            Action.of(ActionKind.SETTLE, "Or forget them: {}.", forget="all"),
        ),
        "Unconfirmed issues",
    )
    ISSUES_MISSING = (
        "issues_missing",
        "Links need every issue, and some do not exist yet.",
        (Action.of(ActionKind.RESUME, "Create them with {}."),),
        "Resume, cancel",
    )
    NOT_EXPORTED = (
        "not_exported",
        "The session was never exported to this target.",
        (
            Action.of(ActionKind.SHOW_STATUS, "{} names the next step."),
            Action.of(
                ActionKind.CHANGE_SETTING,
                "Where it was exported to another site or project, name that: `JIRA_BASE_URL`, "
                "`JIRA_PROJECT_KEY`.",
                setting="JIRA_BASE_URL",
            ),
        ),
    )
    NOTHING_TO_EXPORT = (
        "nothing_to_export",
        "Every ticket is skipped or withdrawn, or the sheets ask for none.",
        (Action.of(ActionKind.FIX_SHEET, "Change the sheets and upload them again."),),
    )
    NOTHING_TO_RETRY = (
        "nothing_to_retry",
        "There is no failed, cancelled or interrupted export to carry on with.",
        (Action.of(ActionKind.SHOW_STATUS, "{} names the next step."),),
        "Resume, cancel",
    )
    NOTHING_TO_CANCEL = (
        "nothing_to_cancel",
        "Nothing is at work in the session.",
        (Action.of(ActionKind.SHOW_STATUS, "{} names the next step."),),
        "Resume, cancel",
    )
    EXPORT_RUNNING = (
        "export_running",
        "An export of the session is queued or at work already.",
        (
            Action.of(ActionKind.SHOW_STATUS, "Watch it: {}.", watch=True),
            Action.of(ActionKind.CANCEL, "Or stop it: {}."),
        ),
        "Resume, cancel",
    )
    GENERATION_RUNNING = (
        "generation_running",
        "A run that writes the tickets is at work already.",
        (
            Action.of(ActionKind.SHOW_STATUS, "Watch it: {}.", watch=True),
            Action.of(
                ActionKind.RESUME,
                "Where its machine is gone: {}; nothing is written twice.",
                force=True,
            ),
        ),
        "Resume, cancel",
    )


class GateError(PipelineError):
    """A person must act first; the rule is the code."""

    category = ErrorCategory.USER_FIXABLE
    code = "gate_closed"
    """Of all refusals in stores of earlier versions."""
    meaning = Meaning(
        means="A person must act first; an earlier version stored it, and the message names the rule.",
        safe=_GATE_CLOSED,
        actions=("Follow the recovery actions.",),
        read_more=(_OPERATIONS, "What to do when …"),
    )

    def __init__(
        self, message: str, *, rule: GateRule, recovery_actions: Sequence[Action | str]
    ) -> None:
        """Keep the rule."""
        super().__init__(message, recovery_actions=recovery_actions)
        self.rule = rule
        self.code = rule.value


GATE_CODES = frozenset({GateError.code, *GateRule})
"""Codes of refusals: what was asked for may start once a person has acted."""


class NotSignedInError(PipelineError):
    """A request to the web carries nothing that lets it in."""

    category = ErrorCategory.USER_FIXABLE
    code = "not_signed_in"
    meaning = Meaning(
        means="The web got a request without a sign-in, or with one that expired, was used or was revoked.",
        safe=NOTHING_CHANGED,
        actions=(
            Action.of(
                ActionKind.RUN_DAEMON,
                "Open the link that {} printed, or the one you were sent; each works once.",
            ),
            Action.of(
                ActionKind.ADD_PERSON, "For a new link, ask whoever runs this server to type {}."
            ),
        ),
        read_more=(_WEB, "People"),
    )

    def __init__(self, message: str = "Sign in first.") -> None:
        """Say what was wrong with what was shown, where something was."""
        self._explain(message)


class RoleTooLowError(PipelineError):
    """A person asks the web for more than their role allows."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "role_too_low"
    meaning = Meaning(
        means="The role of the person, or of the token, does not allow this.",
        safe=NOTHING_CHANGED,
        actions=(Action.of(ActionKind.ADD_PERSON, "An admin gives another role with {}."),),
        read_more=(_WEB, "People"),
    )

    def __init__(self, *, name: str, role: str, needed: str) -> None:
        """Name the person, the role they have and the one they need."""
        self._explain(
            f"{name} is {role}; this needs {needed}.",
            name=name,
            role=needed,
        )


class TooManyRequestsError(PipelineError):
    """Somebody asks the web for the same more often than it answers, or tries secrets."""

    category = ErrorCategory.TEMPORARY
    code = "too_many_requests"
    meaning = Meaning(
        means="A status was requested more than once in two seconds, or secrets were tried.",
        safe=NOTHING_CHANGED,
        actions=("Wait as long as the message says, then ask again.",),
        read_more=(_WEB, "What is exposed"),
    )

    def __init__(self, what: str, *, retry_after_seconds: float) -> None:
        """Name what was asked too often, and how long to wait."""
        self._explain(f"{what} Wait {retry_after_seconds:.0f} s.")
        self.retry_after_seconds = retry_after_seconds


class DagsterStartingError(PipelineError):
    """Dagster is not there yet; it starts some ten seconds after the pages."""

    category = ErrorCategory.TEMPORARY
    code = "dagster_starting"
    meaning = Meaning(
        means="A run was requested while Dagster was still starting.",
        safe="No run was started.",
        actions=("Ask again in a few seconds; the page of Dagster does so itself.",),
        read_more=(_WEB, "Serve"),
    )

    def __init__(self) -> None:
        """Say what is missing."""
        self._explain(
            "Dagster is still starting, which takes some ten seconds; until then no run can begin."
        )


class RetriesExhaustedError(PipelineError):
    """People retried an export, or the writing of tickets, as often as is sensible."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "retries_exhausted"
    meaning = Meaning(
        means="People retried the export, or the writing of tickets, three times and it still fails.",
        safe="This attempt sent nothing; what earlier ones created or wrote is kept and is not done again.",
        actions=(
            Action.of(ActionKind.SHOW_ERRORS, "Run {} and fix what keeps failing."),
            Action.of(ActionKind.RESUME, "Then run {}; this is audited.", force=True),
        ),
        read_more=(_OPERATIONS, "Resume, cancel"),
    )

    def __init__(self, *, session_key: str, retries_max: int, what: str = "the export") -> None:
        """Name the session, what was retried and the limit."""
        self._explain(
            f"Maximum retry attempts ({retries_max}) exceeded for {what} of {session_key}.",
            session_key=session_key,
        )


class RunDiedError(PipelineError):
    """The process of a run ended without a word; what was done stays recorded."""

    category = ErrorCategory.TEMPORARY
    code = "run_died"
    meaning = Meaning(
        means="The process of a run ended without reporting: killed, out of memory, or it never started; or how it ended could not be stored.",
        safe=_LEDGER,
        actions=(Action.of(ActionKind.RESUME, "Run {}, or start the same job again."),),
        read_more=(_OPERATIONS, "When a run dies"),
    )

    def __init__(self, *, session_key: str, run_id: str, reason: str, action: Action) -> None:
        """Name the session, the run, what is known of its end, and what to do."""
        super().__init__(
            f"Run {run_id} of session {session_key} ended: {reason}", recovery_actions=(action,)
        )


class UnexpectedError(PipelineError):
    """A mistake of ours; the log of the run has the details."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "unexpected"
    meaning = Meaning(
        means="A defect of this program.",
        safe=_LEDGER,
        actions=(
            "Look at the log of the run for the details.",
            "Report them; starting again does no harm.",
        ),
        read_more=(_OPERATIONS, "What to do when …"),
    )

    def __init__(self, *, what: str, kind: str, place: str) -> None:
        """Name what failed, the kind of error and where; its text may hold what is not ours."""
        self._explain(f"{what} failed unexpectedly: {kind} at {place}.")


class ConfigurationError(PipelineError):
    """A setting must change."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "configuration_refused"
    meaning = Meaning(
        means="A setting is missing or has a value it cannot have.",
        safe="Nothing was sent with this setting; tickets and issues are as they were.",
        actions=(
            Action.of(
                ActionKind.CHANGE_SETTING,
                "Correct the environment or `.env`; the message names the setting.",
            ),
        ),
        read_more=(_OPERATIONS, "Settings"),
    )


class StoreError(PipelineError):
    """The store cannot be used: unreadable, full, or of a newer version."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "store_unusable"
    meaning = Meaning(
        means="The store or another file of the data folder cannot be read or written, belongs to a newer version, or the kept copy of a session is not what was uploaded.",
        safe=_STORED_FIRST,
        actions=(
            "Free space, repair permissions, upload the same sheets again, or upgrade the program; see `docs/operations.md`.",
        ),
        read_more=(_OPERATIONS, "Where data lives"),
    )

    @classmethod
    def because(
        cls, error: OSError, message: str, *, recovery_actions: Sequence[Action | str]
    ) -> "StoreError":
        """Return an error about a file that could not be written, of its kind."""
        kind = StoreFullError if error.errno in _NO_SPACE else cls
        return kind(message, recovery_actions=recovery_actions)


class StoreFullError(StoreError):
    """There is no space left on the disk, or in a quota, for what is to be written."""


class StoreBusyError(PipelineError):
    """The store stays locked by another process, or its server does not answer."""

    category = ErrorCategory.TEMPORARY
    code = "store_busy"
    meaning = Meaning(
        means="Another process kept the store, or Dagster's own storage, locked for longer than we wait, or its server does not answer.",
        safe=_STORED_FIRST,
        actions=("Start again; if it persists, look for a process that hangs.",),
        read_more=(_OPERATIONS, "Where data lives"),
    )


class LeaseBusyError(PipelineError):
    """Another process exports to the same target, or writes the tickets of the same session."""

    category = ErrorCategory.TEMPORARY
    code = "lease_busy"
    meaning = Meaning(
        means="Another process exports to the same target, or writes the tickets of the same session.",
        safe="This step sent nothing; the other one continues undisturbed.",
        actions=("Start the same command again when that has ended; runs of Dagster wait for it.",),
        read_more=(_OPERATIONS, "What to do when …"),
    )

    def __init__(self, *, target: str, holder: str) -> None:
        """Name the target and, for people, who holds it."""
        self._explain(
            f"{target} is being written to by {holder}; two at once would get in each other's way."
        )
        self.holder = holder


class LeaseLostError(PipelineError):
    """The lease of a target is no longer ours, so nothing more is sent to it."""

    category = ErrorCategory.TEMPORARY
    code = "lease_lost"
    meaning = Meaning(
        means="The connection that locked a target for us is gone; nothing was sent since.",
        safe="Nothing was sent since; what was under way is looked up before anything is sent again.",
        actions=("Start again: it continues, and asks Jira first about what was under way.",),
        read_more=(_OPERATIONS, "Move to PostgreSQL"),
    )

    def __init__(self, *, target: str, reason: str) -> None:
        """Name the target and how the lease was lost."""
        self._explain(f"The lock on {target} was lost: {reason}. Nothing was sent since.")


class CancelledError(PipelineError):
    """The export or the writing of tickets was cancelled, or superseded; what was done stays."""

    category = ErrorCategory.USER_FIXABLE
    code = "export_cancelled"
    meaning = Meaning(
        means="The export or the writing of tickets was cancelled, or superseded; what was done stays recorded.",
        safe="Issues that were created stay and are recorded; the others were not sent. Answers of models are kept.",
        actions=(Action.of(ActionKind.RESUME, "Run {} when you want the rest."),),
        read_more=(_OPERATIONS, "Resume, cancel"),
    )


class WriterError(PipelineError):
    """A language model cannot write the tickets now; those it wrote are kept."""


class WriterUnavailableError(WriterError):
    """The service of a model does not answer, fails, or asks us to wait for long."""

    category = ErrorCategory.TEMPORARY
    code = "writer_unavailable"
    meaning = Meaning(
        means="The service of the language model does not answer, fails, or asks to wait for long.",
        safe=_ANSWERS_KEPT,
        actions=(
            "Start the same job again later: what is written is kept and not requested again.",
            Action.of(
                ActionKind.CHANGE_SETTING,
                "Where answers take long, raise WRITER_TIMEOUT_SECONDS.",
                setting="WRITER_TIMEOUT_SECONDS",
            ),
        ),
        read_more=(_WRITERS, "When it fails"),
    )

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
        check = Action.of(ActionKind.CHECK_WRITER, "Look what is wrong with the service: {}.")
        super().__init__(
            f"{model} cannot be used now: {reason} {progress}",
            recovery_actions=(
                *(() if has_begun else (check,)),
                *self.meaning.actions_on(),
            ),
        )
        self.wait_seconds = wait_seconds
        self.has_begun = has_begun


class WriterAccessError(WriterError):
    """The service lets nobody in, knows no such model, or refuses requests."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "writer_access"
    meaning = Meaning(
        means="The service of the language model does not let us in, knows no such model, or refuses our requests.",
        safe=_ANSWERS_KEPT,
        actions=(
            Action.of(
                ActionKind.CHECK_WRITER,
                "Check WRITER_MODEL, WRITER_BASE_URL and WRITER_API_KEY: {}.",
            ),
            _START_AGAIN,
            _TEMPLATE_NEEDS_NO_MODEL,
        ),
        read_more=(_WRITERS, "When it fails"),
    )

    def __init__(self, *, model: str, reason: str, progress: str) -> None:
        """Name the model, what the service said and how far it got."""
        self._explain(f"{model} cannot be used as it is configured: {reason} {progress}")


class WriterUnusableError(WriterError):
    """A model answers, and none of its answers can be used."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "writer_unusable"
    meaning = Meaning(
        means="The language model answers, and none of its answers for the first tickets can be used.",
        safe=_ANSWERS_KEPT,
        actions=(
            Action.of(
                ActionKind.REGENERATE,
                "Name a more capable model: {}, or WRITER_MODEL.",
                writer="MODEL",
            ),
            "On a server of your own look at its log: it may cut answers off, or use other words.",
            _START_AGAIN,
            Action.of(ActionKind.REGENERATE, "Or let the template write: {}.", writer="template"),
        ),
        read_more=(_WRITERS, "When it fails"),
    )

    def __init__(self, *, model: str, reason: str, progress: str) -> None:
        """Name the model, what is wrong with its answers and how far it got."""
        self._explain(f"{model} gives no usable answers: {reason} {progress}")


class WriterQuotaError(WriterError):
    """The account at the service has no credit left."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "writer_quota"
    meaning = Meaning(
        means="The account at the service of the language model has no credit left.",
        safe=_ANSWERS_KEPT,
        actions=(
            "Add credit at the provider, or raise the limit of the account there.",
            _START_AGAIN,
            _TEMPLATE_NEEDS_NO_MODEL,
        ),
        read_more=(_WRITERS, "When it fails"),
    )

    def __init__(self, *, model: str, reason: str, progress: str) -> None:
        """Name the model, what the service said and how far it got."""
        self._explain(f"The account of {model} has no credit left: {reason} {progress}")


class WriterBudgetError(WriterError):
    """The next request could exceed what we allow ourselves to spend on a session."""

    category = ErrorCategory.USER_FIXABLE
    code = "writer_budget"
    meaning = Meaning(
        means="The next request to the language model could exceed `WRITER_BUDGET` or `WRITER_MAX_REQUESTS`.",
        safe=_ANSWERS_KEPT,
        actions=(
            Action.of(
                ActionKind.CHANGE_SETTING,
                "Raise WRITER_BUDGET (US dollars) or WRITER_MAX_REQUESTS: both count for a session over "
                "all its runs.",
                setting="WRITER_BUDGET",
            ),
            _START_AGAIN,
            Action.of(
                ActionKind.CHANGE_SETTING,
                "Or remove WRITER_MODEL: the template writer costs nothing.",
                setting="WRITER_MODEL",
            ),
        ),
        read_more=(_WRITERS, "What it costs"),
    )

    def __init__(self, *, limit: str, spent: str, progress: str) -> None:
        """Name the limit, what was spent on the session and how far it got."""
        self._explain(
            f"The next request could exceed {limit}; {spent} were spent on this session. {progress}"
        )


class WriterMissingError(WriterError):
    """The packages that talk to models are not installed."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "writer_missing"
    meaning = Meaning(
        means="`WRITER_MODEL` names a model, and the packages that talk to models are not installed.",
        safe="No model was asked, and no ticket was changed.",
        actions=(
            "Install them: `make llm` in a checkout, else `pip install 'jira-pipeline[llm]'`.",
            Action.of(
                ActionKind.CHANGE_SETTING,
                "Or remove WRITER_MODEL: the template writer needs none of them.",
                setting="WRITER_MODEL",
            ),
        ),
        read_more=(_WRITERS, "Turn a model on"),
    )

    def __init__(self, *, model: str) -> None:
        """Name the model that was to be asked."""
        self._explain(
            f"{model} is to write the tickets, and the packages that talk to models are missing."
        )


class UpstreamError(PipelineError):
    """Another system answered, or did not."""

    failed_at_ticket_number: int | None = None
    """Where an export stopped; None outside of exports."""


class RefusedError(UpstreamError):
    """It understood and refused; nothing was done."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "jira_refused"
    meaning = Meaning(
        means="Jira understood the request and refused it; nothing was done.",
        safe=_NOT_DONE,
        actions=(
            "Read what Jira says about the field, correct the project's configuration, start the export again.",
        ),
        read_more=(_OPERATIONS, "What to do when …"),
    )

    def __init__(
        self,
        message: str,
        *,
        field_errors: dict[str, str] | None = None,
        status_code: int | None = None,
        recovery_actions: Sequence[Action | str] = (),
    ) -> None:
        """Keep what it said of single fields, so that fallbacks can be chosen."""
        super().__init__(message, recovery_actions=recovery_actions)
        self.field_errors = dict(field_errors or {})
        self.status_code = status_code


class DescriptionRefusedError(RefusedError):
    """It refused the description of a ticket, which is the product: no issue is made without it."""

    code = "description_refused"
    meaning = Meaning(
        means="Jira refused the description of a ticket; an issue without one is of no use.",
        safe="Nothing was created for this ticket; issues that exist stay.",
        actions=(
            Action.of(ActionKind.RESUME, "Correct the sheet or the text, validate, and run {}."),
            Action.of(ActionKind.SKIP_TICKET, "Or leave the ticket out: {}."),
        ),
        read_more=(_OPERATIONS, "Resume, cancel"),
    )

    def __init__(
        self,
        *,
        session_key: str,
        number: int,
        title: str,
        refusal: str,
        size_bytes: int,
        suspect: str | None,
        field_errors: dict[str, str],
    ) -> None:
        """Keep Jira's words, and name the ticket, its size and the part that may be the reason."""
        part = f" It may be the {suspect}." if suspect else ""
        super().__init__(
            f"Jira refused the description of ticket {number} ({title}), {size_bytes} bytes: "
            f"{refusal}{'' if refusal.endswith('.') else '.'}{part} Nothing was created for it.",
            field_errors=field_errors,
            recovery_actions=self.meaning.actions_on(session_key=session_key, number=number),
        )


class AccessError(UpstreamError):
    """It does not let us in: the credentials are wrong, expired or lack a permission."""

    category = ErrorCategory.ADMIN_REQUIRED
    code = "jira_access"
    meaning = Meaning(
        means="The credentials are wrong or expired, or lack a permission.",
        safe=_NOT_DONE,
        actions=("Renew `JIRA_API_TOKEN`, or grant the permission that the message names.",),
        read_more=(_OPERATIONS, "Point it at a real Jira"),
    )

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        recovery_actions: Sequence[Action | str] = (),
    ) -> None:
        """Keep whether we are unknown (401) or merely not allowed (403)."""
        super().__init__(message, recovery_actions=recovery_actions)
        self.status_code = status_code


class RateLimitedError(UpstreamError):
    """It asked us to wait."""

    category = ErrorCategory.TEMPORARY
    code = "rate_limited"
    meaning = Meaning(
        means="The other system asked us to wait.",
        safe=_NOT_DONE,
        actions=("Nothing; the program waits as long as it was asked to.",),
        read_more=(_OPERATIONS, "Pace and bulk"),
    )

    def __init__(self, system: str, *, wait_seconds: float, reason: str = "") -> None:
        """Keep the wait the server asked for; pacing obeys it before its own back-off."""
        super().__init__(f"{system} asks to wait {wait_seconds:g} s before the next request.")
        self.wait_seconds = wait_seconds
        self.reason = reason


class UnavailableError(UpstreamError):
    """It could not be reached or failed before acting; nothing was done."""

    category = ErrorCategory.TEMPORARY
    code = "jira_unavailable"
    meaning = Meaning(
        means="Jira could not be reached or failed before acting; nothing was done.",
        safe=_NOT_DONE,
        actions=("Start again when the site is back.",),
        read_more=(_OPERATIONS, "Resume, cancel"),
    )


class InDoubtError(UpstreamError):
    """It may or may not have acted: look before sending again."""

    category = ErrorCategory.TEMPORARY
    code = "jira_in_doubt"
    meaning = Meaning(
        means="A request may or may not have acted.",
        safe="Nothing is sent again before it was looked up, so nothing is created twice by it.",
        actions=(
            'Start the export again; it looks before it sends anything, see "Unconfirmed issues" in `docs/operations.md`.',
        ),
        read_more=(_OPERATIONS, "Unconfirmed issues"),
    )


class OutageError(UpstreamError):
    """It no longer reports the outcome of creations; nothing is sent before they are settled."""

    category = ErrorCategory.TEMPORARY
    code = "jira_outage"
    meaning = Meaning(
        means="Jira no longer reports the outcome of creations: three in a row, or one while nothing can be read either.",
        safe="At most three creations are unconfirmed; each is looked up before it is sent again.",
        actions=(
            "Wait until Jira works again; a run of Dagster tries again for a while.",
            Action.of(ActionKind.RESUME, "Then run {}: it looks up what was sent and continues."),
        ),
        read_more=(_OPERATIONS, "Resume, cancel"),
    )

    def __init__(
        self, *, session_key: str, target: str, ticket_numbers: Sequence[int], reason: str
    ) -> None:
        """Name the tickets whose creation has no known outcome, and what was answered last."""
        numbers = ", ".join(str(number) for number in ticket_numbers)
        self._explain(
            f"{target} does not say what became of tickets {numbers} of session {session_key}, "
            f"so nothing more is sent: {reason}",
            session_key=session_key,
        )


class OrphanIssueError(UpstreamError):
    """Lookups cannot decide whether issues exist; a person decides."""

    category = ErrorCategory.USER_FIXABLE
    code = "orphan_issue"
    meaning = Meaning(
        means="Lookups cannot decide whether issues exist; they are not sent again.",
        safe="These tickets are not sent again by themselves; the issues of the others are recorded.",
        actions=(
            Action.of(ActionKind.SHOW_FIXES, "Run {} and look for these issues in Jira."),
            Action.of(ActionKind.SETTLE, "Then run {}."),
        ),
        read_more=(_OPERATIONS, "Unconfirmed issues"),
    )

    def __init__(
        self, *, session_key: str, target: str, ticket_numbers: Sequence[int], waiting_count: int
    ) -> None:
        """Name the tickets in doubt and how many wait for them."""
        numbers = ", ".join(str(number) for number in ticket_numbers)
        waiting = f" {waiting_count} more wait for them." if waiting_count else ""
        self._explain(
            f"Whether {target} has the issues of tickets {numbers} of session {session_key} "
            f"cannot be found out; they are not sent again.{waiting}",
            session_key=session_key,
        )


def meanings() -> Mapping[str, Meaning]:
    """Return what every code means, of all modules that are loaded."""
    found = {one.value: one.meaning for one in (*GateRule, *NotFoundKind)}
    classes = [PipelineError]
    for cls in classes:
        classes.extend(c for c in cls.__subclasses__() if c.__module__.startswith("jira_pipeline."))
        if "code" in vars(cls):
            found[cls.code] = cls.meaning
    return found
