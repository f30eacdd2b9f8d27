"""Where a session is and what to do next, in one value for terminal and programs.

Belongs here: what follows from stored facts. Does not: gathering them (`sessions/status`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jira_pipeline.actions import Action, ActionKind, Argument, advice
from jira_pipeline.domain.entities import SourceWord
from jira_pipeline.domain.issue_differences import words_for
from jira_pipeline.domain.missing_sheets import missing_sheets_sentence
from jira_pipeline.domain.next_step import NextStep, Situation, next_step
from jira_pipeline.domain.open_questions import NO_QUESTIONS, QuestionsLeft
from jira_pipeline.domain.records import StoredError
from jira_pipeline.domain.sessions import (
    SessionStage,
    SessionStatus,
    UploadSession,
    creation_percentage,
)
from jira_pipeline.domain.staleness import changes_since, source_changed
from jira_pipeline.domain.target_shares import TargetShare
from jira_pipeline.domain.tickets import TicketTally
from jira_pipeline.domain.work_records import NO_RECORD, WorkRecord, time_json
from jira_pipeline.ports.export import ExportRequest, FiledComparison
from jira_pipeline.ports.writing import NOTHING_SPENT, Spending
from jira_pipeline.stages.writing_costs import spending_json

_NUMBERS_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """What Dagster knows of the runs of a session."""

    word: str | None
    """Its word for the run that counts, such as `started`; None where it was not asked."""
    is_in_flight: bool
    """A run is queued or at work."""


UNASKED = RunState(word=None, is_in_flight=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftToPeople:
    """What waits for people, whatever the next step is."""

    missing_sheets: tuple[str, ...] = ()
    """Names of the sheets that others need and that are not there."""
    jira_changes: int = 0
    """Issues that no longer say what their tickets say."""
    open_fixes: int = 0
    """Manual fixes nobody did."""
    source_changed: tuple[int, ...] = ()
    """Numbers of the tickets whose cells changed since people edited them."""
    questions: QuestionsLeft = NO_QUESTIONS
    fallbacks: tuple[int, ...] = ()
    """Numbers of unready tickets the template wrote although a model was asked."""
    withdrawals: tuple[int, ...] = ()
    """Numbers of the tickets that are no longer in the sheets, and nobody agreed to lose."""
    source_word: SourceWord = SourceWord.SHEETS
    older_page_at: datetime | None = None
    """When the review page was written, if people edited tickets since."""
    is_page_renewed: bool = False
    """The daemon validates the tickets and writes the page by itself, once nobody edits."""
    export_request: ExportRequest | None = None
    """An export that was asked for and not started yet."""
    comparison: FiledComparison | None = None
    """The last look whether Jira holds what the ledger says."""

    def actions(self, session_key: str) -> Iterator[Action]:  # noqa: C901 - one after the other
        """Say each with what shows it, as a line."""

        def to(kind: ActionKind, sentence: str, **arguments: Argument) -> Action:
            return Action(
                kind=kind, sentence=sentence, arguments={"session_key": session_key, **arguments}
            )

        if self.missing_sheets:
            yield advice(
                f"{missing_sheets_sentence(self.missing_sheets)}: if the folder was not copied whole, "
                "upload it again; else a person marks the tickets ready."
            )
        if self.withdrawals:
            verb = "is" if len(self.withdrawals) == 1 else "are"
            word = self.source_word
            gone = f"{_numbered(self.withdrawals).capitalize()} {verb} no longer in the {word}"
            back = f"put the {word.parts} back, or agree: {{}}"
            yield to(ActionKind.WITHDRAW, f"{gone}: {back}", all=True)
        if self.jira_changes:
            noun = "issue has" if self.jira_changes == 1 else "issues have"
            changed = f"{self.jira_changes} {noun} to be changed in Jira by hand"
            yield to(ActionKind.SHOW_FIXES, f"{changed}: {{}}")
        if self.open_fixes:
            noun = "manual fix" if self.open_fixes == 1 else "manual fixes"
            yield to(ActionKind.SHOW_FIXES, f"{self.open_fixes} {noun} to do: {{}}")
        differing = () if self.comparison is None else self.comparison.differences
        if differing:
            count = len(differing)
            differ = (
                f"{count} {'issue differs' if count == 1 else 'issues differ'} from what was sent"
            )
            yield to(ActionKind.SHOW_RESULTS, f"{differ}: {{}}")
        if self.source_changed:
            yield to(
                ActionKind.SHOW_TICKET,
                f"Cells changed after people edited {_numbered(self.source_changed)}: look, then "
                "edit or mark ready: {}",
                number=self.source_changed[0],
            )
        if self.questions.count:
            yield to(ActionKind.SHOW_QUESTIONS, f"{self.questions.summary}: {{}}", open=True)
        if self.fallbacks:
            yield to(
                ActionKind.SHOW_TICKET,
                f"The template wrote {_numbered(self.fallbacks)} although a model was asked; why: "
                "{}",
                number=self.fallbacks[0],
            )
        if self.older_page_at is not None:
            older = (
                f"review.html shows the tickets as of {self.older_page_at:%Y-%m-%d %H:%M} UTC, "
                "before the latest changes"
            )
            if self.is_page_renewed:
                yield advice(f"{older}: the daemon updates it once nobody edits.")
            else:
                yield to(ActionKind.VALIDATE, f"{older}: {{}} updates it")
        if self.export_request is not None:
            yield Action.of(
                ActionKind.ADVICE,
                f"An export asked for by {self.export_request.requested_by} waits for the daemon; "
                "{1} runs it.",
                also=(Action.of(ActionKind.RUN_DAEMON, "{}"),),
            )


def left_to_people(
    tally: TicketTally,
    *,
    jira_changes: int,
    missing_sheets: tuple[str, ...] = (),
    withdrawals: Sequence[int],
    source_word: SourceWord = SourceWord.SHEETS,
    older_page_at: datetime | None,
    is_page_renewed: bool = False,
    open_fixes: int,
    requests: Sequence[ExportRequest],
    comparison: FiledComparison | None = None,
) -> LeftToPeople:
    """Say what waits for people; `requests` are of one session."""
    return LeftToPeople(
        jira_changes=jira_changes,
        missing_sheets=missing_sheets,
        withdrawals=tuple(withdrawals),
        source_word=source_word,
        open_fixes=open_fixes,
        source_changed=tally.source_changed,
        questions=tally.questions,
        older_page_at=older_page_at,
        is_page_renewed=is_page_renewed,
        fallbacks=tally.fallbacks,
        export_request=next(iter(requests), None),
        comparison=comparison,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReport:
    """The state of one session."""

    situation: Situation
    """What decides what is next, as far as the store knows it."""
    stale: tuple[str, ...] = ()
    """Why it has to be validated, or written, again."""
    target: str = ""
    """Where its issues go by the settings, as people call it."""
    shares: tuple[TargetShare, ...] = ()
    """How much of it is there, and on other targets."""
    remaining_seconds: float | None = None
    """Estimated by the pace of the export at work; None where none is."""
    left: LeftToPeople = LeftToPeople()
    writer: str = ""
    """Who writes its tickets."""
    spending: Spending = NOTHING_SPENT
    """On models, over all generations."""
    run: RunState = UNASKED
    tickets_with_errors: int = 0
    """Tickets that were sent and have no issue that is known."""
    record: WorkRecord = NO_RECORD
    """When the latest work on it began and ended."""

    @property
    def session(self) -> UploadSession:
        """The session itself."""
        return self.situation.session

    @property
    def error(self) -> StoredError | None:
        """The last error, while the session is as it left it."""
        return self.situation.error

    @property
    def progress_percentage(self) -> float:
        """How far its stage is; back in the review, as far as its export was or its undo is."""
        exported, session = self.situation.exported_count, self.session
        is_review = session.stage is SessionStage.REVIEW
        is_as_stored = session.status is SessionStatus.RUNNING or self.situation.is_undo_open
        if not (is_review and exported) or is_as_stored:
            return session.progress_percentage
        return creation_percentage(exported, total_count=self.situation.ticket_count)

    @property
    def status(self) -> SessionStatus:
        """What is happening; an export is completed only where nothing of it is to be decided."""
        is_waiting = self.situation.to_decide and self.session.status is SessionStatus.COMPLETED
        return SessionStatus.WAITING if is_waiting else self.session.status

    @property
    def progress_text(self) -> str:
        """What is done now, or was done last, in words."""
        if self.status is not self.session.status:
            return f"Export ended; {words_for(self.situation.to_decide)}"
        return self.session.progress_text

    @property
    def agreement(self) -> str:
        """What Jira said of the issues when it was asked last; empty before any issue."""
        return agreement_of(self.left.comparison)

    @property
    def is_at_rest(self) -> bool:
        """Nothing is at work or about to begin."""
        is_running = self.session.status is SessionStatus.RUNNING
        now = self.situation
        is_validated_soon = now.is_stale and now.is_validated_again
        return not (
            is_running or self.run.is_in_flight or now.is_export_awaited or is_validated_soon
        )

    @property
    def next(self) -> NextStep:
        """What a person does next."""
        return next_step(replace(self.situation, is_in_flight=self.run.is_in_flight))

    def to_json(self) -> dict[str, object]:
        """Return the shape `status --json` promises, without the next step."""
        session, request = self.session, self.left.export_request
        return {
            "session_key": session.session_key,
            "target": self.target,
            "targets": [share.to_json() for share in self.shares],
            "stage": session.stage.value,
            "status": self.status.value,
            "progress_percentage": self.progress_percentage,
            "current_stage": self.progress_text,
            "tickets_total": self.situation.ticket_count,
            "tickets_ready": self.situation.ready_count,
            "tickets_exported": self.situation.exported_count,
            "tickets_with_errors": self.tickets_with_errors,
            "progress": None
            if session.progress_details is None
            else session.progress_details.to_json(),
            **self.record.to_json(),
            "stale": list(self.stale),
            "run_id": session.run_id,
            "estimated_seconds_remaining": self.remaining_seconds,
            "error": None
            if self.error is None
            else {
                "code": self.error.code,
                "category": self.error.category,
                "message": self.error.message,
                "recovery_actions": list(self.error.recovery_actions),
            },
            "failed_at_ticket_number": session.failed_at_ticket_number,
            "issues_there": None
            if self.left.comparison is None
            else self.left.comparison.there_count,
            "compared_at": None
            if self.left.comparison is None
            else self.left.comparison.compared_at.isoformat(),
            "to_decide": len(self.situation.to_decide),
            "ledger_findings": None
            if self.left.comparison is None
            else len(self.left.comparison.differences),
            "missing_sheets": list(self.left.missing_sheets),
            "jira_changes": self.left.jira_changes,
            "withdrawals_proposed": list(self.left.withdrawals),
            "same_specification": [s.to_json() for s in self.situation.same_specification],
            "open_fixes": self.left.open_fixes,
            "source_changed": list(self.left.source_changed),
            "open_questions": self.left.questions.count,
            "tickets_with_open_questions": self.left.questions.ticket_count,
            "review_page_older_at": time_json(self.left.older_page_at),
            "fallbacks": list(self.left.fallbacks),
            "writer": self.writer,
            **spending_json(self.spending),
            "export_requested": None if request is None else request.to_json(),
            "run_status": self.run.word,
            "is_at_rest": self.is_at_rest,
        }


def agreement_of(comparison: FiledComparison | None) -> str:
    """Say what Jira holds of the issues, and when it was asked; empty where it never was."""
    if comparison is None:
        return ""
    there, total = comparison.there_count, comparison.issue_count
    of_all = "" if there == total else f" of {total}"
    were = "issue was" if total == 1 else "issues were"
    return f"{there}{of_all} {were} there at {comparison.compared_at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionNeeds:
    """What the row of a session alone says about what it needs."""

    stale: tuple[str, ...]
    needs_person: bool
    """Nothing goes on by itself."""
    what: str
    """In a few words; empty where nothing is needed."""


def needs_of(
    session: UploadSession, *, is_export_awaited: bool, is_ready: bool = False, to_decide: int = 0
) -> SessionNeeds:
    """Tell what a session needs from its row, for lists; `SessionReport` looks closer.

    `is_ready`: no ticket of it waits for review. `to_decide` counts the issues that are gone in
    Jira or there twice.
    """
    stale = (
        ()
        if session.last_validated_at is None
        else changes_since(
            last_validated_at=session.last_validated_at,
            last_invalidated_at=session.last_invalidated_at,
            generated_from_sha256=session.generated_from_sha256,
            content_sha256=session.content_sha256,
            source_word=session.source_word,
        )
    )
    is_replaced = source_changed(session.source_word) in stale
    is_review = (session.stage, session.status) == (SessionStage.REVIEW, SessionStatus.WAITING)
    cases = (
        (session.status is SessionStatus.RUNNING, False, ""),
        (is_export_awaited and not is_replaced, False, "export asked for"),
        (bool(to_decide), True, "decide"),
        (session.status is SessionStatus.FAILED, True, "see errors"),
        (session.status is SessionStatus.CANCELLED, True, "carry on"),
        (is_replaced, True, "write the tickets"),
        (bool(stale), False, "validate"),
        (is_review and is_ready, True, "export"),
        (is_review, True, "review"),
        (True, False, ""),
    )
    needs_person, what = next((person, what) for holds, person, what in cases if holds)
    return SessionNeeds(stale=stale, needs_person=needs_person, what=what)


def is_export_awaited(request: ExportRequest | None, error: StoredError | None) -> bool:
    """Tell whether somebody asked for an export, and nothing failed since."""
    return request is not None and (error is None or error.at < request.requested_at)


def current_error(session: UploadSession, errors: Sequence[StoredError]) -> StoredError | None:
    """Return the last error where the session failed or waits because of it."""
    if session.status not in {SessionStatus.FAILED, SessionStatus.WAITING} or not errors:
        return None
    last = errors[-1]
    if last.run_id is None:  # such as a refused upload: over as soon as anything happens
        return last if last.at >= session.updated_at else None
    return last if last.run_id == session.run_id else None


def _numbered(numbers: Sequence[int]) -> str:
    """Say ticket numbers: `ticket 4`, `tickets 4, 7 and 9`; very many are cut."""
    if len(numbers) == 1:
        return f"ticket {numbers[0]}"
    if len(numbers) > _NUMBERS_SHOWN:
        shown = ", ".join(map(str, numbers[:_NUMBERS_SHOWN]))
        return f"tickets {shown} and {len(numbers) - _NUMBERS_SHOWN} more"
    return f"tickets {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
