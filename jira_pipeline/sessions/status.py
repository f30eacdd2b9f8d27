"""The status of a session: its state, its next step, and what else waits for people.

The same `SessionReport` is shown at the terminal, on pages and to programs. Its `Situation` has the
facts that decide the next step; `LeftToPeople` has what waits for people whatever that is.

Belongs here: gathering the facts, and the sentences on what waits. Does not: the rules by which the
next step follows from them (`context/states`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

from jira_pipeline.context.ended_runs import seen_closed, was_killed
from jira_pipeline.context.freshness import (
    changes_since_validation,
    is_unchanged,
    source_changed,
    stale_reasons,
)
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.retention import (
    KEPT_FOR_GOOD,
    Announced,
    Due,
    Removal,
    removal_json,
    removal_text,
)
from jira_pipeline.context.states import (
    UNASKED,
    NextStep,
    RunState,
    Situation,
    count_text,
    current_error,
    is_export_awaited,
    next_step,
)
from jira_pipeline.context.upkeep import is_validated_by_daemon
from jira_pipeline.export.completeness import is_incomplete
from jira_pipeline.export.durations import seconds_to_export
from jira_pipeline.export.export_run import creation_order
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.outdated_issues import changes_in_jira
from jira_pipeline.export.results import TicketDifference, fixes_as_of
from jira_pipeline.export.resumed_exports import is_broken_off
from jira_pipeline.export.session_results import idle_reason, results
from jira_pipeline.export.target_questions import duplicate_sessions_of
from jira_pipeline.export.todo import Todo, todo_items
from jira_pipeline.export.work_history import record_of
from jira_pipeline.model.actions import Action, ActionKind, advice
from jira_pipeline.model.audit_actions import OF_SETTINGS, REPLACED_SETTINGS, UPLOADING, AuditAction
from jira_pipeline.model.differences import FiledComparison, IssueDifference, differences_text
from jira_pipeline.model.errors import GateError
from jira_pipeline.model.exports import LedgerEntry
from jira_pipeline.model.json_values import json_fields, select_fields
from jira_pipeline.model.kept_reviews import returned_text
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.manual_fixes import FixState, ManualFix
from jira_pipeline.model.model_requests import NOTHING_SPENT, Spending
from jira_pipeline.model.open_questions import NO_QUESTIONS, QuestionsLeft
from jira_pipeline.model.records import AuditEntry, Comment, StoredError
from jira_pipeline.model.runs import DAEMON, RunJob, RunRequest
from jira_pipeline.model.same_specifications import SameSpecification
from jira_pipeline.model.sessions import (
    WRITING_STAGES,
    SessionStage,
    SessionStatus,
    UploadSession,
    creation_percentage,
    shown_percentage,
)
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.target_shares import TargetShare
from jira_pipeline.model.ticket_decisions import TicketState
from jira_pipeline.model.ticket_exports import TicketExport, tickets_with_errors
from jira_pipeline.model.ticket_validations import ValidationVerdict
from jira_pipeline.model.tickets import Ticket, unconfirmed_withdrawals
from jira_pipeline.model.words_to_take import TicketWords
from jira_pipeline.model.work_records import NO_RECORD, RETRIES_MAX, Work, WorkRecord
from jira_pipeline.review.approvals import count_left_to_people
from jira_pipeline.review.moved_rows import MovedRows, find_moved_rows, sources_of
from jira_pipeline.review.moved_titles import MovedTitle, find_moved_titles, titles_before
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.withdrawals import VanishedTicket
from jira_pipeline.sessions.retention import removal_of
from jira_pipeline.sheets.manifest_changes import replaced_settings
from jira_pipeline.sheets.missing_sheets import missing_sheets_sentence
from jira_pipeline.tickets.documents.kept_documents import rendering_code

CARRIED_ON_WITHIN = timedelta(seconds=120)
"""How long after a run was killed the daemon may still carry on with it.

It looks every 30 s, and later where the machine is busy; a run starts within seconds.
"""

_NUMBERS_SHOWN = 8
_WORDS_NAMED = 8
"""How many numbers of tickets one sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftToPeople:
    """What waits for people, whatever the next step is."""

    open_undo: LedgerEntry | None = None
    """The first entry of an undo that has not ended; until it has, nothing is updated."""
    needs_layout: bool = False
    """Whether this version cannot read the sheets that the tickets were written from."""
    missing_sheets: tuple[str, ...] = ()
    """Names of missing sheets that others need."""
    unread_statuses: tuple[str, ...] = ()
    """Words in X that nobody can read."""
    jira_changes: int = 0
    """How many issues differ from their tickets as these are now."""
    jira_updates: int = 0
    """How many of these an update may change."""
    open_fixes: int = 0
    """How many manual fixes nobody did."""
    source_changed: tuple[int, ...] = ()
    """Numbers of the tickets whose cells changed since people edited them."""
    questions: QuestionsLeft = NO_QUESTIONS
    arrived: int = 0
    """How many questions have an answer of a client that nobody decided about."""
    stranded: int = 0
    """How many answers of clients, whose question is gone, nobody took."""
    stranded_questions: int = 0
    """How many questions that people sent to somebody are asked by no row any more."""
    fallbacks: tuple[int, ...] = ()
    """Numbers of unready tickets that the template wrote although a model was asked."""
    withdrawals: tuple[int, ...] = ()
    """Numbers of the tickets whose rows are gone, and whose withdrawal nobody agreed to."""
    source_word: SourceWord = SourceWord.SHEETS
    export_request: RunRequest | None = None
    """An export that was requested and has not started."""
    comparison: FiledComparison | None = None
    """The last comparison of Jira with the ledger."""

    @property
    def differing_count(self) -> int:
        """How many issues differed from what was sent, by the last comparison."""
        return 0 if self.comparison is None else len(self.comparison.differences)

    def actions(self, session_key: str) -> tuple[Action, ...]:
        """Return a line for each matter that waits, with the command that shows it."""
        lines = (
            *self._of_sheets(),
            *self._of_issues(),
            *self._of_tickets(),
            *self._of_questions(),
            *self._of_runs(),
        )
        return tuple(line.on(session_key=session_key) for line in lines)

    def _of_sheets(self) -> Iterator[Action]:
        if self.open_undo:
            yield Action.of(ActionKind.UNDO, "An undo has not finished: {} finishes it")
        if self.needs_layout:
            yield Action.of(
                ActionKind.SHOW_LAYOUT,
                f"This version needs a layout of the {self.source_word} before the tickets are "
                "written again; until then they are as they were: {}",
            )
        if self.missing_sheets:
            yield advice(
                f"{missing_sheets_sentence(self.missing_sheets)}: if the folder is incomplete, "
                "upload it again; otherwise, mark the tickets ready."
            )
        if self.unread_statuses:
            words = first_named([f"“{word}”" for word in self.unread_statuses], _WORDS_NAMED)
            yield advice(
                f"Nobody can read the status {words}: what has it is on hold, and nothing is "
                "approved automatically. Say in the sheets what it means and upload them again; "
                "otherwise, mark the tickets ready."
            )
        if self.withdrawals:
            are = "is" if len(self.withdrawals) == 1 else "are"
            yield Action.of(
                ActionKind.WITHDRAW,
                f"{_numbered(self.withdrawals).capitalize()} {are} no longer in the "
                f"{self.source_word}: restore the {self.source_word.parts} or withdraw: {{}}",
                all=True,
            )

    def _of_issues(self) -> Iterator[Action]:
        if self.jira_updates:
            match = count_text(self.jira_updates, "1 issue does", "issues do")
            yield Action.of(
                ActionKind.EXPORT,
                f"{match} not match the tickets: {{}} renews what this program wrote, beside what "
                "people wrote",
                update=True,
            )
        rest = self.jira_changes - self.jira_updates
        if rest:
            differ = count_text(
                rest, "1 issue differs from its ticket", "issues differ from their tickets"
            )
            yield Action.of(ActionKind.SHOW_FIXES, f"{differ}, and updates leave that alone: {{}}")
        if self.open_fixes:
            fixes = count_text(self.open_fixes, "1 manual fix", "manual fixes")
            yield Action.of(ActionKind.SHOW_FIXES, f"{fixes} to do: {{}}")
        if self.differing_count:
            differs = count_text(self.differing_count, "1 issue differs", "issues differ")
            yield Action.of(ActionKind.SHOW_RESULTS, f"{differs} from what was sent: {{}}")

    def _of_tickets(self) -> Iterator[Action]:
        if self.source_changed:
            yield Action.of(
                ActionKind.SHOW_TICKET,
                f"Cells changed after somebody edited {_numbered(self.source_changed)}: check, "
                "then edit or mark ready: {}",
                number=self.source_changed[0],
            )

    def _of_questions(self) -> Iterator[Action]:
        if self.arrived:
            answers = count_text(self.arrived, "1 new answer", "new answers")
            yield Action.of(
                ActionKind.SHOW_QUESTIONS,
                f"{answers} from the client, to be accepted or answered otherwise: {{}}",
                open=True,
            )
        if self.stranded:
            answers = count_text(self.stranded, "1 answer", "answers")
            yield Action.of(
                ActionKind.SHOW_QUESTIONS,
                f"{answers} from the client to what is no longer asked, to be used or set aside: {{}}",
            )
        if self.stranded_questions:
            questions = count_text(
                self.stranded_questions, "1 question that was sent", "questions that were sent"
            )
            yield Action.of(
                ActionKind.SHOW_QUESTIONS,
                f"{questions} to somebody, whose rows are gone, to be asked again or set aside: {{}}",
            )
        if self.questions.count:
            yield Action.of(ActionKind.SHOW_QUESTIONS, f"{self.questions.summary}: {{}}", open=True)

    def _of_runs(self) -> Iterator[Action]:
        if self.fallbacks:
            yield Action.of(
                ActionKind.SHOW_TICKET,
                f"The template wrote {_numbered(self.fallbacks)} although a model was configured; "
                "see why: {}",
                number=self.fallbacks[0],
            )
        if self.export_request:
            yield Action.of(
                ActionKind.ADVICE,
                f"An export requested by {self.export_request.requested_by} is waiting for the "
                "daemon; {1} runs the daemon.",
                also=(Action.of(ActionKind.RUN_DAEMON, "{}"),),
            )


@json_fields(
    "session_key=session.session_key target targets=shares stage=session.stage status "
    "progress_percentage current_stage=progress_text tickets_total=situation.ticket_count "
    "tickets_ready=situation.ready_count tickets_exported=situation.exported_count "
    "tickets_with_errors progress=session.progress_details **record stale "
    "run_id=session.run_id estimated_seconds_remaining=remaining_seconds error=error_shown "
    "failed_at_ticket_number=stopped_at_ticket waiting_for=session.wait.waiting_for "
    "retry_at=session.wait.retry_at problem=session.wait.cause "
    "issues_there=left.comparison.there_count compared_at=left.comparison.compared_at "
    "to_decide=len(situation.to_decide) ledger_findings=len(left.comparison.differences) "
    "missing_sheets=left.missing_sheets unread_statuses=left.unread_statuses jira_changes=left.jira_changes "
    "jira_updates=left.jira_updates withdrawals_proposed=left.withdrawals "
    "same_specification=situation.same_specification open_fixes=left.open_fixes "
    "source_changed=left.source_changed answers_arrived=left.arrived "
    "answers_stranded=left.stranded questions_stranded=left.stranded_questions "
    "open_questions=left.questions.count tickets_with_open_questions=left.questions.ticket_count fallbacks=left.fallbacks writer "
    "**spending export_requested=left.export_request run_status=run.word is_at_rest "
    "removal=removal_shown returned replaced_settings words_without_rows moved_rows "
    "moved_titles needs_layout"
)
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReport:
    """The status of a session, as every surface shows it."""

    situation: Situation
    """The facts that decide the next step, as far as the store has them."""
    stale: tuple[str, ...] = ()
    """Why it has to be validated, or written, again; empty where it has not."""
    target: str = ""
    """The name of the target that the settings name."""
    shares: tuple[TargetShare, ...] = ()
    """How many tickets have issues there, and on other targets."""
    remaining_seconds: float | None = None
    """How long the work under way still takes, by its pace; None where none is under way."""
    left: LeftToPeople = LeftToPeople()
    writer: str = ""
    """The name of its writer."""
    spending: Spending = NOTHING_SPENT
    """The requests, tokens and money for models, over all generations."""
    run: RunState = UNASKED
    """What Dagster says of its run, where it was asked."""
    tickets_with_errors: int = 0
    """How many tickets were sent and have no known issue."""
    stopped_at_ticket: int | None = None
    """Number of the ticket at which an export broke off; None where none did."""
    record: WorkRecord = NO_RECORD
    """When the latest work on it began and ended."""
    removal: Removal = KEPT_FOR_GOOD
    """When it is removed by RETENTION_DAYS, or why it stays."""
    words_without_rows: tuple[VanishedTicket, ...] = ()
    """Tickets whose rows are gone, with what people said of them and what brings it back."""
    moved_rows: tuple[MovedRows, ...] = ()
    """Rows that moved to another ticket, with what people said that stayed; empty after an export
    began."""
    moved_titles: tuple[MovedTitle, ...] = ()
    """Tickets of which people said something under a title that another one has now; empty after an
    export began."""
    returned: str = ""
    """A text on people's decisions that came back, as a session of the key was removed before; empty
    where none did, or after an export."""
    replaced_settings: tuple[str, ...] = ()
    """Texts on settings that uploads changed since a person last changed any on the session's page."""

    @property
    def needs_layout(self) -> bool:
        """Whether somebody has to declare a layout, for the current sheets or for waiting ones."""
        return self.session.waiting_sha256 is not None or self.left.needs_layout

    @property
    def removal_shown(self) -> Mapping[str, object]:
        return removal_json(self.removal)

    @property
    def removal_text(self) -> str:
        """The removal as text for people; empty where the session is kept for good."""
        return removal_text(self.removal)

    @property
    def is_removal_announced(self) -> bool:
        return isinstance(self.removal, Announced | Due)

    @property
    def session(self) -> UploadSession:
        return self.situation.session

    @property
    def error(self) -> StoredError | None:
        """The last error, while the session is as it left it."""
        return self.situation.error

    @property
    def error_shown(self) -> Mapping[str, object] | None:
        """The error as JSON."""
        about = "code category message recovery_actions"
        return None if self.error is None else select_fields(self.error, about)

    @property
    def progress_percentage(self) -> float:
        """How far its stage is; back in the review, as far as its export was or its undo is."""
        now = self.situation
        session = self.session
        is_back = session.stage is SessionStage.REVIEW and bool(now.exported_count)
        if not is_back or session.status is SessionStatus.RUNNING or now.is_undo_open:
            return shown_percentage(session)
        if now.is_exported:
            return 100.0
        return creation_percentage(now.exported_count, total_count=now.ticket_count)

    @property
    def status(self) -> SessionStatus:
        """What is happening; an export is completed only where nothing of it is to be decided."""
        is_waiting = self.situation.to_decide and self.session.status is SessionStatus.COMPLETED
        return SessionStatus.WAITING if is_waiting else self.session.status

    @property
    def stage_text(self) -> str:
        """Its stage and what is happening there: `review, waiting`; `completed` is said once."""
        return ", ".join(dict.fromkeys((self.session.stage.value, self.status.value)))

    @property
    def progress_text(self) -> str:
        """What is done now, or was done last, in words."""
        if self.status is not self.session.status:
            return f"Export finished; {differences_text(self.situation.to_decide)}"
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
        return next_step(replace(self.situation, is_in_flight=self.run.is_in_flight))


def agreement_of(comparison: FiledComparison | None) -> str:
    """Say what Jira held of the issues there are, and when it was asked; empty where none are."""
    if comparison is None or not comparison.issue_count:
        return ""
    in_jira = comparison.there_count
    total = comparison.issue_count
    of_all = "" if in_jira == total else f" of {total}"
    were = "issue was" if total == 1 else "issues were"
    return f"{in_jira}{of_all} {were} in Jira at {comparison.compared_at:%Y-%m-%d %H:%M} UTC"


def _numbered(numbers: Sequence[int]) -> str:
    """Say ticket numbers: `ticket 4`, `tickets 4, 7 and 9`; very many are cut."""
    if len(numbers) == 1:
        return f"ticket {numbers[0]}"
    if len(numbers) > _NUMBERS_SHOWN:
        shown = ", ".join(map(str, numbers[:_NUMBERS_SHOWN]))
        return f"tickets {shown} and {len(numbers) - _NUMBERS_SHOWN} more"
    return f"tickets {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def status(session: OpenSession) -> SessionReport:
    """Return where a session is; one whose run died is closed first."""
    session = seen_closed(session)
    verdict = session.verdict
    stale: tuple[str, ...] = ()
    if session.tally.exportable:
        stale = _stale_reasons(session, verdict)
    is_stale = bool(stale)
    is_validated_again = is_stale and is_validated_by_daemon(session)
    left = _left_to_people(session, is_comparing=True, is_next=False)
    situation = _situation(
        session,
        verdict=verdict,
        is_stale=is_stale,
        is_validated_again=is_validated_again,
        left=left,
    )
    error_count = tickets_with_errors(_places_if_exported(session).values())
    spending = session.store.writing.spending(session.key)
    remaining_seconds = _remaining_seconds(session)
    return SessionReport(
        situation=situation,
        stale=stale,
        tickets_with_errors=error_count,
        stopped_at_ticket=stopped_at_ticket(session),
        record=record_of(session),
        target=session.target_name,
        shares=session.shares,
        left=left,
        writer=session.writer_name,
        spending=spending,
        remaining_seconds=remaining_seconds,
        removal=removal_of(session),
        returned=returned_words(session),
        replaced_settings=find_replaced_settings(session),
        words_without_rows=session.words_without_rows,
        moved_rows=moved_rows(session),
        moved_titles=moved_titles(session),
    )


def returned_words(session: OpenSession) -> str:
    """Return a text on people's decisions that came back with the key; empty after an export began."""
    actions = {AuditAction.REVIEW_RETURNED, AuditAction.EXPORT_STARTED}
    entries = session.store.audit.latest(session.key, actions=actions, most=1)
    if not entries or entries[0].action is not AuditAction.REVIEW_RETURNED:
        return ""
    entry = entries[0]
    text = returned_text(
        cast("Mapping[str, int]", entry.details["counts"]),
        ticket_count=len(entry.ticket_ids),
        left_count=len(cast("Sequence[str]", entry.details["left"])),
        session_key=session.key,
    )
    settings = session.store.kept_reviews.settings(session.stored)
    lost = replaced_settings(settings, session.stored.manifest)
    return " ".join(filter(None, [text, *lost]))


def moved_rows(session: OpenSession) -> tuple[MovedRows, ...]:
    """Return the rows that moved to another ticket since the last export began, newest first."""
    entries = _entries_since_export(session, AuditAction.ROWS_MOVED)
    if not entries:
        return ()
    tickets = {ticket.ticket_id: ticket for ticket in (*session.tickets, *session.vanished_tickets)}
    comments: dict[str, Sequence[Comment]] = {}
    for entry in entries:
        for ticket_id in sources_of(entry):
            comments[ticket_id] = session.store.comments.of_ticket(ticket_id)
    return find_moved_rows(
        entries,
        tickets=tickets,
        comments=comments,
        remarks=session.kept_remarks,
        revisions_of=session.store.tickets.revisions,
    )


def moved_titles(session: OpenSession) -> tuple[MovedTitle, ...]:
    """Return the tickets whose title another one has since the last export began."""
    entries = _entries_since_export(session, AuditAction.TICKETS_GENERATED)
    titles = titles_before(entries)
    if not titles:
        return ()

    def title_of(ticket: Ticket) -> str:
        tables = session.find_tables(ticket)
        return ticket.title if tables is None else tables.group.title

    def words_of(ticket: Ticket) -> TicketWords:
        return session.words_of(
            ticket,
            session.store.comments.of_ticket(ticket.ticket_id),
            revisions=session.store.tickets.revisions(ticket.ticket_id),
        )

    return find_moved_titles(titles, session.tickets, title_of=title_of, words_of=words_of)


def _entries_since_export(session: OpenSession, action: AuditAction) -> list[AuditEntry]:
    """Return the entries of an action since the last export began, newest first."""
    entries = []
    for entry in session.store.audit.latest(
        session.key, actions={action, AuditAction.EXPORT_STARTED}
    ):
        if entry.action is AuditAction.EXPORT_STARTED:
            break
        entries.append(entry)
    return entries


def find_replaced_settings(session: OpenSession) -> tuple[str, ...]:
    """Return texts on settings that uploads changed since a person last changed any on the page.

    A setting that has its former value again is left out.
    """
    before = dict[str, str]()
    for entry in session.store.audit.latest(session.key, actions=UPLOADING):
        if entry.details.get(OF_SETTINGS):
            break
        replaced = cast("Mapping[str, Mapping[str, str]]", entry.details.get(REPLACED_SETTINGS, {}))
        before |= {name: change["from"] for name, change in replaced.items()}  # the oldest stays
    return replaced_settings(before, session.stored.manifest)


def todo(session: OpenSession) -> Todo:
    """Return everything that waits for people in a session, whatever the next step is."""
    left = _left_to_people(session, is_comparing=False, is_next=False)
    in_doubt = []
    for ticket in session.listed:
        if session.places[ticket.ticket_id].state is TicketState.IN_DOUBT:
            in_doubt.append(ticket)
    fixes: Sequence[ManualFix] = ()
    changes: Sequence[LaterChange] = ()
    differences: Sequence[TicketDifference] = ()
    exported = results(session)
    if exported is not None:
        fixes = exported.manual_fixes
        differences = exported.differences
        if left.open_undo is None:  # until an undo has ended, nothing is updated
            changes = exported.changes
    items = todo_items(
        session.key, fixes=fixes, changes=changes, in_doubt=in_doubt, differences=differences
    )
    # Matters that are items already are not repeated as lines.
    others = replace(left, jira_changes=0, jira_updates=0, open_fixes=0, comparison=None)
    return Todo(
        session_key=session.key,
        items=tuple(items),
        questions=left.questions,
        also=others.actions(session.key),
    )


def what_is_next(session: OpenSession) -> NextStep:
    """Return a person's next step, the same as `status` shows.

    Comparing issues with tickets is slow, so it is done only where it can decide the step.
    """
    verdict = session.verdict
    tally = session.tally
    is_stale = tally.exportable > 0 and (
        bool(changes_since_validation(session.stored)) or bool(_stale_reasons(session, verdict))
    )
    is_for_nobody = session.approves_itself and not count_left_to_people(session)
    is_ready = is_for_nobody or tally.ready >= tally.exportable
    is_completed = session.stored.stage is SessionStage.COMPLETED
    is_comparing = (is_completed or is_ready) and not is_stale
    situation = _situation(
        session,
        verdict=verdict,
        is_stale=is_stale,
        is_validated_again=is_ready and is_stale and is_validated_by_daemon(session),
        left=_left_to_people(session, is_comparing=is_comparing),
    )
    return next_step(situation)


def _situation(
    session: OpenSession,
    *,
    verdict: ValidationVerdict | None,
    is_stale: bool,
    is_validated_again: bool,
    left: LeftToPeople,
) -> Situation:
    """Return the facts that decide the next step; what is slow is read only where it can matter."""
    stored = session.stored
    tally = session.tally
    is_undo_open = session.ledger_marks.open_undo is not None
    error = current_error(stored, session.errors)
    exported_count = _exported_count(session)
    is_all_there = exported_count > 0 and exported_count >= tally.exportable
    may_lack_parts = (
        is_all_there
        and stored.stage is SessionStage.REVIEW
        and tally.exportable > 0
        and not is_stale
    )
    is_ready = tally.ready >= tally.exportable
    same_sites: tuple[SameSpecification, ...] = ()
    if exported_count < tally.exportable and session.exported_groups:
        same_sites = duplicate_sessions_of(session, session.exported_groups)
    to_decide: tuple[IssueDifference, ...] = ()
    if session.comparison is not None:
        differences = session.comparison.differences
        to_decide = tuple(difference for difference in differences if difference.is_open)
    work = Work.WRITING if stored.stage in WRITING_STAGES else Work.EXPORT
    is_carried_on = not is_undo_open and _is_carried_on(session, error)
    failed_count = 0
    if verdict is not None:
        failed_count = verdict.failed_count
    left_to_people_count = 0
    if session.approves_itself:
        left_to_people_count = count_left_to_people(session)
    nothing_to_do = ""
    if not tally.exportable:
        nothing_to_do = idle_reason(session)
    changed_count = 0
    unknown_count = 0
    if not is_ready:
        changed_count = len(session.lost_marks)
        unknown_count = session.unknown_count
    finding_count = 0
    if is_all_there:
        finding_count = len(session.ranked_findings)
    return Situation(
        session=stored,
        is_holder_unknown=_is_holder_unknown(session),
        is_carried_on=is_carried_on,
        is_validated=verdict is not None,
        is_stale=is_stale,
        is_validated_again=is_validated_again,
        failed_count=failed_count,
        ticket_count=tally.exportable,
        ready_count=tally.ready,
        exported_count=exported_count,
        is_incomplete=may_lack_parts and is_incomplete(session),
        approves_itself=session.approves_itself,
        left_to_people_count=left_to_people_count,
        nothing_to_do=nothing_to_do,
        error=error,
        is_export_awaited=is_export_awaited(left.export_request, error),
        is_undo_open=is_undo_open,
        given_up_count=session.ledger_marks.given_up_count,
        to_decide=to_decide,
        withdrawals=len(left.withdrawals),
        same_specification=same_sites,
        new_target=session.new_target,
        questions=left.questions,
        changed_count=changed_count,
        unknown_count=unknown_count,
        finding_count=finding_count,
        open_fixes=left.open_fixes,
        jira_changes=left.jira_changes,
        jira_updates=left.jira_updates,
        has_retries=session.retry_count(work) < RETRIES_MAX,
    )


def _exported_count(session: OpenSession) -> int:
    """Count the tickets that have an issue, unless Jira did not show it when it was last asked."""
    count = 0
    for ticket_id, place in _places_if_exported(session).items():
        if place.jira_key is not None and ticket_id not in session.gone_ids:
            count += 1
    return count


def _is_holder_unknown(session: OpenSession) -> bool:
    """Tell whether the session is stored as running, but no live process of this host holds its run."""
    stored = session.stored
    if stored.run_id is None or stored.status is not SessionStatus.RUNNING:
        return False
    return not session.store.run_locks.is_alive(stored.run_id)


def _is_carried_on(session: OpenSession, error: StoredError | None) -> bool:
    """Tell whether the daemon will soon carry on by itself with work that was killed."""
    if error is None or not was_killed(error):
        return False
    # After that time the daemon would have acted, if it could.
    is_recent = session.clock.now() - error.at <= CARRIED_ON_WITHIN
    return is_recent and session.store.leases.holder_of(DAEMON) is not None


def readable_daemon(pipeline: Pipeline) -> str | None:
    """Return which program runs Dagster's daemon; None where none does.

    The ledger is read first, so that a store that cannot be read raises its error.
    """
    pipeline.store.ledger.targets()
    return pipeline.store.leases.holder_of(DAEMON)


def _stale_reasons(session: OpenSession, verdict_then: ValidationVerdict | None) -> tuple[str, ...]:
    """Return why the session is stale, by the last validation; empty where it is not.

    Nothing is rendered where nothing changed since that validation.
    """
    code = rendering_code(body_max_bytes=session.settings.adf_body_max_bytes)
    if verdict_then is None or is_unchanged(session.stored, verdict=verdict_then, rendering=code):
        return ()
    checked = session.last_validation
    assert checked is not None  # noqa: S101 - there is a verdict, and none is ever removed
    try:
        rendered = session.hashed_tickets
    except GateError as error:
        return (source_changed(session.stored.source_word), error.message)
    return stale_reasons(session.stored, checked=checked, rendered=rendered)


def _left_to_people(
    session: OpenSession, *, is_comparing: bool, is_next: bool = True
) -> LeftToPeople:
    """Return what waits for people: all of it, or with `is_next` what can decide the next step.

    Without `is_comparing`, issues are not compared with tickets, as these would have to be rendered.
    """
    store = session.store
    key = session.key
    target = session.target
    changes: tuple[LaterChange, ...] = ()
    fixes: tuple[ManualFix, ...] = ()
    if target is not None:
        all_fixes = store.manual_fixes.list_all(key, target_id=target.target_id)
        fixes = fixes_as_of(all_fixes, gone=session.gone_ids)
    open_undo = session.ledger_marks.open_undo
    if target is not None and is_comparing and open_undo is None:
        with suppress(GateError):  # a ticket without its rows: the session is stale
            changes = changes_in_jira(session)

    to_agree = []
    for ticket in unconfirmed_withdrawals(session.vanished_tickets):
        if ticket not in session.agreed_withdrawals:
            to_agree.append(ticket.number)
    tally = session.tally
    return LeftToPeople(
        open_undo=open_undo,
        needs_layout=not is_next and session.stored.has_sheets and session.sheets_need_layout,
        missing_sheets=() if is_next else session.missing_sheets,
        unread_statuses=() if is_next else session.unread_statuses,
        jira_changes=len(changes),
        jira_updates=sum(change.is_updatable for change in changes),
        source_changed=tally.source_changed,
        questions=tally.questions,
        arrived=len(session.questions_with_proposals),
        stranded=len(session.stranded_answers),
        stranded_questions=len(session.stranded_questions),
        fallbacks=tally.fallbacks,
        withdrawals=tuple(to_agree),
        source_word=session.stored.source_word,
        open_fixes=sum(fix.state is FixState.OPEN for fix in fixes),
        export_request=_waiting_export(session),
        comparison=session.comparison,
    )


def _waiting_export(session: OpenSession) -> RunRequest | None:
    """Return the first request to export a session; None where none waits."""
    # All sessions' requests are read, as a page shows them, too: so the store is asked only once.
    for request in session.store.run_requests.waiting():
        if request.session_key == session.key and request.job_name == RunJob.EXPORT:
            return request
    return None


def _places_if_exported(session: OpenSession) -> Mapping[str, TicketExport]:
    """Return the tickets' state of export by id; empty, and nothing is read, before any export."""
    return {} if session.target is None else session.places


def stopped_at_ticket(session: OpenSession) -> int | None:
    """Return the number of the ticket at which an export broke off; None where none broke off.

    Where it failed at no ticket, as when a retry fails before it sends anything, that is the first
    one without an issue in the order of creation.
    """
    stored = session.stored
    if stored.failed_at_ticket_number is not None or not is_broken_off(stored):
        return stored.failed_at_ticket_number
    places = _places_if_exported(session)
    numbers = {ticket.ticket_id: ticket.number for ticket in session.listed}
    for ticket_id in creation_order(session.listed):
        place = places.get(ticket_id)
        if place is None or place.jira_key is None:
            return numbers[ticket_id]
    return None


def _remaining_seconds(session: OpenSession) -> float | None:
    """Return how long the work under way still takes, by its pace; None where none is under way."""
    details = session.stored.progress_details
    if session.stored.status is not SessionStatus.RUNNING:
        return None
    if session.stored.stage is not SessionStage.JIRA_EXPORT:
        return None if details is None else details.remaining_seconds
    tickets = [ticket for ticket in session.tickets if ticket.exclusion is None]
    return seconds_to_export(session, tickets)
