"""What a person does next with a session: decided here and nowhere else.

Belongs here: the rules, and the words that name a step with its command. Does not: gathering what
they ask for (`sessions/status`, `stages/situations`), showing it (`cli`, `stages/pages`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from typing_extensions import override

from jira_pipeline.domain.records import StoredError
from jira_pipeline.domain.same_specification import SameSpecification
from jira_pipeline.domain.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.domain.staleness import SHEETS_CHANGED
from jira_pipeline.errors import (
    GATE_CODES,
    CancelledError,
    GateError,
    GateRule,
    ManifestError,
    OrphanIssueError,
    RetriesExhaustedError,
    RunDiedError,
    SessionLockedError,
    SheetsRefusedError,
)

_BROKEN_OFF = {SessionStatus.CANCELLED, SessionStatus.FAILED}
_SAID_BETTER_NOW = {
    *GATE_CODES,
    CancelledError.code,
    OrphanIssueError.code,
    RetriesExhaustedError.code,
    RunDiedError.code,
    SessionLockedError.code,
}
"""Errors whose advice was of the moment: what is known of the session now says what is next."""
_REFUSED_UPLOADS = {ManifestError.code, SheetsRefusedError.code}


class Step(StrEnum):
    """What a person does next."""

    WAIT = "wait"
    UPLOAD = "upload"
    WRITE = "write"
    RESUME = "resume"
    NOTHING = "nothing"
    """There is nothing to export, and never was."""
    VALIDATE = "validate"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    ANSWER = "answer"
    """New issues, or those of another session of the same specification."""
    REVIEW = "review"
    EXPORT = "export"
    UNDO = "undo"
    SETTLE = "settle"
    FIX = "fix"
    CHANGE = "change"
    """Issues that no longer say what their tickets say."""
    LOOK = "look"
    """Everything is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One step with its words and what to type."""

    step: Step
    words: str
    """A sentence without its full stop."""
    command: str = ""
    """What to type; empty where nothing is."""
    obstacle: str = ""
    """Why an export would be refused before it; empty where it would not be."""

    @override
    def __str__(self) -> str:
        """Say it to people who stand before a terminal."""
        return f"{self.words}: {self.command}" if self.command else f"{self.words}."

    @property
    def action(self) -> str:
        """Say it as the recovery action of an error."""
        return f"{self.words}: `{self.command}`." if self.command else f"{self.words}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that decides what is next in a session."""

    session: UploadSession
    is_validated: bool = True
    """Its tickets were validated at least once."""
    is_stale: bool = False
    """Something else than the sheets changed since then."""
    is_validated_again: bool = False
    """The daemon validates what changed by itself, once nobody edits."""
    failed_count: int = 0
    """Tickets that failed the last validation."""
    ticket_count: int = 0
    """Tickets that are neither skipped nor withdrawn; the next two are of them."""
    ready_count: int = 0
    exported_count: int = 0
    approves_itself: bool = False
    """Tickets need no ready mark: the next run sets it (not behind an undo)."""
    nothing_to_do: str = ""
    """Why there is nothing to export, where there is nothing and never was."""
    error: StoredError | None = None
    """The last error, while the session stands as it left it."""
    is_in_flight: bool = False
    """Dagster says that a run of it is queued or at work."""
    is_export_awaited: bool = False
    """Somebody asked for an export that the daemon has not started, and nothing failed since."""
    is_undo_open: bool = False
    """An undo was interrupted."""
    given_up_count: int = 0
    """Issues that nobody can find out about; a person decides."""
    withdrawals: int = 0
    """Tickets whose rows are gone; nobody agreed, and nobody will but people."""
    same_specification: tuple[SameSpecification, ...] = ()
    """Other sessions that have issues of its tickets, answered or not."""
    open_fixes: int = 0
    jira_changes: int = 0
    """Issues that no longer say what their tickets say."""
    has_retries: bool = True
    """People may resume without force."""

    @property
    def session_key(self) -> str:
        """Key of the session."""
        return self.session.session_key

    @property
    def are_sheets_changed(self) -> bool:
        """Other sheets were uploaded since the tickets were written."""
        session = self.session
        return (
            session.generated_at is not None
            and session.generated_from_sha256 != session.content_sha256
        )

    @property
    def is_broken_off(self) -> bool:
        """The last run did not end well; what is left of it may be carried on with."""
        has_failed = self.error is not None and self.error.code not in GATE_CODES
        status = self.session.status
        return status in _BROKEN_OFF or (status is SessionStatus.WAITING and has_failed)


def next_step(now: Situation) -> NextStep:
    """Say what a person does next."""
    if _is_at_work(now):
        return _wait_for_run(now)
    found = _behind_mending(now, _step_at_rest(now))
    return _beside_request(now, found) if now.is_export_awaited else found


def first_writing(session_key: str) -> NextStep:
    """Name the first writing of the tickets."""
    obstacle = "there are no tickets yet"
    return _typed(session_key, Step.WRITE, "Write the tickets", "regenerate", obstacle=obstacle)


def writing_anew(session_key: str) -> NextStep:
    """Name the writing of the tickets behind other sheets."""
    words = "Write the tickets from the changed sheets"
    return _typed(session_key, Step.WRITE, words, "regenerate", obstacle=SHEETS_CHANGED)


def refuse_without_tickets(session: UploadSession) -> None:
    """Stop what needs tickets where none were ever written.

    Raises:
        GateError: The session has not been generated yet.
    """
    if session.generated_at is None:
        raise GateError(
            f"Session {session.session_key} has no tickets yet.",
            rule=GateRule.NO_TICKETS,
            recovery_actions=(first_writing(session.session_key).action,),
        )


def _is_at_work(now: Situation) -> bool:
    """Tell whether a run is; an export that waits for Jira has stored no error yet."""
    session = now.session
    is_waiting = (session.stage, session.status) == (
        SessionStage.JIRA_EXPORT,
        SessionStatus.WAITING,
    )
    return (
        session.status is SessionStatus.RUNNING
        or now.is_in_flight
        or (is_waiting and now.error is None)
    )


def _wait_for_run(now: Situation) -> NextStep:
    session = now.session
    who = f"run {session.run_id}" if session.run_id else "the command that is running"
    words = f"Wait for {who}, or start it again if it was killed"
    return _typed(session.session_key, Step.WAIT, words, "status", options=" --watch")


def _step_at_rest(now: Situation) -> NextStep:
    found = (rule(now) for rule in _RULES)
    return next(step for step in found if step is not None)


def _behind_mending(now: Situation, found: NextStep) -> NextStep:
    """Put what has to be mended first before a step, as the last error said it."""
    error = now.error
    if error is None or error.code in _SAID_BETTER_NOW or not error.recovery_actions:
        return found
    first = error.recovery_actions[0]
    if error.code in _REFUSED_UPLOADS:
        words = f"{first} Then upload them again"
        command = f"jira-pipeline upload FOLDER --session {now.session_key}"
        return NextStep(step=Step.UPLOAD, words=words, command=command)
    if f"`{found.command}`" in first:
        return found
    return replace(found, words=f"{first} Then {found.words[:1].lower()}{found.words[1:]}")


def _beside_request(now: Situation, found: NextStep) -> NextStep:
    """Say what becomes of an export that waits for the daemon."""
    if found.obstacle:
        waits = f"The export that was asked for waits and will be refused: {found.obstacle}."
        return replace(found, words=f"{waits} {found.words}")
    words = "Wait: the daemon starts the export that was asked for (`jira-pipeline dev` runs it)"
    return _typed(now.session_key, Step.WAIT, words, "status", options=" --watch")


def _finish_undo(now: Situation) -> NextStep | None:
    if not now.is_undo_open:
        return None
    obstacle = "an undo was interrupted"
    return _typed(now.session_key, Step.UNDO, "Finish the undo", "undo", obstacle=obstacle)


def _settle(now: Situation) -> NextStep | None:
    if not now.given_up_count:
        return None
    issues = "an issue" if now.given_up_count == 1 else f"{now.given_up_count} issues"
    words = (
        f"Look in Jira for {issues} that cannot be found out about "
        f"(`jira-pipeline fixes {now.session_key}` says how), then settle"
    )
    return _typed(now.session_key, Step.SETTLE, words, "settle")


def _carry_on_writing(now: Situation) -> NextStep | None:
    is_writing = now.session.stage is SessionStage.PROCESSING
    has_died = now.error is not None and now.error.code == RunDiedError.code
    is_read = now.session.stage is SessionStage.UPLOAD and has_died
    return _resume(now) if (is_writing or is_read) and now.is_broken_off else None


def _write(now: Situation) -> NextStep | None:
    if now.session.generated_at is None:
        return first_writing(now.session_key)
    return writing_anew(now.session_key) if now.are_sheets_changed else None


def _leave(now: Situation) -> NextStep | None:
    if not now.nothing_to_do or now.withdrawals:
        return None
    return NextStep(step=Step.NOTHING, words=now.nothing_to_do.removesuffix("."))


def _validate(now: Situation) -> NextStep | None:
    if now.is_validated and not now.is_stale:
        return None
    obstacle = "tickets changed since they were validated"
    if not now.is_validated:
        obstacle = "the tickets were never validated"
    elif now.is_validated_again:
        words = "Wait: the daemon validates the tickets once nobody edits them"
        options = " --watch"
        return _typed(
            now.session_key, Step.WAIT, words, "status", options=options, obstacle=obstacle
        )
    return _typed(
        now.session_key, Step.VALIDATE, "Validate the tickets", "validate", obstacle=obstacle
    )


def _correct(now: Situation) -> NextStep | None:
    if not now.failed_count:
        return None
    tickets = "ticket" if now.failed_count == 1 else f"{now.failed_count} tickets"
    words = f"Correct the {tickets} that failed (`jira-pipeline tickets edit`), then validate again"
    obstacle = "tickets failed their validation"
    return _typed(now.session_key, Step.CORRECT, words, "validate", obstacle=obstacle)


def _withdraw(now: Situation) -> NextStep | None:
    if not now.withdrawals:
        return None
    told = "1 ticket is" if now.withdrawals == 1 else f"{now.withdrawals} tickets are"
    obstacle = f"{told} no longer in the sheets, and nobody agreed to that"
    words = "Put back the rows that are gone, or agree"
    return _typed(
        now.session_key,
        Step.WITHDRAW,
        words,
        "tickets withdraw",
        options=" --all",
        obstacle=obstacle,
    )


def _answer(now: Situation) -> NextStep | None:
    asked = next((same for same in now.same_specification if not same.is_answered), None)
    if asked is None:
        return None
    words = f"Decide on new issues: {asked.said}; the plan says how"
    obstacle = f"{asked.said}, and nobody said that these are to be new"
    return _typed(
        now.session_key, Step.ANSWER, words, "export", options=" --plan", obstacle=obstacle
    )


def _review(now: Situation) -> NextStep | None:
    left = now.ticket_count - now.ready_count
    if left <= 0 or now.approves_itself:
        return None
    obstacle = f"{left} {'ticket waits' if left == 1 else 'tickets wait'} for review"
    words = "Review, then mark ready"
    return _typed(
        now.session_key, Step.REVIEW, words, "tickets ready", options=" --all", obstacle=obstacle
    )


def _carry_on_export(now: Situation) -> NextStep | None:
    is_exporting = now.session.stage is SessionStage.JIRA_EXPORT
    return _resume(now) if is_exporting and now.is_broken_off else None


def _export(now: Situation) -> NextStep | None:
    is_completed = now.session.stage is SessionStage.COMPLETED and not now.is_broken_off
    if is_completed and now.exported_count >= now.ticket_count:
        return None
    if not now.has_retries and 0 < now.exported_count < now.ticket_count:
        return _resume(now)
    is_unmarked = now.approves_itself and now.ready_count < now.ticket_count
    words = "Export; the session approves itself, so valid tickets need no mark"
    return _typed(now.session_key, Step.EXPORT, words if is_unmarked else "Export", "export")


def _fix(now: Situation) -> NextStep | None:
    if not now.open_fixes:
        return None
    fixes = "manual fix" if now.open_fixes == 1 else f"{now.open_fixes} manual fixes"
    words = f"Do the {fixes} in Jira, each marked with --done ID"
    return _typed(now.session_key, Step.FIX, words, "fixes")


def _change(now: Situation) -> NextStep | None:
    if not now.jira_changes:
        return None
    issues = "1 issue" if now.jira_changes == 1 else f"{now.jira_changes} issues"
    words = f"Look at what was created, and at {issues} to be changed in Jira by hand"
    return _typed(now.session_key, Step.CHANGE, words, "results")


def _look(now: Situation) -> NextStep:
    return _typed(now.session_key, Step.LOOK, "Look at what was created", "results")


def _resume(now: Situation) -> NextStep:
    if now.has_retries:
        return _typed(now.session_key, Step.RESUME, "Carry on", "resume")
    key = now.session_key
    words = f"Mend what keeps failing (`jira-pipeline errors {key}`), then carry on"
    return _typed(now.session_key, Step.RESUME, words, "resume", options=" --force")


def _typed(
    session_key: str,
    step: Step,
    words: str,
    command: str,
    *,
    options: str = "",
    obstacle: str = "",
) -> NextStep:
    typed = f"jira-pipeline {command} {session_key}{options}"
    return NextStep(step=step, words=words, command=typed, obstacle=obstacle)


_RULES: tuple[Callable[[Situation], NextStep | None], ...] = (
    _finish_undo,
    _settle,
    _carry_on_writing,
    _write,
    _leave,
    _validate,
    _correct,
    _withdraw,
    _answer,
    _review,
    _carry_on_export,
    _export,
    _fix,
    _change,
    _look,
)
"""The first that applies counts; the last always does."""
