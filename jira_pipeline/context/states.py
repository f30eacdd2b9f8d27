"""What comes next in a session: one step, decided from the facts of a situation.

Belongs here: the situation, the rules in the order in which they count, the sentence of each step.
Does not: gathering the facts (`sessions/status`), commands (`model/actions`), which sessions wait for
somebody (`session_needs`), whether a validation still counts (`freshness`), which status a run leaves
(`run_statuses`), what is done for sessions by themselves (`upkeep`), refusing an export
(`export/gate`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from jira_pipeline.context.freshness import source_changed, stale_reasons
from jira_pipeline.model.actions import Action, ActionKind, Argument, advice
from jira_pipeline.model.differences import IssueDifference, differences_text
from jira_pipeline.model.errors import (
    GATE_CODES,
    CancelledError,
    GateError,
    GateRule,
    LayoutNeededError,
    ManifestError,
    OrphanIssueError,
    RetriesExhaustedError,
    RunDiedError,
    SessionLockedError,
    SheetsRefusedError,
    WritingCancelledError,
)
from jira_pipeline.model.open_questions import NO_QUESTIONS, QuestionsLeft
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.runs import RunRequest
from jira_pipeline.model.same_specifications import SameSpecification
from jira_pipeline.model.sessions import SessionStage, SessionStatus, UploadSession
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.target_shares import NewTarget
from jira_pipeline.model.ticket_validations import CheckedContents
from jira_pipeline.model.work_records import Work

BROKEN_OFF = {SessionStatus.CANCELLED, SessionStatus.FAILED}
_NOT_BEGUN_OR_SENT = {SessionStage.UPLOAD, SessionStage.JIRA_EXPORT}
_SUPERSEDED = {
    *GATE_CODES,
    CancelledError.code,
    WritingCancelledError.code,
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
    LAYOUT = "layout"
    """Somebody says what the worksheets of an upload hold."""
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
    """What a person does next in a session."""

    step: Step
    action: Action
    """The action that does it, or advice where no command does."""
    obstacle: str = ""
    """Why an export is refused until the step is done; empty where it is not."""
    beside: Action | None = None
    """What else is open once all is done; nothing waits for it."""

    def on(self, session_key: str) -> "NextStep":
        beside = self.beside and self.beside.on(session_key=session_key)
        return replace(self, action=self.action.on(session_key=session_key), beside=beside)


def _step(
    step: Step,
    words: str,
    kind: ActionKind = ActionKind.ADVICE,
    *,
    also: Sequence[Action] = (),
    obstacle: str = "",
    beside: Action | None = None,
    **arguments: Argument,
) -> NextStep:
    """Return a step whose sentence is `words`, with its command at the end, and a full stop.

    `also` are further actions, which `words` names as `{1}`, `{2}` …; `arguments` those of the action.
    """
    sentence = f"{words}." if kind is ActionKind.ADVICE else f"{words}: {{}}."
    action = Action.of(kind, sentence, also=also, **arguments)
    return NextStep(step=step, action=action, obstacle=obstacle, beside=beside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that decides what is next in a session."""

    session: UploadSession
    is_validated: bool = True
    """Its tickets were validated at least once."""
    is_stale: bool = False
    """Tickets changed since they were validated; newer sheets are a step of their own."""
    is_validated_again: bool = False
    """The daemon validates what changed by itself, once nobody edits."""
    failed_count: int = 0
    """Tickets that failed the last validation."""
    ticket_count: int = 0
    """Tickets that are neither skipped nor withdrawn; the next two are of them."""
    ready_count: int = 0
    exported_count: int = 0
    is_incomplete: bool = False
    """It is back in the review, and links or files are missing on its issues."""
    approves_itself: bool = False
    """Tickets need no ready mark: the next run sets it (not after an undo)."""
    left_to_people_count: int = 0
    """Of a session that approves itself, the tickets that nevertheless wait for people."""
    nothing_to_do: str = ""
    """Why there is nothing to export, where there is nothing and never was."""
    error: StoredError | None = None
    """The last error, while the session is as it left it."""
    is_in_flight: bool = False
    """Dagster says that a run of it is queued or at work."""
    is_holder_unknown: bool = False
    """It shows a run at work, and no lock tells whether that lives."""
    is_carried_on: bool = False
    """Its run died a moment ago, and a daemon is there that starts such runs again."""
    is_export_awaited: bool = False
    """Somebody asked for an export that the daemon has not started, and nothing failed since."""
    is_undo_open: bool = False
    """An undo was interrupted."""
    given_up_count: int = 0
    """Issues that were left to a person, because nobody can know whether they exist."""
    to_decide: tuple[IssueDifference, ...] = ()
    """Issues that are gone in Jira, or there twice, as of the last comparison."""
    withdrawals: int = 0
    """Tickets whose rows are gone, where only a person can agree to withdraw them."""
    same_specification: tuple[SameSpecification, ...] = ()
    """Other sessions that have issues of its tickets, answered or not."""
    new_target: NewTarget | None = None
    """The target it was never exported to, where nobody confirmed yet that it goes there."""
    questions: QuestionsLeft = NO_QUESTIONS
    """Questions of its tickets that nobody answered; they stop nothing."""
    changed_count: int = 0
    """Tickets that changed since somebody approved them."""
    unknown_count: int = 0
    """Tickets that name an assignee or sprint that Jira does not know."""
    finding_count: int = 0
    """Findings in its files, counted once all its tickets are exported; they stop nothing."""
    open_fixes: int = 0
    jira_changes: int = 0
    """Issues that no longer say what their tickets say."""
    jira_updates: int = 0
    """How many of these issues an update may bring up to date."""
    has_retries: bool = True
    """People may resume without force."""

    @property
    def is_at_work(self) -> bool:
        """A run is at work or queued, or what was begun waits for Jira or to be started."""
        status = self.session.status
        is_begun = self.session.stage in _NOT_BEGUN_OR_SENT and self.session.has_sheets
        is_waiting = status is SessionStatus.WAITING and is_begun
        return (
            status is SessionStatus.RUNNING
            or self.is_in_flight
            or (is_waiting and self.error is None)  # no error is stored yet
        )

    @property
    def is_broken_off(self) -> bool:
        """The last run did not end well; what is left of it may be carried on with."""
        has_failed = self.error is not None and self.error.code not in GATE_CODES
        status = self.session.status
        return status in BROKEN_OFF or (status is SessionStatus.WAITING and has_failed)

    @property
    def is_writing_broken_off(self) -> bool:
        """The last run wrote the tickets, or died while it read the sheets."""
        stage = self.session.stage
        has_died = self.error is not None and self.error.code == RunDiedError.code
        is_read = stage is SessionStage.UPLOAD and has_died
        return self.is_broken_off and (stage is SessionStage.PROCESSING or is_read)

    @property
    def is_export_broken_off(self) -> bool:
        """The last run exported, or it may not be tried again with a part of the issues there."""
        is_exporting = self.session.stage is SessionStage.JIRA_EXPORT
        is_given_up = not self.has_retries and 0 < self.exported_count < self.ticket_count
        return is_given_up or (is_exporting and self.is_broken_off)

    @property
    def is_exported(self) -> bool:
        """Its export ended well, and all its tickets are in it."""
        is_back = self.session.stage is SessionStage.REVIEW and bool(self.exported_count)
        is_completed = self.session.stage is SessionStage.COMPLETED or is_back
        is_all_there = self.exported_count >= self.ticket_count and not self.is_incomplete
        return is_completed and not self.is_broken_off and is_all_there

    @property
    def unreviewed_count(self) -> int:
        """Tickets that wait for people to mark them ready."""
        if self.approves_itself:
            return self.left_to_people_count
        return self.ticket_count - self.ready_count

    @property
    def unanswered_session(self) -> str:
        """Which other session has issues of its tickets, where nobody answered that."""
        for same in self.same_specification:
            if not same.is_answered:
                return same.summary
        return ""


def next_step(situation: Situation) -> NextStep:
    """Return what a person does next in a session.

    A run at work is waited for, whatever else is open. An export that somebody asked for is waited
    for as well, unless the step is one without which it would be refused.
    """
    key = situation.session.session_key
    run_id = situation.session.run_id
    if situation.is_at_work:
        who = f"run {run_id}" if run_id else "the command that is running"
        if not situation.is_holder_unknown:
            return _watch(f"Wait for {who}, or restart it if it was killed").on(key)
        return _watch(
            f"No lock shows that {who} is alive. If its machine is gone, {{1}} resumes it without "
            "sending anything twice. Otherwise, watch it",
            Action.of(ActionKind.RESUME, "{}", force=True),
        ).on(key)

    if situation.is_carried_on:
        return _watch(
            "The run died. Unless it ran in a terminal, the daemon restarts it within a minute; "
            "{1} resumes it right away. Watch it",
            Action.of(ActionKind.RESUME, "{}"),
        ).on(key)

    step = _with_fix_first(situation, _first_step(situation).on(key))
    if not situation.is_export_awaited:
        return step
    if step.obstacle:
        waits = f"The requested export is waiting and will be refused: {step.obstacle}."
        action = replace(step.action, sentence=f"{waits} {step.action.sentence}")
        return replace(step, action=action)
    return _watch(
        "The daemon will start the requested export ({1} runs the daemon)",
        Action.of(ActionKind.RUN_DAEMON, "{}"),
    ).on(key)


def first_writing(session_key: str) -> NextStep:
    """Return the step of writing the tickets for the first time."""
    return _step(
        Step.WRITE,
        "Write the tickets",
        ActionKind.REGENERATE,
        session_key=session_key,
        obstacle="there are no tickets yet",
    )


def confirming_layout(session: UploadSession) -> NextStep:
    """Return the step of confirming the layout of an upload, without which it is not read."""
    words = "Say what the worksheets hold, and confirm it; until then no ticket is written"
    if session.has_sheets:
        words = (
            "Say what the worksheets of the newer upload hold, and confirm it; until then the "
            f"{session.source_word} of before are used"
        )
    return _step(
        Step.LAYOUT,
        words,
        ActionKind.SHOW_LAYOUT,
        session_key=session.session_key,
        obstacle="" if session.has_sheets else "its sheets need a layout",
    )


def writing_again(session_key: str, *, source_word: SourceWord = SourceWord.SHEETS) -> NextStep:
    """Return the step of writing the tickets again after other sheets were uploaded."""
    return _step(
        Step.WRITE,
        f"Write the tickets from the changed {source_word}",
        ActionKind.REGENERATE,
        session_key=session_key,
        obstacle=source_changed(source_word),
    )


def refuse_without_tickets(session: UploadSession) -> None:
    """Raise LayoutNeededError or GateError where no tickets of the session were ever written."""
    if not session.has_sheets:
        raise LayoutNeededError(session_key=session.session_key)
    if session.generated_at is None:
        raise GateError(
            f"Session {session.session_key} has no tickets yet.",
            rule=GateRule.NO_TICKETS,
            recovery_actions=(first_writing(session.session_key).action,),
        )


def _with_fix_first(situation: Situation, step: NextStep) -> NextStep:
    """Return a step whose sentence begins with what the last error asks people to fix.

    After a refused upload the step is another upload, whatever else was next.
    """
    error = situation.error
    if error is None or error.code in _SUPERSEDED or not error.recovery_actions:
        return step
    fix = error.recovery_actions[0]
    step_after_fix = step
    if error.code in _REFUSED_UPLOADS:
        key = situation.session.session_key
        step_after_fix = _step(Step.UPLOAD, "Upload them again", ActionKind.UPLOAD, session=key)
    elif fix.does(step.action):
        return step
    action = step_after_fix.action
    # The actions of the fix are named after those of the step, so their numbers go on from these.
    fix_sentence = fix.named_from(len(action.also) + 1).sentence
    sentence = f"{fix_sentence} Then {action.sentence[:1].lower()}{action.sentence[1:]}"
    action_after_fix = replace(action, sentence=sentence, also=(*action.also, fix, *fix.also))
    return replace(step_after_fix, action=action_after_fix)


def _watch(words: str, *also: Action, obstacle: str = "") -> NextStep:
    return _step(Step.WAIT, words, ActionKind.SHOW_STATUS, watch=True, also=also, obstacle=obstacle)


def _resume(situation: Situation) -> NextStep:
    """Return the step of resuming; with force where a run failed too often to be retried."""
    step = _step(Step.RESUME, "Resume", ActionKind.RESUME)
    if not situation.has_retries:
        step = _step(
            Step.RESUME,
            "Fix what keeps failing ({1}), then resume",
            ActionKind.RESUME,
            force=True,
            also=(Action.of(ActionKind.SHOW_ERRORS, "{}"),),
        )
    if not situation.is_writing_broken_off:
        return step
    # What is resumed is an export, unless it is said.
    arguments = {**step.action.arguments, "work": Work.WRITING.value}
    return replace(step, action=replace(step.action, arguments=arguments))


def _validate(situation: Situation) -> NextStep:
    """Return the step of validating, or of waiting for the daemon where that does it."""
    changed = "tickets have changed since they were validated"
    if situation.is_validated and situation.is_validated_again:
        return _watch(
            "The daemon validates the tickets when no one is editing them", obstacle=changed
        )
    return _step(
        Step.VALIDATE,
        "Validate the tickets",
        ActionKind.VALIDATE,
        obstacle=changed if situation.is_validated else "the tickets have never been validated",
    )


def _review(situation: Situation) -> NextStep:
    """Return the step of reviewing, with how many tickets changed since they were approved."""
    count = situation.unreviewed_count
    which = count_text(count - situation.changed_count, "1 ticket", "tickets")
    if situation.changed_count:
        approved = count_text(situation.changed_count, "1 approved ticket", "approved tickets")
        rest = f" and {which}" if count > situation.changed_count else ""
        which = f"{approved} that changed{rest}"
    notes = [situation.questions.asked] if situation.questions.asked else []
    if situation.unknown_count:
        notes.append(f"{situation.unknown_count} with an assignee or sprint not known to Jira")
    if notes:
        which = f"{which} ({', '.join(notes)})"
    return _step(
        Step.REVIEW,
        f"Review {which} in the browser ({{1}}), or approve all of them unread",
        ActionKind.MARK_READY,
        all=True,
        also=(Action.of(ActionKind.REVIEW, "{}"),),
        obstacle=f"{count} {'ticket is' if count == 1 else 'tickets are'} waiting for review",
    )


def _export(situation: Situation) -> NextStep:
    """Return the step of exporting, with what it adds, approves and updates."""
    words = "Export"
    if situation.is_incomplete:
        if situation.jira_changes:  # an export alone changes no issue
            return _change(situation)
        words = "Export again to add missing links and files"
    elif situation.approves_itself and situation.ready_count < situation.ticket_count:
        words = "Export; valid tickets are approved automatically"
    questions, also = ("", ()) if situation.exported_count else _open_questions(situation)
    words = f"{words}{questions}"
    if situation.jira_updates:
        words = f"{words}; {{1}} also updates {_changed_issues(situation)}"
        also = (Action.of(ActionKind.EXPORT, "{}", update=True),)
    return _step(Step.EXPORT, words, ActionKind.EXPORT, also=also)


def _changed_issues(situation: Situation) -> str:
    which = count_text(situation.jira_updates, "1 issue whose ticket", "issues whose tickets")
    return f"{which} changed; what people wrote in them stays"


def _change(situation: Situation) -> NextStep:
    """Return the step of updating changed issues, or of looking at those that updates leave alone."""
    if situation.jira_updates:
        return _step(
            Step.CHANGE,
            f"Update {_changed_issues(situation)} ({{1}} shows them)",
            ActionKind.EXPORT,
            update=True,
            also=(Action.of(ActionKind.SHOW_RESULTS, "{}"),),
        )
    issues = count_text(situation.jira_changes, "1 issue", "issues")
    return _step(
        Step.CHANGE,
        f"Look at what was created, and at {issues} that updates leave alone",
        ActionKind.SHOW_RESULTS,
    )


def _open_questions(situation: Situation) -> tuple[str, tuple[Action, ...]]:
    """Return words to add to a step's sentence, and their action, about open questions; else empty."""
    if not situation.questions.count:
        return "", ()
    return f"; still open: {situation.questions.asked} ({{1}})", (
        Action.of(ActionKind.SHOW_QUESTIONS, "{}", open=True),
    )


def _open_beside(situation: Situation) -> Action | None:
    """Return what names open findings and questions once everything is exported; None: none are open."""
    has = f"the report has {count_text(situation.finding_count, '1 finding', 'findings')}"
    if not situation.questions.count:
        return advice(f"{has}.") if situation.finding_count else None
    still = f"still open: {situation.questions.asked}: {{}}"
    sentence = f"{has}; {still}" if situation.finding_count else still
    return Action.of(ActionKind.SHOW_QUESTIONS, sentence, open=True)


def count_text(count: int, singular: str, plural: str) -> str:
    """Return `singular` as it is where the count is 1, else the number and `plural`."""
    return singular if count == 1 else f"{count} {plural}"


def _finish_undo(situation: Situation) -> NextStep | None:
    if not situation.is_undo_open:
        return None
    return _step(Step.UNDO, "Finish the undo", ActionKind.UNDO, obstacle="an undo was interrupted")


def _decide_differences(situation: Situation) -> NextStep | None:
    if not situation.to_decide:
        return None
    differences = differences_text(situation.to_decide)
    return _step(Step.DECIDE, f"Decide what to do with {differences}", ActionKind.DECIDE)


def _look_for_unconfirmed(situation: Situation) -> NextStep | None:
    """Look for the issues that were left to people, since nobody knows whether Jira has them."""
    if not situation.given_up_count:
        return None
    issues = count_text(situation.given_up_count, "an issue", "issues")
    return _step(
        Step.SETTLE,
        f"Look in Jira for {issues} that may or may not exist ({{1}} says how), then check again",
        ActionKind.SETTLE,
        also=(Action.of(ActionKind.SHOW_FIXES, "{}"),),
    )


def _confirm_layout(situation: Situation) -> NextStep | None:
    session = situation.session
    return None if session.waiting_sha256 is None else confirming_layout(session)


def _resume_writing(situation: Situation) -> NextStep | None:
    return _resume(situation) if situation.is_writing_broken_off else None


def _write(situation: Situation) -> NextStep | None:
    """Write the tickets, the first time or after other sheets were uploaded."""
    session = situation.session
    if session.generated_at is None:
        return first_writing(session.session_key)
    if session.generated_from_sha256 != session.content_sha256:
        return writing_again(session.session_key, source_word=session.source_word)
    return None


def _do_nothing(situation: Situation) -> NextStep | None:
    if not situation.nothing_to_do or situation.withdrawals:
        return None
    return _step(Step.NOTHING, situation.nothing_to_do.removesuffix("."))


def _validate_first(situation: Situation) -> NextStep | None:
    # Where tickets wait for review, marking them ready validates what changed.
    is_stale = situation.is_stale and situation.unreviewed_count <= 0
    return _validate(situation) if is_stale or not situation.is_validated else None


def _correct(situation: Situation) -> NextStep | None:
    """Correct tickets that failed the last validation, unless they changed since."""
    if not situation.failed_count or situation.is_stale:
        return None
    tickets = count_text(situation.failed_count, "ticket", "tickets")
    return _step(
        Step.CORRECT,
        f"Correct the {tickets} that failed ({{1}}), then validate again",
        ActionKind.VALIDATE,
        also=(Action.of(ActionKind.EDIT_TICKET, "{}"),),
        obstacle="tickets failed validation",
    )


def _withdraw(situation: Situation) -> NextStep | None:
    """Decide about tickets whose rows are gone from the sheets."""
    if not situation.withdrawals:
        return None
    word = situation.session.source_word
    lost = count_text(situation.withdrawals, "1 ticket is", "tickets are")
    return _step(
        Step.WITHDRAW,
        f"Put the missing {word.parts} back, or withdraw the tickets",
        ActionKind.WITHDRAW,
        all=True,
        obstacle=f"{lost} no longer in the {word}, and no one has agreed to withdraw them",
    )


def _review_waiting(situation: Situation) -> NextStep | None:
    return _review(situation) if situation.unreviewed_count > 0 else None


def _answer_same_specification(situation: Situation) -> NextStep | None:
    """Say whether new issues are wanted beside those of another session."""
    if not situation.unanswered_session:
        return None
    return _step(
        Step.ANSWER,
        f"Decide whether to create new issues: {situation.unanswered_session}; the plan says how",
        ActionKind.EXPORT,
        plan=True,
        obstacle=f"{situation.unanswered_session}, and no one has confirmed that new ones are wanted",
    )


def _answer_copies(situation: Situation) -> NextStep | None:
    """Decide about issues of the session that exist already as copies, as the last export found."""
    if situation.error is None or situation.error.code != GateRule.COPIED_ISSUES:
        return None
    return _step(
        Step.ANSWER,
        "Decide what to do with the issues that already exist as copies, then export",
        ActionKind.EXPORT,
        obstacle="its issues already exist as copies",
    )


def _answer_new_target(situation: Situation) -> NextStep | None:
    """Confirm that the session goes to a target it was never exported to."""
    target = situation.new_target
    if target is None:
        return None
    return _step(
        Step.ANSWER,
        f"Also export to {target.name} for the first time",
        ActionKind.EXPORT,
        obstacle=target.summary,
    )


def _resume_export(situation: Situation) -> NextStep | None:
    return _resume(situation) if situation.is_export_broken_off else None


def _export_now(situation: Situation) -> NextStep | None:
    return None if situation.is_exported else _export(situation)


def _fix_by_hand(situation: Situation) -> NextStep | None:
    """Do what the export left to people as manual fixes."""
    if not situation.open_fixes:
        return None
    fixes = count_text(situation.open_fixes, "manual fix", "manual fixes")
    return _step(
        Step.FIX,
        f"Do the {fixes} in Jira, then tick off what is done ({{1}})",
        ActionKind.SHOW_FIXES,
        also=(Action.of(ActionKind.SHOW_FIXES, "{}", done="ID"),),
    )


def _bring_up_to_date(situation: Situation) -> NextStep | None:
    return _change(situation) if situation.jira_changes else None


def _look_at_results(situation: Situation) -> NextStep:
    return _step(
        Step.LOOK,
        "Look at what was created",
        ActionKind.SHOW_RESULTS,
        beside=_open_beside(situation),
    )


_STEPS: Sequence[Callable[[Situation], NextStep | None]] = (
    # Before an export.
    _finish_undo,
    _decide_differences,
    _look_for_unconfirmed,
    _confirm_layout,
    _resume_writing,
    _write,
    _do_nothing,
    _validate_first,
    _correct,
    _withdraw,
    _review_waiting,
    # The export, and what it left.
    _answer_same_specification,
    _answer_copies,
    _answer_new_target,
    _resume_export,
    _export_now,
    _fix_by_hand,
    _bring_up_to_date,
)
"""What may be next, the most urgent first; each returns None where it is not called for."""


def _first_step(situation: Situation) -> NextStep:
    for step_if_called_for in _STEPS:
        step = step_if_called_for(situation)
        if step is not None:
            return step
    return _look_at_results(situation)


def is_export_awaited(request: RunRequest | None, error: StoredError | None) -> bool:
    """Return whether an export was requested, and no error was stored since."""
    return request is not None and (error is None or error.at < request.requested_at)


def current_error(session: UploadSession, errors: Sequence[StoredError]) -> StoredError | None:
    """Return the last error where the session failed or waits because of it."""
    if session.status not in {SessionStatus.FAILED, SessionStatus.WAITING} or not errors:
        return None
    last = errors[-1]
    if last.run_id is None:  # such as a refused upload: over as soon as anything happens
        return last if last.at >= session.updated_at else None
    return last if last.run_id == session.run_id else None


def situation_before_export(
    session: UploadSession, *, checked: CheckedContents | None, rendered: Sequence[RenderedTicket]
) -> Situation:
    """Return the situation of a session as the gate sees it, whatever is at work meanwhile."""
    wanted = [ticket for ticket in rendered if not ticket.is_excluded]
    return Situation(
        session=replace(session, stage=SessionStage.REVIEW, status=SessionStatus.WAITING),
        is_validated=checked is not None,
        is_stale=checked is not None
        and bool(stale_reasons(session, checked=checked, rendered=rendered)),
        failed_count=0 if checked is None else len(checked.failures),
        ticket_count=len(wanted),
        ready_count=sum(ticket.is_approved for ticket in wanted),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """What Dagster knows of the runs of a session."""

    word: str | None
    """Its word for the run that counts, such as `started`; None where it was not asked."""
    is_in_flight: bool
    """A run is queued or at work."""


UNASKED = RunState(word=None, is_in_flight=False)
