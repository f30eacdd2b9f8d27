"""What a person does next with a session: decided here and nowhere else.

Belongs here: the rules, and the sentence of each step. Does not: gathering what the rules ask for
(`sessions/status`, `stages/situations`), the commands (`sessions/commands`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from jira_pipeline.actions import Action, ActionKind, Argument, advice
from jira_pipeline.domain.entities import SourceWord
from jira_pipeline.domain.issue_differences import IssueDifference, words_for
from jira_pipeline.domain.records import StoredError
from jira_pipeline.domain.same_specification import SameSpecification
from jira_pipeline.domain.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.domain.target_shares import NewTarget
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
_NOT_BEGUN_OR_SENT = {SessionStage.UPLOAD, SessionStage.JIRA_EXPORT}
_SUPERSEDED = {
    *GATE_CODES,
    CancelledError.code,
    OrphanIssueError.code,
    RetriesExhaustedError.code,
    RunDiedError.code,
    SessionLockedError.code,
}
"""Errors whose advice held at that moment only: the state of the session now decides."""
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
    """New issues, or those that another session, another target or a copied site has."""
    REVIEW = "review"
    EXPORT = "export"
    UNDO = "undo"
    SETTLE = "settle"
    DECIDE = "decide"
    """Issues that are gone in Jira, or there twice."""
    FIX = "fix"
    CHANGE = "change"
    """Issues that no longer say what their tickets say."""
    LOOK = "look"
    """Everything is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One step, its words and what does it."""

    step: Step
    words: str
    """A sentence without its full stop."""
    kind: ActionKind = ActionKind.ADVICE
    """What does it; advice where nothing but the words says it."""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    also: tuple[Action, ...] = ()
    """Further actions, which the words name as `{1}`, `{2}` …"""
    obstacle: str = ""
    """Why an export would be refused before it; empty where it would not be."""

    @property
    def action(self) -> Action:
        """The step as a recovery action of an error."""
        if self.kind is ActionKind.ADVICE:
            return advice(f"{self.words}.")
        sentence = f"{self.words}: {{}}."
        return Action(kind=self.kind, sentence=sentence, arguments=self.arguments, also=self.also)


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
    """Tickets need no ready mark: the next run sets it (not after an undo)."""
    nothing_to_do: str = ""
    """Why there is nothing to export, where there is nothing and never was."""
    error: StoredError | None = None
    """The last error, while the session is as it left it."""
    is_in_flight: bool = False
    """Dagster says that a run of it is queued or at work."""
    is_export_awaited: bool = False
    """Somebody asked for an export that the daemon has not started, and nothing failed since."""
    is_undo_open: bool = False
    """An undo was interrupted."""
    given_up_count: int = 0
    """Issues that nobody can find out about; a person decides."""
    to_decide: tuple[IssueDifference, ...] = ()
    """Issues that are gone in Jira, or there twice, as of the last comparison."""
    withdrawals: int = 0
    """Tickets whose rows are gone; nobody agreed, and nobody will but people."""
    same_specification: tuple[SameSpecification, ...] = ()
    """Other sessions that have issues of its tickets, answered or not."""
    new_target: NewTarget | None = None
    """What it would begin where it was never exported, if nobody answered that yet."""
    open_questions: int = 0
    """Questions of its tickets that nobody answered; they stop nothing."""
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
    def source_word(self) -> SourceWord:
        """What sentences call its files."""
        return self.session.source_word

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
    session = now.session
    is_waiting = session.status is SessionStatus.WAITING and session.stage in _NOT_BEGUN_OR_SENT
    is_at_work = (
        session.status is SessionStatus.RUNNING
        or now.is_in_flight
        or (is_waiting and now.error is None)  # for Jira, or to be started; no error is stored yet
    )
    if is_at_work:
        who = f"run {session.run_id}" if session.run_id else "the command that is running"
        return _watch(now, f"Wait for {who}, or start it again if it was killed")

    found = _with_fix_first(now, _step_at_rest(now))
    if not now.is_export_awaited:
        return found
    if found.obstacle:
        waits = f"The requested export waits and will be refused: {found.obstacle}."
        return replace(found, words=f"{waits} {found.words}")
    daemon = Action.of(ActionKind.RUN_DAEMON, "{}")
    return replace(
        _watch(now, "Wait: the daemon starts the requested export ({1} runs it)"),
        also=(daemon,),
    )


def first_writing(session_key: str) -> NextStep:
    """Name the first writing of the tickets."""
    return NextStep(
        step=Step.WRITE,
        words="Write the tickets",
        kind=ActionKind.REGENERATE,
        arguments={"session_key": session_key},
        obstacle="there are no tickets yet",
    )


def writing_again(session_key: str, *, source_word: SourceWord = SourceWord.SHEETS) -> NextStep:
    """Name the writing of the tickets after other sheets were uploaded."""
    return replace(
        first_writing(session_key),
        words=f"Write the tickets from the changed {source_word}",
        obstacle=f"the {source_word} changed after the tickets were generated",
    )


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


def _step_at_rest(now: Situation) -> NextStep:  # noqa: C901, PLR0911, PLR0912 - one rule after the other
    """Return the step of the first rule that applies to a session that nothing is at work on."""
    session = now.session
    on_session: Mapping[str, Argument] = {"session_key": now.session_key}

    if now.is_undo_open:
        return NextStep(
            step=Step.UNDO,
            words="Finish the undo",
            kind=ActionKind.UNDO,
            arguments=on_session,
            obstacle="an undo was interrupted",
        )

    if now.to_decide:
        return NextStep(
            step=Step.DECIDE,
            words=f"Decide about {words_for(now.to_decide)}",
            kind=ActionKind.SETTLE,
            arguments=on_session,
        )

    if now.given_up_count:
        issues = "an issue" if now.given_up_count == 1 else f"{now.given_up_count} issues"
        return NextStep(
            step=Step.SETTLE,
            words=f"Look in Jira for {issues} that may or may not exist ({{1}} says how), "
            "then have Jira asked again",
            kind=ActionKind.SETTLE,
            arguments=on_session,
            also=(Action(kind=ActionKind.SHOW_FIXES, sentence="{}", arguments=on_session),),
        )

    is_writing = session.stage is SessionStage.PROCESSING
    has_died = now.error is not None and now.error.code == RunDiedError.code
    is_read = session.stage is SessionStage.UPLOAD and has_died
    if (is_writing or is_read) and now.is_broken_off:
        return _resume(now)

    if session.generated_at is None:
        return first_writing(now.session_key)
    if now.are_sheets_changed:
        return writing_again(now.session_key, source_word=now.source_word)

    if now.nothing_to_do and not now.withdrawals:
        return NextStep(step=Step.NOTHING, words=now.nothing_to_do.removesuffix("."))

    left = now.ticket_count - now.ready_count
    is_marked_next = now.is_validated and left > 0 and not now.approves_itself
    is_to_validate = now.is_stale and not is_marked_next  # marking validates what changed
    if is_to_validate and now.is_validated and now.is_validated_again:
        wait = _watch(now, "Wait: the daemon validates the tickets once nobody edits them")
        return replace(wait, obstacle="tickets changed since they were validated")
    if is_to_validate or not now.is_validated:
        is_stale = "tickets changed since they were validated"
        return NextStep(
            step=Step.VALIDATE,
            words="Validate the tickets",
            kind=ActionKind.VALIDATE,
            arguments=on_session,
            obstacle=is_stale if now.is_validated else "the tickets were never validated",
        )

    if now.failed_count and not now.is_stale:
        tickets = "ticket" if now.failed_count == 1 else f"{now.failed_count} tickets"
        return NextStep(
            step=Step.CORRECT,
            words=f"Correct the {tickets} that failed ({{1}}), then validate again",
            kind=ActionKind.VALIDATE,
            arguments=on_session,
            also=(Action(kind=ActionKind.EDIT_TICKET, sentence="{}", arguments=on_session),),
            obstacle="tickets failed their validation",
        )

    if now.withdrawals:
        gone = "1 ticket is" if now.withdrawals == 1 else f"{now.withdrawals} tickets are"
        return NextStep(
            step=Step.WITHDRAW,
            words=f"Put back the {now.source_word.parts} that are gone, or agree",
            kind=ActionKind.WITHDRAW,
            arguments={**on_session, "all": True},
            obstacle=f"{gone} no longer in the {now.source_word}, and nobody agreed to that",
        )

    asked = next((same for same in now.same_specification if not same.is_answered), None)
    if asked is not None:
        return NextStep(
            step=Step.ANSWER,
            words=f"Decide on new issues: {asked.summary}; the plan says how",
            kind=ActionKind.EXPORT,
            arguments={**on_session, "plan": True},
            obstacle=f"{asked.summary}, and nobody confirmed that these are to be new",
        )

    questions, answering = _open_questions(now)
    if left > 0 and not now.approves_itself:
        return NextStep(
            step=Step.REVIEW,
            words=f"Review{questions}, then mark ready",
            kind=ActionKind.MARK_READY,
            arguments={**on_session, "all": True},
            also=answering,
            obstacle=f"{left} {'ticket waits' if left == 1 else 'tickets wait'} for review",
        )

    if now.error is not None and now.error.code == GateRule.COPIED_ISSUES:
        return NextStep(
            step=Step.ANSWER,
            words="Decide about the issues of it that are there already as copies, then export",
            kind=ActionKind.EXPORT,
            arguments=on_session,
            obstacle="issues of it are there already, as copies",
        )
    if now.new_target is not None:
        return NextStep(
            step=Step.ANSWER,
            words=f"Export to {now.new_target.name} too, where it never was",
            kind=ActionKind.EXPORT,
            arguments=on_session,
            obstacle=now.new_target.summary,
        )

    if session.stage is SessionStage.JIRA_EXPORT and now.is_broken_off:
        return _resume(now)
    is_completed = session.stage is SessionStage.COMPLETED and not now.is_broken_off
    if not is_completed or now.exported_count < now.ticket_count:
        if not now.has_retries and 0 < now.exported_count < now.ticket_count:
            return _resume(now)
        is_unmarked = now.approves_itself and now.ready_count < now.ticket_count
        words = "Export; valid tickets are approved automatically" if is_unmarked else "Export"
        is_review = session.stage is SessionStage.REVIEW
        if is_review and 0 < now.ticket_count <= now.exported_count:
            words = "Export again, which only adds links and files that are missing"
        return NextStep(
            step=Step.EXPORT,
            words=words if now.exported_count else f"{words}{questions}",
            kind=ActionKind.EXPORT,
            arguments=on_session,
            also=() if now.exported_count else answering,
        )

    if now.open_fixes:
        fixes = "manual fix" if now.open_fixes == 1 else f"{now.open_fixes} manual fixes"
        return NextStep(
            step=Step.FIX,
            words=f"Do the {fixes} in Jira, each marked with {{1}}",
            kind=ActionKind.SHOW_FIXES,
            arguments=on_session,
            also=(Action.of(ActionKind.SHOW_FIXES, "{}", session_key=now.session_key, done="ID"),),
        )

    words, step = "Look at what was created", Step.LOOK
    if now.jira_changes:
        issues = "1 issue" if now.jira_changes == 1 else f"{now.jira_changes} issues"
        words, step = f"{words}, and at {issues} to be changed in Jira by hand", Step.CHANGE
    return NextStep(step=step, words=words, kind=ActionKind.SHOW_RESULTS, arguments=on_session)


def _open_questions(now: Situation) -> tuple[str, tuple[Action, ...]]:
    """Name what nobody answered yet, beside a step: it stops nothing."""
    if not now.open_questions:
        return "", ()
    are = "1 question is" if now.open_questions == 1 else f"{now.open_questions} questions are"
    answering = Action.of(ActionKind.SHOW_QUESTIONS, "{}", session_key=now.session_key, open=True)
    return f" ({are} open: {{1}})", (answering,)


def _with_fix_first(now: Situation, found: NextStep) -> NextStep:
    """Name what the last error asks people to fix before the step."""
    error = now.error
    if error is None or error.code in _SUPERSEDED or not error.recovery_actions:
        return found
    first = error.recovery_actions[0]
    if error.code in _REFUSED_UPLOADS:
        found = NextStep(
            step=Step.UPLOAD,
            words="Upload them again",
            kind=ActionKind.UPLOAD,
            arguments={"session": now.session_key},
        )
    elif first.does(found.action):
        return found
    fix = first.named_from(len(found.also) + 1)
    return replace(
        found,
        words=f"{fix.sentence} Then {found.words[:1].lower()}{found.words[1:]}",
        also=(*found.also, first, *first.also),
    )


def _watch(now: Situation, words: str) -> NextStep:
    return NextStep(
        step=Step.WAIT,
        words=words,
        kind=ActionKind.SHOW_STATUS,
        arguments={"session_key": now.session_key, "watch": True},
    )


def _resume(now: Situation) -> NextStep:
    on_session: Mapping[str, Argument] = {"session_key": now.session_key}
    if now.has_retries:
        return NextStep(
            step=Step.RESUME, words="Carry on", kind=ActionKind.RESUME, arguments=on_session
        )
    return NextStep(
        step=Step.RESUME,
        words="Fix what keeps failing ({1}), then carry on",
        kind=ActionKind.RESUME,
        arguments={**on_session, "force": True},
        also=(Action(kind=ActionKind.SHOW_ERRORS, sentence="{}", arguments=on_session),),
    )
